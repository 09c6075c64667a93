"""The most and the middle of what was counted, over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import DbDep, Signed
from api.schemas import PROBLEMS, Row
from sessions import headcount_totals, points, register

router = APIRouter(tags=["points"], responses=PROBLEMS)


class TurnoutView(Row):
    """Peak and median of a part, of all parts together where `part_id` is null; sums over the points that counted."""

    part_id: UUID | None
    points: int
    peak: int
    median: float


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
