"""Units through their changes: what a unit was made of, what became of it, what stood for it on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from sessions import roles, units
from sessions.db import Db
from sessions.models import Change, Unit, UnitSuccession


def as_of(db: Db, unit: Unit, day: date) -> Sequence[Unit]:
    """What stood for this unit on a day: itself, or else the ones it was made of, or those that came of it by then.

    Of a merged unit's predecessors those that mainly became it, of a split one's successors the main one.
    """
    if unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day):
        return [unit]
    here, there = UnitSuccession.successor_id, UnitSuccession.predecessor_id
    if day > unit.valid_from:
        here, there = there, here
    step = select(there.label("id")).where(UnitSuccession.main)
    reached = step.where(here == unit.id).cte(recursive=True)
    reached = reached.union(step.join(reached, here == reached.c.id))
    found = select(Unit).join(reached, reached.c.id == Unit.id).where(units.valid_on(day))
    return db.scalars(found.order_by(Unit.sort_key, Unit.id)).all()


def below(db: Db, unit: Unit, day: date) -> ColumnElement[bool]:
    """SQL: the joined unit lies in this one's subtree, or in those of the units that stood for it on that day."""
    return roles.within(Unit.path, [each.path for each in as_of(db, unit, day)])


@dataclass(frozen=True)
class Step:
    """One unit became another one: alone, or with others."""

    before: Unit
    after: Unit
    on_date: date
    #: The successor took over people and papers.
    main: bool
    change: Change


def history_of(db: Db, unit: Unit, limit: int = 500) -> list[Step]:
    """How a unit came about and what became of it, through all its changes, the earliest first."""
    old, new = UnitSuccession.predecessor_id, UnitSuccession.successor_id
    came_before, came_after = _chain(unit, new, old), _chain(unit, old, new)
    before, after = aliased(Unit), aliased(Unit)
    found = (
        select(before, after, UnitSuccession.on_date, UnitSuccession.main, UnitSuccession.change)
        .join_from(UnitSuccession, before, before.id == old)
        .join(after, after.id == new)
        .where(or_(old.in_(select(came_before.c.id)), new.in_(select(came_after.c.id))))
        .order_by(UnitSuccession.on_date, before.sort_key, UnitSuccession.main.desc(), after.sort_key)
    )
    return [Step(*row) for row in db.execute(found.limit(limit))]


def _chain(unit: Unit, here: Any, there: Any) -> Any:
    """SQL: the keys of everything that is reached from this unit in one direction."""
    reached = select(there.label("id")).where(here == unit.id).cte(recursive=True)
    return reached.union(select(there).join(reached, here == reached.c.id))
