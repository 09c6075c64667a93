"""The demo's tree of units, first as it was, then as the reform of July 2025 left it."""

from datetime import date, timedelta

from sqlalchemy import select

from api.seed.lai_chau import Province
from sessions import units
from sessions.db import Db
from sessions.models import Unit, UnitKind, UnitSuccession


def find_province(db: Db, facts: Province) -> Unit | None:
    """The province, which stands through the reform; nothing before the tree was planted."""
    return db.scalar(select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.code == facts.code))


def plant(db: Db, facts: Province) -> Unit:
    """Add the province with its districts, their communes, and its agencies; gives the province."""
    since = facts.known_from
    top = units.add(db, None, name=facts.name, kind=UnitKind.PROVINCE, code=facts.code, valid_from=since)
    for district in facts.districts:
        middle = units.add(
            db, None, name=district.name, kind=UnitKind.DISTRICT, code=district.code, valid_from=since, parent=top
        )
        for commune in district.communes:
            _add_commune(db, commune.code, commune.name, middle, since)
    for agency in facts.agencies:
        units.add(db, None, name=agency.name, kind=UnitKind.AGENCY, valid_from=since, parent=top)
    return top


def is_reformed(db: Db, facts: Province) -> bool:
    """Whether the new communes are there."""
    new = select(Unit.id).where(Unit.kind == UnitKind.COMMUNE, Unit.valid_from == facts.changed_on)
    return db.scalar(new.limit(1)) is not None


def reform(db: Db, facts: Province, province: Unit) -> None:
    """End all districts and old communes, open the new ones, and let each take over people and rooms."""
    last_day = facts.changed_on - timedelta(days=1)
    old = {unit.code: unit for unit in standing(db, UnitKind.COMMUNE, last_day)}
    agencies = {unit.name: unit for unit in standing(db, UnitKind.AGENCY, last_day)}
    merged = {name for agency in facts.agencies_after for name in agency.made_from}
    # New communes bear codes of old ones, so all of these end before the first of those begins.
    for unit in (*old.values(), *standing(db, UnitKind.DISTRICT, last_day), *(agencies[name] for name in merged)):
        units.end(db, None, unit, last_day)
    for commune in facts.communes:
        new = _add_commune(db, commune.code, commune.name, province, facts.changed_on)
        _succeed(db, [old[code] for code in commune.made_from], new)
    for agency in facts.agencies_after:
        new = units.add(db, None, name=agency.name, kind=UnitKind.AGENCY, valid_from=facts.changed_on, parent=province)
        _succeed(db, [agencies[name] for name in agency.made_from], new)
    units.hand_over(db)


def standing(db: Db, kind: UnitKind, day: date) -> list[Unit]:
    """The units of a kind on a day, in Vietnamese order."""
    found = select(Unit).where(Unit.kind == kind, units.valid_on(day)).order_by(Unit.sort_key)
    return list(db.scalars(found))


def _add_commune(db: Db, code: str, name: str, parent: Unit, since: date) -> Unit:
    return units.add(db, None, name=name, kind=UnitKind.COMMUNE, code=code, valid_from=since, parent=parent)


def _succeed(db: Db, old: list[Unit], new: Unit) -> None:
    """Join units that have ended to the one that follows; of several followers the first is the main one."""
    for unit in old:
        main = not units.successors_of(db, unit)
        db.add(UnitSuccession(predecessor_id=unit.id, successor_id=new.id, on_date=new.valid_from, main=main))
        db.flush()
