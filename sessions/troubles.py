"""Troubles at a point during a conference: no picture, no sound, a lost link, no power; from when to when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from sessions import audit, clock, points, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotFound
from sessions.headcounts import ClientKeyUsed
from sessions.listing import page_of
from sessions.models import (
    ConferenceSession,
    ConnectionPoint,
    Person,
    PointState,
    SessionPoint,
    Trouble,
    TroubleKind,
    Unit,
)
from sessions.names import clean


class TroubleUnknown(NotFound):
    code = "trouble-not-found"
    vi = "Không tìm thấy sự cố này ở điểm cầu."
    en = "There is no such trouble at this point."


class TroubleEnded(Conflict):
    code = "trouble-ended"
    vi = "Sự cố này đã được báo khắc phục lúc {ended_at}."
    en = "This trouble was reported as fixed at {ended_at}."


class TroubleEndsTooEarly(Invalid):
    code = "trouble-ends-too-early"
    vi = "Giờ khắc phục phải sau giờ xảy ra sự cố."
    en = "The end must come after the beginning of the trouble."


class TroubleNoteMissing(Invalid):
    code = "trouble-note-missing"
    vi = "Hãy ghi vài chữ: sự cố gì?"
    en = "Say in a few words what is wrong."


class ActionMissing(Invalid):
    code = "action-missing"
    vi = "Hãy ghi đã khắc phục bằng cách nào."
    en = "Say what was done about it."


def report(
    db: Db, by: Person, point: SessionPoint, kind: TroubleKind, *, note: str, began_at: datetime, key: UUID
) -> tuple[Trouble, bool]:
    """Note that something is wrong at a point, which is in trouble from now on; whether it is new comes second.

    The device makes the `key`, by which the trouble is ended later; sent again it is taken once.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    db.refresh(point, with_for_update={"key_share": True})
    if taken := db.get(Trouble, key):
        if taken.session_point_id != point.id:
            raise ClientKeyUsed
        return taken, False
    register.demand_past(began_at)
    if session.closed_at and began_at > session.closed_at:
        register.demand_open(session)
    note = clean(note)
    if kind == TroubleKind.OTHER and not note:
        raise TroubleNoteMissing
    trouble = Trouble(
        id=key,
        session_point_id=point.id,
        kind=kind,
        note=note,
        began_at=began_at,
        reported_by=by.id,
        reported_at=clock.now(),
        state_before=_state_before(db, point),
    )
    db.add(trouble)
    audit.note(db, by, "trouble.reported", "session_point", point.id, trouble_id=key, kind=kind, began_at=began_at)
    points.set_state(db, by, point, PointState.TROUBLE)
    db.flush()
    return trouble, True


def _state_before(db: Db, point: SessionPoint) -> PointState:
    """What a point in trouble was before its first one."""
    first = db.scalar(_open_at(point).order_by(Trouble.reported_at, Trouble.id).limit(1))
    if first:
        return first.state_before
    # Somebody said "trouble" without saying which: it had confirmed, for it was being looked after.
    return PointState.CONFIRMED if point.state == PointState.TROUBLE else point.state


def end(db: Db, by: Person, point: SessionPoint, key: UUID, *, action: str, ended_at: datetime) -> Trouble:
    """Note that a trouble is over and what was done. With the last one the point is again what it was before."""
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    db.refresh(point, with_for_update={"key_share": True})
    trouble = db.get(Trouble, key, populate_existing=True)
    if trouble is None or trouble.session_point_id != point.id:
        raise TroubleUnknown
    action = clean(action)
    if trouble.ended_at:
        if (trouble.ended_at, trouble.ended_by, trouble.action) == (ended_at, by.id, action):
            return trouble
        raise TroubleEnded(ended_at=f"{trouble.ended_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")
    _demand_end(trouble, action, ended_at)
    trouble.ended_at, trouble.ended_by, trouble.end_told_at, trouble.action = ended_at, by.id, clock.now(), action
    db.flush()
    audit.note(db, by, "trouble.ended", "session_point", point.id, trouble_id=key, ended_at=ended_at, done=action)
    if point.state == PointState.TROUBLE and not db.scalar(_open_at(point).limit(1)):
        points.set_state(db, by, point, trouble.state_before)
    db.flush()
    return trouble


def _demand_end(trouble: Trouble, action: str, ended_at: datetime) -> None:
    register.demand_past(ended_at)
    if ended_at < trouble.began_at:
        raise TroubleEndsTooEarly
    if not action:
        raise ActionMissing


def _open_at(point: SessionPoint) -> Select[Trouble]:
    return select(Trouble).where(Trouble.session_point_id == point.id, Trouble.ended_at.is_(None))


@dataclass(frozen=True)
class Line:
    """A trouble with where it was, who reported it, and who ended it."""

    trouble: Trouble
    point: SessionPoint
    room: ConnectionPoint
    unit: Unit
    reported_by: Person
    ended_by: Person | None


def of_point(db: Db, point: SessionPoint) -> list[Line]:
    """Everything that went wrong at a point, the newest first."""
    rows = db.execute(_rows(Trouble.session_point_id == point.id).order_by(Trouble.began_at.desc(), Trouble.id))
    return [Line(*row) for row in rows]


def of_session(
    db: Db, by: Person, session: ConferenceSession, *, only_open: bool = False, offset: int = 0, limit: int = 50
) -> tuple[list[Line], int]:
    """A page of what went wrong at the points that this person looks after, open ones first; and how many in all."""
    concerned = SessionPoint.session_id == session.id
    statement = _rows(concerned, register.points_looked_after(db, by, session))
    if only_open:
        statement = statement.where(Trouble.ended_at.is_(None))
    ordered = statement.order_by(Trouble.ended_at.is_not(None), Trouble.began_at.desc(), Trouble.id)
    rows, total = page_of(db, ordered, offset, limit)
    return [Line(*row) for row in rows], total


def count_open(db: Db, by: Person, session: ConferenceSession) -> int:
    """How many troubles go on at the points that this person looks after."""
    mine = register.points_looked_after(db, by, session)
    here = select(func.count()).select_from(Trouble).join(SessionPoint, SessionPoint.id == Trouble.session_point_id)
    return db.scalars(here.where(SessionPoint.session_id == session.id, Trouble.ended_at.is_(None), mine)).one()


def _rows(*narrowed: ColumnElement[bool]) -> Select[Trouble, SessionPoint, ConnectionPoint, Unit, Person, Person]:
    ended_by = aliased(Person)
    return (
        select(Trouble, SessionPoint, ConnectionPoint, Unit, Person, ended_by)
        .join(SessionPoint, SessionPoint.id == Trouble.session_point_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(Person, Person.id == Trouble.reported_by)
        .outerjoin(ended_by, ended_by.id == Trouble.ended_by)
        .where(*narrowed)
    )
