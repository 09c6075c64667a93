"""Who passes picture and sound on to whom in a conference: a provincial point fans out to its communes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from sessions import audit, lineage, points, register
from sessions.db import Db, among
from sessions.errors import NotAllowed
from sessions.models import ConferenceSession, ConnectionPoint, Person, SessionPoint, Unit


@dataclass(frozen=True)
class Hub:
    """A point that passes the signal on, or None for the source itself, and how many points it reaches directly."""

    point: SessionPoint | None
    room: ConnectionPoint | None
    unit: Unit | None
    reaches: int


def fan_out(db: Db, by: Person, session: ConferenceSession) -> int:
    """Let every point receive from the first point of the nearest unit above it; gives how many points changed.

    Of several points of one unit, the first by name receives from above and the others from it.
    """
    rows = db.execute(
        select(SessionPoint.id, Unit.path)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session.id)
        .order_by(ConnectionPoint.search_key, SessionPoint.id)
    ).all()
    hubs: dict[str, UUID] = {}
    for point_id, path in rows:
        hubs.setdefault(path, point_id)
    return connect(db, by, session, {point_id: _hub_of(point_id, path, hubs) for point_id, path in rows})


def _hub_of(point_id: UUID, path: str, hubs: Mapping[str, UUID]) -> UUID | None:
    if hubs[path] != point_id:
        return hubs[path]
    steps = path.split("/")[:-2]
    above = ("/".join(steps[:count]) + "/" for count in range(len(steps), 0, -1))
    return next((hubs[each] for each in above if each in hubs), None)


def relay_unit(db: Db, by: Person, session: ConferenceSession, unit: Unit, relay: SessionPoint | None) -> int:
    """Let all points of a unit and below receive from one point, or from the source; gives how many points changed."""
    below = db.scalars(
        select(SessionPoint.id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .where(SessionPoint.session_id == session.id, lineage.below(db, unit, session.tree_date))
    )
    relay_id = relay.id if relay else None
    return connect(db, by, session, {point_id: relay_id for point_id in below if point_id != relay_id})


def connect(db: Db, by: Person, session: ConferenceSession, wanted: Mapping[UUID, UUID | None]) -> int:
    """Set the relay of many points at once. Raises `RelayUnknown` or `RelayLoop`, and then nothing is changed."""
    if not register.may_edit(db, by, session):
        raise NotAllowed
    # Locked, so that two requests can't build a loop out of halves.
    db.refresh(session, with_for_update={"key_share": True})
    register.demand_open(session)
    there = {point.id: point for point in _points(db, session)}
    if not there.keys() >= {*wanted, *(relay for relay in wanted.values() if relay)}:
        raise points.RelayUnknown
    changed = {each: relay for each, relay in wanted.items() if there[each].relay_id != relay}
    if not changed:
        return 0
    rows: list[dict[str, Any]] = [{"id": each, "relay_id": relay} for each, relay in changed.items()]
    db.execute(update(SessionPoint), rows)
    points.demand_no_loop(db, session, [there[each] for each in changed])
    audit.note(db, by, "points.relayed", "session", session.id, points=len(changed))
    return len(changed)


def _points(db: Db, session: ConferenceSession) -> Sequence[SessionPoint]:
    return db.scalars(select(SessionPoint).where(SessionPoint.session_id == session.id)).all()


def hubs_of(db: Db, session: ConferenceSession) -> list[Hub]:
    """The points that others receive from, the widest first; before them the source itself."""
    below = aliased(SessionPoint)
    reaches = func.count(below.id)
    rows = db.execute(
        select(SessionPoint, ConnectionPoint, Unit, reaches)
        .join(below, below.relay_id == SessionPoint.id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .where(SessionPoint.session_id == session.id)
        .group_by(SessionPoint.id, ConnectionPoint.id, Unit.id)
        .order_by(reaches.desc(), ConnectionPoint.search_key)
        .limit(200)
    )
    straight = select(func.count()).where(SessionPoint.session_id == session.id, SessionPoint.relay_id.is_(None))
    return [Hub(None, None, None, db.scalars(straight).one()), *(Hub(*row) for row in rows)]


def by_rooms(db: Db, session: ConferenceSession, room_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The session points of these rooms, by room."""
    rows = select(SessionPoint.connection_point_id, SessionPoint.id).where(
        SessionPoint.session_id == session.id, among(SessionPoint.connection_point_id, list(room_ids))
    )
    return dict(db.execute(rows).all())
