"""Rooms that two conferences want at the same time: asked about, and taken when somebody says that it is right.

A large hall holds two conferences, and one may be known to end early. Only somebody who looks after the room can say
so, so a room is neither silently taken twice nor refused for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from sessions import clock
from sessions.db import Db, among
from sessions.errors import Conflict
from sessions.models import ConferenceSession, ConnectionPoint, PointState, SessionPoint

#: So many rooms are told of in one sentence; a phone's screen holds no more.
_TOLD = 5


class PointsBusy(Conflict):
    """Asked, not refused: sent again with `although_busy` for these rooms, they are taken.

    `rooms` are the ids of the rooms, with spaces between; `told` says of the first of them what they are busy with.
    """

    code = "points-busy"
    vi = "Cùng giờ này phòng đã có hội nghị khác: {told}. Nếu vẫn dùng phòng cho cả hai, hãy xác nhận."
    en = "At that time there is another conference in the room: {told}. Confirm if it is used for both."


@dataclass(frozen=True)
class Booking:
    """The part that a room takes in a conference."""

    room_id: UUID
    room: str
    title: str
    starts_at: datetime
    ends_at: datetime

    @property
    def conference(self) -> str:
        """The conference and its time in Vietnam: "Hội nghị quý IV, 07:30–11:30 24/11/2026"."""
        starts, ends = (each.astimezone(clock.VIETNAM) for each in (self.starts_at, self.ends_at))
        if starts.date() == ends.date():
            return f"{self.title}, {starts:%H:%M}–{ends:%H:%M %d/%m/%Y}"
        return f"{self.title}, {starts:%H:%M %d/%m/%Y} – {ends:%H:%M %d/%m/%Y}"


def elsewhere(db: Db, session: ConferenceSession, rooms: Sequence[UUID]) -> dict[UUID, Booking]:
    """Which of these rooms take part in another conference whose time touches this one's, and in which one first.

    A conference that was called off holds no room, nor does a point that declined.
    """
    rows = db.execute(
        select(
            ConnectionPoint.id,
            ConnectionPoint.name,
            ConferenceSession.title,
            ConferenceSession.starts_at,
            ConferenceSession.ends_at,
        )
        .join(SessionPoint, SessionPoint.connection_point_id == ConnectionPoint.id)
        .join(ConferenceSession, ConferenceSession.id == SessionPoint.session_id)
        .where(
            among(ConnectionPoint.id, list(rooms)),
            ConferenceSession.id != session.id,
            ConferenceSession.cancelled_at.is_(None),
            SessionPoint.state != PointState.DECLINED,
            ConferenceSession.starts_at < session.ends_at,
            ConferenceSession.ends_at > session.starts_at,
        )
        # The first one last, so that it is the one that stays.
        .order_by(ConferenceSession.starts_at.desc(), ConferenceSession.id)
    )
    return {row[0]: Booking(*row) for row in rows}


def demand_free(db: Db, session: ConferenceSession, rooms: Sequence[UUID]) -> None:
    """Raise `PointsBusy` when some of these rooms are busy elsewhere; those that are here already were asked about."""
    here = select(SessionPoint.connection_point_id).where(
        SessionPoint.session_id == session.id, among(SessionPoint.connection_point_id, list(rooms))
    )
    coming = set(rooms) - set(db.scalars(here))
    busy = sorted(elsewhere(db, session, list(coming)).values(), key=lambda booking: booking.room)
    if busy:
        told = "; ".join(f"{booking.room} ({booking.conference})" for booking in busy[:_TOLD])
        more = f"; +{len(busy) - _TOLD}" if len(busy) > _TOLD else ""
        raise PointsBusy(rooms=" ".join(str(booking.room_id) for booking in busy), told=told + more)
