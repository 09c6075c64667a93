"""Connection points, registered once, and the session points they become in a conference."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, bookings, clock, register, roles, units
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotFound
from sessions.models import ConferenceSession, ConnectionPoint, Person, PointState, SessionPoint, Unit
from sessions.names import clean, search_key


class PointUnknown(NotFound):
    code = "point-not-found"
    vi = "Không tìm thấy điểm cầu này, hoặc điểm cầu không thuộc phạm vi của bạn."
    en = "There is no such connection point, or it is outside the units entrusted to you."


class PointNameTaken(Conflict):
    code = "point-name-taken"
    vi = "Đơn vị này đã có điểm cầu “{name}”."
    en = "This unit already has a connection point “{name}”."


class RelayUnknown(Invalid):
    code = "relay-not-found"
    vi = "Điểm cầu chuyển tiếp phải thuộc cùng hội nghị."
    en = "The relay must be a point of the same conference."


class RelayLoop(Invalid):
    code = "relay-loop"
    vi = "Điểm cầu không thể nhận tín hiệu từ chính nó hay từ một điểm cầu bên dưới nó."
    en = "A point can't be relayed from itself or from a point below it."


@dataclass(frozen=True)
class Joining:
    """A connection point asked to take part: how many people it expects, and the session point that relays to it."""

    connection_point_id: UUID
    expected_count: int | None = None
    relay_id: UUID | None = None
    #: That another conference has the room at the same time is known, and right.
    although_busy: bool = False


@dataclass(frozen=True)
class Reached:
    """What a room is reached by beside its line: the speed measured on it in Mbit/s, and what helps when it fails."""

    measured_mbits: int | None = None
    backup_line: str = ""
    video_address: str = ""
    phone: str = ""

    def columns(self) -> dict[str, Any]:
        texts = {name: clean(getattr(self, name)) for name in ("backup_line", "video_address", "phone")}
        return {"measured_mbits": self.measured_mbits, **texts}


def add(
    db: Db,
    by: Person | None,
    unit: Unit,
    name: str,
    address: str,
    *,
    seats: int | None = None,
    equipment: str = "",
    line: str = "",
    technician: Person | None = None,
    reached: Reached | None = None,
) -> ConnectionPoint:
    """Register a room of a unit that exists today; the unit's technicians and staff may, or the system."""
    if by:
        roles.demand(db, by.id, register.ANY_ROLE, unit)
    units.demand_valid(unit, units.today())
    lock_names(db, unit.id)
    name, address = clean(name), clean(address)
    demand_name_free(db, unit.id, name)
    point = ConnectionPoint(
        unit_id=unit.id,
        name=name,
        address=address,
        seats=seats,
        equipment=clean(equipment),
        line=clean(line),
        technician_id=technician.id if technician else None,
        search_key=key_of(name, address),
        created_at=clock.now(),
        **(reached or Reached()).columns(),
    )
    db.add(point)
    db.flush()
    audit.note(db, by, "point.added", "connection_point", point.id, unit_id=unit.id, name=name, seats=seats)
    return point


def key_of(name: str, address: str) -> str:
    """What a room is found by."""
    return search_key(f"{name} {address}")


def lock_names(db: Db, unit_id: UUID) -> None:
    """Let nobody else give a room of this unit a name until this transaction ends: of two at once the second waits."""
    db.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


def demand_name_free(db: Db, unit_id: UUID, name: str) -> None:
    """Raise `PointNameTaken` when a room in use of this unit bears this name."""
    taken = select(ConnectionPoint.id).where(ConnectionPoint.unit_id == unit_id, ConnectionPoint.name == name)
    if db.scalar(taken.where(ConnectionPoint.retired_at.is_(None))):
        raise PointNameTaken(name=name)


def rooms_looked_after(db: Db, person: Person) -> Select[ConnectionPoint]:
    """Rooms of the units entrusted to this person, and those they are the technician of; retired ones included."""
    in_scope = register.units_entrusted(db, person, register.ANY_ROLE)
    mine = ConnectionPoint.technician_id == person.id
    return select(ConnectionPoint).where(or_(mine, ConnectionPoint.unit_id.in_(in_scope)))


def rooms_visible_to(db: Db, person: Person) -> Select[ConnectionPoint]:
    """Those of them that are in use."""
    return rooms_looked_after(db, person).where(ConnectionPoint.retired_at.is_(None))


def join_session(db: Db, by: Person, session: ConferenceSession, entries: Sequence[Joining]) -> list[SessionPoint]:
    """Let rooms take part in a conference; joining again changes what is expected there and what relays to it.

    Every room must be the person's to look after. Of two entries for one room the last one holds. Raises `PointsBusy`
    for rooms that another conference has at the same time, unless their entries say that this is right.
    """
    # Locked, so that two requests can't build a loop of relays out of halves, nor slip in behind a closing.
    db.refresh(session, with_for_update={"key_share": True})
    register.demand_open(session)
    asked = {entry.connection_point_id: entry for entry in entries}
    rooms = _locked(db, rooms_visible_to(db, by).where(ConnectionPoint.id.in_(asked)))
    if not rooms or len(rooms) < len(asked):
        raise PointUnknown
    bookings.demand_free(db, session, [room.id for room in rooms if not asked[room.id].although_busy])
    relays = {entry.relay_id for entry in asked.values() if entry.relay_id}
    _demand_relays(db, session, relays)
    joined = _join(db, session, [(room, asked[room.id]) for room in rooms])
    if relays:
        demand_no_loop(db, session, joined)
    audit.note(db, by, "points.joined", "session", session.id, session_point_ids=[point.id for point in joined])
    return joined


def _locked(db: Db, rooms: Select[ConnectionPoint]) -> Sequence[ConnectionPoint]:
    """These rooms, locked: two conferences can't take one unasked at once, nor one that is just being retired."""
    in_turn = rooms.order_by(ConnectionPoint.id).with_for_update(key_share=True, of=ConnectionPoint)
    return db.scalars(in_turn, execution_options={"populate_existing": True}).all()


def _join(db: Db, session: ConferenceSession, rooms: Sequence[tuple[ConnectionPoint, Joining]]) -> list[SessionPoint]:
    rows = [
        {
            "id": uuid4(),
            "session_id": session.id,
            "connection_point_id": room.id,
            "unit_id": room.unit_id,
            "technician_id": room.technician_id,
            "relay_id": entry.relay_id,
            "expected_count": entry.expected_count,
            "state": PointState.INVITED,
            "state_at": clock.now(),
        }
        for room, entry in rooms
    ]
    statement = insert(SessionPoint).values(rows)
    # What the new request leaves out stays as it was.
    fresh = {
        name: func.coalesce(statement.excluded[name], SessionPoint.__table__.c[name])
        for name in ("relay_id", "expected_count")
    }
    joining = statement.on_conflict_do_update(index_elements=["session_id", "connection_point_id"], set_=fresh)
    return list(db.scalars(joining.returning(SessionPoint), execution_options={"populate_existing": True}))


def _demand_relays(db: Db, session: ConferenceSession, relays: Collection[UUID]) -> None:
    here = select(func.count()).where(SessionPoint.session_id == session.id, SessionPoint.id.in_(relays))
    if db.scalar(here) != len(relays):
        raise RelayUnknown


def demand_no_loop(db: Db, session: ConferenceSession, joined: Sequence[SessionPoint]) -> None:
    """Raise `RelayLoop` where the signal of one of these points would come from itself."""
    relayed = select(SessionPoint.id, SessionPoint.relay_id).where(SessionPoint.session_id == session.id)
    above = dict(db.execute(relayed).all())
    for point in joined:
        passed, at = {point.id}, above[point.id]
        while at:
            if at in passed:
                raise RelayLoop
            passed.add(at)
            at = above[at]


def see(db: Db, person: Person, point_id: UUID) -> tuple[SessionPoint, ConferenceSession]:
    """A session point and its conference, for whoever the conference concerns; raises `PointUnknown` otherwise."""
    point = db.get(SessionPoint, point_id)
    if point is None:
        raise PointUnknown
    return point, register.see(db, person, point.session_id)


def set_state(db: Db, by: Person, point: SessionPoint, state: PointState) -> SessionPoint:
    """Say how a point is doing; saying the same again changes nothing."""
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    if point.state != state:
        before, point.state, point.state_at = point.state, state, clock.now()
        audit.note(db, by, "point.state-changed", "session_point", point.id, before=before, after=state)
    return point
