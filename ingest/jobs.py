"""Job rows: the truth about what is being made of every upload.

A job is a list of steps. A worker claims a step by a conditional update and holds it by a lease that it keeps
renewing; whoever falls silent loses it, and whoever lost it can finish nothing, because every write asks for the
token of the claim. A broker's message only says "there may be work": losing one costs a few seconds, never a step.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Select, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from ingest.forecast import BEFORE, URGENCY
from ingest.models import ENDED, IngestJob, JobState, JobStep, StepKind, StepState, Upload, UploadKind
from ingest.settings import workshop_settings
from sessions import audit, clock
from sessions.db import Db
from sessions.errors import Conflict, DomainError, NotAllowed
from sessions.listing import page_of
from sessions.models import Person

log = logging.getLogger("ingest.jobs")

#: How the steps of a job follow one another, for reading.
_ORDER = [
    StepKind.SCAN,
    StepKind.SPEECH,
    StepKind.PAGES,
    StepKind.LOOK,
    StepKind.TIMELINE,
    StepKind.CHUNK,
    StepKind.PACKAGE,
    StepKind.REFINE,
    StepKind.EXTRACT,
]


class LeaseLost(Exception):
    """Another worker holds the step now, or its job was cancelled: stop at once and write nothing."""


class GivenUp(DomainError):
    status = 500
    code = "given-up"
    vi = "Bước xử lý này đã thử {attempts} lần không xong. Tệp gốc vẫn còn nguyên, có thể bấm thử lại."
    en = "This step was tried {attempts} times without success. The original is kept; you can try again."


class JobEnded(Conflict):
    code = "job-ended"
    vi = "Việc xử lý tệp này đã kết thúc, không thể làm thao tác đó nữa."
    en = "The work on this file has ended; that can no longer be done."


class HeldByTheGate(Conflict):
    code = "held-by-the-gate"
    vi = "Tệp đang bị giữ vì nghi có dấu mật. Chỉ một người khác có quyền mới được quyết định huỷ hoặc cho qua."
    en = "This file is held for what may be a marking. Only another person with that right may destroy or clear it."


class Stopped(Conflict):
    code = "stopped"
    vi = "Đã được dừng theo yêu cầu. Có thể bấm thử lại để làm tiếp."
    en = "It was stopped on request. It can be tried again to go on."


class OwnRelease(NotAllowed):
    code = "own-release"
    vi = "Người tải lên không được tự phát hành. Hãy nhờ một người khác có quyền xem và phát hành."
    en = "Whoever uploaded a file may not release it. Ask another person with that right to look and release."


@dataclass(frozen=True)
class Claim:
    """One step in the hands of one worker, for as long as the token is the row's."""

    step_id: UUID
    job_id: UUID
    kind: StepKind
    number: int
    rung: str | None
    token: UUID


class Planned(NamedTuple):
    """A step to be done: which one of its kind, its usual seconds of machine time, and its rung if it has one."""

    kind: StepKind
    number: int
    weight: float
    rung: str | None = None


def open_job(db: Db, upload: Upload) -> IngestJob:
    """Begin the work on a finished upload; its first step waits for a worker."""
    now = clock.now()
    job = IngestJob(
        upload_id=upload.id,
        session_id=upload.session_id,
        state=JobState.RECEIVED,
        created_at=now,
        updated_at=now,
    )
    db.add(job)
    db.flush()
    add_steps(db, job, [Planned(StepKind.SCAN, 0, 1.0)])
    return job


def add_steps(db: Db, job: IngestJob, steps: Iterable[Planned]) -> None:
    """Plan steps of a job. One that is there already begins anew."""
    have = {(step.kind, step.number): step for step in db.scalars(select(JobStep).where(JobStep.job_id == job.id))}
    for kind, number, weight, rung in steps:
        step = have.get((kind, number)) or JobStep(job_id=job.id, kind=kind, number=number)
        step.state, step.weight, step.progress, step.attempts, step.rung = StepState.WAITING, weight, 0.0, 0, rung
        step.lease_token = step.lease_until = step.problem = step.finished_at = None
        db.add(step)
    job.complete_at = None
    db.flush()


def claim(db: Db, worker: str, step_id: UUID | None = None) -> Claim | None:
    """Take one waiting step, the most urgent one unless `step_id` names it; nothing when there is none to take.

    The update repeats the condition under which the row was chosen, so of any number of workers exactly one gets it.
    """
    chosen = _most_urgent() if step_id is None else select(JobStep.id).where(JobStep.id == step_id)
    token = uuid4()
    row = db.execute(
        update(JobStep)
        .where(JobStep.id == chosen.scalar_subquery(), JobStep.state == StepState.WAITING)
        .values(
            state=StepState.RUNNING,
            lease_token=token,
            lease_until=_lease_end(),
            worker=worker,
            attempts=JobStep.attempts + 1,
            progress=0.0,
            started_at=func.clock_timestamp(),
        )
        .returning(JobStep.id, JobStep.job_id, JobStep.kind, JobStep.number, JobStep.rung)
    ).one_or_none()
    return Claim(row.id, row.job_id, row.kind, row.number, row.rung, token) if row else None


def renew(db: Db, held: Claim, progress: float) -> None:
    """Say that the worker is alive and how far it is (0 to 1); raises `LeaseLost` when the step is no longer its."""
    stopped = [JobState.CANCELLED, JobState.REFUSED]
    cancelled = exists().where(IngestJob.id == JobStep.job_id, IngestJob.state.in_(stopped))
    renewed = db.execute(
        update(JobStep)
        .where(JobStep.id == held.step_id, JobStep.lease_token == held.token, ~cancelled)
        .values(lease_until=_lease_end(), progress=min(max(progress, 0.0), 1.0))
        .returning(JobStep.id)
    ).one_or_none()
    if renewed is None:
        raise LeaseLost


def lock_job(db: Db, job_id: UUID) -> IngestJob:
    """The job's row, held until this transaction ends: steps that finish at once change it one after the other."""
    return db.scalars(
        select(IngestJob).where(IngestJob.id == job_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def finish(db: Db, held: Claim) -> None:
    """Mark the step done; raises `LeaseLost`, and with that rolls everything back, when it was lost meanwhile."""
    _end(db, held, state=StepState.DONE, progress=1.0, finished_at=func.clock_timestamp(), problem=None)


def hand_back(db: Db, held: Claim, error: DomainError) -> None:
    """Let the step wait for another try, or give the whole job up when it was tried often enough."""
    attempts = db.scalar(select(JobStep.attempts).where(JobStep.id == held.step_id)) or 0
    if attempts < workshop_settings().step_attempts:
        _end(db, held, state=StepState.WAITING, progress=0.0, problem=said(error))
    else:
        fail(db, held, error)


def fail(db: Db, held: Claim, error: DomainError, state: JobState = JobState.FAILED) -> None:
    """End the step, and with it the job: failed, or refused when its file is not one that we take."""
    _end(db, held, state=StepState.FAILED, finished_at=func.clock_timestamp(), problem=said(error))
    _fail_job(db, held.job_id, held.kind, state, said(error))


def move(
    db: Db, job: IngestJob, state: JobState, *, by: Person | None = None, problem: dict[str, Any] | None = None
) -> None:
    """Bring the job to another state, on record."""
    before, job.state, job.updated_at, job.problem = job.state, state, clock.now(), problem
    code = problem["code"] if problem else None
    audit.note(db, by, f"job.{state}", "job", job.id, before=before, problem=code)


def sweep(db: Db) -> int:
    """Take back expired leases; gives how many nudges are worth sending now."""
    expired = select(JobStep).where(JobStep.state == StepState.RUNNING, JobStep.lease_until < func.clock_timestamp())
    lost = db.scalars(expired.with_for_update(skip_locked=True)).all()
    for step in lost:
        _take_back(db, step)
    db.flush()
    waiting, running = db.execute(
        select(
            func.count().filter(JobStep.state == StepState.WAITING),
            func.count().filter(JobStep.state == StepState.RUNNING),
        )
        .join(IngestJob, IngestJob.id == JobStep.job_id)
        .where(IngestJob.state.not_in(_DEAD))
    ).one()
    return min(waiting, max(0, workshop_settings().workers - running))


def retry(db: Db, by: Person, job: IngestJob) -> None:
    """Begin again what failed; what was done stays done, and a replay that is out stays out."""
    steps = db.scalars(select(JobStep).where(JobStep.job_id == job.id, JobStep.state != StepState.DONE)).all()
    failed = [step for step in steps if step.state is StepState.FAILED]
    if job.state is not JobState.FAILED and not (failed and job.state in MADE):
        raise JobEnded
    for step in steps if job.state is JobState.FAILED else failed:
        step.state, step.attempts, step.problem, step.lease_token = StepState.WAITING, 0, None, None
    job.complete_at = None
    if job.state is JobState.FAILED:
        only_scan = all(step.kind is StepKind.SCAN for step in steps)
        move(db, job, JobState.RECEIVED if only_scan else JobState.ENCODING, by=by)
    else:
        audit.note(db, by, "job.retried", "job", job.id, rungs=[step.rung or step.kind for step in failed])


def cancel(db: Db, by: Person, job: IngestJob) -> None:
    """Stop the work on a file; of one whose replay is there already, only the rest. Workers notice soon."""
    if job.state is JobState.HELD:
        raise HeldByTheGate  # Given up by its uploader, a marked file would leave neither its hash nor an incident.
    if job.state not in MADE:
        if not may_be_cancelled(job):
            raise JobEnded
        move(db, job, JobState.CANCELLED, by=by)
        return
    steps = db.scalars(select(JobStep).where(JobStep.job_id == job.id, JobStep.state.in_(OPEN))).all()
    if not steps:
        raise JobEnded
    for step in steps:
        step.state, step.problem, step.lease_token, step.lease_until = StepState.FAILED, said(Stopped()), None, None
    audit.note(db, by, "job.stopped", "job", job.id, steps=len(steps))


def allow_release(db: Db, by: Person, job: IngestJob) -> None:
    """Record that a second person lets this file out; it is published as soon as it is ready."""
    uploader = db.scalar(select(Upload.uploaded_by).where(Upload.id == job.upload_id))
    if uploader == by.id:
        raise OwnRelease
    if not may_be_released(job):
        raise JobEnded
    if job.released_at is None:
        job.released_by, job.released_at, job.updated_at = by.id, clock.now(), clock.now()
        audit.note(db, by, "job.release-allowed", "job", job.id)


def may_be_released(job: IngestJob) -> bool:
    """Whether a second person's word still matters; it may be given in advance, for a file they know."""
    return job.state not in ENDED and job.state is not JobState.HELD


def may_be_cancelled(job: IngestJob) -> bool:
    """Whether the whole file can be given up: it failed, or there is nothing to replay yet and nobody holds it."""
    return job.state is JobState.FAILED or (job.state not in ENDED and job.state is not JobState.HELD)


def said(error: DomainError) -> dict[str, Any]:
    """A refusal as it is kept in a row: its code, and its sentence in both languages."""
    return {"code": error.code, "vi": error.sentence("vi"), "en": error.sentence("en")}


def of_sessions(
    db: Db, sessions: Select[UUID], *, session_id: UUID | None, offset: int, limit: int
) -> tuple[Sequence[IngestJob], int]:
    """The jobs of these conferences, or of one of them, newest first, and how many there are.

    Pictures of counts are seen with their points; here are only those that wait for somebody's decision.
    """
    shown = or_(Upload.kind != UploadKind.PHOTO, IngestJob.state == JobState.HELD)
    wanted = select(IngestJob).join(Upload, Upload.id == IngestJob.upload_id)
    wanted = wanted.where(IngestJob.session_id.in_(sessions), shown)
    if session_id:
        wanted = wanted.where(IngestJob.session_id == session_id)
    rows, total = page_of(db, wanted.order_by(IngestJob.created_at.desc(), IngestJob.id), offset, limit)
    return [job for (job,) in rows], total


def steps_of(db: Db, job_ids: Iterable[UUID]) -> dict[UUID, list[JobStep]]:
    """The steps of many jobs, in the order of doing."""
    rows = db.scalars(select(JobStep).where(JobStep.job_id.in_(list(job_ids))))
    steps: dict[UUID, list[JobStep]] = {}
    for step in sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.number)):
        steps.setdefault(step.job_id, []).append(step)
    return steps


def is_dead(job: IngestJob) -> bool:
    """Whether nothing that is still being done for this job may count any more."""
    return job.state in _DEAD


def is_open(step: JobStep) -> bool:
    """Whether something is still being done, or waits to be done, for this step."""
    return step.state in OPEN


def with_nothing_to_do() -> Select[UUID]:
    """The jobs that are being worked on, though none of their steps waits or runs."""
    busy = exists().where(JobStep.job_id == IngestJob.id, JobStep.state.in_(OPEN))
    unfinished = IngestJob.state.in_([JobState.ENCODING, *MADE]) & IngestJob.complete_at.is_(None)
    return select(IngestJob.id).where(unfinished, ~busy)


OPEN = frozenset({StepState.WAITING, StepState.RUNNING})
#: States of a file that can be replayed, or will be as soon as somebody releases it; more may still be made of it.
MADE = frozenset({JobState.READY, JobState.RELEASED, JobState.PUBLISHED})
#: Without these there is no replay at all; what else fails is missing from it, and says why.
_ESSENTIAL = frozenset({StepKind.SCAN, StepKind.PAGES, StepKind.SPEECH})
#: Without these a film that has no sound has nothing to show either.
_OF_PICTURE = frozenset({StepKind.LOOK, StepKind.CHUNK})
_WORKING = frozenset({JobState.RECEIVED, JobState.SCANNING, JobState.HELD, JobState.ADMITTED, JobState.ENCODING})

#: A cancelled or refused job's waiting steps are left alone; a published one may still get a better timeline.
_DEAD = [JobState.REFUSED, JobState.FAILED, JobState.CANCELLED, JobState.RETRACTED]


def _most_urgent() -> Any:
    other = aliased(JobStep)
    left = (
        select(func.sum(other.weight))
        .where(other.job_id == JobStep.job_id, other.state != StepState.DONE)
        .correlate(JobStep)
        .scalar_subquery()
    )
    heard_first = exists().where(
        JobStep.kind.in_([kind for kind, before in BEFORE.items() if before is StepKind.SPEECH]),
        other.job_id == JobStep.job_id,
        other.kind == StepKind.SPEECH,
        other.state.in_(OPEN),
    )
    urgency = case({kind: place for place, kind in enumerate(URGENCY)}, value=JobStep.kind)
    # The shortest job goes first, so that a ten-minute talk never waits for an eight-hour one.
    return (
        select(JobStep.id)
        .join(IngestJob, IngestJob.id == JobStep.job_id)
        .where(JobStep.state == StepState.WAITING, IngestJob.state.not_in(_DEAD), ~heard_first)
        .order_by(urgency, left, IngestJob.created_at, JobStep.number)
        .limit(1)
        .with_for_update(skip_locked=True, of=JobStep)
    )


def _end(db: Db, held: Claim, **values: Any) -> None:
    ended = db.execute(
        update(JobStep)
        .where(JobStep.id == held.step_id, JobStep.lease_token == held.token)
        .values(lease_token=None, lease_until=None, **values)
        .returning(JobStep.id)
    ).one_or_none()
    if ended is None:
        raise LeaseLost


def _take_back(db: Db, step: JobStep) -> None:
    log.warning("Step %s %s of job %s fell silent in %s", step.kind, step.number, step.job_id, step.worker)
    step.lease_token = step.lease_until = None
    if step.attempts < workshop_settings().step_attempts:
        step.state, step.progress = StepState.WAITING, 0.0
        return
    problem = said(GivenUp(attempts=step.attempts))
    step.state, step.problem = StepState.FAILED, problem
    _fail_job(db, step.job_id, step.kind, JobState.FAILED, problem)


def _fail_job(db: Db, job_id: UUID, kind: StepKind, state: JobState, problem: dict[str, Any]) -> None:
    job = lock_job(db, job_id)
    # What is ready, or even published, stays so when something was only being added to it.
    if job.state in _WORKING and (kind in _ESSENTIAL or (kind in _OF_PICTURE and not _is_heard(db, job))):
        move(db, job, state, problem=problem)


def _is_heard(db: Db, job: IngestJob) -> bool:
    return db.scalar(select(JobStep.id).where(JobStep.job_id == job.id, JobStep.kind == StepKind.SPEECH)) is not None


def _lease_end() -> Any:
    # The database's clock, the same for all workers, whatever their own clocks say.
    return func.clock_timestamp() + timedelta(seconds=workshop_settings().lease_seconds)
