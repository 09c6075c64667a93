"""How long somebody was there: the union of their stays over reconnects and devices, clipped to each part.

Some logs give only the first coming, the last leaving and a sum, or nothing but the sum. Then a part has two figures:
what the log proves, with all that is missing put outside the part, and what it leaves possible, with none of it there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sessions.intervals import Interval, total, union

#: Platforms round a stay to whole minutes, some of them down.
_ROUNDING_SECONDS = 90


class Stay(NamedTuple):
    """Moments in seconds since 1970; `minutes` is the platform's own sum. Without moments only the sum is known."""

    joined: float | None
    left: float | None
    minutes: float | None = None


class Presence(NamedTuple):
    """Seconds of a part that are proved, and those that are possible."""

    seconds: float
    most_seconds: float


def during(stays: Sequence[Stay], part: Interval, conference: Interval) -> Presence:
    """How long these stays of one person cover a part.

    A sum without moments is taken to lie within the conference, from its start to its end.
    """
    exact = [span for stay in stays if (span := _exactly(stay))]
    vague = [_bounded(stay, conference) for stay in stays if not _exactly(stay)]
    proved = total(clipped(exact, part))
    least = max([proved, *(_least(span, seconds, part) for span, seconds in vague)])
    most = min(
        total(clipped([*exact, *(span for span, _ in vague)], part)),
        proved + sum(min(seconds, total(clipped([span], part))) for span, seconds in vague),
    )
    return Presence(least, max(least, most))


def clipped(stretches: Sequence[Interval], part: Interval) -> list[Interval]:
    """What of a part the stretches cover, joined where they overlap."""
    return union((max(start, part[0]), min(end, part[1])) for start, end in stretches)


def _exactly(stay: Stay) -> Interval | None:
    """The stretch from coming to leaving, if the platform's sum is all there is between them."""
    if stay.joined is None or stay.left is None:
        return None
    is_whole = stay.minutes is None or 60 * stay.minutes >= stay.left - stay.joined - _ROUNDING_SECONDS
    return (stay.joined, stay.left) if is_whole else None


def _bounded(stay: Stay, conference: Interval) -> tuple[Interval, float]:
    """The stretch in which a sum lies, and the sum in seconds."""
    span = (stay.joined, stay.left) if stay.joined is not None and stay.left is not None else conference
    return span, min(60 * (stay.minutes or 0), span[1] - span[0])


def _least(span: Interval, seconds: float, part: Interval) -> float:
    outside = (span[1] - span[0]) - total(clipped([span], part))
    return max(0.0, seconds - outside)
