"""Who may do what where: roles are granted within a unit and hold for everything below it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select

from sessions import audit, clock
from sessions.db import Db
from sessions.errors import Conflict, NotAllowed
from sessions.models import CONTINUING, Person, Role, RoleGrant, Unit, UnitSuccession


class OutsideScope(NotAllowed):
    code = "outside-scope"
    vi = "Việc này thuộc đơn vị ngoài phạm vi được giao cho bạn."
    en = "This belongs to a unit outside the ones entrusted to you."


class RoleHeldAlready(Conflict):
    code = "role-held-already"
    vi = "Người này đã có vai trò đó ở đơn vị đó."
    en = "This person already holds that role in that unit."


def grants_of(db: Db, person_id: UUID) -> list[tuple[RoleGrant, Unit]]:
    """The person's open grants, each with its unit."""
    statement = (
        select(RoleGrant, Unit)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
        .order_by(Unit.depth, RoleGrant.role)
    )
    return [(grant, unit) for grant, unit in db.execute(statement)]


def scopes(db: Db, person_id: UUID, roles: Collection[Role], *, inherited: bool = False) -> list[str]:
    """The paths below which the person holds one of these roles, those of the same units before a rename included.

    With `inherited` also those of units that these mainly took over from: theirs are the papers, but not the rights.
    """
    held = select(RoleGrant.unit_id.label("id")).where(
        RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(roles)
    )
    reached = held.cte(recursive=True)
    follows = UnitSuccession.main & (UnitSuccession.on_date <= clock.today())
    if not inherited:
        follows &= UnitSuccession.change.in_(CONTINUING)
    earlier = select(UnitSuccession.predecessor_id).join(reached, UnitSuccession.successor_id == reached.c.id)
    reached = reached.union(earlier.where(follows))
    return list(db.scalars(select(Unit.path).join(reached, reached.c.id == Unit.id).order_by(Unit.depth)))


def within(column: Any, paths: Collection[str]) -> ColumnElement[bool]:
    """SQL: this path column lies in one of these subtrees; false when there are none."""
    return or_(false(), *(column.startswith(path, autoescape=True) for path in paths))


def may(db: Db, person_id: UUID, roles: Collection[Role], unit: Unit, *, inherited: bool = False) -> bool:
    """Whether the person holds one of these roles over this unit; see `scopes` for what `inherited` adds."""
    return any(unit.path.startswith(path) for path in scopes(db, person_id, roles, inherited=inherited))


def demand(db: Db, person_id: UUID, roles: Collection[Role], unit: Unit) -> None:
    """Raise `OutsideScope` unless the person holds one of these roles over this unit."""
    if not may(db, person_id, roles, unit):
        raise OutsideScope


def grant(db: Db, by: Person | None, person: Person, role: Role, unit: Unit) -> RoleGrant:
    """Entrust a role; the system itself (no `by`) only does so for the first administrator and the demo."""
    held = any(each.role == role and over.id == unit.id for each, over in grants_of(db, person.id))
    if held:
        raise RoleHeldAlready
    granted = RoleGrant(
        person_id=person.id, role=role, unit_id=unit.id, granted_by=by.id if by else None, granted_at=clock.now()
    )
    db.add(granted)
    db.flush()
    audit.note(db, by, "role.granted", "person", person.id, role=role, unit_id=unit.id)
    return granted


def revoke(db: Db, by: Person, granted: RoleGrant) -> None:
    """End a grant; the row stays, so that what was done under it keeps its explanation."""
    if granted.revoked_at is None:
        granted.revoked_at = clock.now()
        audit.note(db, by, "role.revoked", "person", granted.person_id, role=granted.role, unit_id=granted.unit_id)
