from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock, headcounts, live, points, register, troubles
from sessions.due import Report
from sessions.headcounts import Numbers
from sessions.live import Figures
from sessions.models import Moment, PointState, Role, TroubleKind
from sessions.roles import OutsideScope
from tests import factories

START, MIDDLE, END = Moment


@pytest.fixture
def session(db, cast):
    """One part of four hours, three of which have gone: the counts of the start and the middle are due."""
    starts_at = clock.now() - timedelta(hours=3)
    ends_at = starts_at + timedelta(hours=4)
    plans = [register.PartPlan("Buổi sáng", starts_at, ends_at)]
    return register.open_session(db, cast.administrator, "Hội nghị", cast.province, starts_at, ends_at, plans)


@pytest.fixture
def join(db, cast, session):
    """A point of a unit in a state, with these counts of the first part, by moment."""

    def joined(unit, state=PointState.CONNECTED, **counts):
        point = factories.join(db, cast, session, unit)
        points.set_state(db, cast.administrator, point, state)
        part = factories.first_part(db, session)
        for moment, present in counts.items():
            factories.count_people(db, cast.administrator, point, part, present, moment=Moment(moment))
        return point

    return joined


def seen(db, cast, session, by=None, **asked):
    return live.view(db, by or cast.staff, session, **asked)


def shown(db, asked, **narrowed):
    found, total = live.tiles(db, asked, **narrowed)
    return [tile.point for tile in found], total


def test_silent_points_come_first_then_those_in_trouble_then_the_others_by_unit(db, cast, session, join):
    well = join(cast.commune, start=40, middle=41)
    trouble = join(cast.commune, PointState.TROUBLE, start=40)
    other = join(cast.other_commune, start=30, middle=31)
    silent = join(cast.commune, start=44)
    absent = join(cast.other_commune, PointState.READY)
    asked = seen(db, cast, session)
    found, total = live.tiles(db, asked)
    assert ([tile.point for tile in found], total) == ([absent, silent, trouble, other, well], 5)
    assert [tile.standing for tile in found] == ["silent", "silent", "trouble", "well", "well"]
    assert [tile.missing for tile in found] == [
        (Report.CONNECT, Report.START, Report.MIDDLE),
        (Report.MIDDLE,),
        (Report.MIDDLE,),
        (),
        (),
    ]
    assert [tile.present for tile in found] == [None, 44, 40, 31, 41]


def test_the_figures_of_every_unit_add_up_to_those_of_all(db, cast, session, join):
    join(cast.province, start=90, middle=88)
    join(cast.commune, PointState.TROUBLE, start=40)
    join(cast.commune, PointState.INVITED)
    join(cast.other_commune, PointState.CLOSED, start=30, middle=31, end=29)
    groups, total = live.figures(db, seen(db, cast, session))
    assert total == Figures(
        points=4, silent=1, trouble=1, invited=1, connected=1, in_trouble=1, closed=1, expected=200, counted=3,
        present=88 + 40 + 29, start_counted=3, start_present=160, middle_counted=2, middle_present=119,
        end_counted=1, end_present=29,
    )  # fmt: skip
    # What there is most to look after in comes first, then the holder's own points.
    assert [group.unit for group in groups] == [cast.commune, cast.province, cast.other_commune]
    for name, value in asdict(total).items():
        assert sum(getattr(group.figures, name) for group in groups) == value


def test_a_correction_counts_and_a_late_one_of_an_earlier_moment_does_not_hide_a_later_count(db, cast, session, join):
    point = join(cast.commune, start=40, middle=38)
    part = factories.first_part(db, session)
    factories.count_people(db, cast.staff, point, part, 45, minutes_ago=1)
    (tile,), _ = live.tiles(db, seen(db, cast, session))
    assert tile.present == 38
    _, total = live.figures(db, seen(db, cast, session))
    assert (total.start_present, total.middle_present, total.present) == (45, 38, 38)


def test_a_point_that_closed_is_not_asked_for_what_came_later(db, cast, session, join):
    point = join(cast.commune, PointState.CLOSED, start=40)
    point.state_at = session.starts_at + timedelta(hours=1)
    db.flush()
    (tile,), _ = live.tiles(db, seen(db, cast, session))
    assert tile.missing == ()
    point.state_at = session.starts_at + timedelta(hours=2, minutes=1)
    db.flush()
    (tile,), _ = live.tiles(db, seen(db, cast, session))
    assert tile.missing == (Report.MIDDLE,)


def test_a_trouble_that_goes_on_shows_though_the_point_says_that_it_is_connected(db, cast, session, join):
    point = join(cast.commune, start=40)
    key, now = uuid4(), clock.now()
    troubles.report(db, cast.staff, point, TroubleKind.SOUND, note="Mất tiếng", began_at=now, key=key)
    points.set_state(db, cast.staff, point, PointState.CONNECTED)
    asked = seen(db, cast, session)
    (tile,), _ = live.tiles(db, asked)
    assert (tile.standing, tile.troubles) == ("trouble", (TroubleKind.SOUND,))
    assert (live.figures(db, asked)[1].trouble, shown(db, asked, wanted="trouble")) == (1, ([point], 1))
    troubles.end(db, cast.staff, point, key, action="Thay dây", ended_at=now)
    (tile,), _ = live.tiles(db, asked)
    assert (tile.standing, tile.troubles) == ("silent", ())


def test_a_point_that_declined_is_expected_nowhere(db, cast, session, join):
    join(cast.commune, PointState.DECLINED)
    (tile,), _ = live.tiles(db, seen(db, cast, session))
    assert (tile.standing, tile.missing) == ("well", ())
    _, total = live.figures(db, seen(db, cast, session))
    assert (total.points, total.declined, total.expected) == (1, 1, 0)


def test_points_are_found_by_words_of_their_room_or_unit_and_by_how_they_are(db, cast, session, join):
    silent, well = join(cast.commune), join(cast.other_commune, start=1, middle=1)
    asked = seen(db, cast, session)
    assert shown(db, asked, q="phong tho") == ([well], 1)
    assert shown(db, asked, q="sin tho") == ([], 0)
    assert shown(db, asked, q="hội trường") == ([silent, well], 2)
    assert shown(db, asked, wanted="silent") == ([silent], 1)
    assert shown(db, asked, wanted="connected", limit=1) == ([silent], 2)
    assert shown(db, asked, wanted="trouble") == ([], 0)


def test_a_unit_is_looked_at_by_itself(db, cast, session, join):
    point = join(cast.commune)
    join(cast.other_commune)
    asked = seen(db, cast, session, unit=cast.commune)
    assert shown(db, asked) == ([point], 1)
    (group,), total = live.figures(db, asked)
    assert (group.unit, group.figures, total.points) == (cast.commune, total, 1)


def test_guests_from_elsewhere_are_seen_under_their_own_highest_unit(db, cast, session, join):
    factories.entrust(db, cast.administrator, Role.ADMINISTRATOR, cast.neighbour)
    join(cast.commune)
    guest = join(cast.neighbour)
    groups, total = live.figures(db, seen(db, cast, session))
    assert ({group.unit for group in groups}, total.points) == ({cast.commune, cast.neighbour}, 2)
    assert shown(db, seen(db, cast, session, unit=cast.neighbour)) == ([guest], 1)


def test_whoever_looks_after_part_of_it_watches_that_part(db, cast, session, join):
    mine = join(cast.commune)
    join(cast.other_commune)
    asked = seen(db, cast, session, by=cast.technician)
    assert (asked.top, *shown(db, asked)) == (cast.commune, [mine], 1)
    with pytest.raises(OutsideScope):
        seen(db, cast, session, by=cast.technician, unit=cast.other_commune)
    with pytest.raises(OutsideScope):
        seen(db, cast, session, by=cast.technician, unit=cast.province)
    with pytest.raises(live.NothingToWatch):
        seen(db, cast, session, by=cast.member)


def test_nobody_is_silent_once_the_register_is_closed(db, cast, session, join):
    join(cast.commune, PointState.INVITED)
    assert live.figures(db, seen(db, cast, session))[1].silent == 1
    register.close(db, cast.staff, session)
    assert live.figures(db, seen(db, cast, session))[1].silent == 0


def test_the_figures_are_two_statements_and_the_points_one_however_many_there_are(db, cast, session, join):
    for unit in [cast.commune, cast.other_commune] * 4:
        join(unit, start=10)
    asked = seen(db, cast, session)
    db.flush()
    with factories.statements(db) as sent:
        live.figures(db, asked)
        live.tiles(db, asked, limit=5)
    assert len(sent) == 3


def test_the_version_is_another_one_after_any_change_and_the_same_without(db, cast, session, join, monkeypatch):
    now = clock.now().replace(second=10)
    monkeypatch.setattr(clock, "now", lambda: now)
    point, other = join(cast.commune, start=40), join(cast.other_commune)
    part = factories.first_part(db, session)
    versions = []

    def note(**asked):
        db.flush()
        versions.append(live.version(db, seen(db, cast, session, **asked)))
        return versions[-1]

    assert note() == note()
    versions.pop()
    points.set_state(db, cast.staff, point, PointState.TROUBLE)
    note()
    point.expected_count, other.expected_count = other.expected_count + 1, other.expected_count - 1
    note()
    headcounts.record(db, cast.staff, point, part, START, Numbers(39), counted_at=now, client_key=uuid4())
    of_other = note(unit=cast.other_commune)
    note()
    key = uuid4()
    points.set_state(db, cast.staff, point, PointState.TROUBLE)
    troubles.report(db, cast.staff, point, TroubleKind.SOUND, note="", began_at=now, key=key)
    note()
    troubles.report(db, cast.staff, point, TroubleKind.POWER, note="", began_at=now, key=uuid4())
    note()
    troubles.end(db, cast.staff, point, key, action="Thay dây", ended_at=now)
    note()
    assert note(unit=cast.other_commune) == of_other
    versions.pop()
    register.close(db, cast.staff, session)
    note()
    now += timedelta(minutes=1)
    note()
    assert len(set(versions)) == len(versions)
