"""The audit trail as people read it: whose entries may be seen by whom."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true

from sessions import register, roles
from sessions.db import Db
from sessions.listing import page_of
from sessions.models import AuditEntry, ConferenceSession, ConnectionPoint, Person, Role, SessionPoint


def visible_to(db: Db, person: Person) -> Select[AuditEntry, Person]:
    """Entries with their actors: all of them for an administrator of the very top, others about their own units."""
    statement = select(AuditEntry, Person).outerjoin(Person, Person.id == AuditEntry.actor_id)
    return statement.where(true() if _sees_all(db, person) else _in_scope(db, person))


def _sees_all(db: Db, person: Person) -> bool:
    held = roles.grants_of(db, person.id)
    return any(unit.depth == 0 and grant.role == Role.ADMINISTRATOR for grant, unit in held)


def _in_scope(db: Db, person: Person) -> ColumnElement[bool]:
    """About a unit, a person, a conference or a point of the units that this person is staff of."""
    units = register.units_entrusted(db, person, register.STAFF_ROLES)
    subjects: dict[str, Select[UUID]] = {
        "unit": units,
        "person": select(Person.id).where(Person.unit_id.in_(units)),
        "session": select(ConferenceSession.id).where(ConferenceSession.unit_id.in_(units)),
        "session_point": select(SessionPoint.id).where(SessionPoint.unit_id.in_(units)),
        "connection_point": select(ConnectionPoint.id).where(ConnectionPoint.unit_id.in_(units)),
    }
    return or_(*((AuditEntry.subject_kind == kind) & AuditEntry.subject_id.in_(ids) for kind, ids in subjects.items()))


def find(
    db: Db,
    by: Person,
    *,
    subject_kind: str | None = None,
    subject_id: UUID | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[tuple[AuditEntry, Person | None]], int]:
    """A page of the entries that `by` may read, the newest first, about one subject or kind; and how many in all."""
    statement: Select[Any, Any] = visible_to(db, by)
    if subject_kind:
        statement = statement.where(AuditEntry.subject_kind == subject_kind)
    if subject_id:
        statement = statement.where(AuditEntry.subject_id == subject_id)
    rows, total = page_of(db, statement.order_by(AuditEntry.id.desc()), offset, limit)
    return [(entry, actor) for entry, actor in rows], total
