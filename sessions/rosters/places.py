"""Which unit the cell of a roster means: by code, by name, without accents, without "Đảng ủy xã" in front of it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlalchemy import select

from sessions import units
from sessions.db import Db
from sessions.models import Unit, UnitKind, UnitSuccession
from sessions.tables import heading

#: Bodies that stand for the place they are of.
_BODY = re.compile(r"^(?:(?:dang uy|dang bo|ban chap hanh|bch|ubnd|uy ban nhan dan|hdnd|hoi dong nhan dan|mttq) )+")
_KIND = re.compile(r"^(tinh|thanh pho|tp|huyen|thi xa|quan|xa|phuong|thi tran|dac khu|commune|ward|province) ")
_SAME_KIND = {"tp": "thanh pho", "commune": "xa", "ward": "phuong", "province": "tinh"}
#: What kind a unit is whose name does not say so: a province must not be taken for a commune that bears its name.
_KIND_OF = {UnitKind.PROVINCE: "tinh", UnitKind.DISTRICT: "huyen"}
#: From this likeness on (rapidfuzz's ratio, of 100) a name is worth suggesting.
_LIKE = 60
_MOST_SUGGESTED = 3


@dataclass(frozen=True)
class Place:
    """A unit as the matching sees it."""

    id: UUID
    name: str
    code: str | None
    kind: UnitKind
    path: str


class Places:
    """The units below one, as they are today, and who followed those that have ended."""

    def __init__(self, found: Iterable[Place], successors: Iterable[tuple[str, UUID]] = ()) -> None:
        self._all = {place.id: place for place in found}
        self._followed = list(successors)

    @classmethod
    def below(cls, db: Db, unit: Unit) -> "Places":
        """The unit itself and everything below it."""
        here = Unit.path.startswith(unit.path, autoescape=True)
        columns = select(Unit.id, Unit.name, Unit.code, Unit.kind, Unit.path)
        found = [Place(*row) for row in db.execute(columns.where(here, units.valid_on(units.today())))]
        followed = (
            select(Unit.name, UnitSuccession.successor_id)
            .join(UnitSuccession, UnitSuccession.predecessor_id == Unit.id)
            .where(UnitSuccession.main, UnitSuccession.successor_id.in_([place.id for place in found]))
        )
        return cls(found, [(name, successor_id) for name, successor_id in db.execute(followed)])

    def find(self, named: str, above: str = "") -> list[Place]:
        """The units that are meant: one when it is certain, several when it is not, none when nothing fits.

        "Chi bộ 1, xã Sìn Hồ" names the unit above it as well, as does a column of its own (`above`).
        """
        found = self._called(named)
        if not found and (pieces := re.split(r"\s*(?:,|;| - | – | thuộc )\s*", named, maxsplit=1))[1:]:
            named, above = pieces[0], above or pieces[1]
            found = self._called(named)
        if len(found) > 1 and above:
            within = [place.path for place in self._called(above)]
            found = [each for each in found if any(each.path.startswith(path) for path in within)] or found
        return found

    def _called(self, named: str) -> list[Place]:
        key = heading(named)
        kind, bare = _kind_and_bare(key)
        return (
            self._by_code.get(named.upper())
            or self._by_name.get(named)
            or self._by_key.get(key)
            or [each for own, each in self._by_bare.get(bare, []) if not (kind and own) or kind == own]
        )

    def like(self, named: str) -> list[str]:
        """Names that resemble this one most, the successor of a unit of this name first."""
        key = heading(named)
        followed = [self._all[heir].name for name, heir in self._followed if heading(name) == key]
        near = process.extract(key, self._spelled, scorer=fuzz.WRatio, score_cutoff=_LIKE, limit=_MOST_SUGGESTED)
        return list(dict.fromkeys([*followed, *(self._all[unit_id].name for _, _, unit_id in near)]))[:_MOST_SUGGESTED]

    def paths_of(self, found: Iterable[Place]) -> list[str]:
        """Where each of these stands, from the top of what is known here: "Lai Châu › Sìn Hồ › Chi bộ 1"."""
        return [
            " › ".join(self._all[step].name for step in _steps(place) if step in self._all)
            for place in list(found)[: 2 * _MOST_SUGGESTED]
        ]

    @cached_property
    def _by_code(self) -> dict[str, list[Place]]:
        return _grouped((place.code.upper(), place) for place in self._all.values() if place.code)

    @cached_property
    def _by_name(self) -> dict[str, list[Place]]:
        return _grouped((place.name, place) for place in self._all.values())

    @cached_property
    def _by_key(self) -> dict[str, list[Place]]:
        return _grouped((heading(place.name), place) for place in self._all.values())

    @cached_property
    def _by_bare(self) -> dict[str, list[tuple[str, Place]]]:
        grouped: dict[str, list[tuple[str, Place]]] = defaultdict(list)
        for place in self._all.values():
            kind, bare = _kind_and_bare(heading(place.name))
            grouped[bare].append((kind or _KIND_OF.get(place.kind, ""), place))
        return grouped

    @cached_property
    def _spelled(self) -> dict[UUID, str]:
        return {place.id: heading(place.name) for place in self._all.values()}


def _kind_and_bare(key: str) -> tuple[str, str]:
    """ "dang uy xa sin ho" is the commune ("xa") called "sin ho"."""
    key = _BODY.sub("", key)
    found = _KIND.match(key)
    return (_SAME_KIND.get(found[1], found[1]), key[found.end() :]) if found else ("", key)


def _grouped(pairs: Iterable[tuple[str, Place]]) -> dict[str, list[Place]]:
    grouped: dict[str, list[Place]] = defaultdict(list)
    for key, place in pairs:
        grouped[key].append(place)
    return grouped


def _steps(place: Place) -> list[UUID]:
    return [UUID(step) for step in place.path.rstrip("/").split("/")]
