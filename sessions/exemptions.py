"""Who is let off: from attending, or from the reflection, from one day to another."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from sessions import audit, clock, roles, units
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions.listing import page_of
from sessions.models import Exemption, ExemptionKind, Person, Role, Unit
from sessions.names import clean

#: Roles that may let people of their units off.
KEEPERS = frozenset({Role.STAFF, Role.ADMINISTRATOR})


class ExemptionUnknown(NotFound):
    code = "exemption-not-found"
    vi = "Không tìm thấy diện miễn này."
    en = "There is no such exemption."


class ExemptAlready(Conflict):
    code = "exempt-already"
    vi = "Người này đang được miễn rồi, lý do: “{reason}”."
    en = "This person is already exempt, because: “{reason}”."


class OwnExemption(NotAllowed):
    code = "own-exemption"
    vi = "Không ai tự miễn cho chính mình. Hãy nhờ cán bộ khác."
    en = "Nobody exempts themselves. Ask another officer."


class ExemptionEndsTooEarly(Invalid):
    code = "exemption-ends-too-early"
    vi = "Ngày kết thúc phải từ ngày {day} trở đi."
    en = "The last day must not lie before {day}."


class ExemptionEndsTooLate(Invalid):
    code = "exemption-ends-too-late"
    vi = "Diện miễn này chỉ đến ngày {day}. Muốn miễn lâu hơn, hãy miễn tiếp từ ngày hôm sau."
    en = "This exemption lasts until {day} only. For longer, grant another one from the day after."


def holds_on(day: date) -> ColumnElement[bool]:
    """SQL: the exemption holds on this day."""
    return (Exemption.valid_from <= day) & or_(Exemption.valid_to.is_(None), Exemption.valid_to >= day)


def grant(
    db: Db,
    by: Person,
    person: Person,
    kind: ExemptionKind,
    reason: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Exemption:
    """Let a person off from a day on (today unless said otherwise); staff of their unit may, not for themselves.

    Raises `ExemptAlready` while an open exemption of the kind holds, `ExemptionEndsTooEarly`, `OwnExemption`.
    """
    first = valid_from or units.today()
    _demand_keeper(db, by, person)
    if valid_to and valid_to < first:
        raise ExemptionEndsTooEarly(day=f"{first:%d/%m/%Y}")
    # Two officers at once wait for one another here, so that the second is told.
    db.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    mine = select(Exemption).where(Exemption.person_id == person.id, Exemption.kind == kind)
    held = db.scalar(mine.where(Exemption.valid_from <= (valid_to or date.max), _lasts_until(first)).limit(1))
    if held:
        raise ExemptAlready(reason=held.reason)
    granted = Exemption(
        person_id=person.id,
        kind=kind,
        reason=clean(reason),
        valid_from=first,
        valid_to=valid_to,
        set_by=by.id,
        set_at=clock.now(),
    )
    db.add(granted)
    db.flush()
    values = {"kind": kind, "reason": granted.reason, "valid_from": first, "valid_to": valid_to}
    audit.note(db, by, "exemption.granted", "person", person.id, **values)
    return granted


def end(db: Db, by: Person, exemption_id: UUID, last_day: date | None = None) -> Exemption:
    """Let an exemption hold until a day (today unless said otherwise); conferences of earlier days keep it.

    Raises `ExemptionEndsTooEarly` for a day before the first, and `ExemptionEndsTooLate` for one after the last.
    """
    found = db.get(Exemption, exemption_id, with_for_update=True)
    if found is None:
        raise ExemptionUnknown
    _demand_keeper(db, by, db.get_one(Person, found.person_id))
    last_day = last_day or units.today()
    if last_day < found.valid_from:
        raise ExemptionEndsTooEarly(day=f"{found.valid_from:%d/%m/%Y}")
    if found.valid_to and last_day > found.valid_to:
        raise ExemptionEndsTooLate(day=f"{found.valid_to:%d/%m/%Y}")
    found.valid_to = last_day
    audit.note(db, by, "exemption.ended", "person", found.person_id, kind=found.kind, last_day=last_day)
    return found


def of_people(db: Db, person_ids: list[UUID]) -> dict[UUID, list[Exemption]]:
    """The exemptions that hold today or will, by person."""
    held: dict[UUID, list[Exemption]] = {}
    wanted = select(Exemption).where(Exemption.person_id.in_(person_ids), _lasts_until(units.today()))
    for each in db.scalars(wanted.order_by(Exemption.valid_from)):
        held.setdefault(each.person_id, []).append(each)
    return held


def find(
    db: Db, by: Person, *, unit: Unit | None = None, offset: int = 0, limit: int = 50
) -> tuple[Sequence[tuple[Exemption, Person, Unit]], int]:
    """A page of what holds today or will, of the people that `by` is staff of, by name; and how many in all."""
    statement = (
        select(Exemption, Person, Unit)
        .join(Person, Person.id == Exemption.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(_lasts_until(units.today()), Person.left_at.is_(None))
        .where(roles.within(Unit.path, roles.scopes(db, by.id, KEEPERS)))
        .order_by(Person.sort_key, Person.id, Exemption.valid_from, Exemption.kind)
    )
    if unit:
        statement = statement.where(units.is_below(unit))
    return page_of(db, statement, offset, limit)


def of_person(db: Db, by: Person, person: Person) -> list[Exemption]:
    """What holds today or will for one person, for staff of their unit."""
    roles.demand(db, by.id, KEEPERS, db.get_one(Unit, person.unit_id))
    return of_people(db, [person.id]).get(person.id, [])


def _lasts_until(day: date) -> ColumnElement[bool]:
    return or_(Exemption.valid_to.is_(None), Exemption.valid_to >= day)


def _demand_keeper(db: Db, by: Person, person: Person) -> None:
    roles.demand(db, by.id, KEEPERS, db.get_one(Unit, person.unit_id))
    if by.id == person.id:
        raise OwnExemption
