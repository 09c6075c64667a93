"""Conferences over HTTP: listed, opened, read, closed, and who is summoned to them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Signed, Staff, Technician
from api.schemas import PROBLEMS, Instant, Page, PageOfPeople, PersonRef, Remark, Row, SessionPointView, Title, UnitRef
from sessions import agenda, overview, people, register, summons, units
from sessions.db import Db
from sessions.models import ConferenceSession, Person, Unit
from sessions.overview import Line, When

router = APIRouter(tags=["sessions"], responses=PROBLEMS)


class SessionRow(BaseModel):
    """A conference in a list; `expected` and `present` count people in rooms, in the fullest part."""

    id: UUID
    title: str
    unit: UnitRef
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_reason: str | None
    parts: int
    points: int
    present: int
    expected: int
    my_point: SessionPointView | None

    @classmethod
    def of(cls, line: Line) -> "SessionRow":
        return cls(
            id=line.session.id,
            title=line.session.title,
            unit=UnitRef.model_validate(line.unit),
            starts_at=line.session.starts_at,
            ends_at=line.session.ends_at,
            closed_at=line.session.closed_at,
            cancelled_at=line.session.cancelled_at,
            cancelled_reason=line.cancelled_because,
            parts=line.counts.parts,
            points=line.counts.points,
            present=line.counts.present,
            expected=line.counts.expected,
            my_point=SessionPointView.of(line.own_point) if line.own_point else None,
        )


class NewPart(BaseModel):
    title: Title
    speaker: Title | None = None
    starts_at: Instant
    ends_at: Instant


class NewSession(BaseModel):
    title: Title
    unit_id: UUID
    starts_at: Instant
    ends_at: Instant
    parts: Annotated[list[NewPart], Field(min_length=1, max_length=100)]
    replay_until: Instant | None = None
    #: Share of a recording that a replay must show.
    coverage_required: Annotated[float, Field(gt=0, le=1)] | None = None


class PartView(Row):
    id: UUID
    position: int
    title: str
    speaker: str | None
    starts_at: datetime
    ends_at: datetime


class PolicyView(Row):
    """What a replay of this conference must show; shares lie between 0 and 1."""

    version: int
    coverage_required: float
    prompts_required: float
    max_rate: float
    replay_until: datetime
    reflection_required: bool


class SessionCounts(BaseModel):
    """`summoned` counts named people; `expected` and `present` people in rooms."""

    points: int
    summoned: int
    expected: int
    present: int


class Rights(BaseModel):
    """What the asking person may do at this conference."""

    edit: bool
    count: bool
    upload: bool
    release: bool
    report: bool


class SessionView(BaseModel):
    id: UUID
    title: str
    unit: UnitRef
    starts_at: datetime
    ends_at: datetime
    tree_date: date
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_reason: str | None
    #: How often it was changed since it was opened.
    sequence: int
    created_by: PersonRef
    parts: list[PartView]
    policy: PolicyView
    counts: SessionCounts
    can: Rights


class Exemption(BaseModel):
    person_id: UUID
    reason: Annotated[Remark, Field(min_length=1)]


class SummonsRequest(BaseModel):
    """Everyone in these units and below, except whom a reason exempts."""

    unit_ids: Annotated[list[UUID], Field(max_length=500)]
    #: Only people of one of these; everybody while it is empty.
    categories: Annotated[list[Title], Field(max_length=50)] = []
    exempt: Annotated[list[Exemption], Field(max_length=1000)] = []


class SummonsSize(BaseModel):
    added: int
    summoned: int


class SummonedRow(BaseModel):
    person: PersonRef
    exempt_reason: str | None
    #: Late for an invitation: the conference was a day ahead or nearer, or had begun.
    is_late: bool


@router.get("/sessions")
def list_sessions(db: DbDep, person: Signed, page: PageDep, when: When = "all") -> Page[SessionRow]:
    """The conferences that concern the person: upcoming ones soonest first, others latest first."""
    lines, total = overview.sessions(db, person, when, offset=page.offset, limit=page.limit)
    return Page(items=[SessionRow.of(line) for line in lines], total=total)


@router.post("/sessions", status_code=201)
def open_session(db: DbDep, by: Technician, asked: NewSession) -> SessionView:
    """Register a conference with its agenda."""
    session = register.open_session(
        db,
        by,
        asked.title,
        units.get(db, asked.unit_id),
        asked.starts_at,
        asked.ends_at,
        [register.PartPlan(part.title, part.starts_at, part.ends_at, part.speaker) for part in asked.parts],
        replay_until=asked.replay_until,
        coverage_required=asked.coverage_required,
    )
    return view_of(db, by, session)


@router.get("/sessions/{session_id}")
def read_session(db: DbDep, person: Signed, session_id: UUID) -> SessionView:
    """One conference with its agenda, what a replay of it must show, and what the person may do there."""
    return view_of(db, person, register.see(db, person, session_id))


@router.post("/sessions/{session_id}/close")
def close_session(db: DbDep, by: Staff, session_id: UUID) -> SessionView:
    """Close the register: from then on a correction needs a reason."""
    return view_of(db, by, register.close(db, by, register.see(db, by, session_id)))


@router.post("/sessions/{session_id}/summons")
def summon(db: DbDep, by: Staff, session_id: UUID, asked: SummonsRequest) -> SummonsSize:
    """Summon everyone of these units and below to every part; summoning again adds nobody twice."""
    session = register.see(db, by, session_id)
    within = [units.get(db, unit_id) for unit_id in asked.unit_ids]
    exempt = {each.person_id: each.reason for each in asked.exempt}
    added = summons.expect(db, by, session, within, exempt, asked.categories)
    return SummonsSize(added=added, summoned=summons.size(db, session))


@router.get("/sessions/{session_id}/summons")
def list_summons(
    db: DbDep, by: Staff, page: PageDep, session_id: UUID, unit_id: UUID | None = None
) -> PageOfPeople[SummonedRow]:
    """Who is summoned from the units that the person is staff of, in Vietnamese order."""
    session = register.see(db, by, session_id)
    unit = units.get(db, unit_id) if unit_id else None
    found, total = summons.find(db, by, session, unit=unit, offset=page.offset, limit=page.limit)
    rows = [
        SummonedRow(
            person=PersonRef.of(person, at), exempt_reason=reason, is_late=agenda.came_late(added_at, session.starts_at)
        )
        for person, at, reason, added_at in found
    ]
    return PageOfPeople.counted(rows, total)


def view_of(db: Db, person: Person, session: ConferenceSession) -> SessionView:
    """A conference as this person sees it."""
    counts = overview.counts_of(db, session)
    return SessionView(
        id=session.id,
        title=session.title,
        unit=UnitRef.model_validate(db.get_one(Unit, session.unit_id)),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        tree_date=session.tree_date,
        closed_at=session.closed_at,
        cancelled_at=session.cancelled_at,
        cancelled_reason=agenda.reason_of_cancelling(db, session),
        sequence=agenda.sequence_of(db, session),
        created_by=PersonRef.of(*people.with_unit(db, db.get_one(Person, session.created_by))),
        parts=[PartView.model_validate(part) for part in register.parts_of(db, session.id)],
        policy=PolicyView.model_validate(register.policy_of(db, session.id)),
        counts=SessionCounts(
            points=counts.points,
            summoned=summons.size(db, session),
            expected=counts.expected,
            present=counts.present,
        ),
        can=Rights(
            edit=register.may_edit(db, person, session),
            count=register.may_count(db, person, session),
            upload=register.may_upload(db, person, session),
            release=register.may_release(db, person, session),
            report=register.may_report(db, person, session),
        ),
    )
