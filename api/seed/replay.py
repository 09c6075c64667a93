"""The training's recording and deck, sent through the real pipeline: uploaded, worked on, released, published."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from sqlalchemy import select

from api.seed import cast, conferences, training
from ingest import jobs, pipeline, uploads, verdicts
from ingest.models import ENDED, Classification, IngestJob, JobState, Upload, UploadKind
from ingest.uploads import Declared
from sessions import register
from sessions.db import Db, transaction
from sessions.errors import DomainError
from sessions.models import ConferenceSession

PIECE_BYTES = 256 * 1024
PATIENCE_SECONDS = 600.0
#: How often to look again while other workers hold what is left to do.
LOOK_SECONDS = 0.3

#: Makes the deck and the recording in a folder, and gives the file of each kind.
Maker = Callable[[Path], dict[UploadKind, Path]]


_DONE = frozenset({JobState.PUBLISHED, JobState.RETRACTED})
#: Nothing more comes of these by itself.
_STOPPED = ENDED | {JobState.HELD}
#: What the training's register holds; pictures of its counts are no part of the demo.
_KINDS = frozenset({UploadKind.RECORDING, UploadKind.DECK})


class SeedStuck(DomainError):
    status = 500
    code = "seed-stuck"
    vi = "Bản ghi minh họa chưa phát hành được: {what} đang ở trạng thái “{state}”. Hãy chạy lại lệnh."
    en = "The demo's recording could not be published: the {what} is “{state}”. Run the command again."


def is_done(db: Db) -> bool:
    """Whether both files are out, or were and somebody took them back: the demo does not argue with that."""
    session = conferences.find(db, training.TITLE)
    found = _jobs(db, session) if session else {}
    return found.keys() >= _KINDS and all(job.state in _DONE for job in found.values())


def upload(make: Maker) -> None:
    """Send what the training's register does not hold yet, as its technician would from the commune."""
    with transaction() as db:
        session = _training(db)
        missing = _KINDS - _jobs(db, session).keys()
        for leftover in uploads.unfinished_of(db, cast.get(db, cast.TECHNICIAN), session.id):
            uploads.terminate(db, leftover)
    if missing:
        with TemporaryDirectory() as folder:
            files = make(Path(folder))
            for kind in sorted(missing):
                _send(session, kind, files[kind])


def release() -> None:
    """Let both files out in advance, by somebody who did not upload them; try again what had failed."""
    with transaction() as db:
        releaser = cast.get(db, cast.RELEASER)
        for job in _jobs(db, _training(db)).values():
            if job.state == JobState.FAILED:
                jobs.retry(db, releaser, job)
            if job.state not in _STOPPED:
                # Where no Tesseract reads pictures somebody has to say that they looked; these are of our own making.
                found = verdicts.latest(db, job.id)
                pipeline.release(db, releaser, job, range(1, len(found.pictures) + 1) if found else ())


def work() -> None:
    """Do the waiting steps here, beside whatever workers are running, until both files are out.

    Raises `SeedStuck` when a file is turned away, or is not out in time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_settled(in_time=time.monotonic() < deadline):
        if not pipeline.run("seed"):
            release()  # What the gate could not read takes back a release that was given in advance.
            time.sleep(LOOK_SECONDS)


def _is_settled(in_time: bool) -> bool:
    with transaction() as db:
        found = _jobs(db, _training(db))
        for kind in _KINDS:
            state = found[kind].state if kind in found else JobState.REFUSED
            if state not in _DONE and (state in _STOPPED or not in_time):
                raise SeedStuck(what=kind, state=state)
        return is_done(db)


def _send(session: ConferenceSession, kind: UploadKind, file: Path) -> None:
    with transaction() as db:
        technician = cast.get(db, cast.TECHNICIAN)
        part = register.parts_of(db, session.id)[0]
        declared = Declared(session.id, part.id, kind, file.name, file.stat().st_size, Classification.NOT_CLASSIFIED)
        begun = uploads.begin(db, technician, declared)
    anyio.run(uploads.append, begun, 0, _pieces(file))


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(file, "rb") as opened:
        while piece := await opened.read(PIECE_BYTES):
            yield piece


def _training(db: Db) -> ConferenceSession:
    session = conferences.find(db, training.TITLE)
    assert session is not None, "the training is on record before its recording is sent"
    return session


def _jobs(db: Db, session: ConferenceSession) -> dict[UploadKind, IngestJob]:
    """The newest job of each kind that may still come to something."""
    turned_away = (JobState.REFUSED, JobState.CANCELLED)
    found = (
        select(Upload.kind, IngestJob)
        .join(Upload, Upload.id == IngestJob.upload_id)
        .where(IngestJob.session_id == session.id, IngestJob.state.not_in(turned_away))
        .order_by(IngestJob.created_at)
    )
    return dict(db.execute(found).all())
