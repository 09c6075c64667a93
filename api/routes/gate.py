"""The gate over HTTP: what was found in a file that waits, its contact sheet, the decision on it, incidents, rules."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from pydantic import BaseModel, Field

from api.deps import Administrator, DbDep, LanguageDep, PageDep, Security, Staff
from api.routes.jobs import JobDep, JobNotFound, JobView, ReleasableDep, views
from api.schemas import PROBLEMS, Explanation, Named, Page, SessionBrief, Title
from archive import replay
from archive.models import RenditionKind
from ingest import incidents, pipeline, rulebook, sheets, tasks, verdicts
from ingest.marking_rules import DEFAULT_RULES, Certainty, Kind
from ingest.markings import Source
from ingest.models import GateRule, IngestJob, Inspection, InspectionResult, JobState, Ruling
from sessions import register
from sessions.db import Db
from sessions.errors import NotAllowed
from sessions.models import ConferenceSession, Person

router = APIRouter(tags=["gate"], responses=PROBLEMS)

#: In these states there is nothing left to look into.
_CLOSED = frozenset({JobState.REFUSED, JobState.CANCELLED, JobState.FAILED})

#: Left, top, width and height, as shares of the picture.
Box = tuple[float, float, float, float]


class HitView(BaseModel):
    """Where a rule found a marking; never what it found."""

    rule: str
    certainty: Certainty
    source: Source
    page: int | None
    at_seconds: float | None
    box: Box | None


class SheetPicture(BaseModel):
    """One picture of the contact sheet; `position` is 1 for the first."""

    position: int
    page: int | None
    at_seconds: float | None
    width: int
    height: int
    url: str


class Playable(BaseModel):
    url: str
    media_type: str


class InspectionView(BaseModel):
    """What was found in a file, and what a person made of it."""

    job: JobView
    result: InspectionResult
    at: datetime
    hits: list[HitView]
    pictures: list[SheetPicture]
    #: How many of the pictures nobody has read: a release needs a look at each.
    unread: int
    looked: bool
    ruling: Ruling | None
    decided_by: Named | None
    decided_at: datetime | None
    reason: str | None
    #: The recording's speech in the forms there are, once it was made.
    speech: list[Playable]
    can_hold: bool
    can_decide: bool


class DecisionIn(BaseModel):
    """Why a person decides as they do, for whoever asks later."""

    reason: Annotated[Explanation, Field(min_length=10, max_length=500)]


class IncidentView(BaseModel):
    """Something that was turned away: when, whose, by which rule; the name and the text are gone."""

    id: UUID
    at: datetime
    rule: str
    sha256: str | None
    person: Named
    session: SessionBrief | None


class BuiltInRule(BaseModel):
    name: str
    kind: Kind
    phrases: list[str]


class AddedRule(BaseModel):
    id: UUID
    phrase: str
    certain: bool
    added_by: Named
    added_at: datetime


class RulesView(BaseModel):
    """`due` counts the files that were let in by other rules than these: `diemcau rescan` searches them."""

    version: str
    built_in: list[BuiltInRule]
    added: list[AddedRule]
    due: int


class NewRule(BaseModel):
    phrase: Title
    certain: bool


def get_judged(db: DbDep, person: Staff, job: JobDep) -> IngestJob:
    """A file that the person may decide on: of a conference whose recordings they release, not their own upload."""
    if not register.may_release(db, person, db.get_one(ConferenceSession, job.session_id)):
        raise NotAllowed
    verdicts.demand_other(db, person, job)
    if job.state in _CLOSED:
        raise JobNotFound
    return job


JudgedDep = Annotated[IngestJob, Depends(get_judged)]


@router.get("/jobs/{job_id}/inspection")
def read_inspection(db: DbDep, person: Staff, language: LanguageDep, job: JudgedDep) -> InspectionView:
    """What the gate found in a file, with its contact sheet, for whoever may release it."""
    found = verdicts.latest(db, job.id)
    if found is None:
        raise JobNotFound
    decided_by = db.get_one(Person, found.decided_by) if found.decided_by else None
    return InspectionView(
        job=views(db, person, [job], language)[0],
        result=found.result,
        at=found.at,
        hits=[HitView.model_validate(hit) for hit in found.hits],
        pictures=_sheet(job, found),
        unread=found.unread,
        looked=found.looked_by is not None,
        ruling=found.ruling,
        decided_by=Named.model_validate(decided_by) if decided_by else None,
        decided_at=found.decided_at,
        reason=found.reason,
        speech=_speech(db, job),
        can_hold=job.state in verdicts.HOLDABLE,
        can_decide=job.state is JobState.HELD,
    )


@router.get("/jobs/{job_id}/sheet/{position}", response_class=Response)
def read_sheet_picture(job: JudgedDep, position: int) -> Response:
    """One picture of the contact sheet of a file that waits."""
    picture = sheets.read(job.id, position)
    return Response(picture, media_type="image/webp", headers={"Cache-Control": "private, no-store"})


@router.post("/jobs/{job_id}/clear")
def clear_job(
    db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep, said: DecisionIn, background: BackgroundTasks
) -> JobView:
    """Let a held file go on; it still has to be released."""
    pipeline.clear(db, person, job, said.reason)
    background.add_task(tasks.nudge)
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/hold")
def hold_job(db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep, said: DecisionIn) -> JobView:
    """Keep a file back for another person to decide on."""
    verdicts.hold_back(db, person, job, said.reason)
    return views(db, person, [job], language)[0]


@router.post("/jobs/{job_id}/refuse")
def refuse_job(db: DbDep, person: Staff, language: LanguageDep, job: ReleasableDep, said: DecisionIn) -> JobView:
    """Refuse a file as one that bears a marking: it is destroyed, its hash and an incident stay."""
    verdicts.turn_away(db, person, job, said.reason)
    return views(db, person, [job], language)[0]


@router.get("/incidents")
def list_incidents(db: DbDep, person: Security, page: PageDep) -> Page[IncidentView]:
    """What was turned away in the units whose security is entrusted to the person, newest first."""
    rows, total = incidents.find(db, person, offset=page.offset, limit=page.limit)
    return Page(
        items=[
            IncidentView(
                id=incident.id,
                at=incident.at,
                rule=incident.rule,
                sha256=incident.sha256,
                person=Named.model_validate(by),
                session=SessionBrief.model_validate(session) if session else None,
            )
            for incident, by, session in rows
        ],
        total=total,
    )


@router.get("/gate/rules")
def read_rules(db: DbDep, _person: Administrator) -> RulesView:
    """Every marking that is searched for."""
    return _rules(db)


@router.post("/gate/rules", status_code=201)
def add_rule(db: DbDep, person: Administrator, asked: NewRule) -> RulesView:
    """Search for another marking from now on."""
    rulebook.add(db, person, asked.phrase, certain=asked.certain)
    return _rules(db)


@router.delete("/gate/rules/{rule_id}")
def retire_rule(db: DbDep, person: Administrator, rule_id: UUID) -> RulesView:
    """Take an added marking out again."""
    rule = db.get(GateRule, rule_id)
    if rule is None:
        raise rulebook.RuleUnknown
    rulebook.retire(db, person, rule)
    return _rules(db)


def _sheet(job: IngestJob, found: Inspection) -> list[SheetPicture]:
    """The pictures that can still be looked at: none once all is decided."""
    if not sheets.is_kept(job.id):
        return []
    return [
        SheetPicture(position=position, url=f"/api/v1/jobs/{job.id}/sheet/{position}", **picture)
        for position, picture in enumerate(found.pictures, 1)
    ]


def _speech(db: Db, job: IngestJob) -> list[Playable]:
    if job.recording_id is None:
        return []
    home = f"/api/v1/recordings/{job.recording_id}/preview"
    made: list[Any] = list(replay.renditions_of(db, [job.recording_id]).get(job.recording_id, []))
    return [
        Playable(url=f"{home}/{each.entry}", media_type=each.media_type)
        for each in made
        if each.kind is RenditionKind.SPEECH
    ]


def _rules(db: Db) -> RulesView:
    rules = rulebook.rules(db)
    version = rulebook.version_of(rules)
    return RulesView(
        version=version,
        built_in=[BuiltInRule(name=rule.name, kind=rule.kind, phrases=list(rule.phrases)) for rule in DEFAULT_RULES],
        added=[
            AddedRule(
                id=row.id,
                phrase=row.phrase,
                certain=row.certain,
                added_by=Named.model_validate(db.get_one(Person, row.added_by)),
                added_at=row.added_at,
            )
            for row in rulebook.added(db)
        ],
        due=len(verdicts.due(db, version)),
    )
