"""Changes of a conference before it begins, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import DbDep, Signed, Technician
from api.routes.sessions import NewPart, SessionView, view_of
from api.schemas import PROBLEMS, Named, Remark, Title
from sessions import agenda, register
from sessions.models import ChangeKind

router = APIRouter(tags=["sessions"], responses=PROBLEMS)


class ChangedPart(NewPart):
    """A part as it shall be; without an id it is new."""

    id: UUID | None = None


class ChangedAgenda(BaseModel):
    """Title and parts as they shall be; a part left out is taken out."""

    title: Title
    parts: Annotated[list[ChangedPart], Field(min_length=1, max_length=100)]
    #: What the writer saw, so that two writers don't undo one another.
    sequence: Annotated[int, Field(ge=0, le=1_000_000)]
    #: Needed from a day before the start.
    reason: Remark | None = None


class Cancelling(BaseModel):
    reason: Annotated[Remark, Field(min_length=1)]


class ToldPart(BaseModel):
    id: UUID
    title: str
    speaker: str | None
    starts_at: datetime
    ends_at: datetime


class ToldAgenda(BaseModel):
    title: str
    starts_at: datetime
    ends_at: datetime
    parts: list[ToldPart]


class ChangeView(BaseModel):
    """One change with what was before and after; `late` when it came within a day of the start."""

    sequence: int
    kind: ChangeKind
    reason: str | None
    changed_by: Named
    changed_at: datetime
    late: bool
    before: ToldAgenda
    after: ToldAgenda


@router.put("/sessions/{session_id}/agenda")
def change_agenda(db: DbDep, by: Technician, session_id: UUID, asked: ChangedAgenda) -> SessionView:
    """Change title, parts and times before the conference begins; what was before stays on record."""
    session = register.see(db, by, session_id)
    parts = [
        agenda.PartChange(register.PartPlan(part.title, part.starts_at, part.ends_at, part.speaker), part.id)
        for part in asked.parts
    ]
    agenda.change(db, by, session, asked.title, parts, known_sequence=asked.sequence, reason=asked.reason)
    return view_of(db, by, session)


@router.post("/sessions/{session_id}/cancel")
def cancel_session(db: DbDep, by: Technician, session_id: UUID, asked: Cancelling) -> SessionView:
    """Call a conference off before it begins; it stays to be seen, as cancelled."""
    session = register.see(db, by, session_id)
    return view_of(db, by, agenda.cancel(db, by, session, asked.reason))


@router.get("/sessions/{session_id}/changes")
def list_changes(db: DbDep, person: Signed, session_id: UUID) -> list[ChangeView]:
    """Everything that changed about a conference since it was opened, the newest first."""
    session = register.see(db, person, session_id)
    return [
        ChangeView(
            sequence=change.sequence,
            kind=change.kind,
            reason=change.reason,
            changed_by=Named.model_validate(by),
            changed_at=change.changed_at,
            late=agenda.came_late(change.changed_at, datetime.fromisoformat(change.before["starts_at"])),
            before=ToldAgenda(**change.before),
            after=ToldAgenda(**change.after),
        )
        for change, by in agenda.history(db, session)
    ]
