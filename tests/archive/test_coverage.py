"""Coverage as a pure function of a set of beats: the table of cases is the specification."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.coverage import Played, covered_by
from sessions.intervals import total

OPENED = datetime(2026, 11, 22, 2, tzinfo=UTC)
LENGTH = 600.0


def beat(seq, start, end, *played, muted=0.0, received=None):
    at = OPENED + timedelta(seconds=end if received is None else received)
    return Played(seq, start, end, tuple(played), 0.0, muted, at)


def covered(*beats, ended=None, max_rate=1.5):
    ended_at = OPENED + timedelta(seconds=ended) if ended is not None else None
    return covered_by(beats, opened_at=OPENED, ended_at=ended_at, length=LENGTH, max_rate=max_rate)


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
