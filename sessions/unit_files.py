"""Files that describe a reform of the units: those before it, those after it, and who became whom.

Four tables, as XLSX or CSV in any encoding: provinces with their districts and communes before, provinces with their
communes after, old provinces to new ones, old communes to new ones. Nothing is asked of the database here.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions import tables
from sessions.names import clean, search_key
from sessions.unit_faults import Remark, UnitFilesWrong

_HEADINGS: dict[str, tuple[str, ...]] = {
    name: (name.replace("_", " "),)
    for name in (
        "province_code",
        "province_name",
        "district_code",
        "district_name",
        "commune_code",
        "commune_name",
        "commune_full_name",
        "old_province_code",
        "new_province_code",
        "old_commune_code",
        "new_commune_code",
        "kind",
        "default",
    )
}
_BEFORE = ["province_code", "province_name", "district_code", "district_name", "commune_code", "commune_name"]
_AFTER = ["province_code", "province_name", "commune_code", "commune_full_name"]
_PROVINCES = ["old_province_code", "new_province_code"]
_COMMUNES = ["old_commune_code", "new_commune_code", "kind", "default"]

#: What stands before a unit's own name and may change while the name stays.
_TYPES = ("thanh pho", "tinh", "thi xa", "thi tran", "quan", "huyen", "phuong", "xa", "dac khu")


@dataclass(frozen=True)
class File:
    """One of the four: how to call it in a sentence, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Entry:
    """A unit as a file has it; `above` is the code of the unit that it lies below, empty at the top."""

    row: int
    code: str
    name: str
    above: str = ""


@dataclass(frozen=True)
class Heir:
    """One row of a mapping: `old` became `new`, as the main one of several or as the only one."""

    row: int
    old: str
    new: str
    main: bool
    whole: bool
    #: The old one is a district without communes, which `old` is the code of.
    district: bool = False


@dataclass
class Reform:
    """What the four files say, each unit by its code, and what was noticed while reading them."""

    files: "dict[str, str]"
    provinces: dict[str, Entry] = field(default_factory=dict)
    districts: dict[str, Entry] = field(default_factory=dict)
    communes: dict[str, Entry] = field(default_factory=dict)
    new_provinces: dict[str, Entry] = field(default_factory=dict)
    new_communes: dict[str, Entry] = field(default_factory=dict)
    province_heirs: list[Heir] = field(default_factory=list)
    commune_heirs: list[Heir] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


def read(before: File, after: File, provinces: File, communes: File) -> Reform:
    """Read all four. Raises `UnitFilesWrong` with every row that cannot be right, or a refusal of a file as a whole."""
    names = {"before": before.name, "after": after.name, "provinces": provinces.name, "communes": communes.name}
    reading = _Reading(Reform(names))
    reading.before(_rows(before, _BEFORE))
    reading.after(_rows(after, _AFTER))
    reading.mapping_of_provinces(_rows(provinces, _PROVINCES))
    reading.mapping_of_communes(_rows(communes, _COMMUNES))
    if not reading.faults:
        reading.whole_and_split()
    if reading.faults:
        raise UnitFilesWrong(reading.faults)
    return reading.reform


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: "Thanh Hóa" is "Thanh Hoá", "Hòa" is not "Hóa"."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> list[list[str]]:
    return [sorted(unicodedata.normalize("NFD", word)) for word in clean(name).lower().split()]


def _own_name(name: str) -> str:
    """A unit's name without what it is: "Thị trấn Ba Chẽ" and "Xã Ba Chẽ" are both "ba che"."""
    key = search_key(name)
    return next((key[len(each) + 1 :] for each in _TYPES if key.startswith(f"{each} ")), key)


def _rows(file: File, wanted: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    headed = tables.under_header(tables.read(file.data), {name: _HEADINGS[name] for name in wanted}, wanted)
    for row in headed.rows:
        yield row.number, {name: row.cells[at] for name, at in headed.columns.items()}


class _Reading:
    """Fills a reform row by row, and keeps what is wrong with the rows."""

    def __init__(self, reform: Reform) -> None:
        self.reform = reform
        self.faults: list[Remark] = []

    def before(self, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
        into = self.reform
        for number, row in rows:
            if not self._complete("before", number, row, _BEFORE[:4]):
                continue
            self._place("before", into.provinces, Entry(number, row["province_code"], row["province_name"]))
            district = Entry(number, row["district_code"], row["district_name"], row["province_code"])
            self._place("before", into.districts, district)
            if row["commune_code"] or row["commune_name"]:
                self._commune("before", into.communes, number, row, "commune_name", row["district_code"])

    def after(self, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
        into = self.reform
        for number, row in rows:
            if self._complete("after", number, row, _AFTER[:2]):
                self._place("after", into.new_provinces, Entry(number, row["province_code"], row["province_name"]))
                self._commune("after", into.new_communes, number, row, "commune_full_name", row["province_code"])

    def _commune(
        self, file: str, known: dict[str, Entry], number: int, row: dict[str, str], name: str, above: str
    ) -> None:
        if not self._complete(file, number, row, ["commune_code", name]):
            return
        if first := known.get(row["commune_code"]):
            self._fault(file, number, "twice", code=first.code, first=first.row)
        known.setdefault(row["commune_code"], Entry(number, row["commune_code"], row[name], above))

    def mapping_of_provinces(self, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
        into = self.reform
        for number, row in rows:
            if self._complete("provinces", number, row, _PROVINCES):
                heir = Heir(number, row["old_province_code"], row["new_province_code"], main=True, whole=True)
                if self._known("provinces", heir, into.provinces, into.new_provinces):
                    into.province_heirs.append(heir)
        self._followed("provinces", into.provinces, into.province_heirs)

    def mapping_of_communes(self, rows: Iterator[tuple[int, dict[str, str]]]) -> None:
        into = self.reform
        heirs = [heir for number, row in rows if (heir := self._heir(number, row))]
        renamed = self._taken_for(heirs)
        heirs = [Heir(**{**vars(heir), "new": renamed.get(heir.new, heir.new)}) for heir in heirs]
        into.commune_heirs = [
            known for heir in heirs if (known := heir if heir.old else self._island(heir)) and self._is_known(known)
        ]
        self._followed("communes", into.communes, into.commune_heirs)
        led_to = {heir.new for heir in into.commune_heirs}
        for entry in into.new_communes.values():
            if entry.code not in led_to:
                self._note("after", entry.row, "from-nobody", name=entry.name, code=entry.code)

    def whole_and_split(self) -> None:
        by_old = defaultdict(list)
        for heir in self.reform.commune_heirs:
            by_old[heir.old, heir.district].append(heir)
        for (old, _), heirs in by_old.items():
            mains = sum(heir.main for heir in heirs)
            if mains != 1:
                self._fault("communes", heirs[0].row, "mains", code=old, count=mains)
            if len(heirs) > 1 and any(heir.whole for heir in heirs):
                self._fault("communes", heirs[0].row, "whole", code=old, count=len(heirs))

    def _heir(self, number: int, row: dict[str, str]) -> Heir | None:
        if not self._complete("communes", number, row, _COMMUNES[1:]):
            return None
        if row["kind"] not in ("whole", "split"):
            self._fault("communes", number, "kind", value=row["kind"])
        elif row["default"] not in ("0", "1"):
            self._fault("communes", number, "default", value=row["default"])
        else:
            main, whole = row["default"] == "1", row["kind"] == "whole"
            return Heir(number, row["old_commune_code"], row["new_commune_code"], main, whole)
        return None

    def _taken_for(self, heirs: Sequence[Heir]) -> dict[str, str]:
        """Codes that are not among the units after, but mean one: the nameless one of the name of what goes there."""
        into = self.reform
        led_to = {heir.new for heir in heirs}
        free = [entry for entry in into.new_communes.values() if entry.code not in led_to]
        found = {}
        for code in sorted(led_to - into.new_communes.keys()):
            rows = [heir for heir in heirs if heir.new == code]
            names = {_own_name(into.communes[heir.old].name) for heir in rows if heir.old in into.communes}
            meant = [entry for entry in free if _own_name(entry.name) in names and self._same_province(rows, entry)]
            if len(meant) == 1:
                found[code] = meant[0].code
                self._note("communes", rows[0].row, "read-as", code=code, name=meant[0].name, now=meant[0].code)
        return found

    def _same_province(self, rows: Sequence[Heir], entry: Entry) -> bool:
        into = self.reform
        became = {heir.old: heir.new for heir in into.province_heirs}
        above = {into.districts[into.communes[heir.old].above].above for heir in rows if heir.old in into.communes}
        return {became.get(code) for code in above} == {entry.above}

    def _island(self, heir: Heir) -> Heir | None:
        """A row without an old code means a district that had no communes, known by the name that it kept."""
        into = self.reform
        with_communes = {entry.above for entry in into.communes.values()}
        new = into.new_communes.get(heir.new)
        meant = [
            entry
            for entry in into.districts.values()
            if entry.code not in with_communes and new and _own_name(entry.name) == _own_name(new.name)
        ]
        if len(meant) == 1:
            return Heir(heir.row, meant[0].code, heir.new, heir.main, heir.whole, district=True)
        self._fault("communes", heir.row, "island", code=heir.new)
        return None

    def _is_known(self, heir: Heir) -> bool:
        into = self.reform
        return self._known("communes", heir, into.districts if heir.district else into.communes, into.new_communes)

    def _known(self, file: str, heir: Heir, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> bool:
        if heir.old not in old:
            self._fault(file, heir.row, "unknown-old", code=heir.old)
        if heir.new not in new:
            self._fault(file, heir.row, "unknown-new", code=heir.new)
        return heir.old in old and heir.new in new

    def _followed(self, file: str, old: Mapping[str, Entry], heirs: Sequence[Heir]) -> None:
        followed = Counter(heir.old for heir in heirs if not heir.district)
        for entry in old.values():
            if entry.code not in followed:
                self._fault("before", entry.row, "no-heir", code=entry.code, name=entry.name)
        if file == "provinces":
            for code, count in followed.items():
                if count > 1:
                    self._fault(
                        file, next(heir.row for heir in heirs if heir.old == code), "mains", code=code, count=count
                    )

    def _complete(self, file: str, number: int, row: Mapping[str, str], wanted: Sequence[str]) -> bool:
        missing = [name for name in wanted if not row[name]]
        for name in missing:
            self._fault(file, number, "missing", column=name)
        return not missing

    def _place(self, file: str, known: dict[str, Entry], entry: Entry) -> None:
        """A unit that is named in many rows says the same in all of them."""
        first = known.setdefault(entry.code, entry)
        for before, now in ((first.name, entry.name), (first.above, entry.above)):
            if before != now:
                self._fault(file, entry.row, "differs", code=entry.code, first=first.row, before=before, now=now)

    def _fault(self, file: str, row: int, what: str, /, **facts: Any) -> None:
        self.faults.append(Remark(self.reform.files[file], row, what, facts))

    def _note(self, file: str, row: int, what: str, /, **facts: Any) -> None:
        self.reform.notes.append(Remark(self.reform.files[file], row, what, facts))
