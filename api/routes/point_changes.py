"""A registered room over HTTP: read whole, described anew, retired, and brought back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import DbDep, Signed
from api.routes.points import DescribedPoint
from api.schemas import PROBLEMS, ConnectionPointView
from sessions import board, point_changes
from sessions.db import Db
from sessions.models import ConnectionPoint
from sessions.point_changes import Description

router = APIRouter(tags=["points"], responses=PROBLEMS)


class ChangedConnectionPoint(DescribedPoint):
    """The whole room as it shall be."""

    #: What the writer saw, so that two writers don't undo one another.
    version: Annotated[str, Field(min_length=1, max_length=40)]


class ConnectionPointDetail(ConnectionPointView):
    """A room with what is needed to change it, and since when it is out of use."""

    version: str
    retired_at: datetime | None


@router.get("/connection-points/{point_id}")
def read_connection_point(db: DbDep, person: Signed, point_id: UUID) -> ConnectionPointDetail:
    """A room that the person looks after, in use or not."""
    return _detail(db, point_changes.find(db, person, point_id))


@router.put("/connection-points/{point_id}")
def change_connection_point(
    db: DbDep, by: Signed, point_id: UUID, asked: ChangedConnectionPoint
) -> ConnectionPointDetail:
    """Describe a room anew. A new technician also looks after its points in conferences that have not started."""
    told = Description(
        asked.name,
        asked.address,
        seats=asked.seats,
        equipment=asked.equipment,
        line=asked.line,
        technician_id=asked.technician_id,
        reached=asked.reached,
    )
    return _detail(db, point_changes.change(db, by, point_id, told, known_version=asked.version))


@router.post("/connection-points/{point_id}/retire")
def retire_connection_point(db: DbDep, by: Signed, point_id: UUID) -> ConnectionPointDetail:
    """Take a room out of use; conferences of the past keep it."""
    return _detail(db, point_changes.retire(db, by, point_id))


@router.post("/connection-points/{point_id}/bring-back")
def bring_back_connection_point(db: DbDep, by: Signed, point_id: UUID) -> ConnectionPointDetail:
    """Put a retired room to use again."""
    return _detail(db, point_changes.bring_back(db, by, point_id))


def _detail(db: Db, room: ConnectionPoint) -> ConnectionPointDetail:
    described = ConnectionPointView.of(board.room_of(db, room))
    version = point_changes.version_of(room)
    return ConnectionPointDetail(**dict(described), version=version, retired_at=room.retired_at)
