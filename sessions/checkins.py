"""Check-ins: named people present at a session point, for one part. Each makes that part attended live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from sessions import attendance, audit, clock, register
from sessions.db import Db, among
from sessions.errors import Invalid, NotAllowed
from sessions.models import (
    CheckIn,
    CheckInMethod,
    CheckInWithdrawal,
    ConferenceSession,
    ConnectionPoint,
    Expected,
    Person,
    SessionPart,
    SessionPoint,
    Unit,
)
from sessions.summons import NotSummoned

#: How long before a part its people may be ticked as present.
DOORS_OPEN = timedelta(hours=2)


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
    method: CheckInMethod = CheckInMethod.ROSTER,
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
    return admit(db, by, point, part, wanted, method, checked_at, client_key)


def admit(
    db: Db,
    by: Person,
    point: SessionPoint,
    part: SessionPart,
    person_ids: Sequence[UUID],
    method: CheckInMethod,
    checked_at: datetime,
    client_key: UUID,
) -> list[CheckIn]:
    """Check in people of the summons, in this order; that `by` may, and the moment fits, is the caller's care."""
    received_at = clock.now()
    rows = [
        {
            "session_point_id": point.id,
            "part_id": part.id,
            "person_id": person_id,
            "method": method,
            "checked_at": checked_at,
            "received_at": received_at,
            "recorded_by": by.id,
            "client_key": key_of(client_key, person_id),
        }
        for person_id in person_ids
    ]
    rows = _not_withdrawn(db, rows)
    if not rows:
        return []
    added = list(db.scalars(insert(CheckIn).values(rows).on_conflict_do_nothing().returning(CheckIn)))
    attendance.attend_live(db, part.session_id, sorted(added, key=lambda one: one.person_id))
    if added:
        names = [check_in.person_id for check_in in added]
        audit.note(db, by, "people.checked-in", "session_point", point.id, part_id=part.id, person_ids=names)
    return added


def key_of(client_key: UUID, person_id: UUID) -> UUID:
    """One delivery names many people, and every row needs a key that a second delivery makes again."""
    return uuid5(client_key, person_id.hex)


def _demand_right(
    db: Db, by: Person, session: ConferenceSession, point: SessionPoint, part: SessionPart, checked_at: datetime
) -> None:
    register.demand_count(db, by, session, point)
    if part.session_id != session.id:
        raise register.PartOfAnotherSession
    register.demand_past(checked_at)
    demand_begun(part, checked_at)
    if session.closed_at and checked_at > session.closed_at:
        register.demand_open(session)


def demand_begun(part: SessionPart, moment: datetime) -> None:
    """Raise `TooEarly` before the doors of a part open."""
    if moment < part.starts_at - DOORS_OPEN:
        raise TooEarly


def elsewhere(
    db: Db, person_id: UUID, point: SessionPoint, part: SessionPart
) -> tuple[CheckIn, ConnectionPoint] | None:
    """Where this person is checked in already while this part runs, at any other point of any conference."""
    row = db.execute(
        select(CheckIn, ConnectionPoint)
        .join(SessionPart, SessionPart.id == CheckIn.part_id)
        .join(SessionPoint, SessionPoint.id == CheckIn.session_point_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(CheckIn.person_id == person_id, CheckIn.session_point_id != point.id)
        .where(SessionPart.starts_at < part.ends_at, SessionPart.ends_at > part.starts_at)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _demand_expected(db: Db, part: SessionPart, person_ids: Sequence[UUID]) -> None:
    expected = select(func.count()).where(Expected.part_id == part.id, Expected.person_id.in_(person_ids))
    found = db.scalars(expected).one()
    if found < len(person_ids):
        raise NotSummoned(count=len(person_ids) - found)


def _not_withdrawn(db: Db, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that came before and were taken back since: a late second delivery is no second tick."""
    keys = [row["client_key"] for row in rows]
    gone = set(db.scalars(select(CheckInWithdrawal.check_in_key).where(among(CheckInWithdrawal.check_in_key, keys))))
    return [row for row in rows if row["client_key"] not in gone]


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


@dataclass(frozen=True)
class RosterLine:
    """One person of a roster with their unit of the day, and the check-in that they have for the part, if any."""

    person: Person
    unit: Unit
    check_in: CheckIn | None


def roster_of(db: Db, point: SessionPoint, part: SessionPart) -> list[tuple[Person, Unit, datetime | None]]:
    """Everyone expected at this point for this part, with the unit of the day, and when they were checked in."""
    return [
        (line.person, line.unit, line.check_in.checked_at if line.check_in else None)
        for line in roster_lines(db, point, part)
    ]


def roster_lines(db: Db, point: SessionPoint, part: SessionPart) -> list[RosterLine]:
    """Everyone expected at this point for this part, by name.

    People are expected at the point of their own unit, or else of the nearest unit above that has one: the hall of
    the province is not handed the rosters of communes that have halls of their own.
    """
    statement = (
        select(Person, Unit, CheckIn)
        .select_from(Expected)
        .join(Person, Person.id == Expected.person_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .outerjoin(CheckIn, and_(CheckIn.part_id == Expected.part_id, CheckIn.person_id == Expected.person_id))
        .where(_is_expected_at(db, point, part))
        .order_by(Person.sort_key, Person.id)
    )
    return [RosterLine(*row) for row in db.execute(statement)]


def expected_at(db: Db, point: SessionPoint, part: SessionPart) -> int:
    """How many people are on the roster of a point for a part."""
    rows = select(func.count()).select_from(Expected).join(Unit, Unit.id == Expected.unit_id)
    return db.scalars(rows.where(_is_expected_at(db, point, part))).one()


def _is_expected_at(db: Db, point: SessionPoint, part: SessionPart) -> ColumnElement[bool]:
    """SQL: the summons, joined with its units, names somebody of this point's roster."""
    unit = db.get_one(Unit, point.unit_id)
    below = Unit.path.startswith(unit.path, autoescape=True)
    return and_(Expected.part_id == part.id, below, ~_has_nearer_point(point, unit))


def _has_nearer_point(point: SessionPoint, unit: Unit) -> ColumnElement[bool]:
    nearer, its_unit = aliased(SessionPoint), aliased(Unit)
    return exists().where(
        nearer.session_id == point.session_id,
        its_unit.id == nearer.unit_id,
        its_unit.depth > unit.depth,
        Unit.path.startswith(its_unit.path),
    )
