"""Lai Châu as it was before July 2025 and as it is since: plain facts, read from `deploy/seed/lai_chau.json`."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import api

_PACKAGED = Path(api.__file__).parent / "deploy" / "seed"  # In a wheel the seed's data travels inside `api`,
_CHECKED_OUT = Path(api.__file__).parents[1] / "deploy" / "seed"  # in a checkout it lies beside the rooms.


@dataclass(frozen=True)
class Commune:
    """A commune, ward or town by its official code; `made_from` holds old codes and is empty before the reform."""

    code: str
    name: str
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class District:
    code: str
    name: str
    communes: tuple[Commune, ...]


@dataclass(frozen=True)
class Agency:
    """An agency, force or enterprise of the province; `made_from` holds the names of those it took over from."""

    name: str
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Province:
    """8 districts and towns with 106 communes until the day before `changed_on`, 38 communes and no district since."""

    code: str
    name: str
    #: Since when the 8 districts and 106 communes stood like that.
    known_from: date
    changed_on: date
    districts: tuple[District, ...]
    communes: tuple[Commune, ...]
    #: Those that held rooms of their own in 2021.
    agencies: tuple[Agency, ...]
    #: Those that others were merged into or renamed to.
    agencies_after: tuple[Agency, ...]


def data_file(name: str) -> Path:
    """Where a file of `deploy/seed` lies, in a checkout and in an installed wheel alike."""
    return (_PACKAGED if _PACKAGED.is_dir() else _CHECKED_OUT) / name


def province() -> Province:
    """Read the facts."""
    facts = json.loads(data_file("lai_chau.json").read_text(encoding="utf-8"))
    return Province(
        code=facts["province"]["code"],
        name=facts["province"]["name"],
        known_from=date.fromisoformat(facts["known_from"]),
        changed_on=date.fromisoformat(facts["changed_on"]),
        districts=tuple(
            District(each["code"], each["name"], tuple(Commune(*pair) for pair in each["communes"].items()))
            for each in facts["before"]
        ),
        communes=tuple(Commune(each["code"], each["name"], tuple(each["made_from"])) for each in facts["after"]),
        agencies=tuple(Agency(name) for name in facts["agencies"]),
        agencies_after=tuple(Agency(each["name"], tuple(each["made_from"])) for each in facts["agencies_after"]),
    )
