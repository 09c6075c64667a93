"""What was counted, in figures, over HTTP: the most, the middle, and moment by moment."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import DbDep, Signed
from api.schemas import PROBLEMS, Row
from sessions import headcount_totals, points, register
from sessions.models import Moment

router = APIRouter(tags=["points"], responses=PROBLEMS)


class TurnoutView(Row):
    """Peak and median of a part, of all parts together where `part_id` is null; sums over the points that counted."""

    part_id: UUID | None
    points: int
    peak: int
    median: float


class MomentTotalView(Row):
    """People present at a moment of a part, over the points that counted; of the whole part where `moment` is null.

    `uncounted` are points that take part and have told nothing of it yet.
    """

    part_id: UUID
    moment: Moment | None
    present: int | None
    points: int
    uncounted: int


@router.get("/session-points/{point_id}/turnout")
def read_point_turnout(db: DbDep, by: Signed, point_id: UUID) -> list[TurnoutView]:
    """Peak and median of what a point counted."""
    point, _ = points.see(db, by, point_id)
    return [TurnoutView.model_validate(each) for each in headcount_totals.of_point(db, point)]


@router.get("/sessions/{session_id}/turnout")
def read_session_turnout(db: DbDep, by: Signed, session_id: UUID) -> list[TurnoutView]:
    """Peak and median of what the points of a conference counted, summed."""
    session = register.see(db, by, session_id)
    return [TurnoutView.model_validate(each) for each in headcount_totals.of_session(db, session)]


@router.get("/sessions/{session_id}/turnout/moments")
def read_session_moments(db: DbDep, by: Signed, session_id: UUID) -> list[MomentTotalView]:
    """How many were present at each moment of each part, in the order of the agenda, and how many points are silent."""
    session = register.see(db, by, session_id)
    return [MomentTotalView.model_validate(each) for each in headcount_totals.by_moment(db, session)]
