"""Participation by unit, on screen and as a file for a spreadsheet."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.deps import DbDep, LanguageDep, Staff
from api.schemas import Row, UnitRef
from sessions import register, reports, roles, units
from sessions.db import Db
from sessions.errors import NotAllowed
from sessions.models import ConferenceSession, Person, Unit

router = APIRouter(tags=["reports"])


class Figures(Row):
    """People; there is no rate where nobody had to come, as to a conference that was called off."""

    expected: int
    exempt: int
    live: int
    replay: int
    group: int
    mixed: int
    decided: int
    credited: int
    rate: float | None


class UnitFigures(Figures):
    unit: UnitRef
    has_children: bool


class SessionName(Row):
    id: UUID
    title: str


class Participation(BaseModel):
    session: SessionName
    unit: UnitRef
    target: float
    rows: list[UnitFigures]
    total: Figures


@router.get("/sessions/{session_id}/participation")
def participation(db: DbDep, person: Staff, session_id: UUID, unit_id: UUID | None = None) -> Participation:
    """How many of a unit's people took part, by the units just below it."""
    session, unit = _asked(db, person, session_id, unit_id)
    rows, total = reports.participation(db, session, unit)
    return Participation(
        session=SessionName.model_validate(session),
        unit=UnitRef.model_validate(unit),
        target=reports.TARGET,
        rows=[
            UnitFigures(
                **_figures(session, row.counts).model_dump(),
                unit=UnitRef.model_validate(row.unit),
                has_children=row.has_children,
            )
            for row in rows
        ],
        total=_figures(session, total),
    )


@router.get("/sessions/{session_id}/participation.csv", response_class=Response)
def participation_csv(
    db: DbDep, person: Staff, language: LanguageDep, session_id: UUID, unit_id: UUID | None = None
) -> Response:
    """The same table for a spreadsheet."""
    session, unit = _asked(db, person, session_id, unit_id)
    called_off = reports.called_off(db, session, language)
    table = reports.to_csv(*reports.participation(db, session, unit), language, called_off)
    headers = {"Content-Disposition": f'attachment; filename="participation-{session.starts_at:%Y-%m-%d}.csv"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def _figures(session: ConferenceSession, counts: reports.Counts) -> Figures:
    figures = Figures.model_validate(counts)
    return figures.model_copy(update={"rate": None}) if session.cancelled_at else figures


def _asked(db: Db, person: Person, session_id: UUID, unit_id: UUID | None) -> tuple[ConferenceSession, Unit]:
    """The conference and the unit asked for, or else the highest unit that the person may read."""
    session = register.see(db, person, session_id)
    if unit_id is not None:
        candidates = [units.get(db, unit_id)]
    else:
        own = [unit for granted, unit in roles.grants_of(db, person.id) if granted.role in register.STAFF_ROLES]
        candidates = [units.get(db, session.unit_id), *own]
    for unit in candidates:
        if register.may_report(db, person, session, unit):
            return session, unit
    raise NotAllowed
