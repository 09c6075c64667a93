from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock, points, preparation, readiness
from sessions.models import CheckItem, ConnectionPoint, PointState
from sessions.preparation import Stage
from sessions.readiness import Finding, LineSpeed
from sessions.register import TimeAhead
from sessions.roles import OutsideScope
from tests import factories

ALL_WELL = [Finding(item, works=True) for item in CheckItem]


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast, starts_in=timedelta(minutes=30))


@pytest.fixture
def point(db, cast, session):
    made = factories.join(db, cast, session, technician=cast.technician)
    return points.set_state(db, cast.technician, made, PointState.CONFIRMED)


def check(db, by, point, *findings, minutes_ago=1.0, **given):
    given = {"client_key": uuid4(), "checked_at": clock.now() - timedelta(minutes=minutes_ago)} | given
    return readiness.report(db, by, point, findings, **given)


def test_a_point_is_ready_when_all_eight_things_hold(db, cast, point):
    check(db, cast.technician, point, *ALL_WELL[:7], minutes_ago=5, line=LineSpeed(2400, 900, 80))
    assert point.state == PointState.CONFIRMED
    check(db, cast.technician, point, ALL_WELL[7])
    assert point.state == PointState.READY
    assert [one.found.item for one in readiness.standing(db, point)] == list(CheckItem)
    assert [(made.down_kbits, len(items)) for made, _, items in readiness.history(db, point)] == [(None, 1), (2400, 7)]


def test_of_each_thing_the_newest_finding_holds_and_none_is_lost(db, cast, point):
    check(db, cast.technician, point, *ALL_WELL, minutes_ago=9)
    check(db, cast.staff, point, Finding(CheckItem.SOUND, works=False, note="Loa rè"), minutes_ago=4)
    # Older, and told later: it changes nothing.
    check(db, cast.technician, point, Finding(CheckItem.SOUND, works=True), minutes_ago=6)
    assert point.state == PointState.CONFIRMED
    sound = next(one for one in readiness.standing(db, point) if one.found.item == CheckItem.SOUND)
    assert (sound.found.works, sound.found.note, sound.checked_by.id) == (False, "Loa rè", cast.staff.id)
    check(db, cast.technician, point, Finding(CheckItem.SOUND, works=True))
    assert point.state == PointState.READY
    assert len(readiness.history(db, point)) == 4


def test_the_same_check_is_taken_once(db, cast, point):
    key = uuid4()
    first, _ = check(db, cast.technician, point, *ALL_WELL, client_key=key)
    again, is_new = check(db, cast.technician, point, *ALL_WELL, client_key=key)
    assert (again, is_new) == (first, False)


def test_a_point_that_is_connected_or_in_trouble_stays_so(db, cast, point):
    points.set_state(db, cast.technician, point, PointState.CONNECTED)
    check(db, cast.technician, point, *ALL_WELL)
    assert point.state == PointState.CONNECTED


@pytest.mark.parametrize(
    ("findings", "given", "refusal"),
    [
        pytest.param([], {}, readiness.NothingChecked, id="nothing"),
        pytest.param(ALL_WELL[:1] * 2, {}, readiness.NothingChecked, id="one thing twice"),
        pytest.param([Finding(CheckItem.POWER, works=False, note=" ")], {}, readiness.NoteMissing, id="no note"),
        pytest.param(ALL_WELL, {"minutes_ago": 31}, readiness.CheckNotOpen, id="more than an hour before"),
        pytest.param(ALL_WELL, {"minutes_ago": 24 * 60}, readiness.CheckNotOpen, id="a clock a day behind"),
        pytest.param(ALL_WELL, {"minutes_ago": -49 * 60}, TimeAhead, id="a clock two days ahead"),
    ],
)
def test_what_cannot_be_right_is_refused(db, cast, point, findings, given, refusal):
    with pytest.raises(refusal):
        check(db, cast.technician, point, *findings, **given)


def test_only_who_looks_after_the_point_checks_it(db, cast, point):
    with pytest.raises(OutsideScope):
        check(db, cast.member, point, *ALL_WELL)


def test_staff_see_who_is_silent_and_what_does_not_work(db, cast, session, point):
    silent = factories.join(db, cast, session, cast.other_commune)
    db.get_one(ConnectionPoint, silent.connection_point_id).phone = "02133 876 543"
    faulty = factories.join(db, cast, session, cast.commune)
    points.set_state(db, cast.technician, faulty, PointState.CONFIRMED)
    check(db, cast.technician, faulty, *ALL_WELL, minutes_ago=9)
    check(db, cast.technician, faulty, Finding(CheckItem.CAMERA, works=False, note="Không lên hình"))

    counts = {stage: count for stage, count in preparation.counts(db, cast.staff, session).items() if count}
    assert counts == {Stage.UNANSWERED: 1, Stage.UNCHECKED: 1, Stage.UNREADY: 1}
    (line,), total = preparation.points_at(db, cast.staff, session, Stage.UNREADY)
    assert (total, line.taking.point, [item.note for item in line.faults]) == (1, faulty, ["Không lên hình"])
    (line,), _ = preparation.points_at(db, cast.staff, session, Stage.UNANSWERED)
    assert (line.taking.point, line.phone) == (silent, "02133 876 543")
    # A technician of one commune sees the points of that commune.
    assert preparation.counts(db, cast.technician, session)[Stage.UNANSWERED] == 0
