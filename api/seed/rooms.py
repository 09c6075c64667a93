"""The rooms that the new communes took over, brought into a conference of today."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from api.seed import cast, tree
from sessions import points
from sessions.db import Db
from sessions.models import ConferenceSession, ConnectionPoint, Person, SessionPoint, Unit, UnitKind
from sessions.points import Joining

#: The hall of the province and one room of each of the 38 communes.
POINTS = 39


@dataclass(frozen=True)
class Taking:
    """A room taking part, and who looks after it."""

    point: SessionPoint
    technician: Person


def take_part(db: Db, by: Person, session: ConferenceSession, province: Unit, expected: Sequence[int]) -> list[Taking]:
    """Let the province's hall and one room of each commune join, each expecting so many people.

    The hall comes first, and relays to all the others.
    """
    to_hall, *to_communes = expected
    hall = points.join_session(db, by, session, [Joining(_room_of(db, province).id, to_hall)])[0]
    takings = [Taking(hall, by)]
    for unit, people in zip(tree.standing(db, UnitKind.COMMUNE, session.tree_date), to_communes, strict=True):
        room, technician = _room_of(db, unit), cast.technician_of(db, unit)
        room.technician_id = technician.id
        db.flush()
        point = points.join_session(db, by, session, [Joining(room.id, people, hall.id)])[0]
        takings.append(Taking(point, technician))
    return takings


def _room_of(db: Db, unit: Unit) -> ConnectionPoint:
    """Of the rooms that a unit has, the one that bears its name: Xã Bình Lư meets where the old Xã Bình Lư met."""
    found = select(ConnectionPoint).where(ConnectionPoint.unit_id == unit.id).order_by(ConnectionPoint.search_key)
    rooms = db.scalars(found).all()
    own_name = unit.name.partition(" ")[2]
    return next((room for room in rooms if room.name.endswith(own_name)), rooms[0])
