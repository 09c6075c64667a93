"""Whatever way the entries of several phones come in, the record and its history are the same.

Several technicians, each with a device whose clock is off by its own amount, count and correct without a link. What
they made is one set of entries; phones deliver it in any order, in pieces, and again where an answer was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sessions import clock, headcounts, standings
from sessions.headcount_doubts import Doubt, HeadcountDoubtful
from sessions.headcounts import Numbers
from sessions.models import Headcount, Moment, SessionPoint
from tests import factories

PLENTY = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
#: Seconds by which the three technicians' clocks are ahead: right, a day fast, a day and a bit slow.
AHEAD = (0, 86_400, -90_061)


@dataclass(frozen=True)
class Made:
    """An entry as a phone made it. `corrects` are places in the list of what was made; `ago` is true time, in steps."""

    who: int
    moment: Moment
    present: int
    ago: int
    corrects: tuple[int, ...]


@st.composite
def offline(draw):
    """What three technicians made, one after another; corrections name earlier entries of their moment, or several."""
    made: list[Made] = []
    for place in range(draw(st.integers(1, 7))):
        moment = draw(st.sampled_from([Moment.START, Moment.START, Moment.MIDDLE]))
        known = [earlier for earlier in range(place) if made[earlier].moment is moment]
        corrects = draw(st.lists(st.sampled_from(known), unique=True, max_size=2)) if known else []
        # Few times, so that many are equal; and a correction may bear an earlier one than what it corrects.
        made.append(
            Made(draw(st.integers(0, 2)), moment, draw(st.integers(0, 99)), draw(st.integers(0, 3)), (*corrects,))
        )
    return made


def keys_of(made: Sequence[Made], seed: int) -> list[UUID]:
    """Keys in no order that has to do with the order of making."""
    return [UUID(int=((place * 7 + seed) % 101) << 64 | place + 1) for place in range(len(made))]


@settings(max_examples=200, deadline=None)
@given(made=offline(), seed=st.integers(0, 100), data=st.data())
def test_the_one_order_follows_from_the_set_of_entries(made, seed, data):
    now, keys = datetime(2026, 11, 22, 3, tzinfo=clock.VIETNAM), keys_of(made, seed)
    entries = [
        Headcount(
            client_key=keys[place],
            counted_at=now - timedelta(minutes=one.ago),
            corrects=[keys[other] for other in one.corrects],
            recorded_by=UUID(int=one.who),
            present=one.present,
            excused=0,
            absent=0,
            late=0,
        )
        for place, one in enumerate(made)
    ]
    shuffled = data.draw(st.permutations(entries))
    order = standings.newest_first(entries)
    assert standings.newest_first(shuffled) == order
    assert standings.superseded(shuffled) == standings.superseded(entries)
    assert standings.disagreeing(shuffled) == standings.disagreeing(entries)
    place = {entry.client_key: at for at, entry in enumerate(order)}
    for entry in entries:
        assert all(place[entry.client_key] < place[key] for key in entry.corrects)
    assert set(standings.superseded(entries)) == {entry.client_key for entry in order[1:]}


def test_entries_that_name_one_another_still_have_one_order():
    now, keys = clock.now(), [UUID(int=1), UUID(int=2)]
    entries = [
        Headcount(
            client_key=key, counted_at=now, corrects=[other], recorded_by=key, present=1, excused=0, absent=0, late=0
        )
        for key, other in zip(keys, reversed(keys), strict=True)
    ]
    assert standings.newest_first(entries) == standings.newest_first(entries[::-1]) == entries[::-1]
    assert standings.disagreeing(entries) == []


@pytest.fixture
def stage(db, cast):
    session = factories.open_session(db, cast)
    point = factories.join(db, cast, session, seats=80, technician=cast.member)
    return point, factories.first_part(db, session), (cast.technician, cast.staff, cast.member)


def deliver(db, stage, entry: Made, key: UUID, corrects: Sequence[UUID], noon: datetime) -> None:
    """Send one entry as the outbox does: a question that comes back is answered, and it is sent again."""
    point, part, people = stage
    asked = {
        "counted_at": noon - timedelta(minutes=entry.ago) + timedelta(seconds=AHEAD[entry.who]),
        "clock_ahead": AHEAD[entry.who],
        "client_key": key,
        "corrects": corrects,
        "reason": f"Đếm lại {key.int % 7}" if corrects else None,
    }
    try:
        headcounts.record(db, people[entry.who], point, part, entry.moment, Numbers(entry.present), **asked)
    except HeadcountDoubtful as doubtful:
        answered = [Doubt(each) for each in str(doubtful.facts["doubts"]).split()]
        asked["answered"] = answered
        headcounts.record(db, people[entry.who], point, part, entry.moment, Numbers(entry.present), **asked)


def told(db, point: SessionPoint) -> tuple[list[tuple[object, ...]], set[tuple[object, ...]], list[list[UUID]]]:
    """The history, what holds, and who disagrees, in words that have nothing to do with arrival."""
    history = [headcount for headcount, _ in headcounts.history(db, point)]
    keys = {headcount.id: headcount.client_key for headcount in history}
    lines = [
        (
            each.client_key,
            each.moment,
            each.present,
            each.counted_at,
            each.clock_ahead,
            each.reason,
            each.recorded_by,
            tuple(each.corrects),
            keys.get(each.superseded_by),
        )
        for each in history
    ]
    latest = db.scalars(headcounts.latest(select(SessionPoint.id)))
    contrary = sorted([each.client_key for each in group] for group in headcounts.disagreements(history))
    return lines, {(each.moment, each.client_key, each.present) for each in latest}, contrary


@settings(max_examples=20, **PLENTY)
@given(made=offline(), seed=st.integers(0, 100), data=st.data())
def test_the_record_and_its_history_are_the_same_in_any_order_twice_and_in_pieces(db, stage, made, seed, data):
    keys, noon = keys_of(made, seed), clock.now() - timedelta(minutes=30)
    again = data.draw(st.lists(st.sampled_from(range(len(made))), max_size=5))
    outcomes = []
    for order in (range(len(made)), data.draw(st.permutations([*range(len(made)), *again]))):
        with db.begin_nested() as attempt:
            for place in order:
                deliver(db, stage, made[place], keys[place], [keys[other] for other in made[place].corrects], noon)
            outcomes.append(told(db, stage[0]))
            attempt.rollback()
        db.expire_all()
    assert outcomes[0] == outcomes[1]
    lines, holding, _ = outcomes[0]
    assert {line[0] for line in lines} == set(keys)
    assert len(holding) == len({one.moment for one in made})


def test_a_part_of_the_entries_is_no_worse_than_none(db, stage):
    """A correction may come before what it corrects: it holds at once, and when the other comes it still does."""
    key, correction, noon = uuid4(), uuid4(), clock.now() - timedelta(minutes=30)
    first = Made(1, Moment.START, 40, ago=0, corrects=())
    deliver(db, stage, replace(first, present=44, who=0, ago=3), correction, [key], noon)
    assert told(db, stage[0])[1] == {(Moment.START, correction, 44)}
    deliver(db, stage, first, key, [], noon)
    assert told(db, stage[0])[1] == {(Moment.START, correction, 44)}
    assert told(db, stage[0])[2] == []
