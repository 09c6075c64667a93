"""Points that change hands over HTTP: a code made by whoever looks after the point, taken by whoever is told it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, Signed, Technician
from api.schemas import PROBLEMS, Named, SessionPointView
from sessions import board, handovers, points, register

router = APIRouter(tags=["points"], responses=PROBLEMS)


class CodeView(BaseModel):
    """Six digits, told this once and kept nowhere in the clear."""

    code: str
    expires_at: datetime


class TypedCode(BaseModel):
    code: Annotated[str, Field(pattern=r"^\d{6}$")]


class HandoverView(BaseModel):
    """A point that changed hands; `from_person` is null where nobody looked after it before."""

    from_person: Named | None
    to_person: Named
    taken_at: datetime


@router.post("/session-points/{point_id}/handover-code", status_code=201)
def make_handover_code(db: DbDep, by: Signed, response: Response, point_id: UUID) -> CodeView:
    """Make a code for a point, good once and for a quarter of an hour. One made before is good no longer."""
    point, _ = points.see(db, by, point_id)
    offered, code = handovers.offer(db, by, point)
    response.headers["Cache-Control"] = "no-store"
    return CodeView(code=code, expires_at=offered.expires_at)


@router.get("/session-points/{point_id}/handovers")
def list_handovers(db: DbDep, by: Signed, point_id: UUID) -> list[HandoverView]:
    """From whom to whom a point went, the newest first, for those who may count there."""
    point, session = points.see(db, by, point_id)
    register.demand_count(db, by, session, point)
    return [
        HandoverView(
            from_person=Named.model_validate(before) if before else None,
            to_person=Named.model_validate(after),
            taken_at=handover.taken_at or handover.offered_at,
        )
        for handover, before, after in handovers.of_point(db, point)
    ]


@router.post("/handovers")
def take_over(db: DbDep, by: Technician, asked: TypedCode) -> SessionPointView:
    """Become the technician of the point that a code was made for."""
    point = handovers.take(db, by, asked.code)
    return SessionPointView.of(board.takings(db, [point])[0])
