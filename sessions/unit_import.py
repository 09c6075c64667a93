"""A reform of the units brought in from its files: the tree before it, the tree after it, and who became whom.

Everything in one transaction and by bulk inserts; running it again adds nothing. What stood below a unit that the files
end, and is not in them itself, goes on below that unit's main successor.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sessions import audit, reorganising, units
from sessions.db import Db, among
from sessions.models import Change, ConnectionPoint, Person, Unit, UnitKind, UnitSuccession
from sessions.unit_faults import Remark, UnitFilesWrong
from sessions.unit_files import Entry, Heir, Reform, same_name

#: Told after each step: what was done, and how many rows that was.
Told = Callable[[str, int], object]
_ROWS_AT_ONCE = 2000


@dataclass
class Outcome:
    """What an import did. Of an import that was done before, everything is zero but what stood already."""

    before: Counter[UnitKind] = field(default_factory=Counter)
    after: Counter[UnitKind] = field(default_factory=Counter)
    ended: int = 0
    successions: int = 0
    #: Units below the ended ones that no file knows, opened anew below the successors.
    followed: int = 0
    people_moved: int = 0
    #: People and rooms of units that ended without a successor.
    left_behind: int = 0
    notes: list[Remark] = field(default_factory=list)


def run(
    db: Db,
    by: Person | None,
    reform: Reform,
    on: date,
    *,
    since: date,
    under: Unit | None = None,
    told: Told = lambda _what, _rows: None,
) -> Outcome:
    """Bring both trees in, with provinces below `under` or at the top; the earlier one begins `since`, at the earliest.

    Raises `UnitFilesWrong` where what is in the database already says otherwise.
    """
    units.demand_tree_rights(db, by, under)
    units.lock_tree(db)
    work = _Import(db, reform, on, since, under)
    for what, step in (
        ("before", work.plant_before),
        ("after", work.plant_after),
        ("ended", work.end_the_old),
        ("successions", work.join),
        ("followed", work.follow),
        ("handed-over", work.hand_over),
    ):
        told(what, step())
    values = {**{f"before_{kind}": count for kind, count in work.done.before.items()}, "on": on}
    values |= {f"after_{kind}": count for kind, count in work.done.after.items()}
    audit.note(db, by, "units.imported", "unit", work.anchor, **values, successions=work.done.successions)
    return work.done


class _Import:
    """One run: units by their kind and code on both sides of the day."""

    def __init__(self, db: Db, reform: Reform, on: date, since: date, under: Unit | None) -> None:
        self.db, self.reform, self.on, self.since, self.under = db, reform, on, since, under
        self.eve = on - timedelta(days=1)
        self.done = Outcome(notes=list(reform.notes))
        self.old: dict[tuple[UnitKind, str], Unit] = {}
        self.new: dict[tuple[UnitKind, str], Unit] = {}
        self.ended: list[UUID] = []
        self.faults: list[Remark] = []
        #: How many old units became each new one: communes first, provinces second.
        both = (reform.commune_heirs, reform.province_heirs)
        self._led_to = [Counter(heir.new for heir in heirs) for heirs in both]

    @property
    def anchor(self) -> UUID:
        """The unit that the audit entry hangs on."""
        return self.under.id if self.under else next(iter(self.new.values())).id

    def plant_before(self) -> int:
        """Open what is missing of the tree before the day."""
        files, there = self.reform, self._standing(self.eve)
        for kind, above, entries in (
            (UnitKind.PROVINCE, None, files.provinces),
            (UnitKind.DISTRICT, UnitKind.PROVINCE, files.districts),
            (UnitKind.COMMUNE, UnitKind.DISTRICT, files.communes),
        ):
            found = self._level("before", kind, entries, _of_kind(self.old, above), there)
            self.old |= {(kind, code): unit for code, unit in found.items()}
        return self.done.before.total()

    def plant_after(self) -> int:
        """Open what is missing of the tree since the day. A province that nothing happens to goes on as it is."""
        there = {key: unit for key, unit in self._standing(self.on).items() if unit.valid_from == self.on}
        there |= self._unchanged()
        files = self.reform
        for kind, above, entries in (
            (UnitKind.PROVINCE, None, files.new_provinces),
            (UnitKind.COMMUNE, UnitKind.PROVINCE, files.new_communes),
        ):
            found = self._level("after", kind, entries, _of_kind(self.new, above), there)
            self.new |= {(kind, code): unit for code, unit in found.items()}
        return self.done.after.total()

    def _standing(self, day: date) -> dict[tuple[UnitKind, str], Unit]:
        files = self.reform
        codes = {*files.provinces, *files.districts, *files.communes, *files.new_provinces, *files.new_communes}
        found = self.db.scalars(select(Unit).where(among(Unit.code, list(codes)), units.valid_on(day)))
        return {(unit.kind, unit.code): unit for unit in found if unit.code}

    def _unchanged(self) -> dict[tuple[UnitKind, str], Unit]:
        files = self.reform
        becoming = Counter(heir.new for heir in files.province_heirs)
        kept = {}
        for heir in files.province_heirs:
            name = files.new_provinces[heir.new].name
            if (heir.old, 1) == (heir.new, becoming[heir.new]) and same_name(files.provinces[heir.old].name, name):
                kept[UnitKind.PROVINCE, heir.new] = self.old[UnitKind.PROVINCE, heir.old]
        return kept

    def _level(
        self,
        file: str,
        kind: UnitKind,
        entries: Mapping[str, Entry],
        above: Mapping[str, Unit],
        there: Mapping[tuple[UnitKind, str], Unit],
    ) -> dict[str, Unit]:
        """All units of one level by their codes: those that are there, and the others opened below their parents."""
        found: dict[str, Unit] = {}
        missing: list[Unit] = []
        for entry in entries.values():
            parent = above[entry.above] if entry.above else self.under
            unit = there.get((kind, entry.code))
            if unit is None:
                unit = units.make(entry.name, kind, parent, self._first_day(file, parent), entry.code)
                missing.append(unit)
            elif not same_name(unit.name, entry.name) or unit.parent_id != (parent.id if parent else None):
                self._fault(file, entry, "taken", name=unit.name)
            found[entry.code] = unit
        self._stop_at_faults()
        self._demand_names_free(file, missing, entries)
        self._insert(Unit, [_row(unit) for unit in missing])
        (self.done.before if file == "before" else self.done.after)[kind] += len(missing)
        return found

    def _first_day(self, file: str, parent: Unit | None) -> date:
        if file == "after":
            return self.on
        return max(self.since, parent.valid_from) if parent else self.since

    def _demand_names_free(self, file: str, missing: Collection[Unit], entries: Mapping[str, Entry]) -> None:
        """Beside units that came from elsewhere, no name may stand twice."""
        names = {(unit.parent_id, unit.name): unit for unit in missing}
        parents = {unit.parent_id for unit in missing if unit.parent_id}
        lasting = select(Unit.parent_id, Unit.name, Unit.code).where(
            among(Unit.parent_id, list(parents)), units.valid_on(self.eve if file == "before" else self.on)
        )
        for parent, name, code in self.db.execute(lasting):
            unit = names.get((parent, name))
            if unit and unit.code and code not in self._ending_codes(file):
                self._fault(file, entries[unit.code], "taken", name=name)
        self._stop_at_faults()

    def _ending_codes(self, file: str) -> Collection[str]:
        return () if file == "before" else self.reform.communes.keys() | self.reform.districts.keys()

    def end_the_old(self) -> int:
        """End districts, communes, and provinces that do not go on, the day before."""
        going_on = {unit.id for unit in self.new.values()}
        ending = [(key, unit) for key, unit in self.old.items() if unit.id not in going_on]
        for (kind, code), unit in ending:
            if unit.valid_to not in (None, self.eve):
                self._fault("before", self._entry(kind, code), "planned", name=unit.name)
        self._stop_at_faults()
        self.ended = [unit.id for _, unit in ending]
        ended = update(Unit).where(among(Unit.id, self.ended), Unit.valid_to.is_(None)).values(valid_to=self.eve)
        count = self.db.execute(ended, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
        self.done.ended = count
        return self.done.ended

    def _entry(self, kind: UnitKind, code: str) -> Entry:
        files = self.reform
        by_kind = {UnitKind.PROVINCE: files.provinces, UnitKind.DISTRICT: files.districts}
        return by_kind.get(kind, files.communes)[code]

    def join(self) -> int:
        """Write down who became whom."""
        rows = [self._joined(UnitKind.PROVINCE, heir) for heir in self.reform.province_heirs]
        rows += [self._joined(_kind_of(heir), heir) for heir in self.reform.commune_heirs]
        joined = [row for row in rows if row["predecessor_id"] != row["successor_id"]]
        self.done.successions = self._insert(UnitSuccession, joined)
        return self.done.successions

    def _joined(self, kind: UnitKind, heir: Heir) -> dict[str, Any]:
        old = self.old[kind, heir.old]
        new = self.new[UnitKind.PROVINCE if kind == UnitKind.PROVINCE else UnitKind.COMMUNE, heir.new]
        return {
            "predecessor_id": old.id,
            "successor_id": new.id,
            "on_date": self.on,
            "main": heir.main,
            "change": self._change(kind, heir),
        }

    def _change(self, kind: UnitKind, heir: Heir) -> Change:
        if not heir.whole:
            return Change.SPLIT
        files = self.reform
        if self._led_to[kind == UnitKind.PROVINCE][heir.new] > 1:
            return Change.MERGED
        entries = files.new_provinces if kind == UnitKind.PROVINCE else files.new_communes
        same = same_name(self._entry(kind, heir.old).name, entries[heir.new].name)
        return Change.FOLLOWED if same else Change.RENAMED

    def follow(self) -> int:
        """Whatever else stands below the ended units goes on below what came of these."""
        heirs: dict[UUID, Unit] = {}
        became = {heir.old: self.new[UnitKind.PROVINCE, heir.new] for heir in self.reform.province_heirs}
        for code, entry in self.reform.districts.items():
            heirs[self.old[UnitKind.DISTRICT, code].id] = became[entry.above]
        for heir in self.reform.commune_heirs:
            if heir.main:
                old = self.old[_kind_of(heir), heir.old]
                heirs[old.id] = self.new[UnitKind.COMMUNE, heir.new]
        heirs |= {self.old[UnitKind.PROVINCE, code].id: heir for code, heir in became.items()}
        ended = set(self.ended)
        followed = reorganising.follow(self.db, {old: heir for old, heir in heirs.items() if old in ended}, self.on)
        self.ended += followed
        self.done.followed = len(followed)
        return self.done.followed

    def hand_over(self) -> int:
        """Conferences, people, rooms and roles go on to the successors, once the day has come."""
        reorganising.settle(self.db, self.ended)
        left = [select(func.count()).where(among(table.unit_id, self.ended)) for table in (Person, ConnectionPoint)]
        self.done.left_behind = sum(self.db.scalars(each).one() for each in left) if self.on <= units.today() else 0
        return self.done.left_behind

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> int:
        added = 0
        for at in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[at : at + _ROWS_AT_ONCE]
            if table is Unit:
                self.db.execute(insert(Unit), some)
                added += len(some)
            else:
                new = insert_new(table).values(some).on_conflict_do_nothing().returning(table.predecessor_id)
                added += len(self.db.execute(new).all())
        return added

    def _fault(self, file: str, entry: Entry, what: str, /, **facts: Any) -> None:
        self.faults.append(Remark(self.reform.files[file], entry.row, what, {"code": entry.code, **facts}))

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise UnitFilesWrong(self.faults)


def _row(unit: Unit) -> dict[str, Any]:
    return {column.key: getattr(unit, column.key) for column in Unit.__table__.columns}


def _of_kind(found: Mapping[tuple[UnitKind, str], Unit], kind: UnitKind | None) -> dict[str, Unit]:
    return {code: unit for (level, code), unit in found.items() if level == kind}


def _kind_of(heir: Heir) -> UnitKind:
    return UnitKind.DISTRICT if heir.district else UnitKind.COMMUNE
