from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sessions import due
from sessions.due import Report
from sessions.models import ConferenceSession, Moment, SessionPart

START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def part(position, begins, hours):
    starts_at = START + begins * HOUR
    return SessionPart(id=uuid4(), position=position, starts_at=starts_at, ends_at=starts_at + hours * HOUR)


MORNING, AFTERNOON = part(1, 0, 4), part(2, 6, 3.5)
SESSION = ConferenceSession(starts_at=MORNING.starts_at, ends_at=AFTERNOON.ends_at)


@pytest.mark.parametrize(
    ("minutes", "state", "counts"),
    [
        pytest.param(-24 * 60 - 1, None, [], id="more than a day before"),
        pytest.param(-24 * 60, Report.CONFIRM, [], id="a day before"),
        pytest.param(-31, Report.CONFIRM, [], id="thirty-one minutes before"),
        pytest.param(-30, Report.READY, [], id="half an hour before"),
        pytest.param(0, Report.CONNECT, [], id="at the start"),
        pytest.param(14, Report.CONNECT, [], id="while the first count may still come"),
        pytest.param(15, Report.CONNECT, [Moment.START], id="a quarter of an hour after the start"),
        pytest.param(134, Report.CONNECT, [Moment.START], id="just before the middle one is late"),
        pytest.param(135, Report.CONNECT, [Moment.START, Moment.MIDDLE], id="a quarter after the middle"),
        pytest.param(255, Report.CONNECT, list(Moment), id="a quarter after the end"),
    ],
)
def test_what_is_due_at_a_minute(minutes, state, counts):
    found = due.of(SESSION, MORNING, START + timedelta(minutes=minutes))
    assert (found.state, [count.moment for count in found.counts]) == (state, counts)


def test_in_a_short_part_a_count_is_late_after_a_quarter_of_it():
    short = part(1, 0, 0.5)
    late = {count.moment: (count.late_at - START).total_seconds() / 60 for count in due.counts_of(short)}
    assert late == {Moment.START: 7.5, Moment.MIDDLE: 22.5, Moment.END: 37.5}


def test_the_part_looked_at_is_the_one_that_began_last():
    parts = [MORNING, AFTERNOON]
    assert due.current(parts, START - 5 * HOUR) is MORNING
    assert due.current(parts, START + 5 * HOUR) is MORNING
    assert due.current(parts, AFTERNOON.starts_at) is AFTERNOON
    assert due.current(parts, START + 50 * HOUR) is AFTERNOON


@pytest.mark.parametrize("when", ["closed_at", "cancelled_at"])
def test_nothing_is_due_once_the_register_is_closed_or_the_conference_called_off(when):
    over = ConferenceSession(starts_at=START, ends_at=AFTERNOON.ends_at, **{when: AFTERNOON.ends_at})
    found = due.of(over, AFTERNOON, START + 50 * HOUR)
    assert (found.state, found.counts) == (None, ())
