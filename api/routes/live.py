"""The live board over HTTP: a conference as it stands this minute, asked for again every few seconds."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from api.deps import DbDep, PageDep, Technician
from api.pressed import Pressed
from api.schemas import (
    PROBLEMS,
    HeadcountView,
    Named,
    PartBrief,
    Row,
    SessionPointView,
    UnitRef,
    Words,
)
from sessions import board, due, history, live, points, register, units
from sessions.db import Db
from sessions.due import Report
from sessions.history import Event, Kind
from sessions.live import Figures, Tile, View, Wanted
from sessions.models import CheckItem, Moment, PointState, SessionPart, TroubleKind, Unit

router = APIRouter(tags=["points"], responses=PROBLEMS, route_class=Pressed)

#: Kept by the browser and asked about each time: an unchanged board costs no more than the question.
_KEPT = {"Cache-Control": "private, no-cache"}


class MomentFigures(BaseModel):
    """A count of the part that is looked at: when it is late, how many points made it, how many people it found."""

    moment: Moment
    at: datetime
    late_at: datetime
    counted: int
    present: int


class StateFigures(BaseModel):
    """How many points are in each state."""

    invited: int
    declined: int
    confirmed: int
    ready: int
    connected: int
    trouble: int
    closed: int

    @classmethod
    def of(cls, figures: Figures) -> "StateFigures":
        return cls(trouble=figures.in_trouble, **{name: getattr(figures, name) for name in _OTHER_STATES})


_OTHER_STATES = [state.value for state in PointState if state != PointState.TROUBLE]


class BoardFigures(Row):
    """`silent` and `trouble` exclude one another, `states` adds up to `points`, `present` is of each last count."""

    points: int
    silent: int
    trouble: int
    states: StateFigures
    expected: int
    counted: int
    present: int

    @classmethod
    def of(cls, figures: Figures) -> "BoardFigures":
        fields = ("points", "silent", "trouble", "expected", "counted", "present")
        return cls(**{name: getattr(figures, name) for name in fields}, states=StateFigures.of(figures))


class BoardGroup(BaseModel):
    unit: UnitRef
    figures: BoardFigures


class BoardTile(BaseModel):
    """One point; `missing` holds the reports that are due and not made, `present` the last count of the part."""

    id: UUID
    name: str
    unit: UnitRef
    group_id: UUID
    state: PointState
    state_at: datetime
    standing: Literal["silent", "trouble", "well"]
    #: What is wrong there now.
    troubles: list[TroubleKind]
    missing: list[Report]
    expected: int | None
    present: int | None

    @classmethod
    def of(cls, tile: Tile) -> "BoardTile":
        return cls(
            id=tile.point.id,
            name=tile.name,
            unit=UnitRef.model_validate(tile.unit),
            group_id=tile.group_id,
            state=tile.point.state,
            state_at=tile.point.state_at,
            standing=tile.standing,
            troubles=list(tile.troubles),
            missing=list(tile.missing),
            expected=tile.point.expected_count,
            present=tile.present,
        )


class BoardPart(PartBrief):
    starts_at: datetime
    ends_at: datetime


class BoardSession(Row):
    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None


class BoardView(BaseModel):
    """The board of a conference, or of what is below one unit in it, with the counts of one part.

    `points` is null where there are too many to show one by one: they are then looked for by `wanted` or `q`, or in the
    unit of a group. `found` is how many points there are of those looked for.
    """

    session: BoardSession
    unit: UnitRef
    #: From the highest unit that the person watches down to this one.
    above: list[UnitRef]
    part: BoardPart
    parts: list[BoardPart]
    at: datetime
    moments: list[MomentFigures]
    total: BoardFigures
    groups: list[BoardGroup]
    points: list[BoardTile] | None
    found: int


@router.get(
    "/sessions/{session_id}/live",
    response_model=BoardView,
    responses={304: {"description": "Nothing has changed since the answer that `If-None-Match` names"}},
)
def read_board(
    db: DbDep,
    person: Technician,
    response: Response,
    page: PageDep,
    session_id: UUID,
    unit_id: UUID | None = None,
    part_id: UUID | None = None,
    wanted: Wanted | None = None,
    q: Words = "",
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Any:
    """Where the silence and the trouble are in a conference, and how many people are in its rooms."""
    session = register.see(db, person, session_id)
    asked = live.view(db, person, session, unit=units.get(db, unit_id) if unit_id else None, part_id=part_id)
    headers = _KEPT | {"ETag": f'W/"{live.version(db, asked)}"'}
    if headers["ETag"] == if_none_match:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return _board(db, asked, wanted, q, page.offset, page.limit)


def _board(db: Db, asked: View, wanted: Wanted | None, q: str, offset: int, limit: int) -> BoardView:
    groups, total = live.figures(db, asked)
    tiles, found = None, total.points
    if wanted or q.strip() or total.points <= live.MOST_TILES:
        tiles, found = live.tiles(db, asked, wanted=wanted, q=q, offset=offset, limit=limit)
    return BoardView(
        session=BoardSession.model_validate(asked.session),
        unit=UnitRef.model_validate(asked.top),
        above=[UnitRef.model_validate(unit) for unit in live.above(db, asked)],
        part=BoardPart.model_validate(asked.due.part),
        parts=[BoardPart.model_validate(part) for part in asked.parts],
        at=asked.at,
        moments=_moments(asked.due.part, total),
        total=BoardFigures.of(total),
        groups=[
            BoardGroup(unit=UnitRef.model_validate(group.unit), figures=BoardFigures.of(group.figures))
            for group in groups
        ],
        points=None if tiles is None else [BoardTile.of(tile) for tile in tiles],
        found=found,
    )


def _moments(part: SessionPart, total: Figures) -> list[MomentFigures]:
    return [
        MomentFigures(
            moment=count.moment,
            at=count.at,
            late_at=count.late_at,
            counted=getattr(total, f"{count.moment.value}_counted"),
            present=getattr(total, f"{count.moment.value}_present"),
        )
        for count in due.counts_of(part)
    ]


class PointFault(Row):
    """One thing that does not work, and what is wrong with it."""

    item: CheckItem
    note: str


class PointEvent(BaseModel):
    """One thing told about a point; what does not belong to its kind is null.

    `at` is when it was so by the teller's own clock, `told_at` when the server heard of it: an outbox may lie between.
    """

    kind: Kind
    at: datetime
    told_at: datetime
    by: Named | None
    state: PointState | None
    headcount: HeadcountView | None
    coming: bool | None
    expected: int | None
    trouble: TroubleKind | None
    #: Why the point does not come, what is wrong, or what was done about it.
    words: str | None
    checked: int
    faults: list[PointFault]

    @classmethod
    def of(cls, event: Event) -> "PointEvent":
        return cls(
            kind=event.kind,
            at=event.at,
            told_at=event.told_at,
            by=Named.model_validate(event.by) if event.by else None,
            state=event.state,
            headcount=HeadcountView.of(event.headcount, event.by) if event.headcount and event.by else None,
            coming=event.answer.coming if event.answer else None,
            expected=event.answer.expected_count if event.answer else None,
            trouble=event.trouble.kind if event.trouble else None,
            words=_words(event),
            checked=event.checked,
            faults=[PointFault.model_validate(item) for item in event.faults],
        )


class PointHistory(BaseModel):
    """A point with everything told about it, the newest first."""

    point: SessionPointView
    events: list[PointEvent]
    can_count: bool


def _words(event: Event) -> str | None:
    if event.kind == Kind.TROUBLE_OVER and event.trouble:
        return event.trouble.action
    if event.trouble:
        return event.trouble.note or None
    return event.answer.reason if event.answer else None


@router.get("/session-points/{point_id}/history")
def read_point_history(db: DbDep, person: Technician, point_id: UUID) -> PointHistory:
    """What happened at a point, for those who watch the unit that it stands for."""
    point, session = points.see(db, person, point_id)
    live.view(db, person, session, unit=db.get_one(Unit, point.unit_id))
    return PointHistory(
        point=SessionPointView.of(board.takings(db, [point])[0]),
        events=[PointEvent.of(event) for event in history.of_point(db, point)],
        can_count=register.may_count(db, person, session, point),
    )
