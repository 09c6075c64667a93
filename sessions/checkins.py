"""Check-ins: named people present at a session point, for one part. Each makes that part attended live."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from sessions import attendance, audit, clock, register
from sessions.db import Db
from sessions.errors import Invalid, NotAllowed
from sessions.models import (
    CheckIn,
    CheckInMethod,
    ConferenceSession,
    Expected,
    Person,
    SessionPart,
    SessionPoint,
    Unit,
)
from sessions.summons import NotSummoned

#: How long before a part its people may be ticked as present.
_DOORS_OPEN = timedelta(hours=2)


class TooEarly(Invalid):
    code = "check-in-too-early"
    vi = "Chưa đến giờ điểm danh của phần này. Chỉ điểm danh được từ hai giờ trước khi bắt đầu."
    en = "It is too early for this part. People can be checked in from two hours before it starts."


class OwnCheckIn(NotAllowed):
    code = "own-check-in"
    vi = "Không tự điểm danh cho chính mình được. Hãy nhờ người khác phụ trách điểm cầu hoặc cán bộ điểm danh cho bạn."
    en = "Nobody checks themselves in. Ask someone else who looks after the point, or staff, to tick you off."


def tick(
    db: Db,
    by: Person,
    point: SessionPoint,
    part: SessionPart,
    person_ids: Sequence[UUID],
    checked_at: datetime,
    client_key: UUID,
) -> list[CheckIn]:
    """Tick people off the roster of a point; gives the check-ins that are new.

    Only people expected at that part, and nobody themselves; whoever was checked in before, here or at another point,
    stays as they were. The same `client_key` sent again adds nothing. What was ticked before the register was closed
    may arrive later.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    _demand_right(db, by, session, point, part, checked_at)
    # Always in one order: two deliveries that name the same people must not wait for one another in a circle.
    wanted = sorted(set(person_ids))
    if by.id in wanted:
        raise OwnCheckIn
    _demand_expected(db, part, wanted)
    received_at = clock.now()
    rows = [
        {
            "session_point_id": point.id,
            "part_id": part.id,
            "person_id": person_id,
            "method": CheckInMethod.ROSTER,
            "checked_at": checked_at,
            "received_at": received_at,
            "recorded_by": by.id,
            # One delivery names many people, and every row needs a key that a second delivery makes again.
            "client_key": uuid5(client_key, person_id.hex),
        }
        for person_id in wanted
    ]
    if not rows:
        return []
    added = list(db.scalars(insert(CheckIn).values(rows).on_conflict_do_nothing().returning(CheckIn)))
    for check_in in sorted(added, key=lambda one: one.person_id):
        attendance.attend_live(db, check_in)
    if added:
        names = [check_in.person_id for check_in in added]
        audit.note(db, by, "people.checked-in", "session_point", point.id, part_id=part.id, person_ids=names)
    return added


def _demand_right(
    db: Db, by: Person, session: ConferenceSession, point: SessionPoint, part: SessionPart, checked_at: datetime
) -> None:
    register.demand_count(db, by, session, point)
    if part.session_id != session.id:
        raise register.PartOfAnotherSession
    register.demand_past(checked_at)
    if checked_at < part.starts_at - _DOORS_OPEN:
        raise TooEarly
    if session.closed_at and checked_at > session.closed_at:
        register.demand_open(session)


def _demand_expected(db: Db, part: SessionPart, person_ids: Sequence[UUID]) -> None:
    expected = select(func.count()).where(Expected.part_id == part.id, Expected.person_id.in_(person_ids))
    found = db.scalars(expected).one()
    if found < len(person_ids):
        raise NotSummoned(count=len(person_ids) - found)


def present_at(db: Db, point: SessionPoint, part: SessionPart) -> list[tuple[Person, Unit, datetime]]:
    """Everyone checked in at this point for this part, with the unit they belong to today, the latest first."""
    statement = (
        select(Person, Unit, CheckIn.checked_at)
        .join(CheckIn, CheckIn.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(CheckIn.session_point_id == point.id, CheckIn.part_id == part.id)
        .order_by(CheckIn.checked_at.desc(), Person.sort_key)
    )
    return list(db.execute(statement))


def roster_of(db: Db, point: SessionPoint, part: SessionPart) -> list[tuple[Person, Unit, datetime | None]]:
    """Everyone expected at this point for this part, with the unit of the day, and when they were checked in.

    People are expected at the point of their own unit, or else of the nearest unit above that has one: the hall of
    the province is not handed the rosters of communes that have halls of their own.
    """
    unit = db.get_one(Unit, point.unit_id)
    statement = (
        select(Person, Unit, CheckIn.checked_at)
        .select_from(Expected)
        .join(Person, Person.id == Expected.person_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .outerjoin(CheckIn, and_(CheckIn.part_id == Expected.part_id, CheckIn.person_id == Expected.person_id))
        .where(Expected.part_id == part.id, Unit.path.startswith(unit.path, autoescape=True))
        .where(~_has_nearer_point(point, unit))
        .order_by(Person.sort_key, Person.id)
    )
    return list(db.execute(statement))


def _has_nearer_point(point: SessionPoint, unit: Unit) -> ColumnElement[bool]:
    nearer, its_unit = aliased(SessionPoint), aliased(Unit)
    return exists().where(
        nearer.session_id == point.session_id,
        its_unit.id == nearer.unit_id,
        its_unit.depth > unit.depth,
        Unit.path.startswith(its_unit.path),
    )
