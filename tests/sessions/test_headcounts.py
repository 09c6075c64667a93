from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from sessions import clock, headcounts, register
from sessions.db import transaction
from sessions.headcounts import MOST, Numbers
from sessions.models import AuditEntry, Headcount, Moment, SessionPoint
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def stage(db, cast):
    """A conference, its first part, and the commune's point in a hall of 100 seats."""
    session = factories.open_session(db, cast)
    return session, factories.first_part(db, session), factories.join(db, cast, session, seats=100)


def send(db, by, point, part, numbers, **more):
    asked = {"counted_at": clock.now(), "client_key": uuid4(), **more}
    return headcounts.record(db, by, point, part, asked.pop("moment", Moment.START), numbers, **asked)


def test_a_technician_counts_and_it_is_on_record_with_both_times(db, cast, stage):
    _, part, point = stage
    counted_at = clock.now() - timedelta(hours=2)
    taken, is_new = send(db, cast.technician, point, part, Numbers(48, 1, 0, 1), counted_at=counted_at)
    assert is_new
    assert (taken.present, taken.excused, taken.absent, taken.late) == (48, 1, 0, 1)
    assert taken.counted_at == counted_at < taken.received_at
    assert db.scalar(select(func.count()).where(AuditEntry.action == "headcount.recorded")) == 1


def test_the_same_entry_sent_again_is_answered_as_the_first_time(db, cast, stage):
    session, part, point = stage
    key = uuid4()
    first, _ = send(db, cast.technician, point, part, Numbers(48), client_key=key)
    register.close(db, cast.staff, session)
    again, is_new = send(db, cast.technician, point, part, Numbers(49), client_key=key)
    assert (again.id, again.present, is_new) == (first.id, 48, False)
    assert len(headcounts.history(db, point)) == 1


def test_a_key_is_not_taken_for_an_entry_of_another_point(db, cast, stage):
    session, part, point = stage
    key = uuid4()
    send(db, cast.staff, point, part, Numbers(48), client_key=key)
    with pytest.raises(headcounts.ClientKeyUsed):
        send(db, cast.staff, factories.join(db, cast, session), part, Numbers(48), client_key=key)


def test_a_correction_appends_and_the_newest_count_holds(db, cast, stage):
    _, part, point = stage
    factories.count_people(db, cast.technician, point, part, 40, minutes_ago=30)
    factories.count_people(db, cast.staff, point, part, 45, minutes_ago=10, reason="Đếm sót")
    # This one was made in between and waited in the phone for a link.
    factories.count_people(db, cast.technician, point, part, 41, minutes_ago=20)
    told = [(headcount.present, person.full_name) for headcount, person in headcounts.history(db, point)]
    assert told == [(45, "Trần Văn Bộ"), (41, "Lò Văn Kỹ"), (40, "Lò Văn Kỹ")]
    (standing,) = db.scalars(headcounts.latest(select(SessionPoint.id)))
    assert (standing.present, standing.reason) == (45, "Đếm sót")


def test_of_two_counts_at_one_instant_the_one_that_arrived_later_holds(db, cast, stage):
    _, part, point = stage
    at = clock.now()
    send(db, cast.technician, point, part, Numbers(40), counted_at=at)
    send(db, cast.staff, point, part, Numbers(41), counted_at=at)
    (standing,) = db.scalars(headcounts.latest(select(SessionPoint.id)))
    assert standing.present == 41


def test_every_moment_of_every_part_of_every_point_stands_for_itself(db, cast, stage):
    session, first, point = stage
    second = register.parts_of(db, session.id)[1]
    other = factories.join(db, cast, session, cast.other_commune)
    for at, part, moment, present in (
        (point, first, Moment.START, 10),
        (point, first, Moment.END, 11),
        (point, second, Moment.START, 12),
        (other, first, Moment.START, 13),
    ):
        factories.count_people(db, cast.staff, at, part, present, moment=moment)
    standing = db.scalars(headcounts.latest(select(SessionPoint.id))).all()
    assert sorted(each.present for each in standing) == [10, 11, 12, 13]


@pytest.mark.parametrize("number", [-5, MOST + 1, 10_000_000, -(10**30)])
@pytest.mark.parametrize("field", ["present", "excused", "absent", "late"])
def test_an_impossible_number_is_refused_whichever_it_is(db, cast, stage, field, number):
    _, part, point = stage
    with pytest.raises(headcounts.HeadcountOutOfRange):
        send(db, cast.technician, point, part, Numbers(**{"present": 1, field: number}), confirmed=True)
    assert headcounts.history(db, point) == []


def test_more_people_than_seats_is_asked_about_and_taken_when_confirmed(db, cast, stage):
    _, part, point = stage
    send(db, cast.technician, point, part, Numbers(100))
    with pytest.raises(headcounts.HeadcountAboveSeats) as asked:
        send(db, cast.technician, point, part, Numbers(101))
    assert asked.value.facts == {"present": 101, "seats": 100}
    assert send(db, cast.technician, point, part, Numbers(101), confirmed=True)[1]


def test_a_room_whose_seats_nobody_counted_is_not_asked_about(db, cast, stage):
    session, part, _ = stage
    assert send(db, cast.technician, factories.join(db, cast, session, seats=None), part, Numbers(5000))[1]


def test_a_part_of_another_conference_is_refused(db, cast, stage):
    _, _, point = stage
    foreign = factories.first_part(db, factories.open_session(db, cast))
    with pytest.raises(register.PartOfAnotherSession):
        send(db, cast.technician, point, foreign, Numbers(1))


def test_a_clock_more_than_a_day_fast_is_refused_and_a_little_fast_is_not(db, cast, stage):
    _, part, point = stage
    with pytest.raises(register.TimeAhead):
        send(db, cast.technician, point, part, Numbers(1), counted_at=clock.now() + timedelta(hours=25))
    assert send(db, cast.technician, point, part, Numbers(1), counted_at=clock.now() + timedelta(hours=23))[1]


def test_once_the_register_is_closed_a_reason_is_needed(db, cast, stage):
    session, part, point = stage
    register.close(db, cast.staff, session)
    for reason in (None, "", "  "):
        with pytest.raises(headcounts.ReasonNeeded):
            send(db, cast.technician, point, part, Numbers(47), reason=reason)
    late, _ = send(db, cast.technician, point, part, Numbers(47), reason=" Nộp muộn ")
    assert late.reason == "Nộp muộn"


def test_only_those_who_look_after_the_point_count_there(db, cast, stage):
    session, part, point = stage
    other = factories.join(db, cast, session, cast.other_commune)
    for person, at in ((cast.technician, other), (cast.member, point), (cast.stranger, point)):
        with pytest.raises(OutsideScope):
            send(db, person, at, part, Numbers(1))
    own = factories.join(db, cast, session, cast.other_commune, technician=cast.member)
    assert send(db, cast.member, own, part, Numbers(1))[1]


#: What a phone sends: which entry (equal keys are the same entry), how long ago it was made, what was counted.
entries = st.lists(
    st.tuples(st.uuids(version=4), st.integers(0, 10_000), st.sampled_from(Moment), st.integers(0, 100)),
    min_size=1,
    max_size=8,
    unique_by=(lambda entry: entry[0], lambda entry: entry[1]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=entries, data=st.data())
def test_corrections_in_any_order_and_twice_leave_the_same_record_and_history(db, cast, stage, made, data):
    _, part, point = stage
    noon = clock.now()
    delivered = data.draw(st.permutations(made + made))

    def deliver(entry: tuple[UUID, int, Moment, int]) -> None:
        key, seconds_ago, moment, present = entry
        counted_at = noon - timedelta(seconds=seconds_ago)
        send(db, cast.technician, point, part, Numbers(present), moment=moment, counted_at=counted_at, client_key=key)

    with db.begin_nested() as attempt:
        for entry in delivered:
            deliver(entry)
        history = [
            (counted.client_key, counted.moment, counted.present) for counted, _ in headcounts.history(db, point)
        ]
        by_time = sorted(made, key=lambda entry: entry[1])
        assert history == [(key, moment, present) for key, _, moment, present in by_time]
        standing = {each.moment: each.present for each in db.scalars(headcounts.latest(select(SessionPoint.id)))}
        assert standing == {moment: present for _, _, moment, present in reversed(by_time)}
        attempt.rollback()
    assert db.scalar(select(func.count()).select_from(Headcount)) == 0


def test_one_entry_delivered_on_two_lines_at_once_is_taken_once(db, cast, stage):
    _, part, point = stage
    key, counted_at = uuid4(), clock.now()
    db.commit()

    def deliver(_: int) -> bool:
        with transaction() as line:
            asked = {"counted_at": counted_at, "client_key": key}
            return send(line, cast.technician, line.get_one(SessionPoint, point.id), part, Numbers(48), **asked)[1]

    with ThreadPoolExecutor(4) as lines:
        assert sorted(lines.map(deliver, range(8))) == [False] * 7 + [True]
    assert len(headcounts.history(db, point)) == 1
