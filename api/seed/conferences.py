"""What the demo's conferences have in common: how one is found again, its hours, and its counting."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import select

from api.seed.turnout import Room
from sessions import clock, headcounts
from sessions.db import Db
from sessions.headcount_doubts import Doubt
from sessions.models import ConferenceSession, Moment, Person, SessionPart, SessionPoint


def find(db: Db, title: str) -> ConferenceSession | None:
    """The conference of this title, once the demo has made it."""
    return db.scalars(select(ConferenceSession).where(ConferenceSession.title == title)).first()


def at(day: date, hour: int, minute: int) -> datetime:
    """A time of day in Vietnam."""
    return datetime.combine(day, time(hour, minute), tzinfo=clock.VIETNAM)


def counting_times(part: SessionPart) -> dict[Moment, datetime]:
    """When a part is counted: a little after it began, half-way, and a little before its end."""
    return {
        Moment.START: part.starts_at + timedelta(minutes=5),
        Moment.MIDDLE: part.starts_at + (part.ends_at - part.starts_at) / 2,
        Moment.END: part.ends_at - timedelta(minutes=10),
    }


def count(db: Db, by: Person, point: SessionPoint, part: SessionPart, room: Room) -> None:
    """Record what a room counted at the three moments of a part, full halls and empty ones."""
    for moment, counted_at in counting_times(part).items():
        numbers = room.counted[moment]
        headcounts.record(
            db, by, point, part, moment, numbers, counted_at=counted_at, client_key=uuid4(), answered=list(Doubt)
        )
