"""People on the rolls of their units, and the roles entrusted to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, cast, func, literal, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import aliased

from sessions import audit, clock, roles, units
from sessions.db import Db
from sessions.errors import Conflict, NotFound
from sessions.listing import MOST_COUNTED, has_words, page_of
from sessions.models import Account, Person, Role, RoleGrant, Unit
from sessions.names import clean, person_sort_key, search_key

#: Roles that look after the rolls of their units.
KEEPERS = frozenset({Role.STAFF, Role.ADMINISTRATOR})
#: Up to so many bearers of a name are sorted.
_MOST_SORTED = 60_000


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


def named(db: Db, q: str) -> ColumnElement[bool]:
    """SQL: every word of `q` begins a word of the person's name; said as suits a list of a whole country.

    Names that not too many bear are found by the index of words, and sorted. Any others are soon met by who reads the
    list in its order.
    """
    has_them = has_words(Person.search_key, q)
    words = [word for word in search_key(q).split() if word.isascii() and word.isalpha()]
    if not words:
        return has_them
    asked = " & ".join(f"{word}:*" for word in words)
    # A million places must fit in memory. The planner takes each word for one of fifty people's, and would read the
    # whole table for the first of them.
    db.execute(text("SET LOCAL work_mem = '64MB'"))
    db.execute(text("SET LOCAL enable_seqscan = off"))
    bearers = db.scalars(select(func.count()).select_from(_bearers(asked).limit(_MOST_SORTED + 1).subquery())).one()
    db.execute(text("SET LOCAL enable_seqscan = on"))
    if bearers <= _MOST_SORTED:
        found = _bearers(asked).subquery()
        keys = cast(select(func.array_agg(found.c.id)).scalar_subquery(), ARRAY(Uuid))
        return has_them & (Person.id == any_(keys))
    # Of this the planner thinks that many pass it, and so it reads in order; of `LIKE`, that nobody does.
    key = literal(" ").concat(Person.search_key)
    return and_(*(func.strpos(key, f" {word}") > 0 for word in search_key(q).split()))


def _bearers(asked: str) -> Select[UUID]:
    """SQL: the keys of the people in whose names these words begin, by the index of words."""
    bearer = aliased(Person, name="bearer")
    words: ColumnElement[Any] = literal_column("to_tsvector('simple'::regconfig, bearer.search_key)")
    return select(bearer.id).where(words.bool_op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), asked)))


def find(
    db: Db, by: Person, *, unit: Unit | None = None, q: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Listed], int]:
    """A page of the people `by` may see, below `unit` and with these words in their names; and how many in all.

    The number goes up to one more than `MOST_COUNTED`.
    """
    statement = (
        visible_to(db, by)
        .add_columns(Account.username)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(named(db, q) if _is_everywhere(db, by, unit) else has_words(Person.search_key, q))
        .order_by(Person.sort_key, Person.id)
    )
    if unit:
        statement = statement.where(Unit.path.startswith(unit.path, autoescape=True))
    rows, total = page_of(db, statement, offset, limit, most=MOST_COUNTED)
    held = _roles_of(db, [person.id for person, _, _ in rows])
    return [Listed(person, at, username, held.get(person.id, [])) for person, at, username in rows], total


def _is_everywhere(db: Db, by: Person, unit: Unit | None) -> bool:
    tops = {path for path in roles.scopes(db, by.id, list(Role)) if path.count("/") == 1}
    return bool(tops) and (unit is None or unit.path in tops)


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
