"""The audit trail over HTTP: who did what, and whether it is sealed yet."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Staff
from api.schemas import PROBLEMS, Named, Page
from sessions import trail
from sessions.models import AuditEntry, Person

router = APIRouter(tags=["audit"], responses=PROBLEMS)

SubjectKind = Annotated[str, Field(pattern="^[a-z_]{1,40}$")]


class EntryView(BaseModel):
    id: int
    at: datetime
    actor: Named | None
    action: str
    subject_kind: str
    subject_id: UUID
    detail: dict[str, Any]
    sealed: bool

    @classmethod
    def of(cls, entry: AuditEntry, actor: Person | None) -> "EntryView":
        return cls(
            id=entry.id,
            at=entry.at,
            actor=Named.model_validate(actor) if actor else None,
            action=entry.action,
            subject_kind=entry.subject_kind,
            subject_id=entry.subject_id,
            detail=entry.detail,
            sealed=entry.seal_position is not None,
        )


@router.get("/audit")
def list_audit(
    db: DbDep, by: Staff, page: PageDep, subject_kind: SubjectKind | None = None, subject_id: UUID | None = None
) -> Page[EntryView]:
    """The newest entries about what the reader is responsible for."""
    found, total = trail.find(
        db, by, subject_kind=subject_kind, subject_id=subject_id, offset=page.offset, limit=page.limit
    )
    return Page(items=[EntryView.of(entry, actor) for entry, actor in found], total=total)
