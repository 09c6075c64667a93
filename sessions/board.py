"""Points as people look at them: rooms, and the points of a conference with the last thing counted at each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from sessions import headcounts, lineage, points
from sessions.db import Db
from sessions.listing import has_words, page_of
from sessions.models import ConferenceSession, ConnectionPoint, Headcount, Person, SessionPoint, Unit


@dataclass(frozen=True)
class Room:
    """A connection point, the unit it belongs to today, and who looks after it."""

    point: ConnectionPoint
    unit: Unit
    technician: Person | None


@dataclass(frozen=True)
class Taking:
    """A room taking part in a conference, for the unit and with the technician of that day."""

    point: SessionPoint
    unit: Unit
    technician: Person | None
    room: Room
    #: The last thing counted there, and who recorded it.
    latest: tuple[Headcount, Person] | None


def rooms(
    db: Db,
    person: Person,
    *,
    unit: Unit | None = None,
    q: str = "",
    retired: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Room], int]:
    """A page of the rooms in use, or of the retired ones, that this person looks after; and how many in all."""
    statement = (
        points.rooms_looked_after(db, person)
        .join(Unit, Unit.id == ConnectionPoint.unit_id)
        .outerjoin(Person, Person.id == ConnectionPoint.technician_id)
        .add_columns(Unit, Person)
        .where(has_words(ConnectionPoint.search_key, q), ConnectionPoint.retired_at.is_not(None) == retired)
        .order_by(Unit.sort_key, ConnectionPoint.search_key, ConnectionPoint.id)
    )
    if unit:
        statement = statement.where(Unit.path.startswith(unit.path, autoescape=True))
    rows, total = page_of(db, statement, offset, limit)
    return [Room(*row) for row in rows], total


def room_of(db: Db, point: ConnectionPoint) -> Room:
    """One room with its unit and technician."""
    technician = db.get(Person, point.technician_id) if point.technician_id else None
    return Room(point, db.get_one(Unit, point.unit_id), technician)


def points_of(
    db: Db, session: ConferenceSession, *, unit: Unit | None = None, offset: int = 0, limit: int = 50
) -> tuple[list[Taking], int]:
    """A page of the points of a conference, by unit; below `unit` when given; and how many in all."""
    statement = (
        select(SessionPoint)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session.id)
        .order_by(Unit.sort_key, ConnectionPoint.search_key, SessionPoint.id)
    )
    if unit:
        statement = statement.where(lineage.below(db, unit, session.tree_date))
    rows, total = page_of(db, statement, offset, limit)
    return takings(db, [point for (point,) in rows]), total


def takings(db: Db, of: Sequence[SessionPoint]) -> list[Taking]:
    """These points as a reader sees them, in this order."""
    found = db.execute(_takings().where(SessionPoint.id.in_([point.id for point in of])))
    by_id = {row[0].id: _taking(row) for row in found}
    return [by_id[point.id] for point in of]


def own_points(db: Db, person: Person, session_ids: Sequence[UUID]) -> dict[UUID, Taking]:
    """For each of these conferences the point this person looks after, or else the one of their own unit."""
    looked_after = SessionPoint.technician_id == person.id
    statement = (
        _takings()
        .where(SessionPoint.session_id.in_(session_ids), or_(looked_after, SessionPoint.unit_id == person.unit_id))
        .ext(distinct_on(SessionPoint.session_id))
        .order_by(SessionPoint.session_id, looked_after.is_(True).desc(), ConnectionPoint.search_key, SessionPoint.id)
    )
    return {row[0].session_id: _taking(row) for row in db.execute(statement)}


def _takings() -> Select[*tuple[Any, ...]]:
    """Session points with everything that is shown of them, in one statement however many there are."""
    room_unit, room_technician, technician, counter = aliased(Unit), aliased(Person), aliased(Person), aliased(Person)
    newest = headcounts.newest_of_point()
    return (
        select(SessionPoint, Unit, technician, ConnectionPoint, room_unit, room_technician, newest, counter)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .join(room_unit, room_unit.id == ConnectionPoint.unit_id)
        .outerjoin(technician, technician.id == SessionPoint.technician_id)
        .outerjoin(room_technician, room_technician.id == ConnectionPoint.technician_id)
        .outerjoin(newest, true())
        .outerjoin(counter, counter.id == newest.recorded_by)
    )


def _taking(row: Sequence[Any]) -> Taking:
    point, unit, technician, room, room_unit, room_technician, newest, counter = row
    return Taking(
        point, unit, technician, Room(room, room_unit, room_technician), (newest, counter) if newest else None
    )
