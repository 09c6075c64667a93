"""Slips of paper and what becomes of them over HTTP: printing, choosing a PIN or password, notices, shared devices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api import activation, devices
from api.activation import Printed
from api.deps import DbDep, Signed, Staff
from api.routes.login import Me, Typed, address_of, device_of, me_of, remember
from api.schemas import PROBLEMS, PersonRef, Problem, UnitRef
from sessions import people, units
from sessions.models import NoticeKind

router = APIRouter(tags=["activation"], responses=PROBLEMS)

Code = Annotated[str, Field(min_length=1, max_length=40)]


class SlipsWanted(BaseModel):
    """For everybody of a unit and below who cannot sign in yet, or for one person."""

    unit_id: UUID | None = None
    person_id: UUID | None = None


class SlipView(BaseModel):
    person: PersonRef
    username: str
    #: Shown this once; only its hash is kept.
    code: str
    expires_at: datetime

    @classmethod
    def of(cls, slip: Printed) -> "SlipView":
        person = PersonRef.of(slip.person, slip.unit)
        return cls(person=person, username=slip.username, code=slip.code, expires_at=slip.expires_at)


class SlipsView(BaseModel):
    """The slips to print now, and how many people of the unit have no account in all, these included."""

    slips: list[SlipView]
    waiting: int


class SlipCode(BaseModel):
    code: Code


class SlipOwner(BaseModel):
    full_name: str
    username: str
    unit: UnitRef


class Secret(BaseModel):
    code: Code
    #: A PIN of at least six digits, or a password of at least eight characters.
    secret: Typed


class NoticeView(BaseModel):
    """Something that staff did to the reader's own account."""

    kind: NoticeKind
    at: datetime
    by: str


class DevicePerson(BaseModel):
    person: PersonRef
    last_at: datetime


class SharedDevice(BaseModel):
    """`total` counts everybody who signed in there; `people` are those of the reader's units."""

    people: list[DevicePerson]
    total: int
    last_at: datetime


@router.post("/slips", status_code=201)
def print_slips(db: DbDep, by: Staff, asked: SlipsWanted) -> SlipsView:
    """New slips; older ones of the same people open nothing from now on. Two hundred at a time."""
    if asked.person_id:
        person, _ = people.see(db, by, asked.person_id)
        return SlipsView(slips=[SlipView.of(activation.issue_for_person(db, by, person))], waiting=0)
    if asked.unit_id is None:
        raise units.UnitUnknown
    printed, waiting = activation.issue_for_unit(db, by, units.get(db, asked.unit_id))
    return SlipsView(slips=[SlipView.of(slip) for slip in printed], waiting=waiting)


@router.post("/activation/slip", responses={429: {"model": Problem, "description": "Too many tries"}})
def look_at_slip(db: DbDep, request: Request, asked: SlipCode) -> SlipOwner:
    """Whose slip this is, before they choose anything."""
    person, unit, slip = activation.look(db, asked.code, address=address_of(request))
    unit_ref = UnitRef.model_validate(unit)
    return SlipOwner(full_name=person.full_name, username=slip.username, unit=unit_ref)


@router.post("/activation", responses={429: {"model": Problem, "description": "Too many tries"}})
def activate(db: DbDep, request: Request, response: Response, asked: Secret) -> Me:
    """Choose a PIN or password with the code of a slip; the answer signs the person in."""
    person, token = activation.activate(
        db,
        asked.code,
        asked.secret,
        address=address_of(request),
        user_agent=request.headers.get("user-agent", ""),
        device=device_of(request, response),
    )
    remember(response, token)
    return me_of(db, person)


@router.get("/me/notices")
def list_notices(db: DbDep, person: Signed) -> list[NoticeView]:
    """What staff did to the reader's account, the latest first."""
    return [
        NoticeView(kind=notice.kind, at=notice.at, by=by.full_name) for notice, by in activation.notices_of(db, person)
    ]


@router.get("/shared-devices")
def list_shared_devices(db: DbDep, by: Staff) -> list[SharedDevice]:
    """Devices on which three people or more signed in within ninety days, some of the reader's units."""
    return [
        SharedDevice(
            people=[DevicePerson(person=PersonRef.of(person, unit), last_at=at) for person, unit, at in found.people],
            total=found.total,
            last_at=found.last_at,
        )
        for found in devices.shared(db, by)
    ]
