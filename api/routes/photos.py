"""Pictures of counts over HTTP: announced here, sent in as uploads of the kind `photo`, seen by who counts there."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, Signed
from api.routes.points import MOST_OFF
from api.routes.uploads import HexSha256
from api.schemas import PROBLEMS, Instant, Named
from ingest import photos as arriving
from ingest.photos import PhotoState
from sessions import photos, points, register
from sessions.db import Db
from sessions.models import CountPhoto, Moment, Person, SessionPoint

router = APIRouter(tags=["points"], responses=PROBLEMS)


class NewPhoto(BaseModel):
    """A picture as the device has it, announced before its bytes are sent."""

    part_id: UUID
    moment: Moment
    #: The key of the headcount that it proves.
    headcount_key: UUID | None = None
    sha256: HexSha256
    bytes: int
    #: By the device's own clock.
    taken_at: Instant
    clock_ahead: Annotated[int, Field(ge=-MOST_OFF, le=MOST_OFF)] | None = None
    client_key: UUID


class PhotoView(BaseModel):
    """A picture of a count; `url` once the gate has let it in."""

    id: UUID
    part_id: UUID
    moment: Moment
    headcount_key: UUID | None
    sha256: str
    bytes: int
    taken_at: datetime
    received_at: datetime
    recorded_by: Named
    state: PhotoState
    url: str | None


@router.post(
    "/session-points/{point_id}/photos",
    status_code=201,
    responses={200: {"model": PhotoView, "description": "This picture had been announced before"}},
)
def announce_photo(db: DbDep, by: Signed, response: Response, point_id: UUID, asked: NewPhoto) -> PhotoView:
    """Put on record that a picture was taken. While its state is `awaited`, its bytes are still to be uploaded."""
    point, session = points.see(db, by, point_id)
    part = register.part_of(db, session.id, asked.part_id)
    picture = photos.Picture(**asked.model_dump(exclude={"part_id"}))
    photo, is_new = photos.announce(db, by, point, part, picture)
    if not is_new:
        response.status_code = 200
    return _views(db, point, [(photo, db.get_one(Person, photo.recorded_by))])[0]


@router.get("/session-points/{point_id}/photos")
def list_photos(db: DbDep, by: Signed, point_id: UUID) -> list[PhotoView]:
    """The pictures of a point's counts, the newest first, for those who may count there."""
    point = _counted_by(db, by, point_id)
    return _views(db, point, photos.of_point(db, point))


@router.get("/photos/{photo_id}", response_class=Response)
def read_photo(db: DbDep, by: Signed, photo_id: UUID) -> Response:
    """A picture itself, once the gate has let it in."""
    photo = photos.get(db, photo_id)
    content, media_type = arriving.read(db, _counted_by(db, by, photo.session_point_id), photo)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def _counted_by(db: Db, by: Person, point_id: UUID) -> SessionPoint:
    """A point at which this person may count: names stand on sign-in sheets, and are not for everybody."""
    point, session = points.see(db, by, point_id)
    register.demand_count(db, by, session, point)
    return point


def _views(db: Db, point: SessionPoint, taken: "list[tuple[CountPhoto, Person]]") -> list[PhotoView]:
    states = arriving.states_of(db, point.session_id, [photo for photo, _ in taken])
    return [
        PhotoView(
            **{name: getattr(photo, name) for name in _PLAIN},
            recorded_by=Named.model_validate(by),
            state=states[photo.sha256],
            url=f"/api/v1/photos/{photo.id}" if states[photo.sha256] is PhotoState.KEPT else None,
        )
        for photo, by in taken
    ]


#: What stands in the row as it is shown.
_PLAIN = set(PhotoView.model_fields) - {"recorded_by", "state", "url"}
