"""Minutes present: the union of stays over reconnects and devices, clipped to a part. The expected minutes are worked
out beside each case; times are minutes after eight o'clock, and the part runs from 8:00 to 9:00 of a conference from
8:00 to 10:00, unless the case says otherwise.
"""

import pytest

from sessions.meetings.presence import Stay, during

CONFERENCE = (0.0, 7200.0)
MORNING = (0.0, 3600.0)
SECOND_HOUR = (3600.0, 7200.0)


def at(joined: float, left: float, minutes: float | None = None) -> Stay:
    return Stay(60 * joined, 60 * left, minutes)


def only(minutes: float) -> Stay:
    return Stay(None, None, minutes)


@pytest.mark.parametrize(
    ("stays", "part", "minutes"),
    [
        pytest.param([at(0, 60)], MORNING, 60, id="the whole part"),
        pytest.param([at(-15, 75)], MORNING, 60, id="early and late: 15 before and 15 after do not count"),
        pytest.param([at(10, 40), at(45, 60)], MORNING, 45, id="a reconnect with a gap: 30 + 15"),
        pytest.param([at(0, 40), at(30, 60)], MORNING, 60, id="a reconnect before the first was let go: 0-60"),
        pytest.param([at(0, 60), at(10, 20)], MORNING, 60, id="a telephone beside the computer adds nothing"),
        pytest.param([at(5, 25), at(5, 25)], MORNING, 20, id="the same stay told twice"),
        pytest.param([at(20, 30), at(30, 50)], MORNING, 30, id="stays that touch: 10 + 20"),
        pytest.param([at(50, 55), at(5, 10), at(7, 20)], MORNING, 20, id="out of order: 5-20 and 50-55"),
        pytest.param([at(0, 120)], SECOND_HOUR, 60, id="through both parts, seen from the second"),
        pytest.param([at(50, 70)], MORNING, 10, id="across the end of the part: 50-60"),
        pytest.param([at(70, 90)], MORNING, 0, id="only in the other part"),
        pytest.param([at(30, 30)], MORNING, 0, id="in and out at once"),
        pytest.param([], MORNING, 0, id="never there"),
        pytest.param([at(0, 60, 60)], MORNING, 60, id="the platform's sum says the same"),
        pytest.param([at(0.5, 60, 60)], MORNING, 59.5, id="the platform rounds up: the times hold"),
    ],
)
def test_times_of_every_stay_prove_the_minutes(stays, part, minutes):
    there = during(stays, part, CONFERENCE)
    assert there.seconds == there.most_seconds == 60 * minutes


@pytest.mark.parametrize(
    ("stays", "part", "least", "most"),
    [
        # First in at 8:15, last out at 10:26 is 131 minutes, of which 24 were spent there. The part is 8:00-11:00, so
        # none of them can lie outside it.
        pytest.param([at(15, 146, 24)], (0.0, 10800.0), 24, 24, id="first in, last out and a sum within the part"),
        # 8:00-10:00 with 90 minutes in all: if all 30 missing ones fell into this hour, 30 of it are left.
        pytest.param([at(0, 120, 90)], MORNING, 30, 60, id="a sum over two parts"),
        pytest.param([at(0, 120, 50)], MORNING, 0, 50, id="a sum that may lie in the other part altogether"),
        pytest.param([only(100)], MORNING, 40, 60, id="only a sum: 20 minutes missing may all be of this hour"),
        pytest.param([only(45)], MORNING, 0, 45, id="only a sum, that fits into the other hour"),
        pytest.param([only(200)], MORNING, 60, 60, id="a sum longer than the conference: people came early"),
        pytest.param([only(45)], CONFERENCE, 45, 45, id="only a sum, in a conference of one part"),
        pytest.param([at(0, 30), at(40, 60, 5)], MORNING, 30, 35, id="a proved half hour, and five minutes somewhere"),
    ],
)
def test_a_sum_proves_what_cannot_lie_elsewhere_and_leaves_the_rest_possible(stays, part, least, most):
    there = during(stays, part, CONFERENCE)
    assert (there.seconds, there.most_seconds) == (60 * least, 60 * most)


def test_minutes_over_all_parts_never_exceed_the_time_that_the_log_tells_of():
    stays = [at(0, 40), at(30, 90), at(20, 100, 30)]
    first, second = during(stays, MORNING, CONFERENCE), during(stays, SECOND_HOUR, CONFERENCE)
    assert first.seconds + second.seconds == 60 * 90
