"""The tree of units through time: who stood below whom on a day, and who followed whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, or_, select

from sessions import audit, clock, handover, roles
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions.listing import has_words
from sessions.models import Person, Role, Unit, UnitKind, UnitSuccession
from sessions.names import clean, search_key, sort_key

#: Any number, the same for every writer of the tree: changes are rare, and each must see the ones before it.
_TREE_LOCK = 0x7EE


class UnitUnknown(NotFound):
    code = "unit-not-found"
    vi = "Không tìm thấy đơn vị này."
    en = "There is no such unit."


class UnitNotValid(Invalid):
    code = "unit-not-valid"
    vi = "Đơn vị “{name}” không hoạt động vào ngày {day}."
    en = "The unit “{name}” does not exist on {day}."


class UnitNameTaken(Conflict):
    code = "unit-name-taken"
    vi = "Ở cấp này đã có đơn vị “{name}” trong cùng thời gian."
    en = "There already is a unit “{name}” at this place at the same time."


class UnitCodeTaken(Conflict):
    code = "unit-code-taken"
    vi = "Mã đơn vị {value} đang được đơn vị “{name}” dùng trong cùng thời gian."
    en = "The code {value} is used by the unit “{name}” at the same time."


class UnitEndedAlready(Conflict):
    code = "unit-ended-already"
    vi = "Đơn vị “{name}” đã được ghi là kết thúc vào ngày {day}."
    en = "The unit “{name}” has an end already, on {day}."


class UnitEndsTooEarly(Invalid):
    code = "unit-ends-too-early"
    vi = "Ngày kết thúc phải từ ngày {day}, là ngày đơn vị bắt đầu hoạt động, trở đi."
    en = "The last day must not lie before {day}, the unit's first day."


class UnitHasChildren(Conflict):
    code = "unit-has-children"
    vi = "Còn {children} đơn vị cấp dưới hoạt động sau ngày đó. Hãy kết thúc hoặc chuyển các đơn vị ấy trước."
    en = "{children} units below still exist after that day. End or move them first."


class RootsAreForTheTop(NotAllowed):
    code = "roots-are-for-the-top"
    vi = "Chỉ quản trị viên ở cấp cao nhất mới thêm được đơn vị cấp cao nhất."
    en = "Only an administrator at the very top may add another top unit."


def today() -> date:
    """The calendar day in Vietnam, which is the day that a unit's validity speaks of."""
    return clock.today()


def valid_on(day: date) -> ColumnElement[bool]:
    """SQL: the unit exists on this day."""
    return (Unit.valid_from <= day) & or_(Unit.valid_to.is_(None), Unit.valid_to >= day)


def is_below(top: Unit) -> ColumnElement[bool]:
    """SQL: the unit is `top` or lies below it, said so that a plan kept for any unit reads the index of paths."""
    return within_paths(*paths_below(top))


def paths_below(top: Unit) -> tuple[str, str]:
    """The first path at or below a unit, and what comes right after the last."""
    # Paths end with a slash, and a zero is what follows it.
    return top.path, f"{top.path[:-1]}0"


def within_paths(first: Any, end: Any) -> ColumnElement[bool]:
    """SQL: the unit's path is from the first to before the other, by their bytes."""
    return Unit.path.bool_op("~>=~")(first) & Unit.path.bool_op("~<~")(end)


def get(db: Db, unit_id: UUID) -> Unit:
    """The unit of this id, ended or not; raises `UnitUnknown`."""
    unit = db.get(Unit, unit_id)
    if unit is None:
        raise UnitUnknown
    return unit


def demand_valid(unit: Unit, day: date) -> None:
    """Raise `UnitNotValid` unless the unit exists on this day."""
    if day < unit.valid_from or (unit.valid_to and day > unit.valid_to):
        raise UnitNotValid(name=unit.name, day=f"{day:%d/%m/%Y}")


def add(
    db: Db,
    by: Person | None,
    *,
    name: str,
    kind: UnitKind,
    valid_from: date,
    parent: Unit | None = None,
    code: str | None = None,
) -> Unit:
    """Add a unit below `parent`, or at the top; only an administrator above it may (or the system, without `by`)."""
    demand_tree_rights(db, by, parent)
    lock_tree(db)
    if parent:
        demand_lasting(parent, valid_from)
    unit = make(name, kind, parent, valid_from, code)
    demand_free(db, unit)
    db.add(unit)
    db.flush()
    audit.note(db, by, "unit.added", "unit", unit.id, name=unit.name, parent_id=unit.parent_id, valid_from=valid_from)
    return unit


def make(name: str, kind: UnitKind, parent: Unit | None, valid_from: date, code: str | None = None) -> Unit:
    """A row of the tree, not yet in the database: nothing is asked about it here."""
    own_id, name = uuid4(), clean(name)
    return Unit(
        id=own_id,
        code=clean(code or "") or None,
        kind=kind,
        name=name,
        parent_id=parent.id if parent else None,
        path=f"{parent.path if parent else ''}{own_id.hex}/",
        depth=parent.depth + 1 if parent else 0,
        valid_from=valid_from,
        sort_key=sort_key(name),
        search_key=search_key(name),
    )


def lock_tree(db: Db) -> None:
    """Wait for other changes of the tree to be finished; to the end of this transaction nobody else makes one."""
    db.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))


def demand_lasting(unit: Unit, day: date) -> None:
    """Raise unless the unit exists on this day and is not to end: what is put below it needs it."""
    demand_valid(unit, day)
    if unit.valid_to:
        raise UnitEndedAlready(name=unit.name, day=f"{unit.valid_to:%d/%m/%Y}")


def demand_tree_rights(db: Db, by: Person | None, parent: Unit | None) -> None:
    """Raise unless `by` may put a unit below `parent`, or at the top."""
    if by is None:
        return
    if parent:
        roles.demand(db, by.id, {Role.ADMINISTRATOR}, parent)
    elif not any(unit.depth == 0 and held.role == Role.ADMINISTRATOR for held, unit in roles.grants_of(db, by.id)):
        raise RootsAreForTheTop


def demand_free(db: Db, unit: Unit, besides: Collection[UUID] = ()) -> None:
    """Names are unique below one parent and codes everywhere, among units that exist at the same time.

    Units in `besides` are about to end.
    """
    overlapping = select(Unit.name).where(or_(Unit.valid_to.is_(None), Unit.valid_to >= unit.valid_from)).limit(1)
    overlapping = overlapping.where(Unit.id.not_in(besides))
    beside = Unit.parent_id == unit.parent_id if unit.parent_id else Unit.parent_id.is_(None)
    if db.scalar(overlapping.where(beside, Unit.name == unit.name)):
        raise UnitNameTaken(name=unit.name)
    holder = db.scalar(overlapping.where(Unit.code == unit.code)) if unit.code else None
    if holder:
        raise UnitCodeTaken(value=unit.code, name=holder)


def end(db: Db, by: Person | None, unit: Unit, last_day: date, successors: Sequence[Unit] = ()) -> Unit:
    """End a unit after `last_day`, and let `successors`, if any, take over.

    A unit that has ended on that very day takes further successors: a new unit that bears the old one's name or code
    can only be added once the old one has ended.
    """
    for concerned in (unit, *successors):
        if by:
            roles.demand(db, by.id, {Role.ADMINISTRATOR}, concerned)
    lock_tree(db)
    db.refresh(unit)
    if unit.valid_to is None:
        _demand_endable(db, unit, last_day)
        unit.valid_to = last_day
        db.flush()
        audit.note(db, by, "unit.ended", "unit", unit.id, last_day=last_day)
    elif unit.valid_to != last_day:
        raise UnitEndedAlready(name=unit.name, day=f"{unit.valid_to:%d/%m/%Y}")
    if successors:
        _succeed(db, by, unit, last_day + timedelta(days=1), successors)
    return unit


def _succeed(db: Db, by: Person | None, unit: Unit, on_date: date, successors: Sequence[Unit]) -> None:
    """The first successor ever named is the main one, which takes over people and rooms.

    They move at once when the day has come, otherwise by `hand_over` when it does. Roles do not move: whoever looked
    after one of two merged communes is not thereby entrusted with both.
    """
    known = set(successors_of(db, unit))
    for successor in dict.fromkeys(successors):
        demand_valid(successor, on_date)
        if successor not in known:
            db.add(UnitSuccession(predecessor_id=unit.id, successor_id=successor.id, on_date=on_date, main=not known))
            known.add(successor)
    db.flush()
    audit.note(db, by, "unit.succeeded", "unit", unit.id, successor_ids=[each.id for each in successors])
    hand_over(db, [unit.id])


def _demand_endable(db: Db, unit: Unit, last_day: date) -> None:
    if last_day < unit.valid_from:
        raise UnitEndsTooEarly(day=f"{unit.valid_from:%d/%m/%Y}")
    outliving = select(func.count()).where(
        Unit.parent_id == unit.id, or_(Unit.valid_to.is_(None), Unit.valid_to > last_day)
    )
    if children := db.scalar(outliving):
        raise UnitHasChildren(children=children)


def hand_over(db: Db, of: Collection[UUID] | None = None) -> int:
    """Move people and rooms from units that have ended to their main successors; gives how many people moved.

    Only from the units in `of` when given. To be run every day, for units whose last day lay ahead.
    """
    return handover.settle(db, today(), of)


def children_of(db: Db, unit: Unit | None, as_of: date) -> Sequence[Unit]:
    """The units directly below `unit` on a day, in Vietnamese order; the top units when it is None."""
    below = Unit.parent_id == unit.id if unit else Unit.parent_id.is_(None)
    return db.scalars(select(Unit).where(below, valid_on(as_of)).order_by(Unit.sort_key, Unit.id)).all()


def find(db: Db, q: str, as_of: date | None = None, within: Unit | None = None, limit: int = 50) -> Sequence[Unit]:
    """Units whose name has these words, with or without accents, the highest first; below `within` when given."""
    found = select(Unit).where(valid_on(as_of or today()), has_words(Unit.search_key, q))
    if within:
        found = found.where(Unit.path.startswith(within.path, autoescape=True))
    return db.scalars(found.order_by(Unit.depth, Unit.sort_key, Unit.id).limit(limit)).all()


def predecessors_of(db: Db, unit: Unit) -> Sequence[Unit]:
    """The units that this one took over from."""
    came_before = select(UnitSuccession.predecessor_id).where(UnitSuccession.successor_id == unit.id)
    return db.scalars(select(Unit).where(Unit.id.in_(came_before)).order_by(Unit.sort_key)).all()


def successors_of(db: Db, unit: Unit) -> Sequence[Unit]:
    """The units that took over from this one, the main one first."""
    return db.scalars(
        select(Unit)
        .join(UnitSuccession, UnitSuccession.successor_id == Unit.id)
        .where(UnitSuccession.predecessor_id == unit.id)
        .order_by(UnitSuccession.main.desc(), Unit.sort_key)
    ).all()


@dataclass(frozen=True)
class Place:
    """Where a unit stands on a day: how many units are directly below it, and the names from the top down to it."""

    unit: Unit
    children: int
    path_names: list[str]


def places_of(db: Db, units: Sequence[Unit], as_of: date) -> list[Place]:
    """The places of many units at once: two queries, however many there are."""
    counted = (
        select(Unit.parent_id, func.count())
        .where(Unit.parent_id.in_([unit.id for unit in units]), valid_on(as_of))
        .group_by(Unit.parent_id)
    )
    children = dict(db.execute(counted).all())
    steps = {step for unit in units for step in _steps(unit)}
    names = dict(db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(steps))).all())
    return [Place(unit, children.get(unit.id, 0), [names[step] for step in _steps(unit)]) for unit in units]


def _steps(unit: Unit) -> list[UUID]:
    return [UUID(step) for step in unit.path.rstrip("/").split("/")]
