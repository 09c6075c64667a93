from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock, points, troubles
from sessions.headcounts import ClientKeyUsed
from sessions.models import PointState, TroubleKind
from sessions.register import TimeAhead
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast, starts_in=timedelta(hours=-1))


@pytest.fixture
def point(db, cast, session):
    made = factories.join(db, cast, session, technician=cast.technician)
    return points.set_state(db, cast.technician, made, PointState.CONNECTED)


def ago(minutes):
    return clock.now() - timedelta(minutes=minutes)


def report(db, by, point, kind=TroubleKind.SOUND, *, note="", began_at=None, key=None):
    return troubles.report(db, by, point, kind, note=note, began_at=began_at or ago(10), key=key or uuid4())[0]


def end(db, by, point, trouble, *, action="Cắm lại micro", ended_at=None):
    return troubles.end(db, by, point, trouble.id, action=action, ended_at=ended_at or ago(2))


def test_a_trouble_has_a_start_an_end_and_what_was_done_and_the_point_goes_back_to_what_it_was(db, cast, point):
    trouble = report(db, cast.technician, point)
    assert point.state == PointState.TROUBLE
    end(db, cast.technician, point, trouble)
    assert point.state == PointState.CONNECTED
    (line,) = troubles.of_point(db, point)
    assert (line.trouble.action, line.ended_by, line.reported_by) == ("Cắm lại micro", cast.technician, cast.technician)


def test_of_two_troubles_the_last_one_to_end_gives_the_state_back(db, cast, point):
    first, second = report(db, cast.technician, point), report(db, cast.staff, point, TroubleKind.LINK)
    end(db, cast.technician, point, first)
    assert point.state == PointState.TROUBLE
    end(db, cast.staff, point, second)
    assert point.state == PointState.CONNECTED


def test_what_is_delivered_twice_is_taken_once(db, cast, point):
    key, when = uuid4(), ago(3)
    first = report(db, cast.technician, point, key=key)
    assert report(db, cast.technician, point, key=key) is first
    end(db, cast.technician, point, first, ended_at=when)
    end(db, cast.technician, point, first, ended_at=when)
    assert len(troubles.of_point(db, point)) == 1
    with pytest.raises(troubles.TroubleEnded):
        end(db, cast.staff, point, first, ended_at=when)


def test_a_point_that_was_only_said_to_be_in_trouble_is_confirmed_afterwards(db, cast, point):
    points.set_state(db, cast.technician, point, PointState.TROUBLE)
    end(db, cast.technician, point, report(db, cast.technician, point))
    assert point.state == PointState.CONFIRMED


def test_what_cannot_be_right_is_refused(db, cast, session, point):
    with pytest.raises(troubles.TroubleNoteMissing):
        report(db, cast.technician, point, TroubleKind.OTHER)
    with pytest.raises(TimeAhead):
        report(db, cast.technician, point, began_at=ago(-60 * 48))
    with pytest.raises(OutsideScope):
        report(db, cast.member, point)
    trouble = report(db, cast.technician, point)
    with pytest.raises(troubles.TroubleEndsTooEarly):
        end(db, cast.technician, point, trouble, ended_at=ago(11))
    with pytest.raises(troubles.ActionMissing):
        end(db, cast.technician, point, trouble, action=" ")
    other = factories.join(db, cast, session, technician=cast.technician)
    with pytest.raises(ClientKeyUsed):
        report(db, cast.technician, other, key=trouble.id)
    with pytest.raises(troubles.TroubleUnknown):
        end(db, cast.technician, other, trouble)


def test_staff_see_the_troubles_of_their_points_those_that_go_on_first(db, cast, session, point):
    far = factories.join(db, cast, session, cast.other_commune)
    over = report(db, cast.technician, point, began_at=ago(5))
    end(db, cast.technician, point, over)
    going_on = report(db, cast.staff, far, TroubleKind.POWER, began_at=ago(30))
    found, total = troubles.of_session(db, cast.staff, session)
    assert ([line.trouble for line in found], total) == ([going_on, over], 2)
    assert [line.trouble for line in troubles.of_session(db, cast.staff, session, only_open=True)[0]] == [going_on]
    assert [line.trouble for line in troubles.of_session(db, cast.technician, session)[0]] == [over]
    assert (troubles.count_open(db, cast.staff, session), troubles.count_open(db, cast.technician, session)) == (1, 0)
