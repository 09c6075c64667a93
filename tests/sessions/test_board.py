from datetime import timedelta

import pytest

from sessions import board, overview, register, trail
from sessions.models import Moment, Role
from tests import factories


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast)


def test_points_are_shown_by_unit_with_the_last_thing_counted(db, cast, session):
    near = factories.join(db, cast, session, cast.commune, technician=cast.technician)
    far = factories.join(db, cast, session, cast.other_commune)
    part = factories.first_part(db, session)
    factories.count_people(db, cast.technician, near, part, 40, minutes_ago=50)
    factories.count_people(db, cast.staff, near, part, 38, moment=Moment.MIDDLE, minutes_ago=20)
    (first, second), total = board.points_of(db, session)
    assert ([first.point, second.point], total) == ([far, near], 2)
    assert first.latest is None
    counted, by = second.latest
    assert (counted.present, by) == (38, cast.staff)
    assert (second.unit, second.technician, second.room.technician) == (
        cast.commune,
        cast.technician,
        cast.technician,
    )
    below, total = board.points_of(db, session, unit=cast.commune)
    assert ([taking.point for taking in below], total) == ([near], 1)


def test_a_page_of_points_is_two_statements_however_many_there_are(db, cast, session):
    part = factories.first_part(db, session)
    for unit in [cast.commune, cast.other_commune] * 5:
        factories.count_people(db, cast.staff, factories.join(db, cast, session, unit), part, 10)
    db.flush()
    with factories.statements(db) as sent:
        page, total = board.points_of(db, session, limit=8)
    assert (len(page), total, len(sent)) == (8, 10, 2)


def line_of(db, person, session, when="all"):
    (line,) = [line for line in overview.sessions(db, person, when)[0] if line.session == session]
    return line


def test_present_is_the_fullest_part_by_the_counts_that_stand(db, cast, session):
    morning, afternoon = register.parts_of(db, session.id)
    one, other = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune))
    factories.count_people(db, cast.staff, one, morning, 100, minutes_ago=90)
    factories.count_people(db, cast.staff, one, morning, 60, minutes_ago=80)  # A correction.
    factories.count_people(db, cast.staff, other, morning, 30)
    factories.count_people(db, cast.staff, one, afternoon, 70)
    factories.count_people(db, cast.staff, one, afternoon, 99, moment=Moment.MIDDLE)
    counts = line_of(db, cast.staff, session).counts
    assert counts == overview.Counts(parts=2, points=2, expected=100, present=90)
    assert overview.counts_of(db, session) == counts


def test_an_empty_conference_counts_nothing(db, cast, session):
    assert overview.counts_of(db, session) == overview.Counts(parts=2, points=0, expected=0, present=0)


def test_conferences_are_listed_by_when_they_are(db, cast, session):
    factories.join(db, cast, session, cast.commune)
    soon = factories.open_session(db, cast, unit=cast.commune, starts_in=timedelta(hours=5))
    later = factories.open_session(db, cast, unit=cast.commune, starts_in=timedelta(hours=50))

    def listed(when, person=cast.technician):
        lines, total = overview.sessions(db, person, when)
        assert total == len(lines)
        return [line.session for line in lines]

    assert listed("upcoming") == [soon, later]
    assert listed("past") == [session]
    assert listed("all") == [later, soon, session]
    assert listed("all", cast.stranger) == []


def test_ones_own_point_is_the_one_looked_after_or_else_that_of_ones_unit(db, cast, session):
    factories.join(db, cast, session, cast.province)
    assert line_of(db, cast.administrator, session).own_point.unit == cast.province
    home = factories.join(db, cast, session, cast.commune, name="A")
    assert line_of(db, cast.technician, session).own_point.point == home
    away = factories.join(db, cast, session, cast.other_commune, name="B", technician=cast.technician)
    assert line_of(db, cast.technician, session).own_point.point == away


def test_a_page_of_conferences_is_two_statements_however_many_there_are(db, cast):
    for _ in range(4):
        each = factories.open_session(db, cast)
        point = factories.join(db, cast, each, cast.commune)
        factories.count_people(db, cast.staff, point, factories.first_part(db, each), 10)
    db.flush()
    with factories.statements(db) as sent:
        lines, total = overview.sessions(db, cast.technician, "all", limit=3)
    assert ([line.counts.present for line in lines], total) == ([10, 10, 10], 4)
    assert all(line.own_point for line in lines)
    # The first one asks for the roles of the reader.
    assert len(sent) == 3


def test_the_trail_is_read_within_ones_own_units(db, cast, session):
    point = factories.join(db, cast, session, cast.commune)
    clerk = factories.enrol(db, cast.commune)
    factories.entrust(db, clerk, Role.STAFF, cast.commune)
    db.flush()

    def told(person, **narrowed):
        return [entry.action for entry, _ in trail.find(db, person, **narrowed)[0]]

    assert told(cast.administrator, subject_kind="session") == ["points.joined", "session.opened"]
    assert told(cast.staff, subject_kind="session", subject_id=session.id) == ["points.joined", "session.opened"]
    assert told(clerk) == ["role.granted", "person.enrolled", "point.added"]
    assert told(clerk, subject_kind="session") == []
    assert told(clerk, subject_kind="connection_point", subject_id=point.connection_point_id) == ["point.added"]
    assert told(cast.technician) == []
    assert told(cast.stranger) == []
