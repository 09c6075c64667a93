"""Coverage as a pure function of a set of beats: the table of cases is the specification."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.coverage import Mark, Piece, Played, Rules, accept, due, weigh, without
from sessions.intervals import total

OPENED = datetime(2026, 11, 22, 2, tzinfo=UTC)
LENGTH = 600.0


def beat(seq, start, end, *played, muted=0.0, received=None):
    at = OPENED + timedelta(seconds=end if received is None else received)
    return Played(seq, start, end, tuple(played), 0.0, muted, at)


def covered(*beats, ended=None, max_rate=1.5):
    ended_at = OPENED + timedelta(seconds=ended) if ended is not None else None
    return accept(beats, opened_at=OPENED, ended_at=ended_at, length=LENGTH, rules=Rules(max_rate)).played


@pytest.mark.parametrize(
    ("beats", "proven"),
    [
        pytest.param(
            [beat(0, 0, 15, (0, 15, 1)), beat(1, 15, 30, (15, 30, 1))], [(0, 30)], id="watched as it is meant"
        ),
        pytest.param([beat(0, 0, 15, (0, 15, 1)), beat(1, 15, 30, (0, 15, 1))], [(0, 15)], id="the same stretch twice"),
        pytest.param([beat(0, 0, 10, (0, 15, 1.5))], [(0, 15)], id="at the fastest rate that counts"),
        pytest.param([beat(0, 0, 15, (0, 30, 2))], [], id="too fast counts for nothing"),
        pytest.param([beat(0, 0, 15, (0, 600, 1))], [(0, 22.5)], id="more content than the time could hold"),
        pytest.param(
            [beat(0, 0, 15, (0, 15, 1)), beat(1, 0, 15, (100, 115, 1))], [(0, 15)], id="two beats for one span"
        ),
        pytest.param([beat(0, 0, 15, (0, 15, 1), muted=15)], [], id="muted earns nothing"),
        pytest.param([beat(0, 0, 15, (0, 7, 1), (300, 308, 1))], [(0, 7), (300, 308)], id="a jump within a beat"),
        pytest.param([beat(0, 0, 15, (590, 620, 1))], [(590, 600)], id="past the end of the recording"),
        pytest.param(
            [beat(0, 0, 600, (0, 600, 1), received=10)], [(0, 22.5)], id="reported before it could have happened"
        ),
        pytest.param([beat(0, 0, 15)], [], id="nothing played"),
    ],
)
def test_what_a_set_of_beats_proves(beats, proven):
    assert covered(*beats) == proven


def test_hidden_time_counts_unless_the_policy_says_otherwise():
    shown = replace(beat(0, 0, 15, (0, 15, 1)), hidden_seconds=15.0)
    assert covered(shown) == [(0, 15)]
    strict = Rules(1.5, hidden_counts=False)
    assert accept([shown], opened_at=OPENED, ended_at=None, length=LENGTH, rules=strict).pieces == []


def test_what_a_locked_phone_reports_at_once_comes_in_pieces_that_leave_room_for_questions():
    accepted = accept(
        [beat(0, 0, 1800, (0, 1000, 1), (2000, 2800, 0.75))],
        opened_at=OPENED,
        ended_at=None,
        length=3600,
        rules=Rules(1.5),
    )
    assert accepted.played == [(0, 1000), (2000, 2800)]
    assert max(piece.effort_ms for piece in accepted.pieces) == 120_000
    assert sum(piece.effort_ms for piece in accepted.pieces) == pytest.approx(1000 * (1000 + 800 / 0.75), abs=20)
    assert [piece.place for piece in accepted.pieces] == [(0, 0, number) for number in range(18)]


def test_nothing_counts_after_the_viewing_was_superseded():
    beats = [beat(0, 0, 15, (0, 15, 1)), beat(1, 15, 30, (15, 30, 1))]
    assert covered(*beats, ended=15) == [(0, 15)]


spans = st.lists(
    st.tuples(
        st.floats(0, 300),
        st.floats(0, 60),
        st.floats(0, 550),
        st.floats(0, 90),
        st.sampled_from([0.75, 1, 1.25, 1.5, 2]),
    ),
    min_size=1,
    max_size=12,
)


@given(spans, st.randoms(use_true_random=False))
def test_order_and_repeats_of_arrival_change_nothing(drawn, chance: random.Random):
    beats = [
        beat(seq, start, start + span, (at, at + content, rate), received=400)
        for seq, (start, span, at, content, rate) in enumerate(drawn)
    ]
    again = beats + chance.choices(beats, k=3)
    chance.shuffle(again)
    assert covered(*again) == covered(*beats)


@given(spans)
def test_content_never_exceeds_the_time_that_passed(drawn):
    beats = [
        beat(seq, start, start + span, (at, at + content, rate), received=400)
        for seq, (start, span, at, content, rate) in enumerate(drawn)
    ]
    passed = max(start + span for start, span, *_ in drawn)
    assert total(covered(*beats)) <= 1.5 * passed + 0.01


def minutes(*bounds, viewing=0, first=0, gap=25):
    """Pieces of a minute each, of these minutes of a recording; `gap` is the policy's, in minutes."""
    return [
        Piece(
            (viewing, first + number, 0),
            ((60.0 * at, 60.0 * at + 60),),
            60_000,
            OPENED,
            OPENED,
            gap * 60 if gap else None,
        )
        for start, end in bounds
        for number, at in enumerate(range(start, end))
    ]


def mark(seq, state="answered", viewing=0):
    return Mark((viewing, seq, 0), answered=state == "answered", live=state in {"answered", "open"})


@pytest.mark.parametrize(
    ("pieces", "marks", "covered", "waiting"),
    [
        pytest.param(minutes((0, 60)), [], [], [], id="never asked for an hour: nothing could vouch for it"),
        pytest.param(minutes((0, 20)), [], [], [(0, 20)], id="the tail waits"),
        pytest.param(minutes((0, 20)), [mark(9)], [(0, 10)], [(10, 20)], id="the beginning counts with an answer"),
        pytest.param(minutes((0, 20)), [mark(9), mark(19)], [(0, 20)], [], id="asked at the end"),
        pytest.param(minutes((0, 20)), [mark(9, "open")], [], [(0, 20)], id="asked, and not answered yet"),
        pytest.param(
            minutes((0, 20)), [mark(9, "missed"), mark(19)], [(0, 20)], [], id="missed one, answered the next"
        ),
        pytest.param(
            minutes((0, 40)), [mark(12, "missed"), mark(29)], [], [(30, 40)], id="away for longer than the gap"
        ),
        pytest.param(
            minutes((0, 60)),
            [mark(9), mark(24), mark(39, "open")],
            [(0, 25)],
            [(25, 60)],
            id="two answered, one open: all behind it waits",
        ),
        pytest.param(
            [*minutes((0, 20)), *minutes((20, 40), viewing=1)],
            [mark(14), mark(9, viewing=1)],
            [(0, 30)],
            [(30, 40)],
            id="a stretch begun in one viewing and vouched for in the next",
        ),
        pytest.param(minutes((0, 60), gap=None), [], [(0, 60)], [], id="where nothing is asked all counts at once"),
        pytest.param(
            [*minutes((0, 30), gap=None), *minutes((20, 40), viewing=1)],
            [],
            [(0, 30)],
            [(30, 40)],
            id="watched before questions were asked, and after",
        ),
        pytest.param(
            [*minutes((0, 20)), *minutes((0, 20), first=20)],
            [mark(9), mark(29)],
            [(0, 20)],
            [],
            id="the same stretch twice, once vouched for",
        ),
    ],
)
def test_what_counts_and_what_waits(pieces, marks, covered, waiting):
    weighed = weigh(pieces, marks)
    assert [(start / 60, end / 60) for start, end in weighed.covered] == covered
    assert [(start / 60, end / 60) for start, end in weighed.waiting] == waiting


def test_questions_are_due_at_their_distances_wherever_the_pieces_come_from():
    found = due(minutes((0, 60)), since_ms=120_000, need_ms=600_000, number=3, gap_ms=lambda n: n * 240_000)
    assert [piece.place[1] for piece in found] == [7, 23, 43]


stretches = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=8)


@given(stretches, stretches)
def test_taking_stretches_away_leaves_exactly_the_rest(some, taken):
    some, taken = ([pair for pair in pairs if pair[0] >= 0] for pairs in (some, taken))
    inside = {second for start, end in some for second in range(start, end)}
    gone = {second for start, end in taken for second in range(start, end)}
    left = without(some, taken)
    assert {second for start, end in left for second in range(int(start), int(end))} == inside - gone
