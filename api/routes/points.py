"""Connection points over HTTP: rooms, their part in a conference, headcounts and check-ins."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Signed, Technician
from api.schemas import (
    PROBLEMS,
    ConnectionPointView,
    HeadcountView,
    Instant,
    Page,
    People,
    PersonRef,
    Remark,
    SessionPointView,
    Title,
    Words,
)
from archive.group import shares
from sessions import board, checkins, headcounts, people, points, register, units
from sessions.db import Db
from sessions.headcounts import Numbers
from sessions.models import Moment, Person, PointState, SessionPoint

router = APIRouter(tags=["points"], responses=PROBLEMS)


class NewConnectionPoint(BaseModel):
    unit_id: UUID
    name: Title
    address: Title
    seats: Annotated[int, Field(ge=1, le=100_000)] | None = None
    equipment: Remark = ""
    line: Remark = ""
    technician_id: UUID | None = None


class PointJoining(BaseModel):
    connection_point_id: UUID
    expected_count: People | None = None
    #: The session point that passes picture and sound on to this one.
    relay_id: UUID | None = None


class PointsJoining(BaseModel):
    points: Annotated[list[PointJoining], Field(min_length=1, max_length=500)]


class PointDetail(SessionPointView):
    """A session point with everything ever counted there, the newest first."""

    headcounts: list[HeadcountView]
    can_count: bool


class NewState(BaseModel):
    state: PointState


class NewHeadcount(BaseModel):
    """One count as a device sends it, perhaps hours later and more than once."""

    part_id: UUID
    moment: Moment
    # The range has a sentence and a code of its own, in the register.
    present: int
    excused: int = 0
    absent: int = 0
    late: int = 0
    reason: Remark | None = None
    counted_at: Instant
    client_key: UUID
    #: The technician was asked about more people than seats, and says it is right.
    confirmed: bool = False


class NewCheckIns(BaseModel):
    part_id: UUID
    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    checked_at: Instant
    client_key: UUID


class CheckInsAdded(BaseModel):
    added: int


class CheckedIn(BaseModel):
    person: PersonRef
    checked_at: datetime


class RosterRow(BaseModel):
    person: PersonRef
    checked_at: datetime | None


class CheckInList(BaseModel):
    """Who is here, and who was expected here."""

    items: list[CheckedIn]
    roster: list[RosterRow]


@router.get("/connection-points")
def list_connection_points(
    db: DbDep, person: Signed, page: PageDep, unit_id: UUID | None = None, q: Words = ""
) -> Page[ConnectionPointView]:
    """The rooms that the person looks after."""
    unit = units.get(db, unit_id) if unit_id else None
    found, total = board.rooms(db, person, unit=unit, q=q, offset=page.offset, limit=page.limit)
    return Page(items=[ConnectionPointView.of(room) for room in found], total=total)


@router.post("/connection-points", status_code=201)
def add_connection_point(db: DbDep, by: Technician, asked: NewConnectionPoint) -> ConnectionPointView:
    """Register a room, once for all conferences."""
    technician = people.see(db, by, asked.technician_id)[0] if asked.technician_id else None
    point = points.add(
        db,
        by,
        units.get(db, asked.unit_id),
        asked.name,
        asked.address,
        seats=asked.seats,
        equipment=asked.equipment,
        line=asked.line,
        technician=technician,
    )
    return ConnectionPointView.of(board.room_of(db, point))


@router.get("/sessions/{session_id}/points")
def list_session_points(
    db: DbDep, person: Signed, page: PageDep, session_id: UUID, unit_id: UUID | None = None
) -> Page[SessionPointView]:
    """The points of a conference, by unit."""
    session = register.see(db, person, session_id)
    unit = units.get(db, unit_id) if unit_id else None
    found, total = board.points_of(db, session, unit=unit, offset=page.offset, limit=page.limit)
    return Page(items=[SessionPointView.of(taking) for taking in found], total=total)


@router.post("/sessions/{session_id}/points", status_code=201)
def join_session(db: DbDep, by: Signed, session_id: UUID, asked: PointsJoining) -> list[SessionPointView]:
    """Let rooms that the person looks after take part in a conference."""
    session = register.see(db, by, session_id)
    entries = [points.Joining(**dict(entry)) for entry in asked.points]
    joined = points.join_session(db, by, session, entries)
    return [SessionPointView.of(taking) for taking in board.takings(db, joined)]


@router.get("/session-points/{point_id}")
def read_session_point(db: DbDep, person: Signed, point_id: UUID) -> PointDetail:
    """One point of a conference with the whole history of its headcounts."""
    point, session = points.see(db, person, point_id)
    counted = [HeadcountView.of(*each) for each in headcounts.history(db, point)]
    can_count = register.may_count(db, person, session, point)
    return PointDetail(**dict(_view(db, point)), headcounts=counted, can_count=can_count)


@router.post("/session-points/{point_id}/state")
def set_point_state(db: DbDep, by: Signed, point_id: UUID, asked: NewState) -> SessionPointView:
    """Say how the point is doing."""
    point, _ = points.see(db, by, point_id)
    return _view(db, points.set_state(db, by, point, asked.state))


@router.post(
    "/session-points/{point_id}/headcounts",
    status_code=201,
    responses={200: {"model": HeadcountView, "description": "This entry had been taken before"}},
)
def record_headcount(db: DbDep, by: Signed, response: Response, point_id: UUID, asked: NewHeadcount) -> HeadcountView:
    """Take a count, or a correction of an earlier one. The same entry sent again is answered as the first time."""
    point, session = points.see(db, by, point_id)
    headcount, is_new = headcounts.record(
        db,
        by,
        point,
        register.part_of(db, session.id, asked.part_id),
        asked.moment,
        Numbers(asked.present, asked.excused, asked.absent, asked.late),
        counted_at=asked.counted_at,
        client_key=asked.client_key,
        reason=asked.reason,
        confirmed=asked.confirmed,
    )
    if not is_new:
        response.status_code = 200
    return HeadcountView.of(headcount, db.get_one(Person, headcount.recorded_by))


@router.get("/session-points/{point_id}/check-ins")
def list_check_ins(db: DbDep, by: Signed, point_id: UUID, part_id: UUID) -> CheckInList:
    """Who is checked in at this point for a part, and the roster to tick."""
    point, session = points.see(db, by, point_id)
    register.demand_count(db, by, session, point)
    part = register.part_of(db, session.id, part_id)
    here = [
        CheckedIn(person=PersonRef.of(person, unit), checked_at=at)
        for person, unit, at in checkins.present_at(db, point, part)
    ]
    roster = [
        RosterRow(person=PersonRef.of(person, unit), checked_at=at)
        for person, unit, at in checkins.roster_of(db, point, part)
    ]
    return CheckInList(items=here, roster=roster)


@router.post("/session-points/{point_id}/check-ins")
def check_in(db: DbDep, by: Signed, point_id: UUID, asked: NewCheckIns) -> CheckInsAdded:
    """Tick people off the roster. The same delivery sent again adds nobody."""
    point, session = points.see(db, by, point_id)
    part = register.part_of(db, session.id, asked.part_id)
    added = checkins.tick(db, by, point, part, asked.person_ids, asked.checked_at, asked.client_key)
    # Nobody was in two places: what a room that replays had shown them at that time no longer counts for them.
    shares.settle_again(db, [one.person_id for one in added])
    return CheckInsAdded(added=len(added))


def _view(db: Db, point: SessionPoint) -> SessionPointView:
    return SessionPointView.of(board.takings(db, [point])[0])
