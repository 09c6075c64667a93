"""From beats to spells: what was played in one go, in the order of playing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sessions.intervals import Interval, union

#: A beat says how long its span was and what was played in it, not when in the span the player stood still. Only a
#: hole longer than this, in seconds, is told as a pause.
_PAUSE: Final = 5.0
#: Players skip holes of the stream and round times: only content further apart than this, in seconds, was jumped over.
JUMP: Final = 1.0

#: A beat as `(seq, span_start, span_end, [(from, to, rate), …])`; units as in `archive.coverage.Played`.
Told = tuple[int, float, float, Sequence[tuple[float, float, float]]]


@dataclass(frozen=True)
class Spell:
    """Content played in one go: `start` to `end` (seconds of the recording), from `began` to `ended` by the clock.

    `first` and `last` name the reported segments at its two ends, as "beat.segment.piece".
    """

    first: str
    last: str
    began: datetime
    ended: datetime
    start: float
    end: float
    rate: float

    @property
    def seconds(self) -> float:
        """Clock time spent."""
        return (self.ended - self.began).total_seconds()


def spells_of(opened_at: datetime, beats: Iterable[Told], accepted: Sequence[Interval]) -> list[Spell]:
    """What was played in one go in a viewing.

    Only content that lies in `accepted` counts: the server's own finding of what these beats can have played.
    """
    spells: list[Spell] = []
    for spell in _segments(opened_at, beats, accepted):
        if spells and _goes_on(spells[-1], spell):
            spells[-1] = replace(spells[-1], last=spell.last, ended=spell.ended, end=spell.end)
        else:
            spells.append(spell)
    return spells


def jumps(spell: Spell, following: Spell) -> bool:
    """Whether content lies between them that was passed over, or that was gone back over."""
    return abs(following.start - spell.end) > JUMP


def stands(spell: Spell, following: Spell) -> bool:
    """Whether the player stood still between them."""
    return (following.began - spell.ended).total_seconds() > _PAUSE


def _goes_on(spell: Spell, following: Spell) -> bool:
    return spell.rate == following.rate and not jumps(spell, following) and not stands(spell, following)


def _segments(opened_at: datetime, beats: Iterable[Told], accepted: Sequence[Interval]) -> Iterator[Spell]:
    for seq, span_start, span_end, played in sorted(beats, key=lambda beat: beat[0]):
        at = span_start
        for number, (start, end, rate) in enumerate(played):
            for piece, (low, high) in enumerate(_common(start, end, accepted)):
                name = f"{seq}.{number}.{piece}"
                began, ended = (opened_at + _seconds(min(at + (to - start) / rate, span_end)) for to in (low, high))
                yield Spell(name, name, began, ended, low, high, rate)
            at += (end - start) / rate


def _common(start: float, end: float, accepted: Iterable[Interval]) -> list[Interval]:
    return union((max(start, low), min(end, high)) for low, high in accepted if low < end and high > start)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
