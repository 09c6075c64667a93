"""Uploads: a file on its way in over a bad line, from what its sender declares to the job that is made of it.

Authorised before a byte is read. The offset is the length of the file in quarantine, so a server that is killed can
neither promise too much nor lose what it had. One writer at a time holds the file; nothing here blocks the event loop.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import anyio
import anyio.to_thread
from sqlalchemy import Select, func, select

from ingest import gate, jobs, quarantine
from ingest.arrivals import Arrival, Checksum, DiskFull, UploadBusy, held, in_thread, receive
from ingest.models import Classification, IngestJob, JobState, Upload, UploadKind
from ingest.settings import workshop_settings
from sessions import audit, clock, photos, register
from sessions.db import Db, transaction
from sessions.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from sessions.models import ConferenceSession, Person
from sessions.names import clean

#: Uploads that one person may have open at once: enough for a conference's parts and decks, not for filling the disk.
OPEN_PER_PERSON = 20
#: What transcoding may need beside a file, as a share of its length: the ladder's top rung has no more bits than the
#: source, the rungs below it together about half as many, and the pieces of a rung lie beside it until it is whole.
TRANSCODING_SHARE = 1.0
#: So many bytes at the start of a file tell whether a person has chosen the same one again.
HEAD_BYTES = 64 * 1024
#: Jobs that leave room for the same file once more.
_GONE = (JobState.REFUSED, JobState.CANCELLED, JobState.RETRACTED, JobState.FAILED)
#: Threads that read whole files again at their end: few, since each keeps the disk busy.
_finishers = anyio.CapacityLimiter(2)


class UploadUnknown(NotFound):
    code = "upload-not-found"
    vi = "Không tìm thấy lượt tải lên này; có thể nó đã hết hạn. Hãy tải lại từ đầu."
    en = "There is no such upload; it may have expired. Begin it again."


class UploadNotAllowed(NotAllowed):
    code = "upload-not-allowed"
    vi = "Chỉ kỹ thuật viên và cán bộ phụ trách hội nghị này hoặc điểm cầu của hội nghị mới được tải tệp lên."
    en = "Only technicians and staff who look after this conference or one of its points may upload files to it."


class UploadFinished(Conflict):
    code = "upload-finished"
    vi = "Tệp này đã được nhận đủ và đang được xử lý."
    en = "This file has arrived whole and is being worked on."


class EmptyUpload(Invalid):
    code = "empty-upload"
    vi = "Tệp không có nội dung (0 byte). Hãy kiểm tra lại tệp trên máy của bạn."
    en = "The file is empty (0 bytes). Check the file on your device."


class UploadTooLarge(DomainError):
    status = 413
    code = "upload-too-large"
    vi = "Tệp lớn hơn mức cho phép ({limit_gb} GB). Hãy chia nhỏ hoặc nén lại trước khi tải lên."
    en = "The file is larger than the {limit_gb} GB allowed. Split or compress it first."


class TooManyUploads(Conflict):
    code = "too-many-uploads"
    vi = "Bạn đang có {limit} tệp tải lên dở dang. Hãy gửi xong hoặc bỏ bớt trước khi thêm tệp mới."
    en = "You have {limit} unfinished uploads. Finish or remove some before adding another."


class HashMismatch(DomainError):
    """Status 460 as for a piece: the tus protocol has none for a whole file."""

    status = 460
    code = "hash-mismatch"
    vi = "Tệp nhận được không giống tệp trên máy của bạn nên đã bị bỏ. Hãy tải lại từ đầu."
    en = "What arrived is not the file on your device, so it was thrown away. Send it again from the start."


class AlreadyHeld(Conflict):
    code = "already-held"
    vi = "Hội nghị này đã có đúng tệp này, không cần tải lại."
    en = "This conference already has this very file; there is no need to send it again."


@dataclass(frozen=True)
class Declared:
    """What the sender says of a file before its first byte."""

    session_id: UUID
    part_id: UUID | None
    kind: UploadKind
    filename: str
    length: int
    classification: Classification
    #: In hex, lower case.
    sha256: str | None = None


def begin(db: Db, by: Person, declared: Declared) -> Upload:
    """Open an upload, or refuse it while nothing was sent yet.

    Raises `SessionUnknown`, `UploadNotAllowed`, `ClassifiedDeclared` and `MarkedName` (with an incident that stays),
    `EmptyUpload`, `UploadTooLarge`, `TooManyUploads`, `DiskFull`, and for a known hash `RefusedBefore` or
    `AlreadyHeld`.
    """
    session = register.see(db, by, declared.session_id)
    if not register.may_upload(db, by, session):
        raise UploadNotAllowed
    if declared.part_id:
        register.part_of(db, session.id, declared.part_id)
    _demand_unclassified(by, session, declared)
    gate.demand_unmarked_name(db, by, session, declared.filename, sha256=declared.sha256)
    if declared.kind is UploadKind.PHOTO and declared.length > photos.MOST_BYTES:
        raise photos.PhotoTooLarge(limit_mb=photos.MOST_BYTES // 2**20)
    _demand_room(db, by, declared.length)
    if declared.sha256:
        _demand_new(db, session.id, declared.sha256)
    now = clock.now()
    upload = Upload(
        session_id=session.id,
        part_id=declared.part_id,
        kind=declared.kind,
        filename=clean_filename(declared.filename),
        length=declared.length,
        declared_sha256=declared.sha256,
        uploaded_by=by.id,
        created_at=now,
        expires_at=_expiry(),
    )
    db.add(upload)
    db.flush()
    audit.note(db, by, "upload.begun", "upload", upload.id, session_id=session.id, bytes=upload.length)
    return upload


def find_own(db: Db, by: Person, upload_id: UUID) -> Upload:
    """The person's own upload; raises `UploadUnknown` for anybody else's too."""
    upload = db.scalar(select(Upload).where(Upload.id == upload_id, Upload.uploaded_by == by.id))
    if upload is None:
        raise UploadUnknown
    return upload


def unfinished_of(db: Db, by: Person, session_id: UUID | None = None) -> Sequence[Upload]:
    """The person's uploads that can be resumed, oldest first."""
    mine = select(Upload).where(Upload.uploaded_by == by.id, Upload.finished_at.is_(None))
    if session_id:
        mine = mine.where(Upload.session_id == session_id)
    return db.scalars(mine.order_by(Upload.created_at)).all()


def offset(upload: Upload) -> int:
    """How many of its bytes are safely here."""
    return upload.length if upload.finished_at else quarantine.safe_size_of(upload)


def head(upload: Upload) -> tuple[int, str]:
    """How many bytes at its start, at most `HEAD_BYTES`, are compared with a file chosen again, and their SHA-256."""
    start = quarantine.first_bytes_of(upload, HEAD_BYTES)
    return len(start), hashlib.sha256(start).hexdigest()


async def append(
    upload: Upload,
    at: int,
    stream: AsyncIterator[bytes],
    *,
    announced: int = 0,
    checksum: Checksum | None = None,
    whole_sha256: str | None = None,
) -> int:
    """Take more bytes from offset `at` on, and give the new offset. The last byte completes the upload.

    `announced` is how many bytes the sender says will come, 0 when it doesn't; `whole_sha256` what it has found out
    about the whole file, in hex. Raises what `Arrival` and `receive` raise, `UploadUnknown` or `UploadFinished` when
    the upload ended a moment ago, and what `complete` raises.
    """
    arrival = Arrival(upload)
    try:
        await in_thread(_hold, arrival, whole_sha256)
        arrival.expect(at, announced, checksum)
        await receive(arrival, stream)
        if arrival.offset == upload.length:
            await anyio.to_thread.run_sync(complete, arrival, limiter=_finishers)
        return arrival.offset
    finally:
        arrival.close()


def complete(arrival: Arrival) -> None:
    """Check the hash of the whole file, and open its job.

    Raises `HashMismatch`, `AlreadyHeld` or `RefusedBefore` once upload and bytes are gone. A database that is away
    leaves everything as it is: `complete_stranded` ends it then.
    """
    sha256 = arrival.sha256()
    with _dropping(arrival.upload), transaction() as db:
        finish(db, arrival.upload.id, sha256)


def complete_stranded(upload: Upload) -> bool:
    """Complete an upload that arrived whole before the server was killed; whether it was one. Raises as `complete`."""
    if upload.finished_at or quarantine.size_of(upload) != upload.length:
        return False
    with held(upload) as arrival:
        complete(arrival)
    return True


def finish(db: Db, upload_id: UUID, sha256: str) -> IngestJob:
    """Record that the file arrived with this hash, and open its job."""
    upload = _demand_open(db, upload_id)
    # Two uploads of one file that end at once must see each other.
    db.execute(
        select(ConferenceSession).where(ConferenceSession.id == upload.session_id).with_for_update(key_share=True)
    )
    if upload.declared_sha256 not in (None, sha256):
        raise HashMismatch
    _demand_new(db, upload.session_id, sha256)
    upload.sha256, upload.finished_at = sha256, clock.now()
    by = db.get_one(Person, upload.uploaded_by)
    _give_up_failed(db, by, upload.session_id, sha256)
    audit.note(db, by, "upload.finished", "upload", upload.id, sha256=sha256)
    return jobs.open_job(db, upload)


def terminate(db: Db, upload: Upload) -> None:
    """Give up an unfinished upload and destroy what arrived; raises `UploadBusy` or `UploadFinished`."""
    with held(upload):
        _forget(db, upload.id, "terminated")
        quarantine.drop(upload)


def sweep() -> None:
    """Complete what arrived whole while the server died, throw away what was not finished in time."""
    with transaction() as db:
        unfinished = db.scalars(select(Upload).where(Upload.finished_at.is_(None))).all()
    for upload in unfinished:
        with suppress(UploadBusy, UploadUnknown, UploadFinished, HashMismatch, AlreadyHeld, gate.RefusedBefore):
            _tidy(upload)
    _drop_orphans()
    _drop_given_up()


def clean_filename(name: str) -> str:
    """A file name that every system can hold: no folders, NFC, at most 255 bytes, its ending kept."""
    cleaned = clean(name.replace("\\", "/").split("/")[-1]) or "khong-ten"
    stem, dot, ending = cleaned.rpartition(".")
    if not stem or len(ending.encode()) > 16:
        stem, dot, ending = cleaned, "", ""
    room = 255 - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


def _demand_unclassified(by: Person, session: ConferenceSession, declared: Declared) -> None:
    if gate.is_classified(declared.classification):
        # In a transaction of its own: the request's own one is rolled back by the refusal.
        with transaction() as db:
            rule = f"declared:{declared.classification}"
            gate.record_incident(db, by, rule, session=session, sha256=declared.sha256)
        raise gate.ClassifiedDeclared


def _expiry() -> datetime:
    return clock.now() + timedelta(days=workshop_settings().upload_days)


def _demand_room(db: Db, by: Person, length: int) -> None:
    settings = workshop_settings()
    if length <= 0:
        raise EmptyUpload
    if length > settings.upload_max_bytes:
        raise UploadTooLarge(limit_gb=round(settings.upload_max_bytes / 1e9, 1), limit_bytes=settings.upload_max_bytes)
    unfinished = db.scalars(select(Upload).where(Upload.finished_at.is_(None))).all()
    if sum(upload.uploaded_by == by.id for upload in unfinished) >= OPEN_PER_PERSON:
        raise TooManyUploads(limit=OPEN_PER_PERSON)
    coming = length + sum(upload.length - quarantine.size_of(upload) for upload in unfinished)
    to_transcode = length + sum(upload.length for upload in unfinished) + _bytes_at_work(db)
    if coming + TRANSCODING_SHARE * to_transcode > quarantine.free_bytes():
        raise DiskFull


def _bytes_at_work(db: Db) -> int:
    """How long the files are of which something is still being made."""
    at_work = IngestJob.complete_at.is_(None) & IngestJob.state.not_in(_GONE)
    return int(db.scalar(select(func.sum(Upload.length)).join(IngestJob).where(at_work)) or 0)


def _demand_new(db: Db, session_id: UUID, sha256: str) -> None:
    """Raise `RefusedBefore` or `AlreadyHeld` for bytes that were refused once, or that the conference has."""
    gate.demand_unknown(db, sha256)
    held = _jobs_of(session_id, sha256).where(IngestJob.state.not_in(_GONE)).limit(1)
    job = db.scalar(held)
    if job:
        raise AlreadyHeld(job_id=job.id)


def _give_up_failed(db: Db, by: Person, session_id: UUID, sha256: str) -> None:
    """A file that failed and is sent again takes the place of its earlier try, which nobody can retry then."""
    for job in db.scalars(_jobs_of(session_id, sha256).where(IngestJob.state == JobState.FAILED)):
        jobs.cancel(db, by, job)


def _jobs_of(session_id: UUID, sha256: str) -> Select[IngestJob]:
    same_bytes = select(IngestJob).join(Upload, Upload.id == IngestJob.upload_id).where(Upload.sha256 == sha256)
    return same_bytes.where(IngestJob.session_id == session_id)


def _demand_open(db: Db, upload_id: UUID) -> Upload:
    """The upload's row as it is now, held until this transaction ends."""
    row = select(Upload).where(Upload.id == upload_id).with_for_update().execution_options(populate_existing=True)
    upload = db.scalar(row)
    if upload is None:
        raise UploadUnknown
    if upload.finished_at:
        raise UploadFinished
    return upload


def _hold(arrival: Arrival, whole_sha256: str | None) -> None:
    """Hold the upload's file, give the upload time anew, and note what its sender has found out."""
    arrival.take()
    try:
        with _dropping(arrival.upload), transaction() as db:
            row = _demand_open(db, arrival.upload.id)
            row.expires_at = _expiry()
            if whole_sha256:
                _note_whole(db, row, whole_sha256)
    except UploadUnknown:
        quarantine.drop(arrival.upload)  # Taking hold makes a file; of an upload that has ended none may stay.
        raise


def _note_whole(db: Db, upload: Upload, sha256: str) -> None:
    """Keep what the sender has found out about its file; one that is here already need not be sent to its end."""
    if upload.declared_sha256 not in (None, sha256):
        raise HashMismatch
    if upload.declared_sha256 is None:
        _demand_new(db, upload.session_id, sha256)
        upload.declared_sha256 = sha256


@contextmanager
def _dropping(upload: Upload) -> Iterator[None]:
    """Destroy an upload and its bytes when it turns out to be damaged, held already, or refused before."""
    try:
        yield
    except (HashMismatch, AlreadyHeld, gate.RefusedBefore) as refusal:
        with transaction() as db:
            _forget(db, upload.id, refusal.code)
        quarantine.drop(upload)
        raise


def _forget(db: Db, upload_id: UUID, why: str) -> None:
    upload = _demand_open(db, upload_id)
    audit.note(db, db.get_one(Person, upload.uploaded_by), "upload.dropped", "upload", upload.id, why=why)
    db.delete(upload)
    db.flush()


def _tidy(upload: Upload) -> None:
    if not complete_stranded(upload) and upload.expires_at < clock.now():
        with transaction() as db:
            terminate(db, upload)


def _drop_orphans() -> None:
    """Destroy files of uploads that never came to be: rows come first, so a file without one belongs to nobody."""
    for upload_id in list(quarantine.ids()):
        with transaction() as db:
            known = db.scalar(select(func.count()).where(Upload.id == upload_id))
        if not known:
            quarantine.drop(Upload(id=upload_id))


def _drop_given_up() -> None:
    """Destroy what was cancelled before the gate had looked at it: nothing will come for it any more."""
    given_up = select(Upload).join(IngestJob).where(IngestJob.state == JobState.CANCELLED)
    with transaction() as db:
        uploads = db.scalars(given_up.where(Upload.id.in_(list(quarantine.ids())))).all()
    for upload in uploads:
        quarantine.drop(upload)
