"""What an ended unit leaves behind: its people and rooms, and its roles where the unit itself goes on."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Update, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock
from sessions.db import Db, among
from sessions.models import (
    CONTINUING,
    AttendanceCredit,
    ConferenceSession,
    ConnectionPoint,
    Expected,
    Person,
    RoleGrant,
    SessionPoint,
    Unit,
    UnitSuccession,
)


def settle(db: Db, today: date, of: Collection[UUID] | None = None) -> int:
    """Move people, rooms and roles from units that ended before `today` to their main successors.

    Gives how many people moved. Only from the units in `of` when given; follows chains of successors to their end.
    """
    moved = 0
    while due := dict(db.execute(_due(today, of)).all()):
        people = _moved(db, Person.unit_id, due)
        rooms = _moved(db, ConnectionPoint.unit_id, due)
        roles = _roles_moved(db, due)
        for old_id, new_id in due.items():
            counts = {"people": people[old_id], "rooms": rooms[old_id], "roles": roles[old_id]}
            audit.note(db, None, "unit.handed-over", "unit", old_id, successor_id=new_id, **counts)
        moved += people.total()
        # Of those that took over, some may have ended, too.
        of = None if of is None else due.values()
    return moved


def _due(today: date, of: Collection[UUID] | None) -> Select[UUID, UUID]:
    left_behind = or_(
        exists().where(Person.unit_id == Unit.id),
        exists().where(ConnectionPoint.unit_id == Unit.id),
        UnitSuccession.change.in_(CONTINUING) & exists().where(RoleGrant.unit_id == Unit.id, _open()),
    )
    due = (
        select(UnitSuccession.predecessor_id, UnitSuccession.successor_id)
        .join(Unit, Unit.id == UnitSuccession.predecessor_id)
        .where(UnitSuccession.main, Unit.valid_to < today, left_behind)
    )
    return due if of is None else due.where(among(UnitSuccession.predecessor_id, list(of)))


def _open() -> ColumnElement[bool]:
    return RoleGrant.revoked_at.is_(None)


def _following(column: Any, due: Collection[UUID]) -> ColumnElement[bool]:
    """SQL: the column names one of these units, joined to the one that mainly follows it."""
    return and_(column == UnitSuccession.predecessor_id, UnitSuccession.main, among(column, list(due)))


def _moved(db: Db, column: Any, due: Collection[UUID]) -> Counter[UUID]:
    """How many rows moved, by the unit that they left."""
    moved = (
        update(column.class_)
        .where(_following(column, due))
        .values(unit_id=UnitSuccession.successor_id)
        .returning(UnitSuccession.predecessor_id)
        .cte()
    )
    return Counter(dict(db.execute(select(moved.c.predecessor_id, func.count()).group_by(moved.c[0])).all()))


def _roles_moved(db: Db, due: Collection[UUID]) -> Counter[UUID]:
    """A grant stays as it was, but ends; one for the unit as it is now is opened in its place."""
    now = clock.now()
    held = select(
        func.gen_random_uuid(),
        RoleGrant.person_id,
        RoleGrant.role,
        UnitSuccession.successor_id,
        RoleGrant.granted_by,
        literal(now, RoleGrant.granted_at.type),
    ).where(_open(), _following(RoleGrant.unit_id, due), UnitSuccession.change.in_(CONTINUING))
    columns = ["id", "person_id", "role", "unit_id", "granted_by", "granted_at"]
    db.execute(insert(RoleGrant).from_select(columns, held).on_conflict_do_nothing())
    ended = (
        update(RoleGrant)
        .where(_open(), _following(RoleGrant.unit_id, due), UnitSuccession.change.in_(CONTINUING))
        .values(revoked_at=now)
        .returning(RoleGrant.unit_id)
        .cte()
    )
    return Counter(dict(db.execute(select(ended.c.unit_id, func.count()).group_by(ended.c.unit_id)).all()))


def take_along(db: Db, ended: Collection[UUID]) -> None:
    """Let conferences that were registered before a change was known name the units of their own day.

    What is said of conferences before the change stays as it was.
    """
    while ended:
        of_its_day = ConferenceSession.tree_date >= UnitSuccession.on_date
        _renamed(db, update(ConferenceSession).where(of_its_day, _following(ConferenceSession.unit_id, ended)))
        for table in (SessionPoint, Expected, AttendanceCredit):
            of_session = table.session_id == ConferenceSession.id
            _renamed(db, update(table).where(of_session, of_its_day, _following(table.unit_id, ended)))
        came_after = select(UnitSuccession.successor_id).where(among(UnitSuccession.predecessor_id, list(ended)))
        ended = db.scalars(
            select(UnitSuccession.predecessor_id).where(UnitSuccession.predecessor_id.in_(came_after))
        ).all()
    db.expire_all()


def _renamed(db: Db, move: Update) -> None:
    move = move.values(unit_id=UnitSuccession.successor_id)
    db.execute(move, execution_options={"synchronize_session": False})  # All is read anew at the end.
