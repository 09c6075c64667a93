"""The tree of units over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import Administrator, DbDep, Signed
from api.schemas import PROBLEMS, Day, Title, UnitRef, Words
from sessions import lineage, reorganising, units
from sessions.db import Db
from sessions.models import Change, Unit, UnitKind
from sessions.reorganising import Named
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


class UnitStep(BaseModel):
    """One step of a unit's history: which unit became which, on which day and how."""

    predecessor: UnitRef
    successor: UnitRef
    on_date: date
    main: bool
    change: Change


UnitCode = Annotated[str, Field(max_length=40)]


class NewUnit(BaseModel):
    name: Title
    kind: UnitKind
    code: UnitCode | None = None
    parent_id: UUID | None = None
    valid_from: Day


class UnitEnd(BaseModel):
    """The unit's last day, and who takes over; the first successor ever named takes its people and rooms."""

    valid_to: Day
    successor_ids: Annotated[list[UUID], Field(max_length=100)] = []


class UnitName(BaseModel):
    name: Title
    #: Stays as it is when none is given.
    code: UnitCode | None = None
    on: Day


class UnitPlace(BaseModel):
    """The unit above from that day on; none puts it at the top."""

    parent_id: UUID | None
    on: Day


class UnitMerger(BaseModel):
    """Units that become one: either `into_id`, which exists and goes on, or a new one of this name."""

    unit_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    on: Day
    into_id: UUID | None = None
    name: Title | None = None
    code: UnitCode | None = None
    kind: UnitKind | None = None
    #: Where the new one lies; below the parent of the first of them unless said otherwise.
    parent_id: UUID | None = None


class UnitPiece(BaseModel):
    """A unit that a split leads to, and which of the units directly below go to it."""

    name: Title
    code: UnitCode | None = None
    kind: UnitKind | None = None
    child_ids: Annotated[frozenset[UUID], Field(max_length=1000)] = frozenset()


class UnitSplit(BaseModel):
    """The first piece takes over people, rooms and whatever is not given to another one."""

    on: Day
    pieces: Annotated[list[UnitPiece], Field(min_length=1, max_length=100)]


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


@router.get("/units/{unit_id}/history")
def read_history(db: DbDep, _person: Signed, unit_id: UUID) -> list[UnitStep]:
    """How this unit came about and what became of it, the earliest first; at most 500 steps."""
    return [
        UnitStep(
            predecessor=UnitRef.model_validate(step.before),
            successor=UnitRef.model_validate(step.after),
            on_date=step.on_date,
            main=step.main,
            change=step.change,
        )
        for step in lineage.history_of(db, units.get(db, unit_id))
    ]


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


@router.post("/units/{unit_id}/rename")
def rename_unit(db: DbDep, by: Administrator, unit_id: UUID, asked: UnitName) -> UnitView:
    """Let a unit bear another name from a day on; everything below goes along."""
    return _new_view(db, reorganising.rename(db, by, units.get(db, unit_id), asked.name, asked.on, code=asked.code))


@router.post("/units/{unit_id}/move")
def move_unit(db: DbDep, by: Administrator, unit_id: UUID, asked: UnitPlace) -> UnitView:
    """Put a unit with everything below it under another one from a day on."""
    parent = units.get(db, asked.parent_id) if asked.parent_id else None
    return _new_view(db, reorganising.move(db, by, units.get(db, unit_id), parent, asked.on))


@router.post("/units/merge")
def merge_units(db: DbDep, by: Administrator, asked: UnitMerger) -> UnitView:
    """Let several units become one from a day on."""
    merged = [units.get(db, each) for each in asked.unit_ids]
    into: Unit | Named = units.get(db, asked.into_id) if asked.into_id else _named(asked)
    parent = units.get(db, asked.parent_id) if asked.parent_id else None
    return _new_view(db, reorganising.merge(db, by, merged, into, asked.on, parent))


@router.post("/units/{unit_id}/split")
def split_unit(db: DbDep, by: Administrator, unit_id: UUID, asked: UnitSplit) -> list[UnitView]:
    """Let a unit become several from a day on."""
    pieces = [Named(piece.name, piece.kind, piece.code, piece.child_ids) for piece in asked.pieces]
    became = reorganising.split(db, by, units.get(db, unit_id), pieces, asked.on)
    return [_new_view(db, unit) for unit in became]


def _named(asked: UnitMerger) -> Named:
    if not asked.name:
        raise reorganising.MergedUnitMissing
    return Named(asked.name, asked.kind, asked.code)


def _new_view(db: Db, unit: Unit) -> UnitView:
    """A unit that has just come about, perhaps with a first day that lies ahead."""
    return UnitView.at(units.places_of(db, [unit], max(units.today(), unit.valid_from))[0])


def _view(db: Db, unit: Unit) -> UnitView:
    """The unit as it stands today; one that has ended, as on its last day."""
    today = units.today()
    return UnitView.at(units.places_of(db, [unit], min(today, unit.valid_to or today))[0])
