"""Uploads below HTTP: what is written when, what survives, what is thrown away."""

import hashlib
import os
import resource
import unicodedata
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import func, select

from ingest import arrivals, quarantine, uploads
from ingest.arrivals import Checksum, ChecksumMismatch, DiskFull, TooManyBytes, UploadBusy, UploadInterrupted
from ingest.models import Classification, IngestJob, Upload, UploadKind
from ingest.settings import workshop_settings
from sessions import clock
from sessions.db import Db, transaction
from sessions.models import AuditEntry, ConferenceSession
from tests.cast import Cast, conference

CONTENT = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def session(db: Db, cast: Cast) -> ConferenceSession:
    return conference(db, cast)


def declare(session: ConferenceSession, **changed: object) -> uploads.Declared:
    said = {
        "session_id": session.id,
        "part_id": None,
        "kind": UploadKind.RECORDING,
        "filename": "hội nghị.mp4",
        "length": len(CONTENT),
        "classification": Classification.NOT_CLASSIFIED,
    }
    return uploads.Declared(**{**said, **changed})


@pytest.fixture
def upload(db: Db, cast: Cast, session: ConferenceSession) -> Iterator[Upload]:
    begun = uploads.begin(db, cast.staff, declare(session))
    db.commit()
    yield begun
    quarantine.drop(begun)


async def pieces_of(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def send(upload: Upload, at: int, stream: AsyncIterator[bytes], checksum: Checksum | None = None) -> int:
    async def run() -> int:
        return await uploads.append(upload, at, stream, checksum=checksum)

    return anyio.run(run)


def in_quarantine(upload: Upload) -> bytes:
    return quarantine.path_of(upload).read_bytes()


def test_the_last_byte_opens_the_job(db: Db, cast: Cast, upload: Upload) -> None:
    assert send(upload, 0, pieces_of(CONTENT[:300_000])) == 300_000
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 0
    assert send(upload, 300_000, pieces_of(CONTENT[300_000:])) == len(CONTENT)
    db.refresh(upload)
    assert upload.finished_at
    assert upload.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert db.scalars(select(IngestJob.upload_id)).all() == [upload.id]
    actions = db.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == upload.id).order_by(AuditEntry.id))
    assert actions.all() == ["upload.begun", "upload.finished"]


def test_what_came_slowly_is_on_disk_while_more_is_awaited(upload: Upload) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for number in range(8):
            yield CONTENT[number * 10 : number * 10 + 10]
            await anyio.sleep(0.2)
        assert quarantine.size_of(upload) >= 50
        raise UploadInterrupted

    with pytest.raises(UploadInterrupted):
        send(upload, 0, trickle())
    assert in_quarantine(upload) == CONTENT[:80]


def test_a_silent_sender_loses_its_place_and_no_byte(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "SILENCE_SECONDS", 0.2)

    async def fall_silent() -> AsyncIterator[bytes]:
        yield CONTENT[:5000]
        await anyio.sleep(60)

    with pytest.raises(UploadInterrupted):
        send(upload, 0, fall_silent())
    assert in_quarantine(upload) == CONTENT[:5000]
    with arrivals.held(upload):
        pass


def test_a_cancelled_request_frees_the_file(upload: Upload) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield CONTENT[:5000]
        await anyio.sleep(60)

    async def run() -> None:
        with anyio.move_on_after(0.2):
            await uploads.append(upload, 0, endless())

    anyio.run(run)
    assert send(upload, quarantine.size_of(upload), pieces_of(CONTENT[quarantine.size_of(upload) :])) == len(CONTENT)
    assert in_quarantine(upload) == CONTENT


def test_only_one_writer_holds_a_file(upload: Upload) -> None:
    with arrivals.held(upload), pytest.raises(UploadBusy), arrivals.held(upload):
        pytest.fail("Two hold the same file.")
    with arrivals.held(upload):
        pass


def test_too_many_bytes_leave_the_file_as_it_was(upload: Upload) -> None:
    send(upload, 0, pieces_of(CONTENT[:1000]))
    with pytest.raises(TooManyBytes):
        send(upload, 1000, pieces_of(CONTENT))
    assert in_quarantine(upload) == CONTENT[:1000]


@pytest.mark.parametrize("algorithm", arrivals.CHECKSUMS)
def test_a_damaged_piece_leaves_the_file_as_it_was(upload: Upload, algorithm: str) -> None:
    piece = CONTENT[:400_000]
    right = Checksum(algorithm, hashlib.new(algorithm, piece).digest())
    wrong = Checksum(algorithm, hashlib.new(algorithm, piece + b"x").digest())
    with pytest.raises(ChecksumMismatch):
        send(upload, 0, pieces_of(piece), wrong)
    assert in_quarantine(upload) == b""
    assert send(upload, 0, pieces_of(piece), right) == 400_000
    with pytest.raises(ChecksumMismatch):
        send(upload, 400_000, pieces_of(b"more"), right)
    assert in_quarantine(upload) == piece


def test_a_disk_that_fills_up_keeps_what_arrived(upload: Upload) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses longer files of this process, in the middle of a write, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, before[1]))
    try:
        with pytest.raises(DiskFull):
            send(upload, 0, pieces_of(CONTENT))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert in_quarantine(upload) == CONTENT[:700_000]
    assert send(upload, 700_000, pieces_of(CONTENT[700_000:])) == len(CONTENT)


def test_the_reserve_is_never_written_into(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    send(upload, 0, pieces_of(CONTENT[:1000]))
    monkeypatch.setattr(workshop_settings(), "disk_reserve_bytes", 2**60)
    with pytest.raises(DiskFull):
        send(upload, 1000, pieces_of(CONTENT[1000:]))
    assert in_quarantine(upload) == CONTENT[:1000]


def test_room_promised_to_others_is_not_promised_again(
    db: Db, cast: Cast, session: ConferenceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = quarantine.free_bytes() + workshop_settings().disk_reserve_bytes
    monkeypatch.setattr(workshop_settings(), "disk_reserve_bytes", free - 10**9)  # A thousand million bytes are left.
    with pytest.raises(DiskFull):  # They would hold the file, but not what is made of it.
        uploads.begin(db, cast.staff, declare(session, length=6 * 10**8))
    uploads.begin(db, cast.staff, declare(session, length=3 * 10**8))
    with pytest.raises(DiskFull):
        uploads.begin(db, cast.releaser, declare(session, length=3 * 10**8))
    uploads.begin(db, cast.releaser, declare(session, length=10**8))


def test_one_person_opens_only_so_many(db: Db, cast: Cast, session: ConferenceSession) -> None:
    for _ in range(uploads.OPEN_PER_PERSON):
        uploads.begin(db, cast.staff, declare(session))
    with pytest.raises(uploads.TooManyUploads):
        uploads.begin(db, cast.staff, declare(session))
    uploads.begin(db, cast.releaser, declare(session))


def test_a_file_that_arrived_whole_before_the_server_died_is_completed(db: Db, upload: Upload) -> None:
    _leave_in_quarantine(upload, CONTENT)
    uploads.sweep()
    db.refresh(upload)
    assert upload.finished_at
    assert db.scalars(select(IngestJob.upload_id)).all() == [upload.id]
    uploads.sweep()
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 1


def test_of_two_equal_files_that_arrive_at_once_one_is_kept(
    db: Db, cast: Cast, session: ConferenceSession, upload: Upload
) -> None:
    twin = uploads.begin(db, cast.releaser, declare(session))
    db.commit()
    for each in (upload, twin):
        _leave_in_quarantine(each, CONTENT)

    def ends(each: Upload) -> bool:
        try:
            return uploads.complete_stranded(each)
        except uploads.AlreadyHeld:
            assert not quarantine.path_of(each).exists()
            return False

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(ends, (upload, twin))) == [False, True]
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 1
    assert db.scalar(select(func.count()).select_from(Upload)) == 1
    quarantine.drop(twin)


def test_the_sweep_throws_away_what_was_not_finished_in_time(
    db: Db, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(upload, 0, pieces_of(CONTENT[:1000]))
    uploads.sweep()
    assert quarantine.size_of(upload) == 1000

    later = clock.now() + timedelta(days=workshop_settings().upload_days, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with arrivals.held(upload):
        uploads.sweep()  # It is being sent at this moment.
    assert quarantine.size_of(upload) == 1000

    uploads.sweep()
    assert not quarantine.path_of(upload).exists()
    assert db.scalar(select(func.count()).select_from(Upload)) == 0


def test_the_sweep_destroys_files_that_belong_to_nobody(db: Db, upload: Upload) -> None:
    send(upload, 0, pieces_of(CONTENT[:1000]))
    orphan = Upload(id=upload.session_id)
    _leave_in_quarantine(orphan, b"left by a kill between two steps")
    uploads.sweep()
    assert not quarantine.path_of(orphan).exists()
    assert in_quarantine(upload) == CONTENT[:1000]


def test_bytes_sent_to_an_upload_that_just_ended_leave_no_file(db: Db, upload: Upload) -> None:
    with transaction() as other:
        uploads.terminate(other, upload)
    with pytest.raises(uploads.UploadUnknown):
        send(upload, 0, pieces_of(CONTENT))
    assert not quarantine.path_of(upload).exists()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("bản ghi.mp4", "bản ghi.mp4", id="as it is"),
        pytest.param(unicodedata.normalize("NFD", "hội nghị.mp4"), "hội nghị.mp4", id="decomposed, as a Mac sends it"),
        pytest.param("C:\\Users\\ky\\Hội nghị.mp4", "Hội nghị.mp4", id="with the folders of Windows"),
        pytest.param("../../etc/passwd", "passwd", id="with folders that climb"),
        pytest.param("a\x00b\nc\u202e.mp4", "ab c.mp4", id="with what can't be seen"),
        pytest.param("ổ" * 300 + ".mp4", "ổ" * 83 + ".mp4", id="too long"),
        pytest.param("a." + "b" * 300, ("a." + "b" * 300)[:255], id="with an ending that is too long"),
        pytest.param(".mp4", ".mp4", id="nothing but an ending"),
        pytest.param("a/", "khong-ten", id="nothing at all"),
    ],
)
def test_file_names_are_cleaned(sent: str, kept: str) -> None:
    assert uploads.clean_filename(sent) == kept
    assert len(kept.encode()) <= 255


def _leave_in_quarantine(upload: Upload, content: bytes) -> None:
    """As a server leaves it that is killed right after the write."""
    handle = quarantine.open_file(upload)
    os.write(handle, content)
    os.close(handle)
