"""The rooms that the new communes took over, brought into a conference of today."""

from dataclasses import dataclass

from sqlalchemy import select

from api.seed import cast, tree
from sessions import points
from sessions.db import Db
from sessions.models import ConferenceSession, ConnectionPoint, Person, SessionPoint, Unit, UnitKind
from sessions.points import Joining


@dataclass(frozen=True)
class Taking:
    """A room taking part, for this unit, looked after by this person."""

    point: SessionPoint
    unit: Unit
    technician: Person


def take_part(db: Db, by: Person, session: ConferenceSession, province: Unit) -> list[Taking]:
    """Let the province's hall and one room of each commune join; the communes are relayed from the hall."""
    hall = points.join_session(db, by, session, [Joining(_room_of(db, province).id)])[0]
    takings = [Taking(hall, province, by)]
    for unit in tree.standing(db, UnitKind.COMMUNE, session.tree_date):
        room, technician = _room_of(db, unit), cast.technician_of(db, unit)
        room.technician_id = technician.id
        db.flush()
        point = points.join_session(db, by, session, [Joining(room.id, relay_id=hall.id)])[0]
        takings.append(Taking(point, unit, technician))
    return takings


def _room_of(db: Db, unit: Unit) -> ConnectionPoint:
    """Of the rooms that a unit has, the one that bears its name: Xã Bình Lư meets where the old Xã Bình Lư met."""
    found = select(ConnectionPoint).where(ConnectionPoint.unit_id == unit.id).order_by(ConnectionPoint.search_key)
    rooms = db.scalars(found).all()
    own_name = unit.name.partition(" ")[2]
    return next((room for room in rooms if room.name.endswith(own_name)), rooms[0])
