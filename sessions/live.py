"""A conference as it stands this minute: where the silence and the trouble are, and how many people are in the rooms.

Everything is worked out from the points and their counts by one statement for the figures and one for the points that
are shown, however many there are; nothing is kept beside them that could fall out of step.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
)

from sessions import clock, due, headcounts, register, roles
from sessions.db import Db
from sessions.due import Due, Report
from sessions.errors import NotFound
from sessions.listing import has_words
from sessions.models import (
    ConferenceSession,
    ConnectionPoint,
    Headcount,
    Moment,
    Person,
    PointState,
    SessionPart,
    SessionPoint,
    Trouble,
    TroubleKind,
    Unit,
)

#: More points than this are shown by their units, and one by one only where they are looked for.
MOST_TILES = 500

#: Which points are looked for: the silent ones, those in trouble, or those in one state.
Wanted = Literal["silent", "trouble", "invited", "declined", "confirmed", "ready", "connected", "closed"]

#: How many rows there are besides those of the page.
_NUMBER = func.count().over().label("number")


class NothingToWatch(NotFound):
    code = "nothing-to-watch"
    vi = "Bảng theo dõi này dành cho kỹ thuật viên và cán bộ của đơn vị tổ chức, hoặc của đơn vị có điểm cầu tham gia."
    en = "This board is for technicians and staff of the unit that holds the conference, or of units with points in it."


@dataclass(frozen=True)
class View:
    """What somebody looks at: the points of a conference, below `unit` if given, with one part's counts."""

    session: ConferenceSession
    #: The highest unit that this person watches here: the one that holds the conference, or else their own.
    home: Unit
    #: The unit whose direct subunits are told apart.
    top: Unit
    #: Whether only points below `top` are seen, and not guests from elsewhere.
    only_below: bool
    parts: Sequence[SessionPart]
    due: Due
    at: datetime


@dataclass(frozen=True)
class Figures:
    """Points and people, added up. `silent` and `trouble` exclude one another; the seven states add up to `points`.

    Nobody is expected at a point that declined. `present` is what each point counted last in the part; the pairs below
    it are the points that counted at a moment, and the people there.
    """

    points: int = 0
    silent: int = 0
    trouble: int = 0
    invited: int = 0
    declined: int = 0
    confirmed: int = 0
    ready: int = 0
    connected: int = 0
    in_trouble: int = 0
    closed: int = 0
    expected: int = 0
    counted: int = 0
    present: int = 0
    start_counted: int = 0
    start_present: int = 0
    middle_counted: int = 0
    middle_present: int = 0
    end_counted: int = 0
    end_present: int = 0


@dataclass(frozen=True)
class Group:
    """The points of one unit just below the top, or of the top itself."""

    unit: Unit
    figures: Figures


@dataclass(frozen=True)
class Tile:
    """One point: what it says of itself, what it ought to have said, and the last count of the part."""

    point: SessionPoint
    name: str
    unit: Unit
    group_id: UUID
    is_trouble: bool
    troubles: tuple[TroubleKind, ...]
    missing: tuple[Report, ...]
    present: int | None

    @property
    def standing(self) -> Literal["silent", "trouble", "well"]:
        """Whoever says that something is wrong isn't silent, even with a count missing."""
        if self.is_trouble:
            return "trouble"
        return "silent" if self.missing else "well"


def view(
    db: Db, person: Person, session: ConferenceSession, *, unit: Unit | None = None, part_id: UUID | None = None
) -> View:
    """What this person watches of a conference: as asked, or else as much as is theirs.

    Raises `OutsideScope` for units of others, `NothingToWatch` for whoever has none.
    """
    home, holds = _home(db, person, session, unit)
    parts, now = register.parts_of(db, session.id), clock.now()
    part = register.part_of(db, session.id, part_id) if part_id else due.current(parts, now)
    only_below = unit is not None or not holds
    return View(session, home, unit or home, only_below, parts, due.of(session, part, now), now)


def _home(db: Db, person: Person, session: ConferenceSession, unit: Unit | None) -> tuple[Unit, bool]:
    """The highest unit that this person watches, and whether that is the whole conference."""
    holder = db.get_one(Unit, session.unit_id)
    if register.may_edit(db, person, session):
        return holder, True
    own = [held for grant, held in roles.grants_of(db, person.id) if grant.role in register.ANY_ROLE]
    if not own:
        raise NothingToWatch
    if unit is None:
        return own[0], False
    home = next((held for held in own if unit.path.startswith(held.path)), None)
    if home is None:
        raise roles.OutsideScope
    return home, False


def above(db: Db, asked: View) -> list[Unit]:
    """The units from the highest one that the person watches down to the one they look at."""
    steps = [UUID(step) for step in asked.top.path.rstrip("/").split("/")]
    below_home = Unit.path.startswith(asked.home.path, autoescape=True)
    found = db.scalars(select(Unit).where(Unit.id.in_(steps), below_home).order_by(Unit.depth)).all()
    # A guest's unit stands beside the holder's tree, not in it.
    return list(found) or [asked.home, asked.top]


def version(db: Db, asked: View) -> str:
    """A word that is another one whenever the board may look different.

    It is made of every point, of the numbers of counts and troubles, of what is due by now, and of the minute: what
    else may change, such as a room's name, is seen within that minute.
    """
    at = SessionPoint
    row = func.row(at.id, at.state, at.state_at, at.expected_count, at.unit_id)
    points = select(func.count(), func.sum(func.hash_record_extended(row, 0))).select_from(at)
    counts = select(func.count()).select_from(Headcount).where(Headcount.part_id == asked.due.part.id)
    if asked.only_below:
        counts = _below(counts.join(at, at.id == Headcount.session_point_id), asked)
    troubles = _below(select(func.row(func.count(), func.count(Trouble.ended_at))).select_from(Trouble).join(at), asked)
    more = (counts.scalar_subquery(), troubles.scalar_subquery())
    found = db.execute(_below(points, asked).add_columns(*more)).one()
    said = [*found, asked.session.closed_at, asked.due.state, asked.due.counts, asked.due.part.id]
    minute = asked.at.replace(second=0, microsecond=0)
    return hashlib.sha256(repr((said, asked.top.id, asked.only_below, minute)).encode()).hexdigest()[:32]


def _below(statement: Select[*tuple[Any, ...]], asked: View) -> Select[*tuple[Any, ...]]:
    """Narrowed to the points of the conference that are looked at."""
    statement = statement.where(SessionPoint.session_id == asked.session.id)
    if not asked.only_below:
        return statement
    below = select(Unit.id).where(Unit.path.startswith(asked.top.path, autoescape=True))
    return statement.where(SessionPoint.unit_id.in_(below))


def figures(db: Db, asked: View) -> tuple[list[Group], Figures]:
    """The figures of each unit just below the top, those with most to look after first, and of all together.

    One statement, and one for the units' names.
    """
    # Of a whole conference all counts are read in one go, of a unit in it only those of its points.
    told = _told(asked, at_once=not asked.only_below)
    rows = db.execute(select(told.c.group_id, *_sums(told)).group_by(told.c.group_id)).all()
    units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_([row[0] for row in rows])))}
    groups = [Group(units[group_id], Figures(*sums)) for group_id, *sums in rows]
    groups.sort(key=lambda group: (*_worst_first(group.figures), group.unit.id != asked.top.id, group.unit.sort_key))
    return groups, _sum(group.figures for group in groups)


def _worst_first(of: Figures) -> tuple[int, int]:
    return -of.silent - of.trouble, -of.silent


def _sum(of: Iterable[Figures]) -> Figures:
    rows = [astuple(each) for each in of] or [astuple(Figures())]
    return Figures(*(sum(column) for column in zip(*rows, strict=True)))


def tiles(
    db: Db, asked: View, *, wanted: Wanted | None = None, q: str = "", offset: int = 0, limit: int = MOST_TILES
) -> tuple[list[Tile], int]:
    """The points looked for: silent ones first, then those in trouble, then the rest by unit; and how many."""
    told = _told(asked)
    rank = case((told.c.trouble, 1), (told.c.silent, 0), else_=2)
    words = Unit.search_key.concat(" ").concat(ConnectionPoint.search_key)
    kinds = select(func.array_agg(Trouble.kind.distinct())).where(
        Trouble.session_point_id == SessionPoint.id, Trouble.ended_at.is_(None)
    )
    statement = (
        select(SessionPoint, ConnectionPoint.name, Unit, told, kinds.scalar_subquery().label("troubles"), _NUMBER)
        .join(told, told.c.id == SessionPoint.id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(has_words(words, q), _is_wanted(told, wanted))
        .order_by(rank, Unit.sort_key, ConnectionPoint.search_key, SessionPoint.id)
    )
    rows = db.execute(statement.offset(offset).limit(limit)).all()
    return [_tile(row, asked.due) for row in rows], rows[0].number if rows else 0


def _is_wanted(told: Subquery, wanted: Wanted | None) -> ColumnElement[bool]:
    if wanted is None:
        return true()
    if wanted in ("silent", "trouble"):
        return told.c[wanted]
    return told.c.state == PointState(wanted)


def _tile(row: Any, now_due: Due) -> Tile:
    point, name, unit, *_ = row
    missing = tuple(report for report in _asked_for(now_due) if getattr(row, f"lacks_{report.value}"))
    troubles = tuple(sorted(TroubleKind(kind) for kind in row.troubles or ()))
    return Tile(point, name, unit, row.group_id, row.trouble, troubles, missing, row.present)


def _asked_for(now_due: Due) -> list[Report]:
    return [report for report in (now_due.state, *(Report(count.moment.value) for count in now_due.counts)) if report]


def _told(asked: View, *, at_once: bool = False) -> Subquery:
    """One row for each point looked at: its group, what it told, and whether that is too little.

    Its counts are looked up point by point, which costs the same for each whatever else is asked of them, or `at_once`.
    """
    standing = _standing(asked.due.part)
    if at_once:
        counted = _by_moment(standing)
        its_own = counted.c.session_point_id == SessionPoint.id
    else:
        own = standing.where(Headcount.session_point_id == SessionPoint.id).correlate(SessionPoint)
        counted, its_own = _by_moment(own, lateral=True), true()
    has_open = SessionPoint.id.in_(select(Trouble.session_point_id).where(Trouble.ended_at.is_(None)))
    trouble = or_(SessionPoint.state == PointState.TROUBLE, has_open)
    lacks = _lacks(asked.due, counted)
    statement = (
        select(
            SessionPoint.id,
            SessionPoint.state,
            case((SessionPoint.state == PointState.DECLINED, None), else_=SessionPoint.expected_count).label(
                "expected"
            ),
            _group(asked.top).label("group_id"),
            trouble.label("trouble"),
            and_(~trouble, or_(false(), *lacks.values())).label("silent"),
            *(lack.label(f"lacks_{report.value}") for report, lack in lacks.items()),
            *(counted.c[moment.value] for moment in Moment),
            func.coalesce(counted.c.end, counted.c.middle, counted.c.start).label("present"),
        )
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .outerjoin(counted, its_own)
    )
    return _below(statement, asked).subquery()


def _standing(part: SessionPart) -> Select[UUID, Moment, int]:
    """The counts of a part that stand."""
    counts = select(Headcount.session_point_id, Headcount.moment, Headcount.present)
    return counts.where(Headcount.part_id == part.id, headcounts.HOLDS)


def _by_moment(standing: Select[UUID, Moment, int], *, lateral: bool = False) -> FromClause:
    """One row for each point, with what it counted at each moment."""
    counts = standing.subquery()
    at = [func.max(counts.c.present).filter(counts.c.moment == each).label(each.value) for each in Moment]
    if lateral:
        return select(*at).select_from(counts).lateral()
    return select(counts.c.session_point_id, *at).group_by(counts.c.session_point_id).subquery()


def _lacks(now_due: Due, counted: FromClause) -> dict[Report, ColumnElement[bool]]:
    """For each report that is due, whether a point has not made it.

    A point that declined is not asked for any count, one that closed not for counts of later moments.
    """
    lacks: dict[Report, ColumnElement[bool]] = {}
    if now_due.state:
        lacks[now_due.state] = SessionPoint.state.in_(due.TOO_LITTLE[now_due.state])
    for count in now_due.counts:
        closed_before = and_(SessionPoint.state == PointState.CLOSED, SessionPoint.state_at < count.at)
        there = ~or_(SessionPoint.state == PointState.DECLINED, closed_before)
        lacks[Report(count.moment.value)] = and_(counted.c[count.moment.value].is_(None), there)
    return lacks


def _group(top: Unit) -> ColumnElement[UUID]:
    """The unit just below the top, or the top itself; of guests from elsewhere, the highest unit above them."""
    below = func.nullif(func.split_part(Unit.path, "/", top.depth + 2), "")
    inside = Unit.path.startswith(top.path, autoescape=True)
    highest = func.split_part(Unit.path, "/", 1)
    return cast(case((inside, func.coalesce(below, str(top.id))), else_=highest), Uuid)


def _sums(told: Subquery) -> list[ColumnElement[int]]:
    """The fields of `Figures`, over the rows of `_told`."""

    def number(*when: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*when)

    def people(column: ColumnElement[int]) -> ColumnElement[int]:
        return func.coalesce(func.sum(column), 0, type_=Integer)

    states = ("invited", "declined", "confirmed", "ready", "connected", "trouble", "closed")
    moments = [each for moment in Moment for each in (func.count(told.c[moment]), people(told.c[moment]))]
    return [
        func.count(),
        number(told.c.silent),
        number(told.c.trouble),
        *(number(told.c.state == PointState(state)) for state in states),
        people(told.c.expected),
        func.count(told.c.present),
        people(told.c.present),
        *moments,
    ]
