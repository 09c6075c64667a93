"""People, their accounts and their roles over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api import login
from api.deps import Administrator, DbDep, PageDep, Staff, Technician
from api.schemas import PROBLEMS, PageOfPeople, PersonRef, RoleHeld, Title, Words
from sessions import people, units
from sessions.models import Role
from sessions.people import Listed

router = APIRouter(tags=["people"], responses=PROBLEMS)


class PersonRow(PersonRef):
    """A person with how they sign in, if they do, and what they may do where."""

    username: str | None
    roles: list[RoleHeld]

    @classmethod
    def listed(cls, listed: Listed) -> "PersonRow":
        held = [RoleHeld.of(grant, unit) for grant, unit in listed.roles]
        return cls(**dict(PersonRef.of(listed.person, listed.unit)), username=listed.username, roles=held)


class NewPerson(BaseModel):
    full_name: Title
    member_number: Annotated[str, Field(max_length=40)] | None = None
    unit_id: UUID


class NewAccount(BaseModel):
    username: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=200)]


class NewRole(BaseModel):
    role: Role
    unit_id: UUID


@router.get("/people")
def list_people(
    db: DbDep, by: Technician, page: PageDep, unit_id: UUID | None = None, q: Words = ""
) -> PageOfPeople[PersonRow]:
    """The people of the units entrusted to the reader, in Vietnamese order."""
    unit = units.get(db, unit_id) if unit_id else None
    found, total = people.find(db, by, unit=unit, q=q, offset=page.offset, limit=page.limit)
    return PageOfPeople.counted([PersonRow.listed(each) for each in found], total)


@router.post("/people", status_code=201)
def enrol_person(db: DbDep, by: Staff, asked: NewPerson) -> PersonRef:
    """Put a person on the rolls of a unit."""
    unit = units.get(db, asked.unit_id)
    return PersonRef.of(people.enrol(db, by, asked.full_name, unit, asked.member_number), unit)


@router.post("/people/{person_id}/account", status_code=204)
def open_account(db: DbDep, by: Administrator, person_id: UUID, asked: NewAccount) -> None:
    """Let a person sign in with a name and a first password."""
    person, _ = people.see(db, by, person_id)
    login.open_account(db, by, person, asked.username, asked.password)


@router.post("/people/{person_id}/roles", status_code=201)
def entrust_role(db: DbDep, by: Administrator, person_id: UUID, asked: NewRole) -> RoleHeld:
    """Give a person a role over a unit and everything below it."""
    person, _ = people.see(db, by, person_id)
    unit = units.get(db, asked.unit_id)
    return RoleHeld.of(people.entrust(db, by, person, asked.role, unit), unit)


@router.delete("/roles/{role_id}", status_code=204)
def dismiss_role(db: DbDep, by: Administrator, role_id: UUID) -> None:
    """Take a role back."""
    people.dismiss(db, by, role_id)
