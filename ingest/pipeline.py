"""The walk from an upload to something publishable, one step at a time.

`run` claims a step, works on it outside any transaction, and then writes everything that follows from it in one:
the vault's rows, the step's end and the steps that come next.
"""

import logging
import shutil
import tempfile
import time
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from archive import catalogue
from archive.models import Deck, Recording
from archive.storage import storage
from ingest import jobs, quarantine, steps
from ingest.jobs import Claim, LeaseLost
from ingest.models import IngestJob, JobState, JobStep, StepKind, Upload
from ingest.settings import workshop_settings
from sessions.db import Db, after_commit, transaction
from sessions.errors import DomainError, Unavailable
from sessions.models import ConferenceSession, Person
from sessions.settings import register_settings

log = logging.getLogger("ingest.pipeline")


class WorkFailed(Unavailable):
    code = "work-failed"
    vi = "Xử lý tệp bị lỗi ngoài dự kiến. Tệp gốc vẫn còn nguyên, có thể bấm thử lại."
    en = "Working on the file failed unexpectedly. The original is kept; you can try again."


def run(worker: str, step_id: UUID | None = None) -> bool:
    """Do one waiting step, the most urgent one unless named; whether there was one to do."""
    with transaction() as db:
        held = jobs.claim(db, worker, step_id)
    if held is None:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix=f"step-{held.token}-", dir=_workplace()) as folder:
            outcome = steps.WORK[held.kind](held, Path(folder), _pulse(held))
        _conclude(held, outcome)
    except LeaseLost:
        log.warning("Step %s %s of job %s was lost; its work is dropped", held.kind, held.number, held.job_id)
    except DomainError as error:
        _give_up(held, error)
    except Exception:
        log.exception("Step %s %s of job %s failed", held.kind, held.number, held.job_id)
        _give_up(held, WorkFailed())
    return True


def release(db: Db, by: Person, job: IngestJob) -> None:
    """A second person lets the file out; it is published at once, or as soon as it is ready."""
    jobs.allow_release(db, by, job)
    _publish_if_due(db, job)


def retract(db: Db, by: Person, job: IngestJob) -> None:
    """Take a published file away from the members again."""
    if job.state is not JobState.PUBLISHED:
        raise jobs.JobEnded
    for kept in _made_of(db, job):
        catalogue.retract(db, kept, by)
    jobs.move(db, job, JobState.RETRACTED, by=by)


def sweep() -> int:
    """Take back what silent workers held, and throw their files away; gives how many nudges are worth sending."""
    with transaction() as db:
        wanted = jobs.sweep(db)
        # An optional step that was given up in the sweep leaves its job with nothing to wait for.
        for job_id in db.scalars(jobs.with_nothing_to_do()).all():
            _go_on(db, jobs.lock_job(db, job_id))
    _sweep_workplace()
    return wanted


def _sweep_workplace() -> None:
    with transaction() as db:
        held = {str(token) for token in db.scalars(select(JobStep.lease_token).where(JobStep.lease_token.is_not(None)))}
    silent_since = time.time() - 2 * workshop_settings().lease_seconds
    for folder in _workplace().glob("step-*"):
        if folder.name[5:41] not in held and folder.stat().st_mtime < silent_since:
            shutil.rmtree(folder, ignore_errors=True)


def _conclude(held: Claim, outcome: steps.Outcome) -> None:
    with transaction() as db:
        # The conference's row first: a deck and a recording that end at once must see one another.
        _lock_session(db, held.job_id)
        job = jobs.lock_job(db, held.job_id)
        if jobs.is_dead(job):
            raise LeaseLost  # It was cancelled after the last sign of life.
        jobs.finish(db, held)
        outcome(db, job)
        db.flush()
        _go_on(db, job)


def _go_on(db: Db, job: IngestJob) -> None:
    """Plan what the steps done so far have made possible."""
    rows = db.scalars(select(JobStep).where(JobStep.job_id == job.id)).all()
    if job.state is not JobState.ENCODING or any(jobs.is_open(row) for row in rows):
        return
    kinds = {row.kind for row in rows}
    if StepKind.CHUNK in kinds and StepKind.PACKAGE not in kinds:
        seconds = sum(row.weight for row in rows if row.kind is StepKind.CHUNK)
        jobs.add_steps(db, job, [(StepKind.PACKAGE, 0, 1 + seconds / 5)])
        return
    jobs.move(db, job, JobState.READY)
    if job.recording_id:
        _clear_chunks(db, db.get_one(Recording, job.recording_id))
    _publish_if_due(db, job)


def _clear_chunks(db: Db, recording: Recording) -> None:
    """Delete the pieces of a finished transcode, unless the same file is being encoded for another conference too."""
    db.flush()
    still_needed = (
        select(IngestJob.id)
        .join(Recording, Recording.id == IngestJob.recording_id)
        .where(Recording.source_sha256 == recording.source_sha256, IngestJob.state == JobState.ENCODING)
    )
    if db.scalars(still_needed.limit(1)).first() is None:
        after_commit(db, lambda: storage().delete_prefix(steps.work_folder(recording)))


def _publish_if_due(db: Db, job: IngestJob) -> None:
    if job.state is JobState.READY and job.released_by:
        by = db.get_one(Person, job.released_by)
        jobs.move(db, job, JobState.RELEASED, by=by)
        for kept in _made_of(db, job):
            catalogue.publish(db, kept, by)
        jobs.move(db, job, JobState.PUBLISHED, by=by)


def _give_up(held: Claim, error: DomainError) -> None:
    """What cannot be done: a file is refused at the door; later work is tried again, or fails with its sentence."""
    try:
        with transaction() as db:
            job = jobs.lock_job(db, held.job_id)
            if error.status >= 500:
                jobs.hand_back(db, held, error)
            else:
                jobs.fail(db, held, error, JobState.REFUSED if held.kind is StepKind.SCAN else JobState.FAILED)
            db.flush()
            _go_on(db, job)
            upload = db.get_one(Upload, job.upload_id)
    except LeaseLost:
        log.warning("Step %s %s of job %s was lost before it failed", held.kind, held.number, held.job_id)
        return
    if job.state is JobState.REFUSED:
        quarantine.drop(upload)


def _made_of(db: Db, job: IngestJob) -> list[Recording | Deck]:
    made: list[Recording | Deck] = []
    if job.recording_id:
        made.append(db.get_one(Recording, job.recording_id))
    if job.deck_id:
        made.append(db.get_one(Deck, job.deck_id))
    return made


def _lock_session(db: Db, job_id: UUID) -> None:
    session_id = select(IngestJob.session_id).where(IngestJob.id == job_id).scalar_subquery()
    db.execute(select(ConferenceSession.id).where(ConferenceSession.id == session_id).with_for_update(key_share=True))


def _workplace() -> Path:
    folder = register_settings().data_dir / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _pulse(held: Claim) -> steps.Pulse:
    """Renews the lease, at most once a second; a database that is away for a moment costs no work."""
    last = 0.0

    def pulse(share: float) -> None:
        nonlocal last
        if time.monotonic() - last < 1.0:
            return
        last = time.monotonic()
        try:
            with transaction() as db:
                jobs.renew(db, held, share)
        except OperationalError as error:
            log.warning("The lease could not be renewed just now: %s", error.orig)

    return pulse
