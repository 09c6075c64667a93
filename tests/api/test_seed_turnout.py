from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.seed import turnout
from sessions.models import Moment


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        pytest.param(10, [1, 1], [5, 5], id="even"),
        pytest.param(10, [1, 1, 1], [4, 3, 3], id="one left over goes to the first of equals"),
        pytest.param(7, [5, 3, 2], [4, 2, 1], id="largest remainder wins"),
        pytest.param(0, [1, 2], [0, 0], id="nothing to share"),
    ],
)
def test_shares_are_whole_and_in_proportion(total, weights, shares):
    assert turnout.share_out(total, weights) == shares


@given(st.integers(0, 20_000), st.lists(st.floats(0.1, 500), min_size=1, max_size=200))
def test_shares_always_add_up_and_none_is_off_by_one_or_more(total, weights):
    shares = turnout.share_out(total, weights)
    assert sum(shares) == total
    assert all(abs(share - total * weight / sum(weights)) < 1 for share, weight in zip(shares, weights, strict=True))


def test_people_who_change_rooms_after_lunch_are_neither_lost_nor_made():
    before = [1, 1, 50, 80, 200]
    after = turnout.swap_some(Random(3), before, swaps=40)
    assert sum(after) == sum(before)
    assert after != before
    assert min(after) >= 1


def test_a_room_only_empties_and_everybody_expected_is_accounted_for():
    for seed in range(300):
        room = turnout.draw(Random(seed), opening=90)
        start, middle, end = (room.counted[moment] for moment in (Moment.START, Moment.MIDDLE, Moment.END))
        assert start.present == 90
        assert start.present >= middle.present >= end.present > 80
        assert all(count.present + count.excused + count.absent == room.expected for count in room.counted.values())


def test_only_some_rooms_report_people_excused_missing_or_late():
    openings = [turnout.draw(Random(seed), 90).counted[Moment.START] for seed in range(300)]
    special = sum(count.excused + count.absent + count.late > 0 for count in openings)
    assert 30 < special < 180
