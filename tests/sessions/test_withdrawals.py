"""Taking a check-in back: nothing is lost, nothing comes back by itself, and a credit that rested on it goes."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import attendance, checkins, clock, withdrawals
from sessions.models import Attendance, AuditEntry, CheckIn, CheckInMethod, CheckInWithdrawal, CreditState
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def stage(db, cast):
    session = factories.open_session(db, cast, parts=1)
    factories.summon(db, cast, session)
    return session, factories.first_part(db, session), factories.join(db, cast, session)


def tick(db, by, stage, person, key=None, method=CheckInMethod.ROSTER):
    _, part, point = stage
    return checkins.tick(db, by, point, part, [person.id], clock.now(), key or uuid4(), method)


def withdraw(db, by, stage, person, *, reason="Đánh dấu nhầm người cùng tên", key=None):
    _, part, point = stage
    return withdrawals.withdraw(db, by, point, part, person.id, reason, clock.now(), key or uuid4())


def test_a_mistaken_tick_is_taken_back_with_who_and_why_and_its_credit_goes(db, cast, stage):
    session, part, point = stage
    (ticked,) = tick(db, cast.technician, stage, cast.member)
    assert attendance.is_credited(db, cast.member.id, session.id)
    done = withdraw(db, cast.staff, stage, cast.member)
    assert (done.check_in_id, done.recorded_by, done.withdrawn_by) == (ticked.id, cast.technician.id, cast.staff.id)
    assert db.scalars(select(CheckIn)).all() == []
    assert db.get(Attendance, (part.id, cast.member.id)) is None
    assert attendance.credit_of(db, cast.member.id, session.id).state is CreditState.REVOKED
    assert not attendance.is_credited(db, cast.member.id, session.id)
    noted = select(AuditEntry.detail).where(AuditEntry.action == "check-in.withdrawn")
    assert db.scalars(noted).one()["reason"] == "Đánh dấu nhầm người cùng tên"
    ((_, person, by),) = withdrawals.history(db, point, part)
    assert (person, by) == (cast.member, cast.staff)


def test_whoever_comes_after_all_is_ticked_and_credited_again(db, cast, stage):
    session, *_ = stage
    tick(db, cast.technician, stage, cast.member)
    withdraw(db, cast.technician, stage, cast.member)
    assert len(tick(db, cast.technician, stage, cast.member)) == 1
    assert attendance.is_credited(db, cast.member.id, session.id)
    assert len(db.scalars(select(CheckInWithdrawal)).all()) == 1


def test_neither_delivery_comes_a_second_time(db, cast, stage):
    ticked, taken_back = uuid4(), uuid4()
    tick(db, cast.technician, stage, cast.member, key=ticked)
    first = withdraw(db, cast.technician, stage, cast.member, key=taken_back)
    # The phone lost the answers and sends both again.
    assert tick(db, cast.technician, stage, cast.member, key=ticked) == []
    assert withdraw(db, cast.technician, stage, cast.member, key=taken_back).id == first.id
    assert db.scalars(select(CheckIn)).all() == []


def test_what_is_not_there_not_said_or_not_ones_own_is_not_taken_back(db, cast, stage):
    with pytest.raises(withdrawals.NotCheckedInHere):
        withdraw(db, cast.technician, stage, cast.member)
    tick(db, cast.staff, stage, cast.technician)
    with pytest.raises(checkins.OwnCheckIn):
        withdraw(db, cast.technician, stage, cast.technician)
    with pytest.raises(withdrawals.WithdrawalReasonNeeded):
        withdraw(db, cast.staff, stage, cast.technician, reason="  ")
    with pytest.raises(OutsideScope):
        withdraw(db, cast.member, stage, cast.technician)


def test_names_from_a_paper_list_are_marked_so_with_who_typed_them(db, cast, stage):
    (typed,) = tick(db, cast.staff, stage, cast.member, method=CheckInMethod.PAPER)
    assert (typed.method, typed.recorded_by) == (CheckInMethod.PAPER, cast.staff.id)
    _, part, point = stage
    methods = {line.person: line.check_in and line.check_in.method for line in checkins.roster_lines(db, point, part)}
    assert methods[cast.member] is CheckInMethod.PAPER
