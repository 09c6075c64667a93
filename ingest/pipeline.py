"""The walk from an upload to something publishable, one step at a time.

`run` claims a step, works on it outside any transaction, and then writes everything that follows from it in one:
the vault's rows, the step's end and the steps that come next.
"""

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from archive import catalogue
from archive.models import Deck, Recording
from archive.storage import storage
from ingest import jobs, picture_steps, quarantine, sheets, steps, verdicts
from ingest.decks import DeckLocked
from ingest.forecast import FIRST_LOOK
from ingest.jobs import Claim, LeaseLost
from ingest.models import IngestJob, JobState, JobStep, StepKind, StepState, Upload
from ingest.settings import workshop_settings
from ingest.work import Outcome, work_folder
from sessions import clock
from sessions.db import Db, after_commit, transaction
from sessions.errors import DomainError, Unavailable
from sessions.models import ConferenceSession, Person
from sessions.settings import register_settings

log = logging.getLogger("ingest.pipeline")

#: How often a worker says how far it is; leases last many times as long.
HEARTBEAT_SECONDS = 1.0
#: How far a step stands back: behind whoever replays, and what nobody waits for behind what a replay begins with. Of
#: that the speech takes longest, and nothing can be heard before it is whole.
NICE = {StepKind.SCAN: 10, StepKind.PAGES: 10, StepKind.SPEECH: 10, StepKind.TIMELINE: 14}
NICEST = 19


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
        with (
            tempfile.TemporaryDirectory(prefix=f"step-{held.token}-", dir=_workplace()) as folder,
            _Heart(held) as heart,
        ):
            outcome = _work(held, Path(folder), heart)
        _conclude(held, outcome)
    except LeaseLost:
        log.warning("Step %s %s of job %s was lost; its work is dropped", held.kind, held.number, held.job_id)
    except DomainError as error:
        _give_up(held, error)
    except Exception:
        log.exception("Step %s %s of job %s failed", held.kind, held.number, held.job_id)
        _give_up(held, WorkFailed())
    return True


def release(db: Db, by: Person, job: IngestJob, looked: Collection[int] = ()) -> None:
    """A second person lets the file out; it is published at once, or as soon as it is ready.

    Where nobody has read its pictures, `looked` names those that they say they looked at; raises `LookFirst`
    unless that is all of them.
    """
    jobs.allow_release(db, by, job)
    verdicts.confirm_look(db, by, job, looked)
    _publish_if_due(db, job)


def clear(db: Db, by: Person, job: IngestJob, reason: str) -> None:
    """A second person lets a held file go on to where it was stopped; it still has to be released."""
    verdicts.clear(db, by, job, reason)
    _go_on(db, job)


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


def _work(held: Claim, folder: Path, heart: "_Heart") -> Outcome:
    """Do the work of a step in a thread of its own, because no process may come forward again that once stood back."""
    with ThreadPoolExecutor(1, "step", _stand_back, (held.kind,)) as aside:
        outcome = aside.submit(copy_context().run, steps.WORK[held.kind], held, folder, heart.pulse)
        try:
            return outcome.result()
        except BaseException:
            heart.give_up()  # Whoever ends this worker in the middle does not want to wait for the step's end.
            raise


def _stand_back(kind: StepKind) -> None:
    """Let others go before this thread, and with it before every program and thread that it starts."""
    me = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, me, max(NICE.get(kind, NICEST), os.getpriority(os.PRIO_PROCESS, me)))


def _conclude(held: Claim, outcome: Outcome) -> None:
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
    if job.state is not JobState.ENCODING and job.state not in jobs.MADE:
        return
    if job.recording_id and _may_be_packaged(rows):
        picture_steps.plan_packages(db, job, db.get_one(Recording, job.recording_id))
        rows = db.scalars(select(JobStep).where(JobStep.job_id == job.id)).all()
    at_rest = not any(jobs.is_open(row) for row in rows)
    if job.state is JobState.ENCODING:
        _end_encoding(db, job, rows, at_rest=at_rest)
    if at_rest:
        job.complete_at = clock.now()
        if job.recording_id:
            _clear_chunks(db, db.get_one(Recording, job.recording_id))


def _may_be_packaged(rows: Sequence[JobStep]) -> bool:
    """Whether the picture was encoded as far as it can be, and the sound that goes with it is there."""
    kinds = {row.kind for row in rows}
    before = {StepKind.LOOK, StepKind.CHUNK, StepKind.SPEECH}
    looked = any(row.kind is StepKind.LOOK and row.state is StepState.DONE for row in rows)
    return looked and StepKind.PACKAGE not in kinds and not any(jobs.is_open(row) for row in rows if row.kind in before)


def _end_encoding(db: Db, job: IngestJob, rows: Sequence[JobStep], *, at_rest: bool) -> None:
    """Call a file ready as soon as it can be replayed at all: by its pages and speech, or else by its first rung."""
    heard = any(row.kind is StepKind.SPEECH for row in rows)
    waited_for = FIRST_LOOK if heard or job.deck_id else FIRST_LOOK | {StepKind.LOOK}
    shown = any(row.kind is StepKind.PACKAGE and row.state is StepState.DONE for row in rows)
    if any(jobs.is_open(row) for row in rows if row.kind in waited_for):
        return
    if heard or job.deck_id or shown:
        jobs.move(db, job, JobState.READY)
        _publish_if_due(db, job)
    elif at_rest:
        jobs.move(db, job, JobState.FAILED, problem=next((row.problem for row in rows if row.problem), None))


def _clear_chunks(db: Db, recording: Recording) -> None:
    """Delete the pieces of a finished transcode, unless the same file is being encoded for another conference too."""
    db.flush()
    still_needed = (
        select(JobStep.id)
        .join(IngestJob, IngestJob.id == JobStep.job_id)
        .join(Recording, Recording.id == IngestJob.recording_id)
        .where(Recording.source_sha256 == recording.source_sha256, JobStep.state.in_(jobs.OPEN))
    )
    if db.scalars(still_needed.limit(1)).first() is None:
        after_commit(db, lambda: storage().delete_prefix(work_folder(recording.source_sha256)))


def _publish_if_due(db: Db, job: IngestJob) -> None:
    if job.state is JobState.READY and job.released_by:
        by = db.get_one(Person, job.released_by)
        jobs.move(db, job, JobState.RELEASED, by=by)
        for kept in _made_of(db, job):
            catalogue.publish(db, kept, by)
        jobs.move(db, job, JobState.PUBLISHED, by=by)
        after_commit(db, lambda: sheets.drop(job.id))


def _give_up(held: Claim, error: DomainError) -> None:
    """What cannot be done: a file is refused at the door; later work is tried again, or fails with its sentence."""
    try:
        with transaction() as db:
            job = jobs.lock_job(db, held.job_id)
            if error.status >= 500:
                jobs.hand_back(db, held, error)
            else:
                # A deck that only wants its password waits for it; whatever else cannot come in is refused.
                refused = held.kind is StepKind.SCAN and not isinstance(error, DeckLocked)
                jobs.fail(db, held, error, JobState.REFUSED if refused else JobState.FAILED)
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


class _Heart:
    """Keeps the lease of a claimed step while its work goes on, also while that hashes, or waits for the storage.

    `pulse` takes how far the work is, and raises `LeaseLost` once the step is somebody else's.
    """

    def __init__(self, held: Claim) -> None:
        self._held = held
        self._share = 0.0
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> "_Heart":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def pulse(self, share: float) -> None:
        self._share = share
        if self._lost:
            raise LeaseLost

    def give_up(self) -> None:
        """Stop the work at its next sign of life."""
        self._lost = True

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            try:
                with transaction() as db:
                    jobs.renew(db, self._held, self._share)
            except LeaseLost:
                self._lost = True
                return
            except OperationalError as error:
                # A database that is away for a moment costs no work.
                log.warning("The lease could not be renewed just now: %s", error.orig)
