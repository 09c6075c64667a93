from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from sessions import clock, headcounts, register
from sessions.db import transaction
from sessions.headcount_doubts import Doubt, HeadcountDoubtful
from sessions.headcounts import MOST, Numbers
from sessions.models import AuditEntry, Moment, SessionPoint
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


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_counts_at_one_instant_the_same_one_holds_whichever_came_first(db, cast, stage, first):
    _, part, point = stage
    at, keys = clock.now(), (UUID(int=1), UUID(int=2))
    for key in (keys[first], keys[1 - first]):
        by = cast.staff if key == keys[0] else cast.technician
        send(db, by, point, part, Numbers(40 + key.int), counted_at=at, client_key=key)
    (standing,) = db.scalars(headcounts.latest(select(SessionPoint.id)))
    assert standing.present == 42


def test_a_correction_names_what_it_corrects_and_says_why(db, cast, stage):
    _, part, point = stage
    first, _ = send(db, cast.technician, point, part, Numbers(40))
    with pytest.raises(headcounts.CorrectionReasonNeeded):
        send(db, cast.staff, point, part, Numbers(45), corrects=[first.client_key])
    # Its maker's clock was slow: it holds all the same, for it knew of the first.
    earlier = clock.now() - timedelta(minutes=30)
    asked = {"corrects": [first.client_key], "reason": "Đếm sót dãy cuối", "counted_at": earlier}
    second, _ = send(db, cast.staff, point, part, Numbers(45), **asked)
    assert (first.superseded_by, second.superseded_by) == (second.id, None)
    assert [each.present for each in db.scalars(headcounts.latest(select(SessionPoint.id)))] == [45]
    noted = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (noted.actor_id, noted.detail["reason"]) == (cast.staff.id, "Đếm sót dãy cuối")
    assert noted.detail["corrects"] == [str(first.client_key)]


def test_a_correction_of_another_moment_is_refused(db, cast, stage):
    _, part, point = stage
    first, _ = send(db, cast.technician, point, part, Numbers(40))
    asked = {"corrects": [first.client_key], "reason": "Nhầm", "moment": Moment.END}
    with pytest.raises(headcounts.CorrectsElsewhere):
        send(db, cast.technician, point, part, Numbers(41), **asked)


def test_two_who_correct_one_number_at_once_are_both_kept_and_told_that_they_disagree(db, cast, stage):
    _, part, point = stage
    first, _ = send(db, cast.technician, point, part, Numbers(40), counted_at=clock.now() - timedelta(minutes=9))
    asked = {"corrects": [first.client_key], "reason": "Đếm lại"}
    by_staff, _ = send(db, cast.staff, point, part, Numbers(47), counted_at=clock.now(), **asked)
    at_once = clock.now() - timedelta(minutes=1)
    by_technician, _ = send(db, cast.technician, point, part, Numbers(45), counted_at=at_once, **asked)
    history = [headcount for headcount, _ in headcounts.history(db, point)]
    assert headcounts.disagreements(history) == [[by_staff, by_technician]]
    assert (by_technician.superseded_by, first.superseded_by) == (by_staff.id, by_staff.id)
    both = [by_staff.client_key, by_technician.client_key]
    settled, _ = send(db, cast.technician, point, part, Numbers(46), corrects=both, reason="Đã hỏi nhau")
    history = [headcount for headcount, _ in headcounts.history(db, point)]
    assert (len(history), headcounts.disagreements(history)) == (4, [])
    assert [each.superseded_by for each in (by_staff, by_technician, settled)] == [settled.id, settled.id, None]


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
        send(db, cast.technician, point, part, Numbers(**{"present": 1, field: number}), answered=list(Doubt))
    assert headcounts.history(db, point) == []


def test_more_people_than_seats_is_asked_about_and_taken_when_confirmed(db, cast, stage):
    _, part, point = stage
    point.expected_count = None
    send(db, cast.technician, point, part, Numbers(100))
    with pytest.raises(HeadcountDoubtful) as asked:
        send(db, cast.technician, point, part, Numbers(101))
    assert asked.value.facts == {"doubts": "above-seats", "present": 101, "seats": 100}
    assert str(asked.value) == "101 people are present but the room has 100 seats. Confirm if that is right."
    assert send(db, cast.technician, point, part, Numbers(101), answered=[Doubt.ABOVE_SEATS])[1]


@pytest.mark.parametrize(
    ("before", "numbers", "doubts"),
    [
        pytest.param({Moment.START: 40}, Numbers(60), "", id="half as many again"),
        pytest.param({Moment.START: 40}, Numbers(61), "leap", id="more than half as many again"),
        pytest.param({Moment.START: 40}, Numbers(20), "", id="half went home"),
        pytest.param({Moment.START: 40}, Numbers(4), "leap", id="a digit is missing"),
        pytest.param({Moment.START: 4}, Numbers(7), "", id="few in a small room"),
        pytest.param({Moment.END: 10}, Numbers(50), "", id="what came after is no measure"),
        pytest.param({}, Numbers(50, 20, 5), "", id="as many as are expected, and half as many again"),
        pytest.param({}, Numbers(50, 20, 6), "above-expected", id="far more than are expected"),
        pytest.param({}, Numbers(5, late=6), "late-above-present", id="more late than there are"),
        pytest.param({Moment.START: 20}, Numbers(99, 1, 0, 100), "leap above-expected late-above-present", id="all"),
    ],
)
def test_sudden_and_unlikely_numbers_are_asked_about_all_at_once(db, cast, stage, before, numbers, doubts):
    _, part, point = stage
    for moment, present in before.items():
        send(db, cast.technician, point, part, Numbers(present), moment=moment)
    asked = {"moment": Moment.MIDDLE, "client_key": uuid4()}
    if doubts:
        with pytest.raises(HeadcountDoubtful) as doubtful:
            send(db, cast.technician, point, part, numbers, **asked)
        assert doubtful.value.facts["doubts"] == doubts
        assert doubtful.value.sentence("vi").endswith("hãy xác nhận.")
    answered = [Doubt(each) for each in doubts.split()]
    assert send(db, cast.technician, point, part, numbers, answered=answered, **asked)[1]


def test_an_answer_to_one_question_is_none_to_another(db, cast, stage):
    _, part, point = stage
    send(db, cast.technician, point, part, Numbers(20))
    with pytest.raises(HeadcountDoubtful) as asked:
        send(db, cast.technician, point, part, Numbers(101), moment=Moment.MIDDLE, answered=[Doubt.LEAP])
    assert asked.value.facts["doubts"] == "above-seats above-expected"


def test_a_room_whose_seats_nobody_counted_is_not_asked_about(db, cast, stage):
    session, part, _ = stage
    point = factories.join(db, cast, session, seats=None)
    point.expected_count = None
    assert send(db, cast.technician, point, part, Numbers(5000))[1]


def test_a_part_of_another_conference_is_refused(db, cast, stage):
    _, _, point = stage
    foreign = factories.first_part(db, factories.open_session(db, cast))
    with pytest.raises(register.PartOfAnotherSession):
        send(db, cast.technician, point, foreign, Numbers(1))


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(hours=-7), timedelta(days=-4000)])
def test_a_clock_that_is_off_is_put_right_in_either_direction_and_the_record_says_so(db, cast, stage, off):
    _, part, point = stage
    truly = clock.now() - timedelta(minutes=20)
    asked = {"counted_at": truly + off, "clock_ahead": int(off.total_seconds())}
    taken, _ = send(db, cast.technician, point, part, Numbers(40), **asked)
    assert (taken.counted_at, taken.clock_ahead) == (truly, asked["clock_ahead"])
    # It neither wins over what was counted later by a sound clock, nor loses to what was counted before.
    send(db, cast.staff, point, part, Numbers(44), counted_at=truly + timedelta(minutes=1))
    send(db, cast.staff, point, part, Numbers(39), counted_at=truly - timedelta(minutes=1))
    assert [each.present for each, _ in headcounts.history(db, point)] == [44, 40, 39]
    assert [each.present for each in db.scalars(headcounts.latest(select(SessionPoint.id)))] == [44]


def test_a_clock_that_is_off_by_a_trifle_is_taken_at_its_word(db, cast, stage):
    _, part, point = stage
    at = clock.now()
    taken, _ = send(db, cast.technician, point, part, Numbers(1), counted_at=at, clock_ahead=-119)
    assert (taken.counted_at, taken.clock_ahead) == (at, None)


def test_a_clock_that_nobody_has_measured_is_refused_when_fast_and_asked_about_when_a_day_slow(db, cast, stage):
    _, part, point = stage
    with pytest.raises(register.TimeAhead):
        send(db, cast.technician, point, part, Numbers(1), counted_at=clock.now() + timedelta(minutes=16))
    assert send(db, cast.technician, point, part, Numbers(1), counted_at=clock.now() + timedelta(minutes=14))[1]
    slow = {"counted_at": clock.now() - timedelta(days=1), "client_key": uuid4()}
    with pytest.raises(HeadcountDoubtful) as asked:
        send(db, cast.technician, point, part, Numbers(1), **slow)
    assert asked.value.facts["doubts"] == "long-before"
    assert send(db, cast.technician, point, part, Numbers(1), answered=[Doubt.LONG_BEFORE], **slow)[1]


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
