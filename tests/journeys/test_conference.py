import dataclasses
from datetime import datetime, timedelta

from sqlalchemy import func, select

from api.seed import lai_chau
from sessions import clock
from sessions.models import CheckIn, Headcount
from tests.journeys import clocked
from tests.journeys.conference import prepare
from tests.journeys.happening import Part
from tests.servers import front_desk

_ATTENDEES = 120
#: Around everything that falls due, the minute before, of and after it.
_MINUTES = [
    *(-1441, -1440, -62, -48, -31, -30, -29, -15, -1, 0, 1, 5, 9, 10, 11, 19),
    *(20, 25, 29, 30, 31, 40, 49, 50, 51, 70),
]


def test_the_board_is_right_at_every_minute_of_a_small_conference(db, tmp_path):
    facts = lai_chau.province()
    small = dataclasses.replace(facts, districts=facts.districts[:1], agencies=facts.agencies[:4])
    tomorrow = clock.now().astimezone(clock.VIETNAM).date() + timedelta(days=1)
    starts_at = datetime.combine(tomorrow, datetime.min.time(), clock.VIETNAM) + timedelta(hours=7.5)
    with clocked.clock_in(tmp_path) as (hand, settings), front_desk(**settings) as desk:
        replay = prepare(db, desk.address, hand, small, [Part(0, 40)], _ATTENDEES, starts_at)
        replay.open()
        replay.replay(_MINUTES)
        replay.close(_MINUTES[-1] + 1)
        replay.http.close()
    assert replay.wrong == []
    assert replay.minutes == len(_MINUTES) + 1
    assert replay.late > 0
    assert replay.took["correction"]
    # Everybody who was ticked is there once, and every entry, however often it was sent.
    assert db.scalar(select(func.count()).select_from(CheckIn)) == _ATTENDEES
    counts = [entry for point in replay.points for entry in point.happening.entries if "moment" in entry.body]
    assert db.scalar(select(func.count()).select_from(Headcount)) == len(counts)
