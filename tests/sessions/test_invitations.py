from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import clock, headcounts, invitations, points
from sessions.models import AuditEntry, PointState
from sessions.register import RegisterClosed, TimeAhead
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def point(db, cast):
    session = factories.open_session(db, cast, starts_in=timedelta(days=2))
    return factories.join(db, cast, session, technician=cast.technician)


def answer(db, by, point, coming=True, expected_count=40, *, minutes_ago=1.0, **given):
    given = {"client_key": uuid4(), "answered_at": clock.now() - timedelta(minutes=minutes_ago)} | given
    return invitations.answer(db, by, point, coming=coming, expected_count=expected_count, **given)


def test_a_technician_confirms_with_the_number_expected_and_may_correct_it(db, cast, point):
    answer(db, cast.technician, point, minutes_ago=9)
    assert (point.state, point.expected_count) == (PointState.CONFIRMED, 40)
    answer(db, cast.technician, point, expected_count=44)
    assert (point.state, point.expected_count) == (PointState.CONFIRMED, 44)
    assert [given.expected_count for given, _ in invitations.history(db, point)] == [44, 40]
    actions = db.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == point.id)).all()
    assert actions.count("point.answered") == 2


def test_a_point_declines_with_a_reason_is_expected_with_nobody_and_may_come_after_all(db, cast, point):
    with pytest.raises(invitations.DeclineReasonMissing):
        answer(db, cast.technician, point, coming=False, reason="  ")
    answer(db, cast.technician, point, coming=False, reason="Mất điện theo lịch", minutes_ago=5)
    assert (point.state, point.expected_count) == (PointState.DECLINED, 0)
    answer(db, cast.technician, point, expected_count=30)
    assert (point.state, point.expected_count) == (PointState.CONFIRMED, 30)


def test_a_confirmation_names_a_number(db, cast, point):
    with pytest.raises(invitations.ExpectedMissing):
        answer(db, cast.technician, point, expected_count=None)


def test_the_same_answer_is_taken_once_and_the_one_given_last_holds_in_whatever_order_they_arrive(db, cast, point):
    key = uuid4()
    answer(db, cast.technician, point, expected_count=44, minutes_ago=1, client_key=key)
    _, is_new = answer(db, cast.technician, point, expected_count=44, minutes_ago=1, client_key=key)
    answer(db, cast.technician, point, coming=False, reason="Đường hỏng", minutes_ago=30)
    assert not is_new
    assert (point.state, point.expected_count) == (PointState.CONFIRMED, 44)
    assert len(invitations.history(db, point)) == 2


def test_a_key_serves_one_point_only(db, cast, point):
    key = uuid4()
    answer(db, cast.technician, point, client_key=key)
    other = factories.join(db, cast, factories.open_session(db, cast), technician=cast.technician)
    with pytest.raises(headcounts.ClientKeyUsed):
        answer(db, cast.technician, other, client_key=key)


def test_who_is_in_the_conference_already_cannot_decline(db, cast, point):
    points.set_state(db, cast.technician, point, PointState.CONNECTED)
    with pytest.raises(invitations.PointAtWork):
        answer(db, cast.technician, point, coming=False, reason="Bận")
    answer(db, cast.technician, point, expected_count=55)
    assert (point.state, point.expected_count) == (PointState.CONNECTED, 55)


def test_strangers_wrong_clocks_and_closed_registers_are_refused(db, cast, point):
    with pytest.raises(OutsideScope):
        answer(db, cast.member, point)
    with pytest.raises(TimeAhead):
        answer(db, cast.technician, point, answered_at=clock.now() + timedelta(days=2))
    session = factories.open_session(db, cast, starts_in=timedelta(hours=-1))
    closed = factories.join(db, cast, session, technician=cast.technician)
    session.closed_at = clock.now() - timedelta(minutes=5)
    with pytest.raises(RegisterClosed):
        answer(db, cast.technician, closed)
    assert answer(db, cast.technician, closed, minutes_ago=6)  # It was made before, and had no link.


def test_nobody_sets_what_was_expected_once_the_conference_is_over(db, cast):
    session = factories.open_session(db, cast)
    point = factories.join(db, cast, session, technician=cast.technician)
    session.ends_at = clock.now() - timedelta(minutes=5)
    with pytest.raises(invitations.AnswerTooLate):
        answer(db, cast.technician, point)
    assert answer(db, cast.technician, point, minutes_ago=6)  # It was made before, and had no link.
