"""Whether the process lives, whether it can work, and what it has counted."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import text

from api.deps import DbDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


@router.get("/healthz")
def healthz() -> Health:
    """The process lives."""
    return Health(status="alive")


@router.get("/readyz")
def readyz(db: DbDep) -> Health:
    """The database answers; anything else is a problem with status 503."""
    db.execute(text("SELECT 1"))
    return Health(status="ready")


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
