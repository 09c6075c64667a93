"""Before and during a conference over HTTP: answers to invitations, readiness checks, troubles, and who is silent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Signed, Technician
from api.schemas import PROBLEMS, Instant, Named, Page, People, Remark, Row, SessionPointView, UnitRef
from sessions import board, contacts, invitations, points, preparation, readiness, register, troubles
from sessions.db import Db
from sessions.models import (
    CheckItem,
    ConferenceSession,
    Person,
    PointAnswer,
    ReadinessCheck,
    ReadinessItem,
    SessionPoint,
    TroubleKind,
)
from sessions.preparation import Stage

router = APIRouter(tags=["preparation"], responses=PROBLEMS)

#: Ten gigabit is more than any hall has; what is more was not measured.
_Kbits = Annotated[int, Field(ge=0, le=10_000_000)]


class NewAnswer(BaseModel):
    """Whether the point comes, and with how many people; else why not."""

    coming: bool
    expected_count: People | None = None
    reason: Remark | None = None
    #: Under which somebody in the room answers; kept for the room.
    phone: Annotated[str, Field(max_length=30)] | None = None
    answered_at: Instant
    client_key: UUID


class AnswerView(BaseModel):
    coming: bool
    expected_count: int | None
    reason: str | None
    answered_by: Named
    answered_at: datetime

    @classmethod
    def of(cls, answer: PointAnswer, by: Person) -> "AnswerView":
        return cls(
            coming=answer.coming,
            expected_count=answer.expected_count,
            reason=answer.reason,
            answered_by=Named.model_validate(by),
            answered_at=answer.answered_at,
        )


class FoundItem(Row):
    """What was found of one thing; `note` says what is wrong where it does not work."""

    item: CheckItem
    works: bool
    note: Remark = ""


class LineMeasured(BaseModel):
    """By the browser, against this server."""

    down_kbits: _Kbits
    up_kbits: _Kbits
    round_trip_ms: Annotated[int, Field(ge=0, le=600_000)]


class NewCheck(BaseModel):
    items: Annotated[list[FoundItem], Field(min_length=1, max_length=len(CheckItem))]
    line: LineMeasured | None = None
    checked_at: Instant
    client_key: UUID


class ItemStanding(FoundItem):
    """The newest finding of one thing, with who made it and when."""

    checked_at: datetime
    checked_by: Named


class CheckView(BaseModel):
    items: list[FoundItem]
    line: LineMeasured | None
    checked_at: datetime
    checked_by: Named

    @classmethod
    def of(cls, check: ReadinessCheck, by: Person, items: list[ReadinessItem]) -> "CheckView":
        return cls(
            items=[FoundItem.model_validate(item) for item in items],
            line=_line_of(check),
            checked_at=check.checked_at,
            checked_by=Named.model_validate(by),
        )


class ReadinessView(BaseModel):
    """What is known of a point before it begins: what holds of each thing, and everything that was ever said."""

    point: SessionPointView
    #: From when a check is taken.
    opens_at: datetime
    closes_at: datetime
    standing: list[ItemStanding]
    checks: list[CheckView]
    answers: list[AnswerView]
    can_count: bool
    #: The number of the room, for who looks after it.
    phone: str | None


class NewTrouble(BaseModel):
    kind: TroubleKind
    note: Remark = ""
    began_at: Instant
    #: Made by the device; it names the trouble from then on.
    id: UUID


class TroubleEnd(BaseModel):
    action: Remark
    ended_at: Instant


class TroubleView(BaseModel):
    id: UUID
    session_point_id: UUID
    point_name: str
    unit: UnitRef
    kind: TroubleKind
    note: str
    began_at: datetime
    reported_by: Named
    reported_at: datetime
    ended_at: datetime | None
    ended_by: Named | None
    action: str | None

    @classmethod
    def of(cls, line: troubles.Line) -> "TroubleView":
        return cls(
            id=line.trouble.id,
            session_point_id=line.point.id,
            point_name=line.room.name,
            unit=UnitRef.model_validate(line.unit),
            kind=line.trouble.kind,
            note=line.trouble.note,
            began_at=line.trouble.began_at,
            reported_by=Named.model_validate(line.reported_by),
            reported_at=line.trouble.reported_at,
            ended_at=line.trouble.ended_at,
            ended_by=Named.model_validate(line.ended_by) if line.ended_by else None,
            action=line.trouble.action,
        )


class StageCounts(BaseModel):
    """How many points stand where."""

    unanswered: int
    unchecked: int
    unready: int
    trouble: int
    declined: int
    ready: int


class PreparationView(BaseModel):
    """How far the points of a conference are that the person looks after."""

    counts: StageCounts
    opens_at: datetime
    starts_at: datetime


class PreparationRow(BaseModel):
    """One point, why it does not come, and what does not work there."""

    point: SessionPointView
    reason: str | None
    checked_at: datetime | None
    line: LineMeasured | None
    faults: list[FoundItem]
    #: The number under which somebody in the room answers.
    phone: str | None


@router.post("/session-points/{point_id}/answers")
def answer_invitation(db: DbDep, by: Signed, point_id: UUID, asked: NewAnswer) -> SessionPointView:
    """Say for a point that it takes part, or that it does not. The same answer sent again is taken once."""
    point, _ = points.see(db, by, point_id)
    invitations.answer(db, by, point, **asked.model_dump(exclude={"phone"}))
    if asked.phone:
        contacts.note(db, by, point, asked.phone)
    return SessionPointView.of(board.takings(db, [point])[0])


@router.get("/session-points/{point_id}/readiness")
def read_readiness(db: DbDep, person: Signed, point_id: UUID) -> ReadinessView:
    """What was answered and checked at a point."""
    point, session = points.see(db, person, point_id)
    return _readiness(db, person, point, session)


@router.post("/session-points/{point_id}/checks")
def report_check(db: DbDep, by: Signed, point_id: UUID, asked: NewCheck) -> ReadinessView:
    """Report what works at a point, in the hour before and during its conference. Taken once."""
    point, session = points.see(db, by, point_id)
    readiness.report(
        db,
        by,
        point,
        [readiness.Finding(**dict(item)) for item in asked.items],
        checked_at=asked.checked_at,
        client_key=asked.client_key,
        line=readiness.LineSpeed(**dict(asked.line)) if asked.line else None,
    )
    return _readiness(db, by, point, session)


@router.get("/session-points/{point_id}/troubles")
def list_point_troubles(db: DbDep, person: Signed, point_id: UUID) -> list[TroubleView]:
    """Everything that went wrong at a point, the newest first."""
    point, _ = points.see(db, person, point_id)
    return [TroubleView.of(line) for line in troubles.of_point(db, point)]


@router.post(
    "/session-points/{point_id}/troubles",
    status_code=201,
    responses={200: {"model": TroubleView, "description": "This trouble had been reported before"}},
)
def report_trouble(db: DbDep, by: Signed, response: Response, point_id: UUID, asked: NewTrouble) -> TroubleView:
    """Report that something is wrong; the point is in trouble until it is ended. Taken once."""
    point, _ = points.see(db, by, point_id)
    trouble, is_new = troubles.report(db, by, point, asked.kind, note=asked.note, began_at=asked.began_at, key=asked.id)
    if not is_new:
        response.status_code = 200
    return _trouble(db, point, trouble.id)


@router.post("/session-points/{point_id}/troubles/{trouble_id}/end")
def end_trouble(db: DbDep, by: Signed, point_id: UUID, trouble_id: UUID, asked: TroubleEnd) -> TroubleView:
    """Report that a trouble is over and what was done. The same end sent again is taken once."""
    point, _ = points.see(db, by, point_id)
    troubles.end(db, by, point, trouble_id, action=asked.action, ended_at=asked.ended_at)
    return _trouble(db, point, trouble_id)


@router.get("/sessions/{session_id}/troubles")
def list_troubles(
    db: DbDep, by: Technician, page: PageDep, session_id: UUID, only_open: bool = False
) -> Page[TroubleView]:
    """What went wrong at the points that the person looks after, what goes on first."""
    session = register.see(db, by, session_id)
    found, total = troubles.of_session(db, by, session, only_open=only_open, offset=page.offset, limit=page.limit)
    return Page(items=[TroubleView.of(line) for line in found], total=total)


@router.get("/sessions/{session_id}/preparation")
def read_preparation(db: DbDep, by: Technician, session_id: UUID) -> PreparationView:
    """How many of the points that the person looks after have answered, checked, and are ready."""
    session = register.see(db, by, session_id)
    counts = preparation.counts(db, by, session)
    return PreparationView(
        counts=StageCounts(**{stage.value: count for stage, count in counts.items()}),
        opens_at=readiness.opens_at(session),
        starts_at=session.starts_at,
    )


@router.get("/sessions/{session_id}/preparation/points")
def list_preparation(db: DbDep, by: Technician, page: PageDep, session_id: UUID, stage: Stage) -> Page[PreparationRow]:
    """The points at one stage, with whom to call."""
    session = register.see(db, by, session_id)
    found, total = preparation.points_at(db, by, session, stage, offset=page.offset, limit=page.limit)
    return Page(items=[_row(line) for line in found], total=total)


def _readiness(db: Db, person: Person, point: SessionPoint, session: ConferenceSession) -> ReadinessView:
    may_count = register.may_count(db, person, session, point)
    return ReadinessView(
        point=SessionPointView.of(board.takings(db, [point])[0]),
        opens_at=readiness.opens_at(session),
        closes_at=session.ends_at,
        standing=[
            ItemStanding(
                item=one.found.item,
                works=one.found.works,
                note=one.found.note,
                checked_at=one.check.checked_at,
                checked_by=Named.model_validate(one.checked_by),
            )
            for one in readiness.standing(db, point)
        ],
        checks=[CheckView.of(*each) for each in readiness.history(db, point)],
        answers=[AnswerView.of(*each) for each in invitations.history(db, point)],
        can_count=may_count,
        phone=contacts.of(db, [point.connection_point_id]).get(point.connection_point_id) if may_count else None,
    )


def _trouble(db: Db, point: SessionPoint, trouble_id: UUID) -> TroubleView:
    return next(TroubleView.of(line) for line in troubles.of_point(db, point) if line.trouble.id == trouble_id)


def _line_of(check: ReadinessCheck) -> LineMeasured | None:
    if check.down_kbits is None or check.up_kbits is None or check.round_trip_ms is None:
        return None
    return LineMeasured(down_kbits=check.down_kbits, up_kbits=check.up_kbits, round_trip_ms=check.round_trip_ms)


def _row(line: preparation.Line) -> PreparationRow:
    return PreparationRow(
        point=SessionPointView.of(line.taking),
        reason=line.declined_because,
        checked_at=line.last_check.checked_at if line.last_check else None,
        line=_line_of(line.last_check) if line.last_check else None,
        faults=[FoundItem.model_validate(item) for item in line.faults],
        phone=line.phone,
    )
