"""Many points of a conference at once over HTTP: looked at, then added; and who passes the signal on to whom."""

from collections import Counter
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Base64Bytes, BaseModel, Field

from api.deps import DbDep, Technician
from api.schemas import PROBLEMS, UnitRef
from ingest import gate
from sessions import point_lists, point_rows, points, register, relays, units
from sessions.db import Db
from sessions.errors import Invalid
from sessions.models import ConferenceSession, Person
from sessions.point_lists import Entry, Fate
from sessions.point_rows import PointRow

router = APIRouter(tags=["points"], responses=PROBLEMS)

#: So many entries are told of one by one, those that lead to nothing first.
_SHOWN = 200


class ListIncomplete(Invalid):
    code = "list-incomplete"
    vi = "Hãy chọn đơn vị, hoặc chọn tệp danh sách."
    en = "Choose the unit, or the file with the list."


class PointList(BaseModel):
    """Where the points come from; a file in base64, XLSX or CSV, with the columns “Đơn vị” and “Điểm cầu”."""

    source: Literal["last", "unit", "file"]
    unit_id: UUID | None = None
    content: Annotated[Base64Bytes, Field(max_length=1_400_000)] | None = None


class PlannedPoint(BaseModel):
    """`about` is the other conference, the row before, or the cell that can't be read, as the fate has it."""

    name: str
    unit: UnitRef | None
    expected: int | None
    fate: Fate
    about: str
    #: The row of the file.
    row: int | None

    @classmethod
    def of(cls, entry: Entry) -> "PlannedPoint":
        unit = UnitRef.model_validate(entry.unit) if entry.unit else None
        row = entry.row.number if entry.row else None
        return cls(name=entry.name, unit=unit, expected=entry.expected, fate=entry.fate, about=entry.about, row=row)


class PointsPlan(BaseModel):
    """At most 200 entries, those that lead to nothing first, and how many there are of each fate."""

    entries: list[PlannedPoint]
    counts: dict[Fate, int]
    total: int
    adds: int


class PointsAdded(BaseModel):
    added: int


class RelayWish(BaseModel):
    """All points of `unit_id` and below receive from `relay_id`, or from the source; without a unit, by the tree."""

    unit_id: UUID | None = None
    relay_id: UUID | None = None


class RelaysChanged(BaseModel):
    changed: int


class RelayHub(BaseModel):
    """A point that passes the signal on; without one, the source itself."""

    point_id: UUID | None
    name: str | None
    unit: UnitRef | None
    reaches: int


@router.post("/sessions/{session_id}/points/plan")
def plan_points(db: DbDep, by: Technician, session_id: UUID, asked: PointList) -> PointsPlan:
    """What adding these points would come to; nothing is written."""
    entries = _planned(db, by, register.see(db, by, session_id), asked)
    shown = sorted(entries, key=lambda entry: entry.leads_on)[:_SHOWN]
    return PointsPlan(
        entries=[PlannedPoint.of(entry) for entry in shown],
        counts=Counter(entry.fate for entry in entries),
        total=len(entries),
        adds=sum(entry.leads_on for entry in entries),
    )


@router.post("/sessions/{session_id}/points/list", status_code=201)
def add_points(db: DbDep, by: Technician, session_id: UUID, asked: PointList) -> PointsAdded:
    """Add whatever of these points nothing stands against."""
    session = register.see(db, by, session_id)
    return PointsAdded(added=len(point_lists.add(db, by, session, _planned(db, by, session, asked))))


@router.get("/sessions/{session_id}/relays")
def list_relays(db: DbDep, by: Technician, session_id: UUID) -> list[RelayHub]:
    """Who passes the signal on to how many; the source first."""
    return [
        RelayHub(
            point_id=hub.point.id if hub.point else None,
            name=hub.room.name if hub.room else None,
            unit=UnitRef.model_validate(hub.unit) if hub.unit else None,
            reaches=hub.reaches,
        )
        for hub in relays.hubs_of(db, register.see(db, by, session_id))
    ]


@router.post("/sessions/{session_id}/relays")
def connect_relays(db: DbDep, by: Technician, session_id: UUID, asked: RelayWish) -> RelaysChanged:
    """Let a unit's points receive from one point, or every point from the nearest unit above it."""
    session = register.see(db, by, session_id)
    if asked.unit_id is None:
        return RelaysChanged(changed=relays.fan_out(db, by, session))
    relay = points.see(db, by, asked.relay_id)[0] if asked.relay_id else None
    return RelaysChanged(changed=relays.relay_unit(db, by, session, units.get(db, asked.unit_id), relay))


def _planned(db: Db, by: Person, session: ConferenceSession, asked: PointList) -> list[Entry]:
    if asked.source == "last":
        return point_lists.from_last(db, by, session)
    if asked.source == "unit" and asked.unit_id:
        return point_lists.from_unit(db, by, session, units.get(db, asked.unit_id))
    if asked.source == "file" and asked.content:
        rows = point_rows.read(asked.content)
        _demand_unmarked(by, rows)
        return point_lists.from_rows(db, by, session, rows)
    raise ListIncomplete


def _demand_unmarked(by: Person, rows: list[PointRow]) -> None:
    """What a file says of rooms is free text, and passes the gate like any other."""
    said = [text for row in rows for text in vars(row).values() if isinstance(text, str)]
    said += [text for row in rows for text in vars(row.reached).values() if isinstance(text, str)]
    if rule := gate.marking_in_words("\n".join(dict.fromkeys(said))):
        raise gate.report_words(by.id, rule)
