"""People on the rolls of their units, and the roles entrusted to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock, roles, units
from sessions.db import Db
from sessions.errors import Conflict, NotFound
from sessions.listing import has_words, page_of
from sessions.models import Account, Person, Role, RoleGrant, Unit
from sessions.names import clean, person_sort_key, search_key

#: Roles that look after the rolls of their units.
KEEPERS = frozenset({Role.STAFF, Role.ADMINISTRATOR})


class PersonUnknown(NotFound):
    code = "person-not-found"
    vi = "Không tìm thấy người này trong phạm vi được giao cho bạn."
    en = "There is no such person in the units entrusted to you."


class MemberNumberTaken(Conflict):
    code = "member-number-taken"
    vi = "Số thẻ {number} đã có người khác dùng."
    en = "The member number {number} belongs to somebody else."


class RoleUnknown(NotFound):
    code = "role-not-found"
    vi = "Không tìm thấy vai trò này, hoặc vai trò đã được thu hồi."
    en = "There is no such role, or it was already taken back."


class OwnRole(Conflict):
    code = "own-role"
    vi = "Không thể tự thu hồi vai trò quản trị của chính mình. Hãy nhờ một quản trị viên khác."
    en = "Nobody takes away their own administrator role. Ask another administrator."


@dataclass(frozen=True)
class Listed:
    """A person as a list shows them: their unit, their sign-in name if they have one, and what they may do where."""

    person: Person
    unit: Unit
    username: str | None
    roles: list[tuple[RoleGrant, Unit]]


def visible_to(db: Db, person: Person) -> Select[Person, Unit]:
    """People, each with their unit, whom this person's roles let them see: their own subtrees, nobody else."""
    paths = roles.scopes(db, person.id, list(Role))
    on_the_rolls = select(Person, Unit).join(Unit, Unit.id == Person.unit_id).where(Person.left_at.is_(None))
    return on_the_rolls.where(roles.within(Unit.path, paths))


def see(db: Db, by: Person, person_id: UUID) -> tuple[Person, Unit]:
    """One person with their unit; raises `PersonUnknown` also for somebody outside the reader's units."""
    found = db.execute(visible_to(db, by).where(Person.id == person_id)).one_or_none()
    if found is None:
        raise PersonUnknown
    return found


def with_unit(db: Db, person: Person) -> tuple[Person, Unit]:
    """A person together with the unit they belong to today."""
    return person, db.get_one(Unit, person.unit_id)


def find(
    db: Db, by: Person, *, unit: Unit | None = None, q: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Listed], int]:
    """A page of the people `by` may see, below `unit` and with these words in their names; and how many in all."""
    statement = (
        visible_to(db, by)
        .add_columns(Account.username)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(has_words(Person.search_key, q))
        .order_by(Person.sort_key, Person.id)
    )
    if unit:
        statement = statement.where(Unit.path.startswith(unit.path, autoescape=True))
    rows, total = page_of(db, statement, offset, limit)
    held = _roles_of(db, [person.id for person, _, _ in rows])
    return [Listed(person, at, username, held.get(person.id, [])) for person, at, username in rows], total


def _roles_of(db: Db, person_ids: Sequence[UUID]) -> dict[UUID, list[tuple[RoleGrant, Unit]]]:
    open_grants = (
        select(RoleGrant, Unit)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id.in_(person_ids), RoleGrant.revoked_at.is_(None))
        .order_by(Unit.depth, RoleGrant.role)
    )
    held: dict[UUID, list[tuple[RoleGrant, Unit]]] = {}
    for grant, unit in db.execute(open_grants):
        held.setdefault(grant.person_id, []).append((grant, unit))
    return held


def enrol(db: Db, by: Person | None, full_name: str, unit: Unit, member_number: str | None = None) -> Person:
    """Put a person on the rolls of a unit that exists today; staff of the unit may, or the system (without `by`)."""
    if by:
        roles.demand(db, by.id, KEEPERS, unit)
    units.demand_valid(unit, units.today())
    full_name, member_number = clean(full_name), clean(member_number or "") or None
    row = insert(Person).values(
        id=uuid4(),
        full_name=full_name,
        member_number=member_number,
        unit_id=unit.id,
        sort_key=person_sort_key(full_name),
        search_key=search_key(full_name),
        created_at=clock.now(),
    )
    # Two offices may send the same number at the same moment: the database decides, not a look beforehand.
    adding = row.on_conflict_do_nothing(index_elements=[Person.member_number])
    person: Person | None = db.scalar(adding.returning(Person))
    if person is None:
        raise MemberNumberTaken(number=member_number)
    audit.note(db, by, "person.enrolled", "person", person.id, unit_id=unit.id, member_number=member_number)
    return person


def entrust(db: Db, by: Person, person: Person, role: Role, unit: Unit) -> RoleGrant:
    """Give a person a role over a unit; only an administrator above both may."""
    roles.demand(db, by.id, {Role.ADMINISTRATOR}, unit)
    roles.demand(db, by.id, {Role.ADMINISTRATOR}, db.get_one(Unit, person.unit_id))
    # Two clicks at once wait for one another here, so that the second is told the role is held already.
    db.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    return roles.grant(db, by, person, role, unit)


def dismiss(db: Db, by: Person, grant_id: UUID) -> None:
    """Take a role back. Nobody takes away their own administration: the last one would lock everybody out."""
    held = db.get(RoleGrant, grant_id)
    if held is None or held.revoked_at:
        raise RoleUnknown
    roles.demand(db, by.id, {Role.ADMINISTRATOR}, db.get_one(Unit, held.unit_id))
    if held.person_id == by.id and held.role == Role.ADMINISTRATOR:
        raise OwnRole
    roles.revoke(db, by, held)
