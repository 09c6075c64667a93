"""What is seen of the work on a file: how far it is, what is being done, how fast, and where each of its forms stands.

How far: the weight of what has ended, of all that is planned and certain to come. Before the scan is over and the
picture was looked at nobody knows how much that is, so till then it is 0. It goes back only by what really has to be
done again or anew: a step whose worker fell silent (minutes at most), or one that a person asks for once more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, select

from ingest import forecast
from ingest.forecast import Finished, Outlook, Pace, Step, Work
from ingest.models import ENDED, IngestJob, JobState, JobStep, StepKind, StepState, UploadKind
from ingest.settings import workshop_settings
from sessions import clock
from sessions.db import Db

#: So many steps that ended last tell how fast this machine is.
RECENT = 200
#: So many chunks that ended last, beside those that run, tell how fast a recording is encoded.
LAST_CHUNKS = 4
COPY = "copy"  # The rung that keeps the recording's own picture: it needs no chunks.
#: States in which nothing that is still waiting will be done.
_DEAD = ENDED - {JobState.PUBLISHED}


class RungKind(StrEnum):
    SPEECH = "speech"
    SLIDES = "slides"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class RungState:
    """One form of a file: speech, slides, or a rung of video. `problem` is a step's, where it failed."""

    name: str
    kind: RungKind
    state: StepState
    progress: float
    problem: dict[str, Any] | None


def share_done(steps: Sequence[JobStep], now: datetime) -> float:
    """How much of the work on a file is done, 0 to 1."""
    if any(step.kind in forecast.PLANNING and is_open(step) for step in steps):
        return 0.0
    seen = [_seen(step, now) for step in steps]
    return _share([*seen, *forecast.expected(seen)])


def stage_of(steps: Sequence[JobStep]) -> StepKind | Literal["waiting"] | None:
    """What is being done now, the most urgent of it; "waiting" when no worker is free for it; None when all ended."""
    running = [step.kind for step in steps if step.state is StepState.RUNNING]
    if running:
        return min(running, key=forecast.URGENCY.index)
    return "waiting" if any(is_open(step) for step in steps) else None


def speed_of(steps: Sequence[JobStep], duration_seconds: float, now: datetime) -> float | None:
    """Seconds of recording encoded per second of clock by all workers on it together; None when none is.

    The chunks that ended last count as well, so that the figure stays steady while one chunk follows another.
    """
    chunks = [step for step in steps if step.kind is StepKind.CHUNK]
    running = [step for step in chunks if step.state is StepState.RUNNING]
    done = [step for step in chunks if step.state is StepState.DONE and step.started_at and step.finished_at]
    measured = running + sorted(done, key=lambda step: step.finished_at or now)[-LAST_CHUNKS:]
    clock_seconds = sum(_elapsed(step, now) for step in measured)
    if not running or not clock_seconds:
        return None
    encoded = sum(duration_seconds / len(chunks) * (1 if step in done else step.progress) for step in measured)
    return encoded / clock_seconds * len(running) if encoded else None


def rungs_of(kind: UploadKind, steps: Sequence[JobStep], now: datetime) -> list[RungState]:
    """Where each form of a file stands, the lightest first; those of video show once they are planned."""
    if kind is UploadKind.DECK:
        return [_rung("pages", RungKind.SLIDES, steps, now)]
    chunks = [step for step in steps if step.kind is StepKind.CHUNK]
    packages = sorted((step for step in steps if step.kind is StepKind.PACKAGE), key=lambda step: step.number)
    made = [
        ("speech", RungKind.SPEECH, [step for step in steps if step.kind is StepKind.SPEECH]),
        ("slides", RungKind.SLIDES, [step for step in steps if step.kind in {StepKind.TIMELINE, StepKind.EXTRACT}]),
        *(
            (each.rung or "video", RungKind.VIDEO, [each] if each.rung == COPY else [*chunks, each])
            for each in packages
        ),
    ]
    if not packages:
        made.append(("video", RungKind.VIDEO, chunks))
    return [_rung(name, rung, of_rung, now) for name, rung, of_rung in made if of_rung]


def is_open(step: JobStep) -> bool:
    """Whether the step waits or runs."""
    return step.state in {StepState.WAITING, StepState.RUNNING}


def has_work(job: IngestJob, steps: Sequence[JobStep]) -> bool:
    """Whether something of the job is still to be done."""
    return job.state not in _DEAD and any(is_open(step) for step in steps)


def steps_of(db: Db, job_ids: Iterable[UUID]) -> dict[UUID, list[JobStep]]:
    """The steps of many jobs."""
    steps: dict[UUID, list[JobStep]] = {}
    for step in db.scalars(select(JobStep).where(JobStep.job_id.in_(list(job_ids)))):
        steps.setdefault(step.job_id, []).append(step)
    return steps


def outlooks(db: Db) -> dict[UUID, Outlook]:
    """The forecast of every job that has something to be done, whosever it is: all of them share the workers."""
    now = clock.now()
    busy = select(JobStep.job_id).where(JobStep.state.in_([StepState.WAITING, StepState.RUNNING]))
    rows = db.execute(
        select(IngestJob.id, IngestJob.created_at, JobStep)
        .join(JobStep, JobStep.job_id == IngestJob.id)
        .where(IngestJob.id.in_(busy), IngestJob.state.not_in(_DEAD))
    )
    works: dict[UUID, tuple[datetime, list[Step]]] = {}
    for job_id, created_at, step in rows:
        works.setdefault(job_id, (created_at, []))[1].append(_seen(step, now))
    queue = [Work(job_id, created_at, steps) for job_id, (created_at, steps) in works.items()]
    return forecast.forecast(queue, workshop_settings().workers, recent_pace(db)) if queue else {}


def with_failures(db: Db, sessions: Select[UUID], limit: int) -> Sequence[IngestJob]:
    """The jobs of these conferences of which something failed and may be tried again, the newest first."""
    failed = select(JobStep.job_id).where(JobStep.state == StepState.FAILED)
    alive = IngestJob.state.not_in(ENDED - {JobState.PUBLISHED, JobState.FAILED})
    wanted = select(IngestJob).where(IngestJob.session_id.in_(sessions), IngestJob.id.in_(failed), alive)
    return db.scalars(wanted.order_by(IngestJob.created_at.desc(), IngestJob.id).limit(limit)).all()


def recent_pace(db: Db) -> Pace:
    """How long the steps that ended last really took, against their weights."""
    seconds = func.extract("epoch", JobStep.finished_at - JobStep.started_at)
    rows = db.execute(
        select(JobStep.kind, JobStep.weight, seconds)
        .where(JobStep.state == StepState.DONE, JobStep.started_at.is_not(None), JobStep.finished_at.is_not(None))
        .order_by(JobStep.finished_at.desc())
        .limit(RECENT)
    )
    return forecast.calibrate(Finished(kind, weight, float(took)) for kind, weight, took in rows)


def _rung(name: str, kind: RungKind, steps: Sequence[JobStep], now: datetime) -> RungState:
    seen = [_seen(step, now) for step in steps]
    progress = _share([*seen, *forecast.expected(seen)])
    failed = next((step for step in steps if step.state is StepState.FAILED), None)
    if failed:
        return RungState(name, kind, StepState.FAILED, progress, failed.problem)
    if any(step.state is StepState.RUNNING for step in steps):
        return RungState(name, kind, StepState.RUNNING, progress, None)
    done = bool(steps) and not any(is_open(step) for step in steps) and not forecast.expected(seen)
    return RungState(name, kind, StepState.DONE if done else StepState.WAITING, progress, None)


def _share(steps: Sequence[Step]) -> float:
    """What failed for good has ended, too: nothing more comes of it."""
    whole = sum(step.weight for step in steps)
    ended = {StepState.DONE, StepState.FAILED}
    done = sum(step.weight * (1.0 if step.state in ended else step.progress) for step in steps)
    return done / whole if whole else 0.0


def _seen(step: JobStep, now: datetime) -> Step:
    elapsed = _elapsed(step, now) if step.state is StepState.RUNNING else 0.0
    progress = step.progress if step.state is StepState.RUNNING else 0.0
    return Step(step.kind, step.number, step.weight, step.state, progress, elapsed)


def _elapsed(step: JobStep, now: datetime) -> float:
    if step.started_at is None:
        return 0.0
    until = step.finished_at if step.state is StepState.DONE and step.finished_at else now
    return max(0.0, (until - step.started_at).total_seconds())
