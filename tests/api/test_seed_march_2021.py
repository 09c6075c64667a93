"""The conference of March 2021 adds up to what was reported, part by part, point by point."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from api.seed import cast, lai_chau, march_2021, tree
from sessions import headcounts, register
from sessions.models import Headcount, Moment, PointState, SessionPoint, Unit


@pytest.fixture
def session(db):
    province = tree.plant(db, lai_chau.province())
    cast.enrol_office(db, province)
    return march_2021.record(db, cast.get(db, cast.STAFF), province)


def present(db, session, part, moment):
    """People present at all points, of the counts that hold."""
    points = select(SessionPoint.id).where(SessionPoint.session_id == session.id)
    latest = headcounts.latest(points).subquery()
    total = select(func.sum(latest.c.present), func.count()).where(
        latest.c.part_id == part.id, latest.c.moment == moment
    )
    return tuple(db.execute(total).one())


def test_openings_add_up_to_11873_at_145_points_and_later_counts_are_a_little_lower(db, session):
    parts = register.parts_of(db, session.id)
    assert len(parts) == 2
    for part in parts:
        start, middle, end = (present(db, session, part, moment) for moment in Moment)
        assert start == (11_873, 145)
        assert middle[1] == end[1] == 145
        assert 11_873 > middle[0] > end[0] > 11_500
        excused, absent, late = db.execute(
            select(func.sum(Headcount.excused), func.sum(Headcount.absent), func.sum(Headcount.late)).where(
                Headcount.part_id == part.id, Headcount.moment == Moment.START
            )
        ).one()
        assert min(excused, absent, late) > 0
        assert excused + absent + late < 200


def test_145_points_of_four_kinds_are_relayed_from_province_to_district_to_commune(db, session):
    points = {point.id: point for point in db.scalars(select(SessionPoint))}
    units = {unit.id: unit for unit in db.scalars(select(Unit))}
    kinds = Counter(units[point.unit_id].kind for point in points.values())
    assert kinds == {"province": 1, "district": 8, "commune": 106, "agency": 30}
    for point in points.values():
        above = points[point.relay_id].unit_id if point.relay_id else None
        assert above == units[point.unit_id].parent_id
    assert {point.state for point in points.values()} == {PointState.CLOSED}
    assert session.closed_at is not None
