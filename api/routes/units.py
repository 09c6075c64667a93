"""The tree of units over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import Administrator, DbDep, Signed
from api.schemas import PROBLEMS, Day, Title, UnitRef, Words
from sessions import units
from sessions.db import Db
from sessions.models import Unit, UnitKind
from sessions.units import Place

router = APIRouter(tags=["units"], responses=PROBLEMS)


class UnitView(UnitRef):
    """A unit and its place in the tree on the day asked about; `path_names` run from the top down to the unit."""

    code: str | None
    parent_id: UUID | None
    depth: int
    valid_from: date
    valid_to: date | None
    children: int
    path_names: list[str]

    @classmethod
    def at(cls, place: Place) -> "UnitView":
        unit = place.unit
        return cls(
            id=unit.id,
            name=unit.name,
            kind=unit.kind,
            code=unit.code,
            parent_id=unit.parent_id,
            depth=unit.depth,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            children=place.children,
            path_names=place.path_names,
        )


class UnitWithHistory(UnitView):
    predecessors: list[UnitRef]
    successors: list[UnitRef]


class NewUnit(BaseModel):
    name: Title
    kind: UnitKind
    code: Annotated[str, Field(max_length=40)] | None = None
    parent_id: UUID | None = None
    valid_from: Day


class UnitEnd(BaseModel):
    """The unit's last day, and who takes over; the first successor ever named takes its people and rooms."""

    valid_to: Day
    successor_ids: Annotated[list[UUID], Field(max_length=100)] = []


@router.get("/units")
def list_units(
    db: DbDep, _person: Signed, parent_id: UUID | None = None, q: Words = "", as_of: Day | None = None
) -> list[UnitView]:
    """The units directly below one, or at the top; with `q`, the first 50 with these words anywhere below it."""
    day = as_of or units.today()
    parent = units.get(db, parent_id) if parent_id else None
    found = units.find(db, q, day, within=parent) if q.strip() else units.children_of(db, parent, day)
    return [UnitView.at(place) for place in units.places_of(db, found, day)]


@router.get("/units/{unit_id}")
def read_unit(db: DbDep, _person: Signed, unit_id: UUID) -> UnitWithHistory:
    """One unit, ended or not, with the units before and after it."""
    unit = units.get(db, unit_id)
    return UnitWithHistory(
        **dict(_view(db, unit)),
        predecessors=[UnitRef.model_validate(each) for each in units.predecessors_of(db, unit)],
        successors=[UnitRef.model_validate(each) for each in units.successors_of(db, unit)],
    )


@router.post("/units", status_code=201)
def add_unit(db: DbDep, by: Administrator, asked: NewUnit) -> UnitView:
    """Add a unit below one that the administrator looks after."""
    parent = units.get(db, asked.parent_id) if asked.parent_id else None
    unit = units.add(
        db, by, name=asked.name, kind=asked.kind, valid_from=asked.valid_from, parent=parent, code=asked.code
    )
    return _view(db, unit)


@router.post("/units/{unit_id}/end")
def end_unit(db: DbDep, by: Administrator, unit_id: UUID, asked: UnitEnd) -> UnitView:
    """End a unit, for good or because others take over; with the same last day again, name further successors."""
    successors = [units.get(db, each) for each in asked.successor_ids]
    unit = units.end(db, by, units.get(db, unit_id), asked.valid_to, successors)
    return _view(db, unit)


def _view(db: Db, unit: Unit) -> UnitView:
    """The unit as it stands today; one that has ended, as on its last day."""
    today = units.today()
    return UnitView.at(units.places_of(db, [unit], min(today, unit.valid_to or today))[0])
