import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.intervals import gaps, in_minutes, total, union

stretches = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=30)


@pytest.mark.parametrize(
    ("played", "joined"),
    [
        pytest.param([(0, 300), (0, 300)], [(0, 300)], id="the same half twice"),
        pytest.param([(500, 600), (0, 200), (150, 300)], [(0, 300), (500, 600)], id="out of order, overlapping"),
        pytest.param([(0, 10), (10, 20)], [(0, 20)], id="touching"),
        pytest.param([(5, 5), (9, 3)], [], id="empty and backward"),
    ],
)
def test_union(played, joined):
    assert union(played) == joined


@given(stretches, stretches)
def test_union_holds_every_second_once_whatever_the_order(some, others):
    seconds = {second for start, end in some + others for second in range(start, end)}
    assert total(union(some + others)) == len(seconds)
    assert union(others + some) == union(union(some) + others)


@given(stretches, st.integers(1, 500))
def test_what_is_covered_and_what_is_missing_make_the_whole(played, length):
    covered = [(start, min(end, length)) for start, end in union(played)]
    assert total(union(covered)) + total(gaps(played, length)) == length


def test_minutes_are_counted_from_one_and_joined():
    assert in_minutes([(0, 30), (59, 61), (120, 121), (600, 660)]) == [(1, 3), (11, 11)]
