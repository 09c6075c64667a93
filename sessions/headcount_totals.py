"""What was counted, in figures: the most and the middle of a point and of a whole conference, and moment by moment.

Taken point by point and then added up, so that a point which counted once weighs as much as one that counted three
times. The figures of all parts together are those of each point over everything it counted.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Integer, cast, distinct, func, select, tuple_

from sessions import headcounts, register
from sessions.db import Db
from sessions.models import ConferenceSession, Headcount, Moment, PointState, SessionPoint


@dataclass(frozen=True)
class Turnout:
    """People present in one part, or in all of them (no part): points that counted, their peaks and medians added."""

    part_id: UUID | None
    points: int
    peak: int
    #: Half a person where a point counted an even number of times.
    median: float


@dataclass(frozen=True)
class MomentTotal:
    """People present at one moment of a part, added over the points that counted, and how many have not."""

    part_id: UUID
    #: The whole part while there is none: its points are those that counted at any moment of it.
    moment: Moment | None
    present: int | None
    points: int
    uncounted: int


def of_point(db: Db, point: SessionPoint) -> list[Turnout]:
    """Peak and median of each part counted at a point, then of all together; empty where nothing was counted."""
    return _turnouts(db, Headcount.session_point_id == point.id)


def of_session(db: Db, session: ConferenceSession) -> list[Turnout]:
    """The same of a whole conference, summed over its points."""
    its_points = select(SessionPoint.id).where(SessionPoint.session_id == session.id)
    return _turnouts(db, Headcount.session_point_id.in_(its_points))


def by_moment(db: Db, session: ConferenceSession) -> list[MomentTotal]:
    """Every moment of every part in the order of the agenda, and each part as a whole after its moments.

    A point that declined has nothing to count, so it is missed nowhere.
    """
    takes_part = SessionPoint.state != PointState.DECLINED
    due = db.scalars(select(func.count()).where(SessionPoint.session_id == session.id, takes_part)).one()
    counted = (
        select(
            Headcount.part_id,
            Headcount.moment,
            cast(func.sum(Headcount.present), Integer),
            func.count(distinct(SessionPoint.id)),
            func.count(distinct(SessionPoint.id)).filter(takes_part),
        )
        .join(SessionPoint, SessionPoint.id == Headcount.session_point_id)
        .where(SessionPoint.session_id == session.id, headcounts.HOLDS)
        .group_by(func.grouping_sets(tuple_(Headcount.part_id, Headcount.moment), tuple_(Headcount.part_id)))
    )
    found = {(part_id, moment): figures for part_id, moment, *figures in db.execute(counted)}
    totals = []
    for part in register.parts_of(db, session.id):
        for moment in (*Moment, None):
            present, points, told = found.get((part.id, moment), (0, 0, 0))
            # Moments of one part are not added up: the same people sat through all of them.
            totals.append(MomentTotal(part.id, moment, present if moment else None, points, due - told))
    return totals


def _turnouts(db: Db, which: ColumnElement[bool]) -> list[Turnout]:
    each, whole = tuple_(Headcount.session_point_id, Headcount.part_id), tuple_(Headcount.session_point_id)
    by_point = (
        select(
            Headcount.session_point_id,
            Headcount.part_id,
            func.max(Headcount.present).label("peak"),
            func.percentile_cont(0.5).within_group(Headcount.present).label("median"),
        )
        .where(which, headcounts.HOLDS)
        .group_by(func.grouping_sets(each, whole))
        .subquery()
    )
    summed = select(
        by_point.c.part_id,
        func.count(),
        cast(func.sum(by_point.c.peak), Integer),
        cast(func.sum(by_point.c.median), Float),
    )
    found = [Turnout(*row) for row in db.execute(summed.group_by(by_point.c.part_id))]
    return sorted(found, key=lambda each: (each.part_id is None, str(each.part_id)))
