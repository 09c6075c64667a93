"""What beats and answered questions prove: coverage as a pure function of them, whatever order they arrived in.

The player only reports. A beat counts for no more content than its own span of monotonic time could have played at
the allowed rate, spans of a viewing never overlap, and none reaches past the moment at which it was received.

What was played counts once it lies between answered presence questions. For that, everything that one person ever
played of one recording is laid end to end, in the order of viewings and beats: the axis of watching. A question stands
on it as a `Mark`, after one piece. A stretch between two answered marks counts when it took no more than the policy's
longest gap to watch; the beginning of the axis serves as a mark too, its end does not. What lies behind the last
answered mark waits.

Nothing here reads anything but its arguments, so `diemcau verify`, the group replay and tests may call all of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sessions.intervals import Interval, gaps, union

#: How far a player's clock may run ahead of ours over a viewing, in seconds (DESIGN.md, section 6).
CLOCK_GRACE = 5.0
#: The longest piece, in seconds of effort: a locked phone may report half an hour at once, and a question about it has
#: to find a place within.
_LONGEST_PIECE = 120.0
#: Slower than this, playing takes no more effort than it does at this rate.
_SLOWEST = 0.25

#: Where something lies on the axis of watching: the viewing by its order of opening, the beat, the piece of the beat.
Place = tuple[int, int, int]


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


@dataclass(frozen=True)
class Rules:
    """What one viewing's policy says of beats. Without `max_gap_seconds` no questions are asked: all counts at once."""

    max_rate: float
    hidden_counts: bool = True
    max_gap_seconds: float | None = None


@dataclass(frozen=True)
class Piece:
    """Content that was really played, never more than two minutes of it.

    `effort_ms`: what watching it took at least, the longer of content and clock; whole milliseconds, so that sums are
    the same in any grouping. `started_at` and `ended_at` are those of the beat that it belongs to, on the calendar.
    """

    place: Place
    content: tuple[Interval, ...]
    effort_ms: int
    started_at: datetime
    ended_at: datetime
    #: From the viewing's `Rules`; None where no questions are asked.
    max_gap_seconds: float | None


@dataclass(frozen=True)
class Accepted:
    """What some beats of a viewing prove to have been played, and where its clock stands after them."""

    pieces: list[Piece]
    clock_end: float
    #: Beats that told of clearly more content than their time could hold.
    beyond: int

    @property
    def played(self) -> list[Interval]:
        """The union of it, in seconds of the recording."""
        return union(stretch for piece in self.pieces for stretch in piece.content)

    @property
    def effort_ms(self) -> int:
        """What watching it took."""
        return sum(piece.effort_ms for piece in self.pieces)


@dataclass(frozen=True)
class Mark:
    """A question's place. `live`: it is answered, or still may be; one that was missed or failed is neither."""

    place: Place
    answered: bool
    live: bool


@dataclass(frozen=True)
class Weighed:
    """What counts, what waits for an answer (both in seconds of the recording), and the state behind the last mark."""

    covered: list[Interval]
    waiting: list[Interval]
    #: Effort behind the last mark of any kind, and behind the last live one.
    since_mark_ms: int
    since_live_ms: int


def accept(
    beats: Iterable[Played],
    *,
    opened_at: datetime,
    ended_at: datetime | None,
    length: float,
    rules: Rules,
    viewing: int = 0,
    clock_end: float = 0.0,
) -> Accepted:
    """The pieces that these beats of one viewing prove to have been played, in the order of their numbers.

    Muted time earns nothing: who hears nothing of a talk has not attended it. Hidden time earns like shown time where
    the policy says so, for listening with the screen off is how slides and speech are used on a phone. `viewing` is
    the viewing's order on the axis; `clock_end` is where the beats before these left its clock.
    """
    pieces: list[Piece] = []
    beyond = 0
    for beat in sorted({beat.seq: beat for beat in beats}.values(), key=lambda beat: beat.seq):
        start = max(beat.span_start, clock_end)
        end = min(beat.span_end, _latest(beat, opened_at, ended_at))
        if end <= start:
            continue
        clock_end = end
        unheard = beat.muted_seconds + (0.0 if rules.hidden_counts else beat.hidden_seconds)
        budget = max(0.0, end - start - unheard) * rules.max_rate
        told = sum(max(0.0, min(to, length) - at) for at, to, _ in beat.played)
        beyond += told > 1.1 * (beat.span_end - beat.span_start) * rules.max_rate + CLOCK_GRACE
        segments = _within_budget(beat.played, budget, length, rules.max_rate)
        since, until = (opened_at + timedelta(seconds=each) for each in (start, end))
        pieces += [
            Piece((viewing, beat.seq, number), content, effort_ms, since, until, rules.max_gap_seconds)
            for number, (content, effort_ms) in enumerate(_split(segments))
        ]
    return Accepted(pieces, clock_end, beyond)


def weigh(pieces: Sequence[Piece], marks: Sequence[Mark]) -> Weighed:
    """What of these pieces counts, given the questions on their axis; both in the order of their places."""
    asked = [piece for piece in pieces if piece.max_gap_seconds is not None]
    free = [piece for piece in pieces if piece.max_gap_seconds is None]
    proven = [*free, *_between(asked, [mark.place for mark in marks if mark.answered])]
    hoped = _between(asked, [mark.place for mark in marks if mark.live] + [piece.place for piece in asked[-1:]])
    covered, played = _joined(proven), _joined(hoped)
    return Weighed(
        covered=covered,
        waiting=without(played, covered),
        since_mark_ms=_effort_after(asked, marks[-1].place if marks else None),
        since_live_ms=_effort_after(asked, max((mark.place for mark in marks if mark.live), default=None)),
    )


def due(
    pieces: Iterable[Piece], *, since_ms: int, need_ms: int, number: int, gap_ms: Callable[[int], int]
) -> list[Piece]:
    """The pieces after which a question is due: the first after `need_ms` of effort, the next by `gap_ms(number)`."""
    found = []
    for piece in pieces:
        if piece.max_gap_seconds is None:
            continue
        since_ms += piece.effort_ms
        if since_ms >= need_ms:
            found.append(piece)
            number, since_ms = number + 1, 0
            need_ms = gap_ms(number)
    return found


def wide_gaps(pieces: Sequence[Piece], marks: Sequence[Mark]) -> Iterator[list[Piece]]:
    """Stretches between marks that grew too long by beats that came late, through no fault of the person's.

    Where a question was missed in between, the person had their chance.
    """
    asked = [piece for piece in pieces if piece.max_gap_seconds is not None]
    for number, mark in enumerate(marks):
        after = marks[number - 1].place if number else None
        if not mark.live or (number and not marks[number - 1].live):
            continue
        stretch = [piece for piece in asked if (after is None or piece.place > after) and piece.place <= mark.place]
        if stretch and sum(piece.effort_ms for piece in stretch) > _limit_ms(stretch):
            yield stretch


def without(stretches: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """The stretches less what is taken."""
    taken = union(taken)
    left: list[Interval] = []
    for start, end in union(stretches):
        free = gaps(taken, end) if end > 0 else []
        left += [(max(start, at), to) for at, to in free if to > start]
    return union(left)


def _between(pieces: Sequence[Piece], places: Iterable[Place]) -> Iterator[Piece]:
    """The pieces that lie before one of these places, no further from the one before than their policy allows."""
    ahead = iter(pieces)
    upcoming = next(ahead, None)
    for place in sorted(places):
        stretch: list[Piece] = []
        while upcoming is not None and upcoming.place <= place:
            stretch.append(upcoming)
            upcoming = next(ahead, None)
        if stretch and sum(piece.effort_ms for piece in stretch) <= _limit_ms(stretch):
            yield from stretch


def _limit_ms(stretch: Sequence[Piece]) -> int:
    """What the policy of the viewing allows in which the stretch ends."""
    return round(1000 * (stretch[-1].max_gap_seconds or 0.0))


def _effort_after(pieces: Iterable[Piece], place: Place | None) -> int:
    return sum(piece.effort_ms for piece in pieces if place is None or piece.place > place)


def _joined(pieces: Iterable[Piece]) -> list[Interval]:
    return union(stretch for piece in pieces for stretch in piece.content)


def _latest(beat: Played, opened_at: datetime, ended_at: datetime | None) -> float:
    latest = (beat.received_at - opened_at).total_seconds() + CLOCK_GRACE
    return min(latest, (ended_at - opened_at).total_seconds()) if ended_at else latest


def _within_budget(
    played: Iterable[tuple[float, float, float]], budget: float, length: float, max_rate: float
) -> Iterator[tuple[float, float, float]]:
    """The segments in their order, until the content that the span could have played is used up."""
    for start, end, rate in played:
        start, end = max(0.0, start), min(end, length)
        if rate > max_rate or end <= start or budget <= 0:
            continue
        end = min(end, start + budget)
        budget -= end - start
        yield start, end, rate


def _split(segments: Iterable[tuple[float, float, float]]) -> Iterator[tuple[tuple[Interval, ...], int]]:
    """The segments in pieces of at most two minutes of effort, each with it in milliseconds."""
    content: list[Interval] = []
    effort = 0.0
    for start, end, rate in segments:
        weight = max(1.0, 1 / max(rate, _SLOWEST))
        while start < end:
            stop = min(end, start + (_LONGEST_PIECE - effort) / weight)
            content.append((start, stop))
            effort += (stop - start) * weight
            start = stop
            if effort >= _LONGEST_PIECE - 0.001:
                yield tuple(content), round(1000 * effort)
                content, effort = [], 0.0
    if content:
        yield tuple(content), round(1000 * effort)
