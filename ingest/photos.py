"""Pictures of counts on their way through the gate: a file like any other until it is let in, shown to no member.

A picture is let in by the gate alone. It is evidence for those who look after the point, not something published to
members, so it waits for no second person's release; one that the gate holds, or that nobody could read, waits for a
person as every file does.
"""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from archive.storage import storage
from ingest import jobs, sheets, verdicts
from ingest.models import IngestJob, JobState, Upload
from ingest.work import Outcome
from sessions.db import Db, after_commit
from sessions.errors import Conflict, Invalid
from sessions.models import CountPhoto, SessionPoint


class NotAPhoto(Invalid):
    code = "not-a-photo"
    vi = "Tệp này không phải ảnh JPEG, PNG hoặc WebP. Hãy chụp lại bằng máy ảnh của điện thoại."
    en = "This file is no JPEG, PNG or WebP picture. Take it again with the phone's camera."


class PhotoUnread(Conflict):
    code = "photo-unread"
    vi = "Máy chủ không đọc được chữ trong ảnh. Một người khác có quyền phải xem ảnh và quyết định."
    en = "The server could not read what is written in the picture. Another person with that right has to look at it."


class PhotoNotLetIn(Conflict):
    code = "photo-not-let-in"
    vi = "Ảnh chưa tới đủ, đang được kiểm duyệt, hoặc không được nhận."
    en = "The picture has not arrived whole, is still being checked, or was not taken."


class PhotoState(StrEnum):
    """Where a picture is: not here yet, before the gate, let in, waiting for a person, or turned away."""

    AWAITED = "awaited"
    CHECKING = "checking"
    KEPT = "kept"
    HELD = "held"
    REFUSED = "refused"


_STATES = {
    JobState.PUBLISHED: PhotoState.KEPT,
    JobState.HELD: PhotoState.HELD,
    JobState.REFUSED: PhotoState.REFUSED,
    JobState.RETRACTED: PhotoState.REFUSED,
    JobState.CANCELLED: PhotoState.AWAITED,
    JobState.FAILED: PhotoState.AWAITED,
}
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


def media_type_of(beginning: bytes) -> str:
    """What kind of picture begins like this; raises `NotAPhoto` for what no browser shows."""
    for magic, media_type in _BEGINNINGS.items():
        if beginning.startswith(magic):
            return media_type
    raise NotAPhoto


def demand_photo(source: Path) -> None:
    """Raise `NotAPhoto` unless the file begins as a picture; that it is a whole one shows when it is drawn."""
    with source.open("rb") as file:
        media_type_of(file.read(16))


def keep(*, unread: bool) -> Outcome:
    """What follows for a picture in which the gate has found nothing: it is kept, or waits for somebody to look."""

    def write(db: Db, job: IngestJob) -> None:
        if unread:
            verdicts.hold(db, job, PhotoUnread())
            return
        jobs.move(db, job, JobState.ADMITTED)
        jobs.move(db, job, JobState.PUBLISHED)
        after_commit(db, lambda: sheets.drop(job.id))

    return write


def states_of(db: Db, session_id: UUID, photos: Collection[CountPhoto]) -> dict[str, PhotoState]:
    """Where these pictures of one conference are, by their hashes."""
    found = db.execute(
        select(Upload.sha256, IngestJob.state)
        .join(IngestJob, IngestJob.upload_id == Upload.id)
        .where(Upload.session_id == session_id, Upload.sha256.in_([photo.sha256 for photo in photos]))
        .order_by(IngestJob.created_at)
    )
    states = {sha256: _STATES.get(state, PhotoState.CHECKING) for sha256, state in found}
    return {photo.sha256: states.get(photo.sha256, PhotoState.AWAITED) for photo in photos}


def read(db: Db, point: SessionPoint, photo: CountPhoto) -> tuple[bytes, str]:
    """A picture that the gate has let in, and its media type; raises `PhotoNotLetIn` for every other."""
    if states_of(db, point.session_id, [photo])[photo.sha256] is not PhotoState.KEPT:
        raise PhotoNotLetIn
    with storage().local_path(f"originals/{photo.sha256}") as file:
        content = file.read_bytes()
    return content, media_type_of(content[:16])
