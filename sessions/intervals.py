"""Stretches of time as `[from, to]` pairs in seconds, apart and in order: joined, measured, and what lies between."""

from collections.abc import Iterable

Interval = tuple[float, float]

#: Times are kept to the millisecond: players report no finer, and equal sets must give equal values.
_PLACES = 3


def union(stretches: Iterable[Interval]) -> list[Interval]:
    """The stretches joined where they touch or overlap, in order; empty and backward ones are dropped."""
    joined: list[Interval] = []
    for start, end in sorted((round(start, _PLACES), round(end, _PLACES)) for start, end in stretches):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def total(stretches: Iterable[Interval]) -> float:
    """Seconds in all, of stretches that are apart."""
    return round(sum(end - start for start, end in stretches), _PLACES)


def gaps(stretches: Iterable[Interval], length: float) -> list[Interval]:
    """What of `0..length` the stretches leave out."""
    missing, at = [], 0.0
    for start, end in union(stretches):
        if start > at:
            missing.append((at, min(start, length)))
        at = max(at, end)
        if at >= length:
            break
    if at < length:
        missing.append((at, round(length, _PLACES)))
    return union(missing)


def in_minutes(stretches: Iterable[Interval]) -> list[tuple[int, int]]:
    """The stretches as people count them: first and last minute, the first minute being 1, neighbours joined."""
    minutes: list[tuple[int, int]] = []
    for start, end in union(stretches):
        first, last = int(start // 60) + 1, max(int(-(-end // 60)), int(start // 60) + 1)
        if minutes and first <= minutes[-1][1] + 1:
            minutes[-1] = (minutes[-1][0], max(minutes[-1][1], last))
        else:
            minutes.append((first, last))
    return minutes
