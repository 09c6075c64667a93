"""Many points for one conference at once: as the last time, of a whole unit, or from a file; looked at, then added.

Planning writes nothing. Every entry of a plan says what would become of it, and why where nothing would.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from sessions import bookings, points, register, relays, units
from sessions.bookings import Booking
from sessions.db import Db, among
from sessions.errors import NotFound
from sessions.models import ConferenceSession, ConnectionPoint, Person, SessionPoint, Unit
from sessions.names import search_key
from sessions.point_rows import PointRow
from sessions.points import Joining

_AT_ONCE = 1000


class Fate(StrEnum):
    """What becomes of one entry of a plan; only the first two lead to anything."""

    JOINS = "joins"
    #: The room is not registered yet, and will be.
    REGISTERED = "registered"
    ALREADY = "already"
    #: The room takes part in another conference at the same time.
    BUSY = "busy"
    TWICE = "twice"
    UNIT_UNKNOWN = "unit-unknown"
    UNIT_UNCLEAR = "unit-unclear"
    NOT_YOURS = "not-yours"
    WRONG = "wrong"


class NoConferenceBefore(NotFound):
    code = "no-conference-before"
    vi = "Đơn vị này chưa có hội nghị nào trước đó có điểm cầu."
    en = "This unit has held no conference with points before."


@dataclass(frozen=True)
class Entry:
    """One point that is asked for: a registered room, or the row of a file that describes one."""

    name: str
    unit: Unit | None
    room: ConnectionPoint | None
    expected: int | None
    fate: Fate = Fate.JOINS
    #: What the fate speaks of: the other conference, the row before, the cell that can't be read.
    about: str = ""
    row: PointRow | None = None
    #: The room that passes the signal on, where the source of the plan says so.
    relay_room: UUID | None = None

    @property
    def leads_on(self) -> bool:
        return self.fate in (Fate.JOINS, Fate.REGISTERED)


def from_last(db: Db, by: Person, session: ConferenceSession) -> list[Entry]:
    """The rooms of the conference before this one that the same unit held, with what they expected and who relayed."""
    held = register.visible_to(db, by).where(
        ConferenceSession.unit_id == session.unit_id,
        ConferenceSession.id != session.id,
        ConferenceSession.starts_at <= session.starts_at,
        select(SessionPoint.id).where(SessionPoint.session_id == ConferenceSession.id).exists(),
    )
    last = db.scalar(held.order_by(ConferenceSession.starts_at.desc()).limit(1))
    if last is None:
        raise NoConferenceBefore
    relay = aliased(SessionPoint)
    rows = db.execute(
        select(ConnectionPoint, Unit, SessionPoint.expected_count, relay.connection_point_id)
        .join(SessionPoint, SessionPoint.connection_point_id == ConnectionPoint.id)
        .join(Unit, Unit.id == ConnectionPoint.unit_id)
        .outerjoin(relay, relay.id == SessionPoint.relay_id)
        .where(SessionPoint.session_id == last.id, ConnectionPoint.retired_at.is_(None))
        .order_by(Unit.sort_key, ConnectionPoint.search_key)
    )
    entries = [Entry(room.name, unit, room, expected, relay_room=above) for room, unit, expected, above in rows]
    return _judged(db, by, session, entries)


def from_unit(db: Db, by: Person, session: ConferenceSession, unit: Unit) -> list[Entry]:
    """The rooms of a unit and below that this person looks after, each expecting as many as it has seats."""
    rows = db.execute(
        points.rooms_visible_to(db, by)
        .join(Unit, Unit.id == ConnectionPoint.unit_id)
        .add_columns(Unit)
        .where(Unit.path.startswith(unit.path, autoescape=True))
        .order_by(Unit.sort_key, ConnectionPoint.search_key)
    )
    return _judged(db, by, session, [Entry(room.name, below, room, room.seats) for room, below in rows])


def from_rows(db: Db, by: Person, session: ConferenceSession, rows: Sequence[PointRow]) -> list[Entry]:
    """The rows of a file: rooms by their unit and name, those that are not registered yet included."""
    found = _units_named(db, rows)
    rooms = _rooms_of(db, [unit.id for known in found.values() for unit in known])
    entries = [_entry_of(row, found[row.unit_key], rooms) for row in rows]
    names = {search_key(entry.name): entry.room.id for entry in entries if entry.room}
    relayed = [
        replace(each, relay_room=names.get(search_key(each.row.relay)) if each.row else None) for each in entries
    ]
    return _judged(db, by, session, relayed)


def _units_named(db: Db, rows: Sequence[PointRow]) -> dict[str, list[Unit]]:
    """The units of today by the key that the rows name them by: their code, or their name without accents."""
    keys = list({row.unit_key for row in rows})
    named = select(Unit).where(units.valid_on(units.today()))
    known: dict[str, list[Unit]] = {key: [] for key in keys}
    for unit in db.scalars(named.where(among(Unit.search_key, keys) | among(Unit.code, keys))):
        for key in {unit.search_key, unit.code} & known.keys():
            known[str(key)].append(unit)
    return known


def _rooms_of(db: Db, unit_ids: Sequence[UUID]) -> dict[tuple[UUID, str], ConnectionPoint]:
    in_use = select(ConnectionPoint).where(ConnectionPoint.retired_at.is_(None))
    rooms = db.scalars(in_use.where(among(ConnectionPoint.unit_id, list(unit_ids))))
    return {(room.unit_id, search_key(room.name)): room for room in rooms}


def _entry_of(row: PointRow, found: Sequence[Unit], rooms: dict[tuple[UUID, str], ConnectionPoint]) -> Entry:
    unit = found[0] if len(found) == 1 else None
    room = rooms.get((unit.id, search_key(row.name))) if unit else None
    entry = Entry(row.name, unit, room, row.expected if row.expected is not None else row.seats, row=row)
    if row.wrong:
        return replace(entry, fate=Fate.WRONG, about=row.wrong)
    if unit is None:
        return replace(entry, fate=Fate.UNIT_UNCLEAR if found else Fate.UNIT_UNKNOWN, about=row.unit)
    return entry if room else replace(entry, fate=Fate.REGISTERED)


def _judged(db: Db, by: Person, session: ConferenceSession, entries: Sequence[Entry]) -> list[Entry]:
    """What stands against each: not one's own, twice in the list, here already, elsewhere at the same time."""
    rooms = [entry.room.id for entry in entries if entry.room]
    here, busy = relays.by_rooms(db, session, rooms), bookings.elsewhere(db, session, rooms)
    mine = set(db.scalars(register.units_entrusted(db, by, register.ANY_ROLE)))
    seen: dict[tuple[UUID, str], Entry] = {}
    judged = []
    for entry in entries:
        if entry.leads_on and entry.unit:
            entry = _judge(entry, entry.unit, by, mine, here, busy, seen)
        judged.append(entry)
    return judged


def _judge(
    entry: Entry,
    unit: Unit,
    by: Person,
    mine: set[UUID],
    here: dict[UUID, UUID],
    busy: dict[UUID, Booking],
    seen: dict[tuple[UUID, str], Entry],
) -> Entry:
    before = seen.setdefault((unit.id, search_key(entry.name)), entry)
    room = entry.room
    if unit.id not in mine and not (room and room.technician_id == by.id):
        return replace(entry, fate=Fate.NOT_YOURS)
    if before is not entry:
        return replace(entry, fate=Fate.TWICE, about=str(before.row.number) if before.row else "")
    if room and room.id in here:
        return replace(entry, fate=Fate.ALREADY)
    if room and room.id in busy:
        return replace(entry, fate=Fate.BUSY, about=busy[room.id].conference)
    return entry


def add(db: Db, by: Person, session: ConferenceSession, entries: Iterable[Entry]) -> list[SessionPoint]:
    """Let everything that a plan leads on take part; rooms that are not registered yet are, first.

    What is relayed the plan says, too; relays that are not here themselves are left out.
    """
    asked = [entry for entry in entries if entry.leads_on]
    joining: dict[UUID, Entry] = {}
    for entry in asked:
        room = entry.room or _registered(db, by, entry)
        joining[room.id] = entry
    if not joining:
        return []
    wanted = [Joining(room_id, entry.expected) for room_id, entry in joining.items()]
    joined: list[SessionPoint] = []
    for at in range(0, len(wanted), _AT_ONCE):
        joined += points.join_session(db, by, session, wanted[at : at + _AT_ONCE])
    _relay(db, by, session, joining)
    return joined


def _registered(db: Db, by: Person, entry: Entry) -> ConnectionPoint:
    row, unit = entry.row, entry.unit
    assert row, "only the rows of a file name rooms that nobody registered"
    assert unit, "an entry without a unit leads to nothing"
    return points.add(
        db,
        by,
        unit,
        row.name,
        row.address,
        seats=row.seats,
        equipment=row.equipment,
        line=row.line,
        reached=row.reached,
    )


def _relay(db: Db, by: Person, session: ConferenceSession, joining: dict[UUID, Entry]) -> None:
    above = {room: entry.relay_room for room, entry in joining.items() if entry.relay_room}
    here = relays.by_rooms(db, session, [*above, *filter(None, above.values())])
    wanted = {here[room]: here[relay] for room, relay in above.items() if relay in here}
    if wanted and register.may_edit(db, by, session):
        relays.connect(db, by, session, wanted)
