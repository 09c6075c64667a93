"""Lists of people over HTTP: brought as a file, looked through, taken over, and watched meanwhile."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from api import deps, login
from api.deps import DbDep, LanguageDep, PageDep, Staff, TokenDep
from api.limits import BodyTooLarge
from api.rosters import table_of
from api.schemas import PROBLEMS, Page, Title, UnitRef
from sessions import units
from sessions.db import transaction
from sessions.errors import Language, NotSignedIn
from sessions.models import Role, RosterImport, Unit
from sessions.rosters import imports
from sessions.rosters.faults import Finding
from sessions.tables import MOST_BYTES

router = APIRouter(tags=["rosters"], responses=PROBLEMS)


class RosterCounts(BaseModel):
    """In people; `held` rows were left out, and `absent` people are on the rolls without being in the file."""

    rows: int
    new: int
    changed: int
    same: int
    moved: int
    returned: int
    exempted: int
    held: int
    absent: int


class RosterSample(BaseModel):
    row: int
    full_name: str
    member_number: str | None
    unit: str


class RosterFinding(BaseModel):
    """Something about one row. A row that is held back is left out; the others are taken over all the same."""

    row: int
    code: str
    held_back: bool
    text: str

    @classmethod
    def of(cls, finding: Finding, language: Language) -> "RosterFinding":
        text = finding.sentence(language)
        return cls(row=finding.row, code=finding.fault, held_back=finding.holds_back, text=text)


class RosterView(BaseModel):
    """One file: what it would do, what it did, and how far it is."""

    id: UUID
    unit: UnitRef
    file_name: str
    brought_at: datetime
    finished_at: datetime | None
    #: In percent.
    done: int
    encoding: str
    #: Which heading of the file each of our fields was found under.
    headings: dict[str, str]
    unknown_headings: list[str]
    sample: list[RosterSample]
    counts: RosterCounts
    absent_names: list[str]
    #: How many findings there are in all; `GET …/findings` has them.
    findings: int

    @classmethod
    def of(cls, kept: RosterImport, unit: Unit) -> "RosterView":
        told: dict[str, Any] = kept.result or kept.preview
        return cls(
            id=kept.id,
            unit=UnitRef.model_validate(unit),
            file_name=kept.file_name,
            brought_at=kept.brought_at,
            finished_at=kept.finished_at,
            done=kept.done,
            **{name: kept.preview[name] for name in ("encoding", "headings", "unknown_headings", "sample")},
            counts=told["counts"],
            absent_names=told["absent_names"],
            findings=told["found"],
        )


async def get_file(request: Request, token: TokenDep) -> bytes:
    """The bytes of a file; whoever sends them is asked before the first is read, and no connection waits meanwhile."""
    await to_thread.run_sync(_demand_staff, token)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_BYTES:
            raise BodyTooLarge
        pieces.append(piece)
    return b"".join(pieces)


def _demand_staff(token: str) -> None:
    with transaction() as db:
        person = login.person_of(db, token)
        if person is None:
            raise NotSignedIn
        deps.Require(Role.STAFF, Role.ADMINISTRATOR)(person, db)


FileDep = Annotated[bytes, Depends(get_file)]
_BODY = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post("/rosters", status_code=201, openapi_extra={"requestBody": _BODY})
def bring_roster(
    data: FileDep, db: DbDep, by: Staff, unit_id: UUID, file_name: Annotated[Title, Query()]
) -> RosterView:
    """Bring a file (.xlsx, .xls or .csv) and see what taking it over would do. Nobody's entry changes."""
    unit = units.get(db, unit_id)
    return RosterView.of(imports.look_through(db, by, unit, file_name, data, table_of(data, by)), unit)


@router.get("/rosters")
def list_rosters(db: DbDep, by: Staff, page: PageDep) -> Page[RosterView]:
    """The files brought for the reader's units, the latest first."""
    found, total = imports.find(db, by, page.offset, page.limit)
    return Page(items=[RosterView.of(kept, unit) for kept, unit in found], total=total)


@router.get("/rosters/{roster_id}")
def read_roster(db: DbDep, by: Staff, roster_id: UUID) -> RosterView:
    """One file and how far it is."""
    return RosterView.of(*imports.see(db, by, roster_id))


@router.get("/rosters/{roster_id}/findings")
def list_findings(db: DbDep, by: Staff, roster_id: UUID, page: PageDep, language: LanguageDep) -> Page[RosterFinding]:
    """What is the matter with single rows, in the order of the file; the first two thousand."""
    kept, _ = imports.see(db, by, roster_id)
    found = imports.findings_of(kept)
    shown = found[page.offset : page.offset + page.limit]
    return Page(items=[RosterFinding.of(each, language) for each in shown], total=len(found))


@router.post("/rosters/{roster_id}/taking")
def take_roster(db: DbDep, by: Staff, roster_id: UUID) -> RosterView:
    """Take the file over. Answers when it is done; whoever asks for the file meanwhile sees how far it is."""
    kept = imports.take_over(db, by, roster_id)
    return RosterView.of(kept, units.get(db, kept.unit_id))
