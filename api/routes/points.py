"""Connection points over HTTP: rooms, their part in a conference, headcounts and check-ins."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api import ticks
from api.deps import DbDep, PageDep, Signed, Technician, TokenDep
from api.schemas import (
    PROBLEMS,
    ConnectionPointView,
    HeadcountView,
    Instant,
    Named,
    Page,
    People,
    PersonRef,
    Remark,
    SessionPointView,
    Title,
    Words,
)
from archive.group import shares
from sessions import board, checkins, headcounts, people, points, register, units, withdrawals
from sessions.db import Db
from sessions.headcount_doubts import Doubt
from sessions.headcounts import Numbers
from sessions.models import CheckInMethod, CheckInWithdrawal, Moment, Person, PointState, SessionPoint

#: Ten years: what a phone shows that has lost its time.
MOST_OFF = 10 * 366 * 86_400

router = APIRouter(tags=["points"], responses=PROBLEMS)


class DescribedPoint(BaseModel):
    """What is told of a room, whether it is new or changed."""

    name: Title
    address: Title
    seats: Annotated[int, Field(ge=1, le=100_000)] | None = None
    equipment: Remark = ""
    line: Remark = ""
    measured_mbits: Annotated[int, Field(ge=0, le=100_000)] | None = None
    backup_line: Remark = ""
    video_address: Remark = ""
    phone: Annotated[Remark, Field(max_length=40)] = ""
    technician_id: UUID | None = None

    @property
    def reached(self) -> points.Reached:
        return points.Reached(self.measured_mbits, self.backup_line, self.video_address, self.phone)


class NewConnectionPoint(DescribedPoint):
    unit_id: UUID


class PointJoining(BaseModel):
    connection_point_id: UUID
    expected_count: People | None = None
    #: The session point that passes picture and sound on to this one.
    relay_id: UUID | None = None
    #: The person was asked: another conference has the room at the same time, and that is right.
    although_busy: bool = False


class PointsJoining(BaseModel):
    points: Annotated[list[PointJoining], Field(min_length=1, max_length=500)]


class PointDetail(SessionPointView):
    """A session point with everything ever counted there, the newest first."""

    headcounts: list[HeadcountView]
    #: Headcounts of one moment by people who did not know of each other's and say otherwise; the one that holds first.
    disagreements: list[list[UUID]]
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
    #: By the device's own clock.
    counted_at: Instant
    client_key: UUID
    #: The keys of the entries that this one corrects; wants a reason.
    corrects: Annotated[list[UUID], Field(max_length=headcounts.MOST_CORRECTED)] = []
    #: Seconds by which the device found its clock to be ahead of the server's, below zero where it is behind.
    clock_ahead: Annotated[int, Field(ge=-MOST_OFF, le=MOST_OFF)] | None = None
    #: Doubts that the technician was asked about, and says it is right.
    answered: list[Doubt] = []
    #: All doubts at once, for programs that ask their person themselves.
    confirmed: bool = False


class NewCheckIns(BaseModel):
    part_id: UUID
    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    checked_at: Instant
    client_key: UUID
    #: `paper`: typed from a list that was signed on paper.
    method: Literal[CheckInMethod.ROSTER, CheckInMethod.PAPER] = CheckInMethod.ROSTER


class NewWithdrawal(BaseModel):
    """One check-in taken back, as a device sends it, perhaps hours later and more than once."""

    part_id: UUID
    person_id: UUID
    reason: Remark
    withdrawn_at: Instant
    client_key: UUID


class WithdrawalView(BaseModel):
    person: Named
    method: CheckInMethod
    checked_at: datetime
    reason: str
    withdrawn_by: Named
    withdrawn_at: datetime


class CheckInsAdded(BaseModel):
    added: int


class CheckedIn(BaseModel):
    person: PersonRef
    checked_at: datetime


class RosterRow(BaseModel):
    person: PersonRef
    checked_at: datetime | None
    method: CheckInMethod | None
    #: Whether they were checked in at this point; some of its roster go to another.
    here: bool


class CheckInList(BaseModel):
    """Who is here, who was expected here, and whose check-in was taken back, the newest first."""

    items: list[CheckedIn]
    roster: list[RosterRow]
    withdrawn: list[WithdrawalView]


@router.get("/connection-points")
def list_connection_points(
    db: DbDep, person: Signed, page: PageDep, unit_id: UUID | None = None, q: Words = "", retired: bool = False
) -> Page[ConnectionPointView]:
    """The rooms that the person looks after: those in use, or those that were retired."""
    unit = units.get(db, unit_id) if unit_id else None
    found, total = board.rooms(db, person, unit=unit, q=q, retired=retired, offset=page.offset, limit=page.limit)
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
        reached=asked.reached,
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
    """Let rooms that the person looks after take part in a conference.

    Rooms that another conference has at the same time are asked about (409 `points-busy`): the same rooms sent again
    with `although_busy` are taken.
    """
    session = register.see(db, by, session_id)
    entries = [points.Joining(**dict(entry)) for entry in asked.points]
    joined = points.join_session(db, by, session, entries)
    return [SessionPointView.of(taking) for taking in board.takings(db, joined)]


@router.get("/session-points/{point_id}")
def read_session_point(db: DbDep, person: Signed, point_id: UUID) -> PointDetail:
    """One point of a conference with the whole history of its headcounts."""
    point, session = points.see(db, person, point_id)
    history = headcounts.history(db, point)
    contrary = headcounts.disagreements([headcount for headcount, _ in history])
    return PointDetail(
        **dict(_view(db, point)),
        headcounts=[HeadcountView.of(*each) for each in history],
        disagreements=[[headcount.id for headcount in each] for each in contrary],
        can_count=register.may_count(db, person, session, point),
    )


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
    """Take a count, or a correction of earlier ones. The same entry sent again is answered as the first time.

    Numbers that cannot well be right are asked about (409 `headcount-doubtful`): the same entry sent again with those
    doubts among `answered` is taken.
    """
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
        corrects=asked.corrects,
        clock_ahead=asked.clock_ahead,
        answered=list(Doubt) if asked.confirmed else asked.answered,
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
        RosterRow(
            person=PersonRef.of(line.person, line.unit),
            checked_at=line.check_in.checked_at if line.check_in else None,
            method=line.check_in.method if line.check_in else None,
            here=line.check_in is not None and line.check_in.session_point_id == point.id,
        )
        for line in checkins.roster_lines(db, point, part)
    ]
    withdrawn = [_withdrawal(*each) for each in withdrawals.history(db, point, part)]
    return CheckInList(items=here, roster=roster, withdrawn=withdrawn)


@router.post("/session-points/{point_id}/check-ins")
async def check_in(token: TokenDep, point_id: UUID, asked: NewCheckIns) -> CheckInsAdded:
    """Tick people off the roster. The same delivery sent again adds nobody."""
    brought = ticks.Brought(
        token, point_id, asked.part_id, asked.person_ids, asked.checked_at, asked.client_key, asked.method
    )
    return CheckInsAdded(added=await asyncio.wrap_future(ticks.gathering.bring(brought)))


@router.post("/session-points/{point_id}/withdrawals")
def withdraw_check_in(db: DbDep, by: Signed, point_id: UUID, asked: NewWithdrawal) -> WithdrawalView:
    """Take back a check-in that was a mistake, saying why. The same entry sent again changes nothing."""
    point, session = points.see(db, by, point_id)
    part = register.part_of(db, session.id, asked.part_id)
    done = withdrawals.withdraw(
        db, by, point, part, asked.person_id, asked.reason, asked.withdrawn_at, asked.client_key
    )
    # What a room that replays had shown them at that time counts again.
    shares.settle_again(db, [done.person_id])
    return _withdrawal(done, db.get_one(Person, done.person_id), db.get_one(Person, done.withdrawn_by))


def _withdrawal(done: CheckInWithdrawal, person: Person, withdrawn_by: Person) -> WithdrawalView:
    return WithdrawalView(
        person=Named.model_validate(person),
        method=done.method,
        checked_at=done.checked_at,
        reason=done.reason,
        withdrawn_by=Named.model_validate(withdrawn_by),
        withdrawn_at=done.withdrawn_at,
    )


def _view(db: Db, point: SessionPoint) -> SessionPointView:
    return SessionPointView.of(board.takings(db, [point])[0])
