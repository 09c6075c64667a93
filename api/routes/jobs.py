"""Work on uploads: how far it is, and what a person may do about it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import aliased

from api.deps import DbDep, LanguageDep, PageDep, Staff, Technician
from api.schemas import Named, Page
from archive.models import Recording
from ingest import jobs, pipeline, progress, tasks, unlocking
from ingest.forecast import Outlook
from ingest.models import IngestJob, JobState, JobStep, StepKind, StepState, Upload, UploadKind
from ingest.progress import RungKind, RungState
from ingest.settings import workshop_settings
from sessions import clock, register
from sessions.db import Db
from sessions.errors import Language, NotAllowed, NotFound
from sessions.models import ConferenceSession, Person

router = APIRouter(tags=["intake"])

#: States in which there is something to replay already, whatever is still being made.
_MADE = frozenset({JobState.READY, JobState.RELEASED, JobState.PUBLISHED})
#: So many files of which something failed are shown beside the queue.
MOST_FAILED = 20


#: What became of a recording that nobody will see.
GONE = frozenset({JobState.REFUSED, JobState.CANCELLED, JobState.RETRACTED})
#: States in which the gate has searched a file, and somebody is still to decide.
_INSPECTED = frozenset({JobState.HELD, JobState.ENCODING, JobState.READY})


class ProblemView(BaseModel):
    code: str
    detail: str


class RungStateView(BaseModel):
    """One form of a file, and where it stands; `progress` is 0 to 1."""

    name: str
    kind: RungKind
    state: StepState
    progress: float
    problem: ProblemView | None


class JobView(BaseModel):
    id: UUID
    session_id: UUID
    session_title: str
    kind: UploadKind
    filename: str
    bytes: int
    uploaded_by: Named
    state: JobState
    progress: float
    #: Whether all that is to be made of it has been made; a replay is ready long before.
    complete: bool
    #: What is being done now, the most urgent of it.
    stage: StepKind | Literal["waiting"] | None
    #: Seconds of recording encoded per second of clock, while its chunks are.
    speed: float | None
    #: When slides + speech will be ready, and when everything will be, as far as that can be told.
    first_look_at: datetime | None
    complete_by: datetime | None
    rungs: list[RungStateView]
    problem: ProblemView | None
    released_by: Named | None
    released_at: datetime | None
    recording_id: UUID | None
    created_at: datetime
    updated_at: datetime
    can_release: bool
    can_retry: bool
    can_cancel: bool
    #: Whether it is a deck that waits for its password.
    needs_password: bool
    can_retract: bool
    #: Whether this person may correct when its slides are shown.
    can_correct: bool
    #: Whether this person may look into what the gate found in it.
    can_inspect: bool


class ReleaseIn(BaseModel):
    """`looked` names the pictures of the contact sheet that the person looked at, where nobody has read them."""

    looked: Annotated[list[int], Field(max_length=5000)] = []


class QueueItem(BaseModel):
    """One file in line. A file of a conference outside the person's scope has no `job`, only its place and times."""

    job: JobView | None
    begins_at: datetime | None
    first_look_at: datetime | None
    complete_by: datetime | None


class QueueView(BaseModel):
    """What the workers have before them, in the order of doing, and what they could not do."""

    workers: int
    items: list[QueueItem]
    #: The person's own files of which something failed and nothing more comes by itself, the newest first.
    failed: list[JobView]


class JobNotFound(NotFound):
    code = "job-not-found"
    vi = "Không có tệp này, hoặc tệp thuộc hội nghị ngoài phạm vi của bạn."
    en = "There is no such file, or it belongs to a conference outside your scope."


@router.get("/jobs")
def list_jobs(
    db: DbDep, person: Technician, language: LanguageDep, page: PageDep, session_id: UUID | None = None
) -> Page[JobView]:
    """Files of the conferences that the person looks after, newest first."""
    mine = register.uploadable_by(db, person)
    found, total = jobs.of_sessions(db, mine, session_id=session_id, offset=page.offset, limit=page.limit)
    return Page(items=views(db, person, found, language), total=total)


@router.get("/queue")
def read_queue(db: DbDep, person: Technician, language: LanguageDep) -> QueueView:
    """The files that are being worked on, with what the forecast says of each."""
    now, coming = clock.now(), progress.outlooks(db)
    mine = register.uploadable_by(db, person)
    own = db.scalars(select(IngestJob).where(IngestJob.session_id.in_(mine), IngestJob.id.in_(coming))).all()
    mine_in_line = {view.id: view for view in views(db, person, own, language)}
    failed = progress.with_failures(db, mine, MOST_FAILED)
    return QueueView(
        workers=workshop_settings().workers,
        items=[
            QueueItem(
                job=mine_in_line.get(job_id),
                begins_at=_at(now, outlook.begins),
                first_look_at=_at(now, outlook.ready),
                complete_by=_at(now, outlook.complete),
            )
            for job_id, outlook in sorted(coming.items(), key=lambda item: _turn(item[1]))
        ],
        failed=views(db, person, [job for job in failed if job.id not in coming], language),
    )


def get_job(db: DbDep, person: Technician, job_id: UUID) -> IngestJob:
    """A job of a conference that the person looks after."""
    job = db.get(IngestJob, job_id)
    if job is None or not register.may_upload(db, person, db.get_one(ConferenceSession, job.session_id)):
        raise JobNotFound
    return job


def get_held(db: DbDep, job: Annotated[IngestJob, Depends(get_job)]) -> IngestJob:
    """The same, held until the request ends, for whoever changes it."""
    return jobs.lock_job(db, job.id)


def get_releasable(db: DbDep, person: Staff, job: Annotated[IngestJob, Depends(get_held)]) -> IngestJob:
    """A job of a conference whose recordings the person may let out."""
    if not register.may_release(db, person, db.get_one(ConferenceSession, job.session_id)):
        raise NotAllowed
    return job


JobDep = Annotated[IngestJob, Depends(get_job)]
HeldDep = Annotated[IngestJob, Depends(get_held)]
ReleasableDep = Annotated[IngestJob, Depends(get_releasable)]


@router.get("/jobs/{job_id}")
def read_job(db: DbDep, person: Technician, language: LanguageDep, job: JobDep) -> JobView:
    """One file and how far the work on it is."""
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/release")
def release_job(
    db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep, asked: ReleaseIn | None = None
) -> JobView:
    """Let a file out: at once when it is ready, otherwise as soon as it is. Never one's own upload."""
    pipeline.release(db, person, job, asked.looked if asked else ())
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/retract")
def retract_job(db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep) -> JobView:
    """Take a published file away from the members; credits that it earned stay."""
    pipeline.retract(db, person, job)
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/cancel")
def cancel_job(db: DbDep, person: Technician, language: LanguageDep, job: HeldDep) -> JobView:
    """Stop the work on a file."""
    jobs.cancel(db, person, job)
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/retry")
def retry_job(
    db: DbDep, person: Technician, language: LanguageDep, job: HeldDep, background: BackgroundTasks
) -> JobView:
    """Go on where a failed job stopped."""
    jobs.retry(db, person, job)
    # After the answer, which a broker that is away must not hold up.
    background.add_task(tasks.nudge)
    return views(db, person, [job], language)[0]


def views(db: Db, person: Person, found: Sequence[IngestJob], language: Language) -> list[JobView]:
    """How these jobs stand, as this person may see them, in the order given."""
    releaser = aliased(Person)
    rows = db.execute(
        select(IngestJob, Upload, ConferenceSession, Person, releaser, Recording.duration_seconds)
        .join(Upload, Upload.id == IngestJob.upload_id)
        .join(ConferenceSession, ConferenceSession.id == IngestJob.session_id)
        .join(Person, Person.id == Upload.uploaded_by)
        .outerjoin(releaser, releaser.id == IngestJob.released_by)
        .outerjoin(Recording, Recording.id == IngestJob.recording_id)
        .where(IngestJob.id.in_([job.id for job in found]))
    )
    whole = {row[0].id: row for row in rows}
    steps = progress.steps_of(db, whole)
    busy = any(progress.has_work(job, steps.get(job.id, [])) for job in found)
    seen = _Seen(
        now=clock.now(),
        person=person,
        language=language,
        releasable=set(db.scalars(register.releasable_by(db, person))),
        coming=progress.outlooks(db) if busy else {},
    )
    return [_view(whole[job.id], steps.get(job.id, []), seen) for job in found]


@dataclass(frozen=True)
class _Seen:
    """By whom and when jobs are looked at, and what the forecast says of them."""

    now: datetime
    person: Person
    language: Language
    releasable: Set[UUID]
    coming: Mapping[UUID, Outlook]


def _view(row: Any, steps: Sequence[JobStep], seen: _Seen) -> JobView:
    job, upload, session, uploader, releaser, duration = row
    in_my_hands = job.session_id in seen.releasable
    busy = progress.has_work(job, steps)
    outlook = seen.coming.get(job.id, Outlook(None, None, None))
    failed = any(step.state is StepState.FAILED for step in steps)
    locked = unlocking.waits_for_password(job)
    return JobView(
        id=job.id,
        session_id=job.session_id,
        session_title=session.title,
        kind=upload.kind,
        filename=upload.filename,
        bytes=upload.length,
        uploaded_by=Named.model_validate(uploader),
        state=job.state,
        progress=round(progress.share_done(steps, seen.now), 3),
        complete=not busy and job.state in _MADE,
        stage=progress.stage_of(steps) if busy else None,
        speed=progress.speed_of(steps, duration, seen.now) if busy and duration else None,
        first_look_at=None if job.state in _MADE else _at(seen.now, outlook.ready),
        complete_by=_at(seen.now, outlook.complete),
        rungs=[_rung(each, seen.language) for each in progress.rungs_of(upload.kind, steps, seen.now)],
        problem=_problem(job.problem, seen.language),
        released_by=Named.model_validate(releaser) if releaser else None,
        released_at=job.released_at,
        recording_id=job.recording_id,
        created_at=job.created_at,
        updated_at=job.updated_at,
        can_release=in_my_hands and uploader.id != seen.person.id and not job.released_at and jobs.may_be_released(job),
        can_retry=not locked and (job.state is JobState.FAILED or (failed and job.state in _MADE)),
        needs_password=locked,
        can_cancel=jobs.may_be_cancelled(job) or busy,
        can_retract=in_my_hands and job.state is JobState.PUBLISHED,
        can_correct=in_my_hands and job.recording_id is not None and job.state not in GONE,
        can_inspect=in_my_hands and uploader.id != seen.person.id and job.state in _INSPECTED,
    )


def _rung(rung: RungState, language: Language) -> RungStateView:
    return RungStateView(
        name=rung.name,
        kind=rung.kind,
        state=rung.state,
        progress=round(rung.progress, 3),
        problem=_problem(rung.problem, language),
    )


def _problem(said: dict[str, Any] | None, language: Language) -> ProblemView | None:
    return ProblemView(code=said["code"], detail=said[language]) if said else None


def _at(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _turn(outlook: Outlook) -> tuple[float, float]:
    """Who is begun first comes first, then who is done first; what nobody can tell comes last."""
    last = float("inf")
    return (
        last if outlook.begins is None else outlook.begins,
        last if outlook.complete is None else outlook.complete,
    )
