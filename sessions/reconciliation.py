"""Three numbers for each point side by side: what was counted, who was checked in, and what the meeting logs tell.

They come from different hands and should agree. Where they lie further apart than a tenth of the greatest, somebody
should look. A room that joined with one account says that it was there and not with how many, so it is compared only
when its own name tells a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select

from sessions import headcounts, register, roles
from sessions.db import Db
from sessions.errors import NotAllowed
from sessions.listing import page_of
from sessions.models import (
    CheckIn,
    ConferenceSession,
    ConnectionPoint,
    Headcount,
    MeetingImport,
    MeetingPresence,
    MeetingRow,
    Person,
    RowKind,
    RowState,
    SessionPart,
    SessionPoint,
    Unit,
)

#: The share of the greatest number by which the smallest may fall short unasked.
TOLERANCE: Final = 0.1


@dataclass(frozen=True)
class Reconciled:
    """One point in one part. A number is None where nobody counted, nobody imported, or a room does not say."""

    point: SessionPoint
    room: ConnectionPoint
    unit: Unit
    #: The greatest headcount that holds, over the moments of the part.
    counted: int | None
    checked_in: int
    #: People by name in the logs, and those that rooms' own names tell of.
    logged: int | None
    #: Accounts of rooms that joined, and the longest of their stays in seconds.
    rooms: int
    room_seconds: float
    flagged: bool


def points_of(
    db: Db,
    by: Person,
    session: ConferenceSession,
    part: SessionPart,
    *,
    only_flagged: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Reconciled], int, int]:
    """A page of the points that `by` is staff of, those furthest apart first; how many, and how many are flagged.

    Staff of the unit that holds the conference see every point, others those of their own units.
    """
    figures = _figures(db, by, session, part).subquery()
    counted, logged, flagged = figures.c.counted, figures.c.logged, figures.c.flagged
    statement = (
        select(SessionPoint, ConnectionPoint, Unit, counted, figures.c.checked_in, logged)
        .add_columns(figures.c.rooms, figures.c.room_seconds, flagged)
        .join(figures, figures.c.point_id == SessionPoint.id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .order_by(flagged.desc(), figures.c.apart.desc(), Unit.sort_key, SessionPoint.id)
    )
    if only_flagged:
        statement = statement.where(flagged)
    rows, total = page_of(db, statement, offset, limit)
    found = db.scalars(select(func.count()).select_from(figures).where(flagged)).one()
    return [Reconciled(*row) for row in rows], total, found


def _figures(db: Db, by: Person, session: ConferenceSession, part: SessionPart) -> Select[Any]:
    counted, checked, named = _counted(session, part), _checked_in(session, part), _logged(session, part)
    rooms = func.coalesce(named.c.rooms, 0)
    logged = _log_figure(session, named.c.people, named.c.said, rooms)
    checked_in = func.coalesce(checked.c.people, 0)
    # Nobody checked in at all says that nobody is being checked in there, not that nobody came.
    known = [counted.c.present, func.nullif(checked_in, 0), logged]
    greatest, smallest = func.greatest(*known), func.least(*known)
    apart = func.coalesce((greatest - smallest) / func.nullif(literal(1.0) * greatest, 0), 0)
    figures = (
        select(
            SessionPoint.id.label("point_id"),
            counted.c.present.label("counted"),
            checked_in.label("checked_in"),
            logged.label("logged"),
            rooms.label("rooms"),
            func.coalesce(named.c.room_seconds, 0.0).label("room_seconds"),
            (apart > TOLERANCE).label("flagged"),
            apart.label("apart"),
        )
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .outerjoin(counted, counted.c.session_point_id == SessionPoint.id)
        .outerjoin(checked, checked.c.session_point_id == SessionPoint.id)
        .outerjoin(named, named.c.session_point_id == SessionPoint.id)
        .where(SessionPoint.session_id == session.id)
    )
    return figures.where(*_in_scope(db, by, session))


def _log_figure(session: ConferenceSession, people: Any, said: Any, rooms: Any) -> ColumnElement[int | None]:
    """What the logs tell of a point: nothing before there is a log, and nothing of a room that gives no number."""
    imported = select(MeetingImport.id).where(MeetingImport.session_id == session.id).exists()
    told = func.coalesce(people, 0) + func.coalesce(said, 0)
    is_silent_room = and_(rooms > 0, said.is_(None))
    return case((~imported, null()), (is_silent_room, null()), else_=told)


def _counted(session: ConferenceSession, part: SessionPart) -> Any:
    points = select(SessionPoint.id).where(SessionPoint.session_id == session.id)
    latest = headcounts.latest(points).where(Headcount.part_id == part.id).subquery()
    return (
        select(latest.c.session_point_id, func.max(latest.c.present).label("present"))
        .group_by(latest.c.session_point_id)
        .subquery()
    )


def _checked_in(session: ConferenceSession, part: SessionPart) -> Any:
    return (
        select(CheckIn.session_point_id, func.count().label("people"))
        .join(SessionPoint, SessionPoint.id == CheckIn.session_point_id)
        .where(SessionPoint.session_id == session.id, CheckIn.part_id == part.id)
        .group_by(CheckIn.session_point_id)
        .subquery()
    )


def _logged(session: ConferenceSession, part: SessionPart) -> Any:
    """By point: people in the log, the most that a room's name says, rooms, and the longest stay of one."""
    is_room = MeetingRow.kind == RowKind.ROOM
    who = case((~is_room, func.coalesce(MeetingRow.person_id, MeetingRow.id)))
    return (
        select(
            MeetingRow.session_point_id,
            func.count(who.distinct()).label("people"),
            func.max(MeetingRow.said_count).label("said"),
            func.count(case((is_room, MeetingRow.name)).distinct()).label("rooms"),
            func.max(case((is_room, MeetingPresence.seconds))).label("room_seconds"),
        )
        .join(MeetingPresence, MeetingPresence.row_id == MeetingRow.id)
        .where(MeetingRow.session_id == session.id, MeetingPresence.part_id == part.id)
        .where(MeetingRow.session_point_id.is_not(None), MeetingRow.state != RowState.REFUSED)
        .group_by(MeetingRow.session_point_id)
        .subquery()
    )


def _in_scope(db: Db, by: Person, session: ConferenceSession) -> Sequence[ColumnElement[bool]]:
    if register.may_close(db, by, session):
        return []
    paths = roles.scopes(db, by.id, register.STAFF_ROLES)
    if not paths:
        raise NotAllowed
    return [roles.within(Unit.path, paths)]
