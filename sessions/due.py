"""What every point of a conference ought to have told by now: the rule by which a point is silent.

A point confirms until a day before the start, is ready half an hour before it, and connected at it. The people in the
room are counted at the start, the middle and the end of each part. Nothing is due once staff have closed the register,
or when the conference was called off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sessions.models import ConferenceSession, Moment, PointState, SessionPart

CONFIRMED_BEFORE = timedelta(days=1)
READY_BEFORE = timedelta(minutes=30)
#: How long after its moment a count may come; in a part shorter than an hour, a quarter of the part.
PATIENCE = timedelta(minutes=15)


class Report(StrEnum):
    """One thing that a point tells: how it is doing, or how many people are there."""

    CONFIRM = "confirm"
    READY = "ready"
    CONNECT = "connect"
    START = "start"
    MIDDLE = "middle"
    END = "end"


#: The states of a point that hasn't told yet what is due.
TOO_LITTLE = {
    Report.CONFIRM: (PointState.INVITED,),
    Report.READY: (PointState.INVITED, PointState.CONFIRMED),
    Report.CONNECT: (PointState.INVITED, PointState.CONFIRMED, PointState.READY),
}


@dataclass(frozen=True)
class Count:
    """A count of a part: the moment that it tells about, and when it is late."""

    moment: Moment
    at: datetime
    late_at: datetime


@dataclass(frozen=True)
class Due:
    """What is due at one instant: a state, and counts of `part`, the part that is looked at."""

    part: SessionPart
    #: The furthest of the first three reports that is due; nothing is asked of a point's state while empty.
    state: Report | None
    counts: tuple[Count, ...]


def of(session: ConferenceSession, part: SessionPart, now: datetime) -> Due:
    """What is due now at the points of a conference, of which this part is looked at."""
    if session.closed_at or session.cancelled_at:
        return Due(part, None, ())
    return Due(part, _state(session, now), tuple(count for count in counts_of(part) if count.late_at <= now))


def _state(session: ConferenceSession, now: datetime) -> Report | None:
    if now >= session.starts_at:
        return Report.CONNECT
    if now >= session.starts_at - READY_BEFORE:
        return Report.READY
    return Report.CONFIRM if now >= session.starts_at - CONFIRMED_BEFORE else None


def counts_of(part: SessionPart) -> tuple[Count, ...]:
    """The three counts of a part, in order."""
    length = part.ends_at - part.starts_at
    patience = min(PATIENCE, length / 4)
    times = {Moment.START: part.starts_at, Moment.MIDDLE: part.starts_at + length / 2, Moment.END: part.ends_at}
    return tuple(Count(moment, at, at + patience) for moment, at in times.items())


def current(parts: Sequence[SessionPart], now: datetime) -> SessionPart:
    """The part that began last, which is looked at until the next one begins; before the first, the first."""
    begun = [part for part in parts if part.starts_at <= now]
    return max(begun, key=lambda part: (part.starts_at, -part.position)) if begun else parts[0]
