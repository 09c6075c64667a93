from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import checkins, clock, register, summons
from sessions.models import Attendance, Basis, CheckIn
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def stage(db, cast):
    """A conference with everybody of the province summoned, its first part, and the commune's point."""
    session = factories.open_session(db, cast)
    factories.summon(db, cast, session)
    return session, factories.first_part(db, session), factories.join(db, cast, session)


def tick(db, by, point, part, people, *, at=None, key=None):
    ids = [person.id for person in people]
    return checkins.tick(db, by, point, part, ids, at or clock.now(), key or uuid4())


def test_a_tick_makes_the_part_attended_live(db, cast, stage):
    _, part, point = stage
    (check_in,) = tick(db, cast.technician, point, part, [cast.member])
    attended = db.get_one(Attendance, (part.id, cast.member.id))
    assert (attended.basis, attended.shown_by, attended.at) == (Basis.LIVE, check_in.id, check_in.checked_at)
    assert db.get(Attendance, (part.id, cast.technician.id)) is None


def test_the_same_delivery_again_adds_nobody(db, cast, stage):
    _, part, point = stage
    key = uuid4()
    people = [cast.member, cast.technician, cast.member]
    assert len(tick(db, cast.staff, point, part, people, key=key)) == 2
    assert tick(db, cast.staff, point, part, people, key=key) == []
    assert len(db.scalars(select(CheckIn)).all()) == 2


def test_whoever_is_present_stays_where_they_were_ticked_first(db, cast, stage):
    session, part, point = stage
    other = factories.join(db, cast, session, cast.other_commune)
    tick(db, cast.technician, point, part, [cast.member])
    assert tick(db, cast.staff, other, part, [cast.member, cast.releaser])[0].person_id == cast.releaser.id
    assert [person for person, _, _ in checkins.present_at(db, point, part)] == [cast.member]
    assert [person for person, _, _ in checkins.present_at(db, other, part)] == [cast.releaser]


def test_each_part_is_ticked_for_itself(db, cast, stage):
    session, first, point = stage
    second = register.parts_of(db, session.id)[1]
    key = uuid4()
    tick(db, cast.technician, point, first, [cast.member], key=key)
    assert len(tick(db, cast.technician, point, second, [cast.member])) == 1


def test_somebody_who_is_not_summoned_is_not_ticked_and_neither_are_the_others(db, cast, stage):
    _, part, point = stage
    with pytest.raises(summons.NotSummoned) as refusal:
        tick(db, cast.technician, point, part, [cast.member, cast.stranger])
    assert refusal.value.facts == {"count": 1}
    assert checkins.present_at(db, point, part) == []


def test_only_those_who_look_after_the_point_tick(db, cast, stage):
    session, part, point = stage
    other = factories.join(db, cast, session, cast.other_commune)
    for person, at in ((cast.technician, other), (cast.member, point), (cast.stranger, point)):
        with pytest.raises(OutsideScope):
            tick(db, person, at, part, [cast.member])


def test_a_part_of_another_conference_and_a_clock_a_day_fast_are_refused(db, cast, stage):
    _, part, point = stage
    foreign = factories.first_part(db, factories.open_session(db, cast))
    with pytest.raises(register.PartOfAnotherSession):
        tick(db, cast.technician, point, foreign, [cast.member])
    with pytest.raises(register.TimeAhead):
        tick(db, cast.technician, point, part, [cast.member], at=clock.now() + timedelta(hours=25))


def test_a_tick_made_before_the_register_closed_may_arrive_later_and_a_later_one_may_not(db, cast, stage):
    session, part, point = stage
    register.close(db, cast.staff, session)
    made_before, made_after = (session.closed_at + timedelta(minutes=minutes) for minutes in (-5, 5))
    assert len(tick(db, cast.technician, point, part, [cast.member], at=made_before)) == 1
    with pytest.raises(register.RegisterClosed):
        tick(db, cast.technician, point, part, [cast.member], at=made_after)


def test_nobody_ticks_themselves(db, cast, stage):
    _, part, point = stage
    with pytest.raises(checkins.OwnCheckIn):
        tick(db, cast.technician, point, part, [cast.member, cast.technician])
    assert checkins.present_at(db, point, part) == []
    assert len(tick(db, cast.staff, point, part, [cast.technician])) == 1


def test_the_roster_names_the_people_of_the_unit_and_who_is_there(db, cast, stage):
    _, part, point = stage
    (check_in,) = tick(db, cast.technician, point, part, [cast.member])
    roster = [(person, at) for person, _, at in checkins.roster_of(db, point, part)]
    assert roster == [(cast.technician, None), (cast.member, check_in.checked_at)]


def test_people_are_on_the_roster_of_the_nearest_point_above_them(db, cast, stage):
    session, part, _ = stage
    hall = factories.join(db, cast, session, cast.province)
    farther = factories.enrol(db, cast.other_commune)
    factories.summon(db, cast, session)
    on_roster = {person for person, _, _ in checkins.roster_of(db, hall, part)}
    assert on_roster == {cast.staff, cast.releaser, cast.administrator, farther}
    factories.join(db, cast, session, cast.other_commune)
    assert farther not in {person for person, _, _ in checkins.roster_of(db, hall, part)}
