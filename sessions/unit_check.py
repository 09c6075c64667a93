"""Whether the units in the database follow one another as the rows of a reform's files say, row by row."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from sessions import units
from sessions.db import Db
from sessions.models import Unit, UnitKind, UnitSuccession
from sessions.unit_files import Heir, Reform, same_name


@dataclass
class Verdict:
    """How many rows of the two mapping files hold in the database, and the numbers of those that don't."""

    communes: int = 0
    provinces: int = 0
    communes_wrong: list[int] = field(default_factory=list)
    provinces_wrong: list[int] = field(default_factory=list)
    #: How many units of each kind stand on the last day before, and on the day itself.
    before: dict[UnitKind, int] = field(default_factory=dict)
    after: dict[UnitKind, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.communes_wrong and not self.provinces_wrong


@dataclass(frozen=True)
class _Became:
    """A successor by its code, and the code of the unit above it."""

    code: str | None
    above: str | None
    main: bool
    kind: UnitKind


_Links = dict[tuple[UnitKind, str | None], set[_Became]]


def check(db: Db, reform: Reform, on: date) -> Verdict:
    """Ask the database about every row: the right successors and no others, the main one marked, in the right place."""
    links = _links(db, on)
    found = Verdict(before=_standing(db, on - timedelta(days=1)), after=_standing(db, on))
    rows_of = defaultdict(list)
    for heir in reform.commune_heirs:
        rows_of[heir.old, heir.district].append(heir)
    for heir in reform.commune_heirs:
        found.communes += 1
        if not _commune_holds(reform, links, heir, len(rows_of[heir.old, heir.district])):
            found.communes_wrong.append(heir.row)
    going_on = _going_on(db, on)
    for heir in reform.province_heirs:
        found.provinces += 1
        if not _province_holds(reform, links, heir, going_on):
            found.provinces_wrong.append(heir.row)
    return found


def _commune_holds(reform: Reform, links: _Links, heir: Heir, rows: int) -> bool:
    old = (UnitKind.DISTRICT if heir.district else UnitKind.COMMUNE, heir.old)
    became = links.get(old, set())
    above = reform.new_communes[heir.new].above
    return len(became) == rows and _Became(heir.new, above, heir.main, UnitKind.COMMUNE) in became


def _province_holds(reform: Reform, links: _Links, heir: Heir, going_on: dict[str, str]) -> bool:
    became = {(each.code, each.main) for each in links.get((UnitKind.PROVINCE, heir.old), set())}
    if not became:
        name = reform.new_provinces[heir.new].name
        return heir.old == heir.new and same_name(going_on.get(heir.old, ""), name)
    return became == {(heir.new, True)}


def _links(db: Db, on: date) -> _Links:
    """Who follows whom on the day, where the one ends the day before and the other begins on it."""
    old, new, above = aliased(Unit), aliased(Unit), aliased(Unit)
    rows = db.execute(
        select(old.kind, old.code, new.code, above.code, UnitSuccession.main, new.kind)
        .join_from(UnitSuccession, old, old.id == UnitSuccession.predecessor_id)
        .join(new, new.id == UnitSuccession.successor_id)
        .outerjoin(above, above.id == new.parent_id)
        .where(UnitSuccession.on_date == on, old.valid_to == on - timedelta(days=1), new.valid_from == on)
        .where(old.code.is_not(None), new.code.is_not(None))
    )
    links: _Links = defaultdict(set)
    for kind, code, new_code, above_code, main, new_kind in rows:
        links[kind, code].add(_Became(new_code, above_code, main, new_kind))
    return links


def _going_on(db: Db, on: date) -> dict[str, str]:
    """Provinces that stood before the day and still do on it, by their codes."""
    both = select(Unit.code, Unit.name).where(Unit.kind == UnitKind.PROVINCE, units.valid_on(on), Unit.valid_from < on)
    return {code: name for code, name in db.execute(both) if code}


def _standing(db: Db, day: date) -> dict[UnitKind, int]:
    counted = select(Unit.kind, func.count()).where(units.valid_on(day)).group_by(Unit.kind)
    return dict(db.execute(counted).all())
