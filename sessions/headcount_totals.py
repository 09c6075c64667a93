"""The most and the middle of what was counted: of a point, and of a whole conference, part by part.

Taken point by point and then added up, so that a point which counted once weighs as much as one that counted three
times. The figures of all parts together are those of each point over everything it counted.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Integer, cast, func, select, tuple_

from sessions import headcounts
from sessions.db import Db
from sessions.models import ConferenceSession, Headcount, SessionPoint


@dataclass(frozen=True)
class Turnout:
    """People present in one part, or in all of them (no part): points that counted, their peaks and medians added."""

    part_id: UUID | None
    points: int
    peak: int
    #: Half a person where a point counted an even number of times.
    median: float


def of_point(db: Db, point: SessionPoint) -> list[Turnout]:
    """Peak and median of each part counted at a point, then of all together; empty where nothing was counted."""
    return _turnouts(db, Headcount.session_point_id == point.id)


def of_session(db: Db, session: ConferenceSession) -> list[Turnout]:
    """The same of a whole conference, summed over its points."""
    its_points = select(SessionPoint.id).where(SessionPoint.session_id == session.id)
    return _turnouts(db, Headcount.session_point_id.in_(its_points))


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
