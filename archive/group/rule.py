"""The rule of group replay: from what a room played and who was there when, to what each person saw.

Pure functions of their arguments, whose order and repeats change nothing. Times are seconds since the room was opened,
by the server's clock; content is in seconds of the recording.

A person's stretch runs from one moment at which they were checked in to the next. Every moment opens a round. Whoever
comes late checks in between moments, and their stretch begins there; but only an announced moment, answered while its
window was open, ends a stretch. Whoever leaves early keeps what they saw up to the last moment they answered.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from archive.coverage import Piece, Played, without
from sessions.intervals import Interval, union

#: How long the last moment waits for everybody, and a random one at most and at least, in seconds: forty people with
#: old phones need their time; a short recording has less of it.
LAST_WINDOW: Final = 900.0
_RANDOM_WINDOW: Final = (30.0, 180.0)
#: Random moments lie this far apart at most, in seconds of playing; with every figure drawn between a third of it and
#: the whole, that is three to ten an hour, and no stretch between two outgrows the 25 minutes of DESIGN.md, section 6.
_LONGEST_GAP: Final = 1080.0
#: At least one random moment falls into every recording, however short.
_SHARE_OF_LENGTH: Final = 0.5


@dataclass(frozen=True)
class Asked:
    """One moment at which all were asked to check in, while its window was open. `random`: drawn by the server."""

    opens: float
    closes: float
    random: bool
    last: bool = False


@dataclass(frozen=True)
class Seen:
    """One person was checked in at this instant; `personal` by their own phone or code, not by the proctor's word."""

    at: float
    personal: bool


@dataclass(frozen=True)
class Stretch:
    """A person was there from the one instant to the other. `firm`: not by the proctor's word alone."""

    start: float
    end: float
    firm: bool


@dataclass(frozen=True)
class Shown:
    """What one beat of the room's player shows: when it was played, and what."""

    start: float
    end: float
    content: tuple[Interval, ...]
    effort_ms: int


@dataclass(frozen=True)
class Share:
    """What one person gets: content in all, what of it is firm, and when they watched it."""

    covered: list[Interval]
    firm: list[Interval]
    times: list[Interval]


def shown_by(beats: Iterable[Played], pieces: Iterable[Piece]) -> list[Shown]:
    """The accepted pieces of a room's player (`archive.coverage.accept`), each beat with the time it took."""
    spans = {beat.seq: (beat.span_start, beat.span_end) for beat in beats}
    content: dict[int, list[Interval]] = {}
    effort: dict[int, int] = {}
    for piece in pieces:
        seq = piece.place[1]
        content.setdefault(seq, []).extend(piece.content)
        effort[seq] = effort.get(seq, 0) + piece.effort_ms
    return [Shown(*spans[seq], tuple(content[seq]), effort[seq]) for seq in sorted(content)]


def counted(moments: Iterable[Asked]) -> list[Asked]:
    """The moments that ask something of a person, in order.

    One that was cut short by the last moment asks nothing: nobody had the whole of its window.
    """
    in_order = sorted(set(moments), key=lambda moment: moment.opens)
    last = next((moment.opens for moment in in_order if moment.last), None)
    return [moment for moment in in_order if not (moment.random and last is not None and moment.closes > last)]


def stretches(moments: Iterable[Asked], seen: Iterable[Seen], elsewhere: Iterable[float] = ()) -> list[Stretch]:
    """When one person was there: from each moment at which they were checked in to the next, as the module says.

    Whoever was checked in somewhere else in between (`elsewhere`: the instants) was not here: such a stretch is dropped
    whole.
    """
    asked = counted(moments)
    away = sorted(elsewhere)
    rounds = _by_round(asked, seen)
    found = []
    for number, moment in enumerate(asked[1:], start=1):
        begun, ended = rounds.get(number - 1), rounds.get(number)
        if begun is None or ended is None or ended.at > moment.closes:
            continue
        if not any(begun.at <= instant <= ended.at for instant in away):
            found.append(Stretch(begun.at, ended.at, _is_firm(asked[number - 1 : number + 1], begun, ended)))
    return found


def share(shown: Sequence[Shown], found: Sequence[Stretch], elsewhere: Iterable[Interval], longest: float) -> Share:
    """What a person saw: the beats that lie wholly within their stretches, less the time they spent elsewhere.

    A stretch in which more than `longest` seconds were played without any moment is not firm.
    """
    elsewhere = list(elsewhere)
    there = without(((each.start, each.end) for each in found), elsewhere)
    guarded = [each for each in found if each.firm and _effort_within(shown, each) <= 1000 * longest]
    firmly = without(((each.start, each.end) for each in guarded), elsewhere)
    watched = _within(shown, there)
    return Share(
        covered=_content_of(watched),
        firm=_content_of(_within(shown, firmly)),
        times=union((beat.start, beat.end) for beat in watched),
    )


def gap_ms(secret: str, number: int, length: float, longest: float) -> int:
    """How much is played after moment `number` before the next one is asked, in milliseconds of playing.

    Drawn from the room's secret, so that it is the same whenever it is asked, and nobody in the room can know it.
    """
    most = _longest_gap(length, longest)
    drawn = int.from_bytes(hashlib.sha256(f"{secret}/moment/{number}".encode()).digest()[:8], "big") / 2**64
    return round(1000 * most * (1 + 2 * drawn) / 3)


def window(length: float, longest: float) -> float:
    """How long a random moment of a recording of this length stays open, in seconds."""
    least, most = _RANDOM_WINDOW
    return max(least, min(most, _longest_gap(length, longest) / 2))


def _longest_gap(length: float, longest: float) -> float:
    return min(_LONGEST_GAP, 0.72 * longest, _SHARE_OF_LENGTH * length)


def _by_round(asked: Sequence[Asked], seen: Iterable[Seen]) -> dict[int, Seen]:
    """The first check-in of each round; where several count, one by the person's own phone or code before others."""
    rounds: dict[int, list[Seen]] = {}
    for each in seen:
        number = sum(moment.opens <= each.at for moment in asked) - 1
        if number >= 0:
            rounds.setdefault(number, []).append(each)
    return {number: _standing(asked[number], several) for number, several in rounds.items()}


def _standing(moment: Asked, several: Sequence[Seen]) -> Seen:
    """The earliest instant; it is personal when a personal check-in confirmed it while the window was open."""
    earliest = min(several, key=lambda each: (each.at, not each.personal))
    confirmed = any(each.personal and each.at <= moment.closes for each in several)
    return Seen(earliest.at, earliest.personal or confirmed)


def _is_firm(around: Sequence[Asked], begun: Seen, ended: Seen) -> bool:
    """Random moments on either side want the person's own phone or code; elsewhere one side is enough."""
    both = list(zip(around, (begun, ended), strict=True))
    return all(seen.personal for moment, seen in both if moment.random) and any(seen.personal for _, seen in both)


def _within(shown: Iterable[Shown], times: Sequence[Interval]) -> list[Shown]:
    return [beat for beat in shown if any(start <= beat.start and beat.end <= end for start, end in times)]


def _content_of(shown: Iterable[Shown]) -> list[Interval]:
    return union(stretch for beat in shown for stretch in beat.content)


def _effort_within(shown: Iterable[Shown], stretch: Stretch) -> int:
    return sum(beat.effort_ms for beat in shown if stretch.start <= beat.end and beat.start <= stretch.end)
