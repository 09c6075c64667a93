"""Pictures that prove headcounts: announced with their hash, which stays in the register whatever becomes of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock, headcounts, register
from sessions.db import Db
from sessions.errors import Invalid, NotFound
from sessions.models import ConferenceSession, CountPhoto, Moment, Person, SessionPart, SessionPoint

#: A picture that the page has shrunk is a thirtieth of this; one straight from a good camera still passes.
MOST_BYTES = 10 * 2**20


class PhotoUnknown(NotFound):
    code = "photo-not-found"
    vi = "Không tìm thấy ảnh này."
    en = "There is no such picture."


class PhotoTooLarge(Invalid):
    code = "photo-too-large"
    vi = "Ảnh rỗng hoặc lớn hơn mức cho phép ({limit_mb} MB). Hãy chụp lại với cỡ ảnh nhỏ hơn."
    en = "The picture is empty, or larger than the {limit_mb} MB allowed. Take it again in a smaller size."


@dataclass(frozen=True)
class Picture:
    """What a device says of a picture: of which count it is, when it was taken, and what its bytes hash to."""

    moment: Moment
    sha256: str
    bytes: int
    taken_at: datetime
    client_key: UUID
    headcount_key: UUID | None = None
    clock_ahead: int | None = None


def announce(db: Db, by: Person, point: SessionPoint, part: SessionPart, picture: Picture) -> tuple[CountPhoto, bool]:
    """Note that a picture of a count was taken; whether it is new comes second. Its bytes come through the gate.

    The same `client_key` is taken once. Who may count at the point may prove what was counted, also after the
    register was closed: a picture changes no number.
    """
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    if not 0 < picture.bytes <= MOST_BYTES:
        raise PhotoTooLarge(limit_mb=MOST_BYTES // 2**20)
    taken_at, _ = headcounts.put_right(picture.taken_at, picture.clock_ahead)
    headcounts.demand_past(taken_at)
    row = insert(CountPhoto).values(
        id=uuid4(),
        session_point_id=point.id,
        part_id=part.id,
        moment=picture.moment,
        headcount_key=picture.headcount_key,
        sha256=picture.sha256,
        bytes=picture.bytes,
        taken_at=taken_at,
        received_at=clock.now(),
        recorded_by=by.id,
        client_key=picture.client_key,
    )
    added: CountPhoto | None = db.scalar(
        row.on_conflict_do_nothing(index_elements=["client_key"]).returning(CountPhoto)
    )
    if added is None:
        return _taken_before(db, point, picture.client_key), False
    audit.note(db, by, "photo.announced", "session_point", point.id, photo_id=added.id, sha256=added.sha256)
    return added, True


def _taken_before(db: Db, point: SessionPoint, client_key: UUID) -> CountPhoto:
    taken = db.scalars(select(CountPhoto).where(CountPhoto.client_key == client_key)).one()
    if taken.session_point_id != point.id:
        raise headcounts.ClientKeyUsed
    return taken


def of_point(db: Db, point: SessionPoint) -> list[tuple[CountPhoto, Person]]:
    """The pictures of a point with who took them, the newest first."""
    taken = select(CountPhoto, Person).join(Person, Person.id == CountPhoto.recorded_by)
    mine = taken.where(CountPhoto.session_point_id == point.id)
    return [(photo, by) for photo, by in db.execute(mine.order_by(CountPhoto.taken_at.desc(), CountPhoto.client_key))]


def get(db: Db, photo_id: UUID) -> CountPhoto:
    """One picture; raises `PhotoUnknown`. Who may see it is its point's question."""
    photo = db.get(CountPhoto, photo_id)
    if photo is None:
        raise PhotoUnknown
    return photo
