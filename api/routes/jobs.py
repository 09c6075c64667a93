"""Work on uploads: how far it is, and what a person may do about it."""

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import aliased

from api.deps import DbDep, LanguageDep, PageDep, Staff, Technician
from api.schemas import Named, Page, Row
from ingest import jobs, pipeline, tasks
from ingest.models import ENDED, IngestJob, JobState, JobStep, StepKind, StepState, Upload, UploadKind
from sessions import register
from sessions.db import Db
from sessions.errors import Language, NotAllowed, NotFound
from sessions.models import ConferenceSession, Person

router = APIRouter(tags=["intake"])


#: What became of a recording that nobody will see.
GONE = frozenset({JobState.CANCELLED, JobState.RETRACTED})


class StepView(Row):
    kind: StepKind
    number: int
    state: StepState
    progress: float
    attempts: int


class ProblemView(BaseModel):
    code: str
    detail: str


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
    steps: list[StepView]
    problem: ProblemView | None
    released_by: Named | None
    released_at: datetime | None
    recording_id: UUID | None
    created_at: datetime
    updated_at: datetime
    can_release: bool
    can_retry: bool
    can_cancel: bool
    can_retract: bool
    #: Whether this person may correct when its slides are shown.
    can_correct: bool


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
    return Page(items=_views(db, person, found, language), total=total)


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
    return _views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/release")
def release_job(db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep) -> JobView:
    """Let a file out: at once when it is ready, otherwise as soon as it is. Never one's own upload."""
    pipeline.release(db, person, job)
    return _views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/retract")
def retract_job(db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep) -> JobView:
    """Take a published file away from the members; credits that it earned stay."""
    pipeline.retract(db, person, job)
    return _views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/cancel")
def cancel_job(db: DbDep, person: Technician, language: LanguageDep, job: HeldDep) -> JobView:
    """Stop the work on a file."""
    jobs.cancel(db, person, job)
    return _views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/retry")
def retry_job(
    db: DbDep, person: Technician, language: LanguageDep, job: HeldDep, background: BackgroundTasks
) -> JobView:
    """Go on where a failed job stopped."""
    jobs.retry(db, person, job)
    # After the answer, which a broker that is away must not hold up.
    background.add_task(tasks.nudge)
    return _views(db, person, [job], language)[0]


def _views(db: Db, person: Person, found: Sequence[IngestJob], language: Language) -> list[JobView]:
    releaser = aliased(Person)
    rows = db.execute(
        select(IngestJob, Upload, ConferenceSession, Person, releaser)
        .join(Upload, Upload.id == IngestJob.upload_id)
        .join(ConferenceSession, ConferenceSession.id == IngestJob.session_id)
        .join(Person, Person.id == Upload.uploaded_by)
        .outerjoin(releaser, releaser.id == IngestJob.released_by)
        .where(IngestJob.id.in_([job.id for job in found]))
    )
    whole = {row[0].id: row for row in rows}
    steps = jobs.steps_of(db, whole)
    releasable = set(db.scalars(register.releasable_by(db, person)))
    return [_view(whole[job.id], steps.get(job.id, []), person, language, releasable) for job in found]


def _view(row: Any, steps: Sequence[JobStep], person: Person, language: Language, releasable: Set[UUID]) -> JobView:
    job, upload, session, uploader, releaser = row
    in_my_hands = job.session_id in releasable
    return JobView(
        id=job.id,
        session_id=job.session_id,
        session_title=session.title,
        kind=upload.kind,
        filename=upload.filename,
        bytes=upload.length,
        uploaded_by=Named.model_validate(uploader),
        state=job.state,
        progress=1.0 if job.state is JobState.PUBLISHED else round(jobs.progress(steps), 3),
        steps=[StepView.model_validate(step) for step in steps],
        problem=ProblemView(code=job.problem["code"], detail=job.problem[language]) if job.problem else None,
        released_by=Named.model_validate(releaser) if releaser else None,
        released_at=job.released_at,
        recording_id=job.recording_id,
        created_at=job.created_at,
        updated_at=job.updated_at,
        can_release=in_my_hands and uploader.id != person.id and not job.released_at and jobs.may_be_released(job),
        can_retry=job.state is JobState.FAILED,
        can_cancel=job.state not in ENDED,
        can_retract=in_my_hands and job.state is JobState.PUBLISHED,
        can_correct=in_my_hands and job.recording_id is not None and job.state not in GONE,
    )
