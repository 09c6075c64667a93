"""Who is let off from what, from one day to another, over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Staff
from api.schemas import PROBLEMS, Day, Page, PersonRef, Remark, Row
from sessions import exemptions, people, units
from sessions.models import Exemption, ExemptionKind, Person, Unit

router = APIRouter(tags=["people"], responses=PROBLEMS)


class NewExemption(BaseModel):
    """From what and why; from today on and without an end unless days are given."""

    kind: ExemptionKind
    reason: Annotated[Remark, Field(min_length=1)]
    valid_from: Day | None = None
    valid_to: Day | None = None


class ExemptionEnd(BaseModel):
    """The last day on which it holds; today while none is given."""

    last_day: Day | None = None


class ExemptionView(Row):
    """Both days are within it; it is open while it has no last one."""

    id: UUID
    kind: ExemptionKind
    reason: str
    valid_from: date
    valid_to: date | None


class ExemptPerson(ExemptionView):
    person: PersonRef

    @classmethod
    def listed(cls, exemption: Exemption, person: Person, unit: Unit) -> "ExemptPerson":
        return cls(**dict(ExemptionView.model_validate(exemption)), person=PersonRef.of(person, unit))


@router.get("/exemptions")
def list_exemptions(db: DbDep, by: Staff, page: PageDep, unit_id: UUID | None = None) -> Page[ExemptPerson]:
    """Who is let off today or will be, of the units that the reader is staff of, in Vietnamese order."""
    unit = units.get(db, unit_id) if unit_id else None
    found, total = exemptions.find(db, by, unit=unit, offset=page.offset, limit=page.limit)
    return Page(items=[ExemptPerson.listed(*each) for each in found], total=total)


@router.get("/people/{person_id}/exemptions")
def list_exemptions_of_person(db: DbDep, by: Staff, person_id: UUID) -> list[ExemptionView]:
    """What one person is let off from, today or from a later day on."""
    person, _ = people.see(db, by, person_id)
    return [ExemptionView.model_validate(each) for each in exemptions.of_person(db, by, person)]


@router.post("/people/{person_id}/exemptions", status_code=201)
def grant_exemption(db: DbDep, by: Staff, person_id: UUID, asked: NewExemption) -> ExemptionView:
    """Let a person off. Summonses made from now on take it over; those made before stay as they are."""
    person, _ = people.see(db, by, person_id)
    return ExemptionView.model_validate(exemptions.grant(db, by, person, **dict(asked)))


@router.post("/exemptions/{exemption_id}/end")
def end_exemption(db: DbDep, by: Staff, exemption_id: UUID, asked: ExemptionEnd) -> ExemptionView:
    """Let an exemption hold until a day and no longer."""
    return ExemptionView.model_validate(exemptions.end(db, by, exemption_id, asked.last_day))
