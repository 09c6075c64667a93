"""What a set of beats proves: coverage as a pure function of it, whatever order or repeats it arrived in.

The player only reports. A beat counts for no more content than its own span of monotonic time could have played at
the allowed rate, spans of a viewing never overlap, and none reaches past the moment at which it was received.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sessions.intervals import Interval, union

#: How far a player's clock may run ahead of ours over a viewing, in seconds (DESIGN.md, section 6).
CLOCK_GRACE = 5.0


@dataclass(frozen=True)
class Played:
    """One beat: a span of the player's monotonic clock (seconds since opening) and what was played in it.

    `played` holds `(from, to, rate)` in seconds of the recording, in the order of playing.
    """

    seq: int
    span_start: float
    span_end: float
    played: tuple[tuple[float, float, float], ...]
    hidden_seconds: float
    muted_seconds: float
    received_at: datetime


def covered_by(
    beats: Iterable[Played], *, opened_at: datetime, ended_at: datetime | None, length: float, max_rate: float
) -> list[Interval]:
    """The stretches of the recording (seconds) that these beats of one viewing prove to have been played.

    Muted time earns nothing: who hears nothing of a talk has not attended it. Hidden time earns like shown time, for
    listening with the screen off is how slides and speech are used on a phone.
    """
    clock_end = 0.0
    proven: list[Interval] = []
    for beat in sorted({beat.seq: beat for beat in beats}.values(), key=lambda beat: beat.seq):
        start = max(beat.span_start, clock_end)
        end = min(beat.span_end, _latest(beat, opened_at, ended_at))
        if end <= start:
            continue
        clock_end = end
        heard = max(0.0, end - start - beat.muted_seconds)
        proven += _within_budget(beat.played, heard * max_rate, length, max_rate)
    return union(proven)


def _latest(beat: Played, opened_at: datetime, ended_at: datetime | None) -> float:
    latest = (beat.received_at - opened_at).total_seconds() + CLOCK_GRACE
    return min(latest, (ended_at - opened_at).total_seconds()) if ended_at else latest


def _within_budget(
    played: Iterable[tuple[float, float, float]], budget: float, length: float, max_rate: float
) -> Iterable[Interval]:
    """The segments in their order, until the content that the span could have played is used up."""
    for start, end, rate in played:
        start, end = max(0.0, start), min(end, length)
        if rate > max_rate or end <= start or budget <= 0:
            continue
        end = min(end, start + budget)
        budget -= end - start
        yield start, end
