"""Credit as a member sees it for themselves, and as staff check it with the evidence in view."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from api.deps import DbDep, LanguageDep, PageDep, Signed, Staff
from api.schemas import PageOfPeople, PartBrief, PersonRef, ReasonView, Row, SessionBrief
from archive import watchlog
from sessions import agenda, attendance, register, reports, summons, units
from sessions.db import Db
from sessions.errors import Language, NotAllowed
from sessions.intervals import Interval
from sessions.models import AttendanceCredit, Basis, ConferenceSession, Expected, Person, Unit

router = APIRouter(tags=["credit"])


class PartStanding(BaseModel):
    part: PartBrief
    attended: bool
    basis: Basis | None
    reasons: list[ReasonView]


class Standing(BaseModel):
    """How one conference stands for the person; of one that was called off nothing is missing."""

    session: SessionBrief
    cancelled_at: datetime | None
    cancelled_reason: str | None
    credited: bool
    basis: Basis | None
    granted_at: datetime | None
    parts: list[PartStanding]
    reasons: list[ReasonView]


class Summoned(BaseModel):
    person: PersonRef
    credited: bool
    basis: Basis | None
    granted_at: datetime | None
    credit_id: UUID | None


class EvidenceView(Row):
    recording_id: UUID
    length_seconds: float
    covered_seconds: float
    missing: list[Interval]
    prompts_asked: int
    prompts_answered: int
    first_watched_at: datetime
    last_watched_at: datetime
    viewings: int


class PartEvidence(PartStanding):
    evidence: list[EvidenceView]


class ViewingEvidence(Row):
    id: UUID
    recording_id: UUID
    opened_at: datetime
    ended_at: datetime | None
    user_agent: str
    beats: int
    covered: list[Interval]


class TermsView(Row):
    version: int
    coverage_required: float
    prompts_required: float
    replay_until: datetime
    reflection_required: bool


class CreditView(BaseModel):
    """Everything that a decision about one person and one conference rests on."""

    person: PersonRef
    session: SessionBrief
    credited: bool
    basis: Basis | None
    granted_at: datetime | None
    rule_version: str | None
    policy: TermsView
    parts: list[PartEvidence]
    reasons: list[ReasonView]
    viewings: list[ViewingEvidence]


@router.get("/my/credits")
def my_credits(db: DbDep, person: Signed, language: LanguageDep, page: PageDep) -> list[Standing]:
    """The conferences that the person was expected at, newest first, and how each stands."""
    mine = (
        select(ConferenceSession)
        .where(ConferenceSession.id.in_(select(Expected.session_id).where(Expected.person_id == person.id)))
        .order_by(ConferenceSession.starts_at.desc())
        .offset(page.offset)
        .limit(page.limit)
    )
    return [_standing(db, person, session, language) for session in db.scalars(mine)]


@router.get("/sessions/{session_id}/credits")
def list_credits(
    db: DbDep,
    person: Staff,
    page: PageDep,
    session_id: UUID,
    unit_id: UUID,
    state: Literal["credited", "missing", "all"] = "all",
) -> PageOfPeople[Summoned]:
    """The summoned people of a unit and below, with their credits."""
    session, unit = register.see(db, person, session_id), units.get(db, unit_id)
    _demand_report(db, person, session, unit)
    credited = None if state == "all" else state == "credited"
    rows, total = reports.people_of(db, session, unit, credited=credited, offset=page.offset, limit=page.limit)
    return PageOfPeople.counted([_summoned(*row) for row in rows], total)


@router.get("/sessions/{session_id}/credits/{person_id}")
def read_credit(db: DbDep, person: Staff, language: LanguageDep, session_id: UUID, person_id: UUID) -> CreditView:
    """One person's evidence, part by part and viewing by viewing."""
    session = register.see(db, person, session_id)
    summoned, unit = summons.summoned(db, session, person_id)
    _demand_report(db, person, session, unit)
    standing = _standing(db, summoned, session, language)
    evidence = attendance.evidence_of(db, person_id, session.id)
    credit = attendance.credit_of(db, person_id, session.id)
    return CreditView(
        person=PersonRef.of(summoned, unit),
        session=standing.session,
        credited=standing.credited,
        basis=standing.basis,
        granted_at=standing.granted_at,
        rule_version=credit.rule_version if credit else None,
        policy=TermsView.model_validate(attendance.terms_of(db, session.id)),
        parts=[
            PartEvidence(
                **part.model_dump(),
                evidence=[EvidenceView.model_validate(row) for row in evidence if row.part_id == part.part.id],
            )
            for part in standing.parts
        ],
        reasons=standing.reasons,
        viewings=[ViewingEvidence.model_validate(each) for each in watchlog.viewings_of(db, person_id, session.id)],
    )


def _standing(db: Db, person: Person, session: ConferenceSession, language: Language) -> Standing:
    verdict, credit = attendance.standing(db, person.id, session.id), attendance.credit_of(db, person.id, session.id)
    titles = {part.id: part for part in register.parts_of(db, session.id)}
    return Standing(
        session=SessionBrief.model_validate(session),
        cancelled_at=session.cancelled_at,
        cancelled_reason=agenda.reason_of_cancelling(db, session),
        credited=credit is not None,
        basis=credit.basis if credit else None,
        granted_at=credit.granted_at if credit else None,
        parts=[
            PartStanding(
                part=PartBrief.model_validate(titles[part.part_id]),
                attended=part.attended,
                basis=part.basis,
                reasons=ReasonView.all(part.reasons, language),
            )
            for part in verdict.parts
        ],
        reasons=ReasonView.all(verdict.reasons, language),
    )


def _summoned(person: Person, unit: Unit, credit: AttendanceCredit | None) -> Summoned:
    return Summoned(
        person=PersonRef.of(person, unit),
        credited=credit is not None,
        basis=credit.basis if credit else None,
        granted_at=credit.granted_at if credit else None,
        credit_id=credit.id if credit else None,
    )


def _demand_report(db: Db, person: Person, session: ConferenceSession, unit: Unit) -> None:
    if not register.may_report(db, person, session, unit):
        raise NotAllowed
