"""One person's viewings as something to look at: when, what was played when and at what rate, hidden, muted, asked.

What the player told is drawn, not what counts of it; that is `Viewing.covered`. Neighbouring stretches are joined, the
coarser the more there are, so that the answer has a bounded size however long the log is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select

from archive.group.models import Showing, ShowingArrival, ShowingShare
from archive.models import Beat, PresencePrompt, Recording, Viewing
from archive.offline_models import Lease, OfflineDoubt, OfflineRun, OfflineViewing
from sessions.db import Db
from sessions.models import ConnectionPoint, Person

#: So many stretches of one kind are drawn of one viewing at most: more than a screen has room for.
MOST_STRETCHES: Final = 240
#: Stretches this far apart (seconds) are drawn as one; the next step is taken while there are too many.
_SLACKS: Final = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0, float("inf"))
#: A player that opens the next viewing does so within this time of the end of the last.
_AT_ONCE: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class Stretch:
    """Something that was played: seconds since the opening, seconds of the recording, and how fast (1 is natural).

    Of several that were joined: all that they span, and the fastest.
    """

    start: float
    end: float
    at: float
    to: float
    rate: float

    def joined(self, other: "Stretch", slack: float) -> "Stretch | None":
        alike = slack > _SLACKS[1] or self.rate == other.rate
        near = -slack <= other.start - self.end <= slack and abs(other.at - self.to) <= slack
        if not (alike and near):
            return None
        spans = max(self.end, other.end), min(self.at, other.at), max(self.to, other.to)
        return Stretch(self.start, *spans, max(self.rate, other.rate))


@dataclass(frozen=True)
class Lapse:
    """Seconds that were hidden or muted, somewhere within a span of seconds since the opening."""

    start: float
    end: float
    seconds: float

    def joined(self, other: "Lapse", slack: float) -> "Lapse | None":
        if not -slack <= other.start - self.end <= slack:
            return None
        return Lapse(self.start, max(self.end, other.end), round(self.seconds + other.seconds, 3))


@dataclass
class Trace:
    """One viewing to look at."""

    viewing: Viewing
    recording: Recording
    beats: int = 0
    played: list[Stretch] = field(default_factory=list)
    hidden: list[Lapse] = field(default_factory=list)
    muted: list[Lapse] = field(default_factory=list)
    asked: list[PresencePrompt] = field(default_factory=list)
    #: The viewing of the same person that ended this one, on whatever device.
    superseded_by: Viewing | None = None
    #: Set when it was watched without a link: when it began by the device's own clock.
    claimed_at: datetime | None = None


def draw(db: Db, person_id: UUID, session_id: UUID, *, offset: int = 0, limit: int = 20) -> tuple[list[Trace], int]:
    """A page of one person's viewings of a conference, the oldest first, and how many there are."""
    mine = (
        select(Viewing, Recording)
        .join(Recording, Recording.id == Viewing.recording_id)
        .where(Viewing.person_id == person_id, Recording.session_id == session_id)
    )
    total = db.scalars(select(func.count()).select_from(mine.subquery())).one()
    in_order = mine.order_by(Viewing.opened_at, Viewing.id).offset(offset).limit(limit)
    traces = {viewing.id: Trace(viewing, recording) for viewing, recording in db.execute(in_order)}
    if traces:
        _draw_beats(db, traces)
        _draw_questions(db, traces)
        _tell_endings(db, person_id, traces)
        _tell_logs(db, traces)
    return list(traces.values()), total


def log_doubts(db: Db, person_id: UUID, session_id: UUID) -> Sequence[OfflineDoubt]:
    """Everything doubtful about what this person watched of a conference without a link, the oldest first."""
    about = (
        select(OfflineDoubt)
        .join(Lease, Lease.id == OfflineDoubt.lease_id)
        .join(Recording, Recording.id == Lease.recording_id)
        .where(OfflineDoubt.person_id == person_id, Recording.session_id == session_id)
    )
    return db.scalars(about.order_by(OfflineDoubt.at, OfflineDoubt.id).limit(MOST_STRETCHES)).all()


def stretches_of(span_start: float, span_end: float, played: Iterable[tuple[float, float, float]]) -> list[Stretch]:
    """A beat's segments laid end to end in its span. The player tells their order, and not the pauses between."""
    segments = [(at, to, rate) for at, to, rate in played if to > at and rate > 0]
    told = sum((to - at) / rate for at, to, rate in segments)
    squeeze = min(1.0, (span_end - span_start) / told) if told else 1.0
    found, start = [], span_start
    for at, to, rate in segments:
        end = start + squeeze * (to - at) / rate
        found.append(Stretch(round(start, 2), round(end, 2), at, to, rate))
        start = end
    return found


_Drawn = TypeVar("_Drawn", Stretch, Lapse)


def compact(stretches: Sequence[_Drawn], most: int = MOST_STRETCHES) -> list[_Drawn]:
    """The stretches with neighbours joined, at most so many of them."""
    found: list[_Drawn] = []
    for slack in _SLACKS:
        found = []
        for each in stretches:
            both = found[-1].joined(each, slack) if found else None
            if both:
                found[-1] = both
            else:
                found.append(each)
        if len(found) <= most:
            break
    return found


def _draw_beats(db: Db, traces: dict[UUID, Trace]) -> None:
    beats = select(Beat).where(Beat.viewing_id.in_(traces)).order_by(Beat.viewing_id, Beat.seq)
    for beat in db.scalars(beats.execution_options(yield_per=1000)):
        trace, span = traces[beat.viewing_id], (beat.span_start, beat.span_end)
        trace.beats += 1
        _add(trace.played, stretches_of(*span, [(at, to, rate) for at, to, rate in beat.played]))
        if beat.hidden_seconds > 0:
            _add(trace.hidden, [Lapse(*span, beat.hidden_seconds)])
        if beat.muted_seconds > 0:
            _add(trace.muted, [Lapse(*span, beat.muted_seconds)])
    for trace in traces.values():
        trace.played, trace.hidden = compact(trace.played), compact(trace.hidden)
        trace.muted = compact(trace.muted)


def _add(drawn: list[_Drawn], more: Iterable[_Drawn]) -> None:
    """Extend what is drawn; however long the log, little of it is held at once."""
    drawn.extend(more)
    if len(drawn) > 8 * MOST_STRETCHES:
        drawn[:] = compact(drawn, 4 * MOST_STRETCHES)


def _draw_questions(db: Db, traces: dict[UUID, Trace]) -> None:
    asked = select(PresencePrompt).where(PresencePrompt.asked_in.in_(traces))
    for prompt in db.scalars(asked.order_by(PresencePrompt.sent_at, PresencePrompt.number)):
        assert prompt.asked_in is not None
        traces[prompt.asked_in].asked.append(prompt)


def _tell_endings(db: Db, person_id: UUID, traces: dict[UUID, Trace]) -> None:
    ended = [(trace, trace.viewing.ended_at) for trace in traces.values() if trace.viewing.ended_at]
    if not ended:
        return
    at_once = or_(*(Viewing.opened_at.between(at, at + _AT_ONCE) for _, at in ended))
    others = select(Viewing).where(Viewing.person_id == person_id, at_once).order_by(Viewing.opened_at)
    following = db.scalars(others).all()
    for trace, at in ended:
        next_ones = (
            each for each in following if each.id != trace.viewing.id and at <= each.opened_at <= at + _AT_ONCE
        )
        trace.superseded_by = next(next_ones, None)


def _tell_logs(db: Db, traces: dict[UUID, Trace]) -> None:
    runs = (
        select(OfflineViewing.viewing_id, OfflineRun.claimed_at)
        .join(OfflineRun, OfflineRun.id == OfflineViewing.run_id)
        .where(OfflineViewing.viewing_id.in_(traces))
    )
    for viewing_id, claimed_at in db.execute(runs):
        traces[viewing_id].claimed_at = claimed_at


@dataclass(frozen=True)
class RoomTrace:
    """One signed group replay that the person was checked in to: what they got of it, and how they were checked in."""

    showing: Showing
    share: ShowingShare
    room: ConnectionPoint
    proctor: Person
    recording: Recording
    arrivals: Sequence[ShowingArrival]


def rooms(db: Db, person_id: UUID, session_id: UUID) -> list[RoomTrace]:
    """The signed group replays of a conference that one person was in, the oldest first."""
    mine = (
        select(Showing, ShowingShare, ConnectionPoint, Person, Recording)
        .join(ShowingShare, ShowingShare.showing_id == Showing.id)
        .join(ConnectionPoint, ConnectionPoint.id == Showing.connection_point_id)
        .join(Person, Person.id == Showing.proctor_id)
        .join(Recording, Recording.id == Showing.recording_id)
        .where(ShowingShare.person_id == person_id, Recording.session_id == session_id)
        .order_by(Showing.opened_at)
    )
    rows = db.execute(mine).all()
    checked_in: dict[UUID, list[ShowingArrival]] = {row[0].id: [] for row in rows}
    arrivals = select(ShowingArrival).where(
        ShowingArrival.person_id == person_id, ShowingArrival.showing_id.in_(checked_in)
    )
    for arrival in db.scalars(arrivals.order_by(ShowingArrival.at, ShowingArrival.id)):
        checked_in[arrival.showing_id].append(arrival)
    return [RoomTrace(*row, checked_in[row[0].id]) for row in rows]
