"""Units renamed, moved, merged and split on a day: rows end, and others open in their place with all that is below."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from sessions import audit, handover, roles, units
from sessions.db import Db, among
from sessions.errors import Conflict, Invalid
from sessions.models import Change, Person, Role, Unit, UnitKind, UnitSuccession
from sessions.names import clean
from sessions.units import make


class UnitBelowItself(Invalid):
    code = "unit-below-itself"
    vi = "Không thể đặt “{name}” vào chính nó hay vào một đơn vị cấp dưới của nó. Hãy chọn đơn vị cấp trên khác."
    en = "“{name}” can't be put into itself or into a unit below it. Choose another unit above."


class UnitBeginsThen(Conflict):
    code = "unit-begins-then"
    vi = "Đơn vị “{name}” chỉ bắt đầu từ ngày {day}. Hãy chọn một ngày sau đó."
    en = "The unit “{name}” only begins on {day}. Choose a day after it."


class NothingChanges(Invalid):
    code = "nothing-changes"
    vi = "Đơn vị đã có tên và vị trí như vậy rồi."
    en = "The unit has this name and this place already."


class TooFewUnits(Invalid):
    code = "too-few-units"
    vi = "Sáp nhập hay chia tách cần ít nhất hai đơn vị khác nhau."
    en = "A merge or a split needs at least two different units."


class MergedUnitMissing(Invalid):
    code = "merged-unit-missing"
    vi = "Hãy chọn đơn vị nhận sáp nhập, hoặc đặt tên cho đơn vị mới."
    en = "Choose the unit to merge into, or name the new one."


class NotDirectlyBelow(Invalid):
    code = "not-directly-below"
    vi = "Có đơn vị được chia không trực thuộc “{name}” vào ngày đó, hoặc được chia hai lần."
    en = "A unit that is handed on is not directly below “{name}” on that day, or is handed on twice."


@dataclass(frozen=True)
class Named:
    """A unit that is to begin: of the kind of the one before it unless said otherwise."""

    name: str
    kind: UnitKind | None = None
    code: str | None = None
    #: Of a split: which of the units directly below go to this piece; the first piece takes all that go nowhere.
    child_ids: frozenset[UUID] = field(default=frozenset())


def rename(db: Db, by: Person | None, unit: Unit, name: str, on: date, *, code: str | None = None) -> Unit:
    """Let a unit bear another name from `on`; its code stays unless another is given. Gives the row of the new name."""
    return _reopen(db, by, unit, Named(name, code=code or unit.code), _parent_of(db, unit), on, Change.RENAMED)


def move(db: Db, by: Person | None, unit: Unit, parent: Unit | None, on: date) -> Unit:
    """Put a unit with all that is below it under another one from `on`, or at the top. Gives its new row."""
    return _reopen(db, by, unit, Named(unit.name, code=unit.code), parent, on, Change.MOVED)


def merge(
    db: Db, by: Person | None, merged: Sequence[Unit], into: Unit | Named, on: date, parent: Unit | None = None
) -> Unit:
    """Let units become one from `on`: one that exists and goes on, or a new one below `parent`.

    Without `parent` the new one lies where the first of them lay. Gives the unit that they became.
    """
    merged = [unit for unit in dict.fromkeys(merged) if unit is not into]
    if len(merged) + isinstance(into, Unit) < 2:
        raise TooFewUnits
    units.lock_tree(db)
    parent = parent or _parent_of(db, merged[0])
    heir = _drawn(into, merged[0].kind, parent, on)
    if done := _became(db, merged, on, [heir]):
        return done[0]
    above = heir if heir is into else parent
    _demand_may(db, by, merged, above, on)
    _demand_apart(merged, above)
    _replace(db, merged, on, [heir], Change.MERGED)
    audit.note(db, by, "units.merged", "unit", heir.id, name=heir.name, on=on, unit_ids=[unit.id for unit in merged])
    return heir


def split(db: Db, by: Person | None, unit: Unit, pieces: Sequence[Named], on: date) -> list[Unit]:
    """Let a unit become several from `on`, the first of which takes over people, rooms and what goes nowhere else.

    A piece may bear the old one's name and code. Gives the pieces in the order asked for.
    """
    if len({clean(piece.name) for piece in pieces}) < max(2, len(pieces)):
        raise TooFewUnits
    units.lock_tree(db)
    parent = _parent_of(db, unit)
    heirs = [_drawn(piece, unit.kind, parent, on) for piece in pieces]
    if done := _became(db, [unit], on, heirs):
        return done
    _demand_may(db, by, [unit], parent, on, rights_above=False)
    chosen = {child: heir for piece, heir in zip(pieces, heirs, strict=True) for child in piece.child_ids}
    if len(chosen) < sum(len(piece.child_ids) for piece in pieces) or chosen.keys() - _standing_below(db, unit, on):
        raise NotDirectlyBelow(name=unit.name)
    _replace(db, [unit], on, heirs, Change.SPLIT, chosen)
    audit.note(db, by, "unit.split", "unit", unit.id, name=unit.name, on=on, piece_ids=[heir.id for heir in heirs])
    return heirs


def _reopen(db: Db, by: Person | None, unit: Unit, named: Named, parent: Unit | None, on: date, change: Change) -> Unit:
    units.lock_tree(db)
    heir = _drawn(named, unit.kind, parent, on)
    if done := _became(db, [unit], on, [heir]):
        return done[0]
    _demand_may(db, by, [unit], parent, on, rights_above=change == Change.MOVED)
    _demand_apart([unit], parent)
    if (heir.name, heir.code, heir.parent_id) == (unit.name, unit.code, unit.parent_id):
        raise NothingChanges
    _replace(db, [unit], on, [heir], change)
    values = {"name": heir.name, "parent_id": heir.parent_id, "before": unit.name, "successor_id": heir.id}
    audit.note(db, by, f"unit.{change}", "unit", unit.id, on=on, **values)
    return heir


def _parent_of(db: Db, unit: Unit) -> Unit | None:
    return db.get_one(Unit, unit.parent_id) if unit.parent_id else None


def _drawn(asked: Unit | Named, kind: UnitKind, parent: Unit | None, on: date) -> Unit:
    if isinstance(asked, Unit):
        return asked
    return make(asked.name, asked.kind or kind, parent, on, asked.code)


def _became(db: Db, ended: Sequence[Unit], on: date, heirs: Sequence[Unit]) -> list[Unit]:
    """The same change made before: the units that came of it, in the order of `heirs`; empty when it is a new one."""
    that_day = select(UnitSuccession).where(UnitSuccession.on_date == on)
    made = db.scalars(that_day.where(UnitSuccession.predecessor_id.in_([unit.id for unit in ended]))).all()
    known = db.scalars(select(Unit).where(Unit.id.in_([each.successor_id for each in made]))).all()
    came = [unit for heir in heirs for unit in known if _alike(unit, heir)]
    complete = len(came) == len(heirs) and len(made) == len(came) * len(ended)
    return came if complete else []


def _alike(unit: Unit, heir: Unit) -> bool:
    return unit is heir or (unit.name, unit.code, unit.parent_id) == (heir.name, heir.code, heir.parent_id)


def _demand_may(
    db: Db, by: Person | None, ending: Sequence[Unit], parent: Unit | None, on: date, *, rights_above: bool = True
) -> None:
    """Raise unless `by` looks after all of these, and they exist before `on` and have no end yet."""
    for unit in ending:
        if by:
            roles.demand(db, by.id, {Role.ADMINISTRATOR}, unit)
    if rights_above:
        units.demand_tree_rights(db, by, parent)
    if parent:
        db.refresh(parent)
        units.demand_lasting(parent, on)
    for unit in ending:
        db.refresh(unit)
        if unit.valid_to:
            raise units.UnitEndedAlready(name=unit.name, day=f"{unit.valid_to:%d/%m/%Y}")
        _demand_begun(unit, on)


def _demand_begun(unit: Unit, on: date) -> None:
    if unit.valid_from >= on:
        raise UnitBeginsThen(name=unit.name, day=f"{unit.valid_from:%d/%m/%Y}")


def _demand_apart(ending: Sequence[Unit], target: Unit | None) -> None:
    """None of these lies below another, and none above the place that they are put into."""
    for unit in ending:
        others = [target, *ending] if target else ending
        if any(other.path.startswith(unit.path) for other in others if other is not unit) or target is unit:
            raise UnitBelowItself(name=unit.name)


def _standing_below(db: Db, unit: Unit, on: date) -> set[UUID]:
    lasting = or_(Unit.valid_to.is_(None), Unit.valid_to >= on)
    return set(db.scalars(select(Unit.id).where(Unit.parent_id == unit.id, lasting)))


def _replace(
    db: Db,
    ending: Sequence[Unit],
    on: date,
    heirs: Sequence[Unit],
    change: Change,
    chosen: Mapping[UUID, Unit] | None = None,
) -> None:
    """End some rows the day before `on`, open their heirs, and let everything follow."""
    new = [heir for heir in heirs if heir not in db]
    for heir in new:
        units.demand_free(db, heir, [unit.id for unit in ending])
    db.add_all(new)
    for unit in ending:
        unit.valid_to = on - timedelta(days=1)
    db.flush()
    db.add_all(
        UnitSuccession(predecessor_id=unit.id, successor_id=heir.id, on_date=on, main=heir is heirs[0], change=change)
        for unit in ending
        for heir in heirs
    )
    db.flush()
    followed = follow(db, {unit.id: heirs[0] for unit in ending}, on, chosen or {})
    settle(db, [*(unit.id for unit in ending), *followed])


def settle(db: Db, ended: Collection[UUID]) -> None:
    """After rows have ended and their successors are known: conferences, people, rooms and roles go on to these."""
    handover.take_along(db, ended)
    units.hand_over(db, ended)


def follow(db: Db, heirs: Mapping[UUID, Unit], on: date, chosen: Mapping[UUID, Unit] | None = None) -> list[UUID]:
    """Open whatever stands below ended rows anew below their heirs, level by level; gives the rows that ended thereby.

    A row's path is written once, so that a new parent means a new row. `chosen` gives single ones another parent.
    Where two of one name meet, the later one bears its old parent's name in brackets.
    """
    ended: list[UUID] = []
    chosen = chosen or {}
    while heirs:
        lasting = or_(Unit.valid_to.is_(None), Unit.valid_to >= on)
        found = select(Unit).where(among(Unit.parent_id, list(heirs)), lasting)
        # The first unit named keeps its names.
        order = {parent: place for place, parent in enumerate(heirs)}
        below = sorted(db.scalars(found), key=lambda unit: (order[_above(unit)], unit.sort_key, unit.id))
        heirs = _opened_below(db, below, {**heirs, **chosen}, on)
        ended += heirs
    return ended


def _opened_below(db: Db, below: Sequence[Unit], heirs: Mapping[UUID, Unit], on: date) -> dict[UUID, Unit]:
    """The new rows by the key of the old ones. `heirs` names parents by the row itself or by its old parent."""
    taken = _names_below(db, {heir.id for heir in heirs.values()}, on)
    opened: dict[UUID, Unit] = {}
    planned: list[Unit] = []
    for old in below:
        _demand_begun(old, on)
        parent = heirs.get(old.id) or heirs[_above(old)]
        name = old.name
        if (parent.id, name) in taken:
            name = f"{old.name} ({db.get_one(Unit, _above(old)).name})"
        taken.add((parent.id, name))
        opened[old.id] = make(name, old.kind, parent, on, old.code)
        opened[old.id].valid_to = old.valid_to
        planned += [old] if old.valid_to else []
        old.valid_to = on - timedelta(days=1)
    db.add_all(opened.values())
    db.flush()
    _hand_plans_on(db, planned, opened, on)
    db.add_all(
        UnitSuccession(
            predecessor_id=old.id, successor_id=opened[old.id].id, on_date=on, main=True, change=Change.FOLLOWED
        )
        for old in below
    )
    db.flush()
    return opened


def _above(unit: Unit) -> UUID:
    assert unit.parent_id, "a unit below another one has a parent"
    return unit.parent_id


def _names_below(db: Db, parents: Collection[UUID], on: date) -> set[tuple[UUID, str]]:
    lasting = or_(Unit.valid_to.is_(None), Unit.valid_to >= on)
    rows = db.execute(select(Unit.parent_id, Unit.name).where(among(Unit.parent_id, list(parents)), lasting))
    return {(parent, name) for parent, name in rows if parent}


def _hand_plans_on(db: Db, planned: Sequence[Unit], opened: Mapping[UUID, Unit], on: date) -> None:
    """Who was to follow a row that has ended sooner now follows the one opened in its place."""
    for old in planned:
        later = update(UnitSuccession).where(UnitSuccession.predecessor_id == old.id, UnitSuccession.on_date > on)
        db.execute(later.values(predecessor_id=opened[old.id].id))
