"""A registered room described anew, taken out of use, or brought back; conferences of the past keep it as it was."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from sessions import audit, clock, people, points, units
from sessions.db import Db
from sessions.errors import Conflict
from sessions.models import ConferenceSession, ConnectionPoint, Person, PointState, SessionPoint, Unit
from sessions.names import clean
from sessions.points import PointUnknown, Reached

#: The trail is kept for longer than a phone number should be: it says that the number changed, and not from what.
_LEFT_OUT = {"phone"}


class PointChangedMeanwhile(Conflict):
    code = "point-changed-meanwhile"
    vi = "Người khác vừa sửa điểm cầu này. Hãy xem bản mới rồi sửa lại phần của bạn."
    en = "Somebody else has just changed this connection point. Look at the new one, then make your changes again."


class PointRetired(Conflict):
    code = "point-retired"
    vi = "Điểm cầu này đã ngừng dùng. Hãy đưa vào dùng lại trước khi sửa."
    en = "This connection point is out of use. Bring it back before changing it."


class PointStillJoined(Conflict):
    code = "point-still-joined"
    vi = "Điểm cầu này đang tham gia hội nghị “{title}”, đến {ends_at} mới kết thúc, nên chưa ngừng dùng được."
    en = "This connection point takes part in the conference “{title}”, which ends at {ends_at}; retire it after that."


@dataclass(frozen=True)
class Description:
    """A room as it shall be registered; its unit stays what it is."""

    name: str
    address: str
    seats: int | None
    equipment: str
    line: str
    technician_id: UUID | None
    reached: Reached

    def columns(self) -> dict[str, Any]:
        texts = {name: clean(getattr(self, name)) for name in ("name", "address", "equipment", "line")}
        return {**texts, "seats": self.seats, "technician_id": self.technician_id, **self.reached.columns()}


def find(db: Db, person: Person, room_id: UUID) -> ConnectionPoint:
    """A room that this person looks after, also a retired one; raises `PointUnknown` for any other."""
    room = db.scalar(points.rooms_looked_after(db, person).where(ConnectionPoint.id == room_id))
    if room is None:
        raise PointUnknown
    return room


def version_of(room: ConnectionPoint) -> str:
    """A few characters that are others once anything about the room is: what a writer saw, to be sent back."""
    held = [room.name, room.address, room.seats, room.equipment, room.line, room.technician_id]
    reached = [room.measured_mbits, room.backup_line, room.video_address, room.phone]
    return hashlib.sha256(json.dumps([*held, *reached], default=str).encode()).hexdigest()[:16]


def change(db: Db, by: Person, room_id: UUID, told: Description, *, known_version: str) -> ConnectionPoint:
    """Describe a room anew; those who may register rooms of its unit may, and its own technician.

    `known_version` is what the writer saw: raises `PointChangedMeanwhile` when that is no longer so, `PointNameTaken`
    when another room in use of the unit bears the name, and `PointRetired` while the room is out of use.

    The register holds for conferences to come. In those that have not started a new technician takes the place of the
    old one wherever that one still looked after the point; one to whom it was handed over stays, as does everybody in
    conferences that have begun.
    """
    room = _for_change(db, by, room_id)
    if room.retired_at:
        raise PointRetired
    if version_of(room) != known_version:
        raise PointChangedMeanwhile
    after = {name: value for name, value in told.columns().items() if getattr(room, name) != value}
    if not after:
        return room
    before = {name: getattr(room, name) for name in after}
    if "name" in after:
        points.demand_name_free(db, room.unit_id, after["name"])
    if after.get("technician_id"):
        people.see(db, by, after["technician_id"])
    for name, value in after.items():
        setattr(room, name, value)
    room.search_key = points.key_of(room.name, room.address)
    db.flush()
    handed_on = _hand_on(db, room, before["technician_id"]) if "technician_id" in after else []
    facts = {"changed": list(after), "before": _fit(before), "after": _fit(after), "session_point_ids": handed_on}
    audit.note(db, by, "point.changed", "connection_point", room.id, **facts)
    return room


def _fit(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _LEFT_OUT}


def _hand_on(db: Db, room: ConnectionPoint, former: UUID | None) -> list[UUID]:
    """Give the points of conferences to come that the former technician still looked after to the new one."""
    to_come = select(ConferenceSession.id).where(ConferenceSession.starts_at > clock.now())
    handing = (
        update(SessionPoint)
        .where(
            SessionPoint.connection_point_id == room.id,
            SessionPoint.technician_id.is_not_distinct_from(former),
            SessionPoint.session_id.in_(to_come),
        )
        .values(technician_id=room.technician_id)
        .returning(SessionPoint.id)
    )
    return list(db.scalars(handing, execution_options={"synchronize_session": "fetch"}))


def retire(db: Db, by: Person, room_id: UUID) -> ConnectionPoint:
    """Take a room out of use: no list offers it from now on, and conferences of the past keep it.

    Raises `PointStillJoined` while it takes part in a conference that has not ended. Doing it again changes nothing.
    """
    room = _for_change(db, by, room_id)
    if room.retired_at is None:
        _demand_unjoined(db, room)
        room.retired_at = clock.now()
        audit.note(db, by, "point.retired", "connection_point", room.id, name=room.name)
    return room


def bring_back(db: Db, by: Person, room_id: UUID) -> ConnectionPoint:
    """Put a retired room to use again, if its unit still exists and nobody has taken its name there meanwhile.

    Raises `UnitNotValid` or `PointNameTaken`. Doing it again changes nothing.
    """
    room = _for_change(db, by, room_id)
    if room.retired_at:
        units.demand_valid(db.get_one(Unit, room.unit_id), units.today())
        points.demand_name_free(db, room.unit_id, room.name)
        room.retired_at = None
        audit.note(db, by, "point.brought-back", "connection_point", room.id, name=room.name)
    return room


def _for_change(db: Db, by: Person, room_id: UUID) -> ConnectionPoint:
    """The room, locked, and the names of its unit with it; `by` must look after it."""
    points.lock_names(db, find(db, by, room_id).unit_id)
    mine = points.rooms_looked_after(db, by).where(ConnectionPoint.id == room_id)
    # Read again once it is locked: whoever waited here for another writer must see what that one wrote.
    locked = mine.with_for_update(key_share=True, of=ConnectionPoint)
    room = db.scalar(locked, execution_options={"populate_existing": True})
    if room is None:
        raise PointUnknown
    return room


def _demand_unjoined(db: Db, room: ConnectionPoint) -> None:
    """A point that declined holds no room, nor does a conference that was closed early or called off."""
    to_end = (
        select(ConferenceSession.title, ConferenceSession.ends_at)
        .join(SessionPoint, SessionPoint.session_id == ConferenceSession.id)
        .where(
            SessionPoint.connection_point_id == room.id,
            SessionPoint.state != PointState.DECLINED,
            ConferenceSession.ends_at > clock.now(),
            ConferenceSession.closed_at.is_(None),
            ConferenceSession.cancelled_at.is_(None),
        )
        .order_by(ConferenceSession.starts_at)
    )
    joined = db.execute(to_end.limit(1)).one_or_none()
    if joined:
        title, ends_at = joined
        raise PointStillJoined(title=title, ends_at=f"{ends_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")
