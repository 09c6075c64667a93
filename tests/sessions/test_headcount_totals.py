from sessions import headcount_totals, register
from sessions.headcount_totals import MomentTotal, Turnout
from sessions.models import Moment, PointState
from tests import factories


def count(db, cast, point, part, *present):
    for moment, number in zip(Moment, present, strict=False):
        factories.count_people(db, cast.staff, point, part, number, moment=moment)


def test_peak_and_median_of_each_part_and_of_all_together_by_the_counts_that_hold(db, cast):
    session = factories.open_session(db, cast)
    morning, afternoon = register.parts_of(db, session.id)
    one, other = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune))
    assert headcount_totals.of_session(db, session) == headcount_totals.of_point(db, one) == []
    factories.count_people(db, cast.staff, one, morning, 99, minutes_ago=90)  # Corrected below.
    count(db, cast, one, morning, 40, 50, 44)
    count(db, cast, one, afternoon, 30, 35)
    count(db, cast, other, morning, 20)
    assert {turnout.part_id: turnout for turnout in headcount_totals.of_point(db, one)} == {
        morning.id: Turnout(morning.id, 1, 50, 44),
        afternoon.id: Turnout(afternoon.id, 1, 35, 32.5),
        None: Turnout(None, 1, 50, 40),
    }
    assert {turnout.part_id: turnout for turnout in headcount_totals.of_session(db, session)} == {
        morning.id: Turnout(morning.id, 2, 70, 64),
        afternoon.id: Turnout(afternoon.id, 1, 35, 32.5),
        None: Turnout(None, 2, 70, 60),
    }


def test_each_moment_of_each_part_in_order_with_the_points_that_are_still_silent(db, cast):
    session = factories.open_session(db, cast)
    morning, afternoon = register.parts_of(db, session.id)
    one, other, _ = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune, None))
    declined = factories.join(db, cast, session)
    declined.state = PointState.DECLINED
    count(db, cast, one, morning, 40, 50)
    count(db, cast, other, morning, 20)
    count(db, cast, declined, morning, 1)
    start, middle, end, whole = (*Moment, None)
    assert headcount_totals.by_moment(db, session) == [
        MomentTotal(morning.id, start, 61, 3, 1),
        MomentTotal(morning.id, middle, 50, 1, 2),
        MomentTotal(morning.id, end, 0, 0, 3),
        MomentTotal(morning.id, whole, None, 3, 1),
        MomentTotal(afternoon.id, start, 0, 0, 3),
        MomentTotal(afternoon.id, middle, 0, 0, 3),
        MomentTotal(afternoon.id, end, 0, 0, 3),
        MomentTotal(afternoon.id, whole, None, 0, 3),
    ]
