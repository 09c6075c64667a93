"""Doors over HTTP: a point's screen shows its code, people check themselves in by it, and doubts are decided."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import DbDep, Signed
from api.schemas import PROBLEMS, Instant, PartBrief, PersonRef, Row, SessionBrief
from archive.group import shares
from sessions import checkins, claims, clock, doors, points, register
from sessions.models import CheckInMethod, ClaimReason, ConnectionPoint, Door

router = APIRouter(tags=["doors"], responses=PROBLEMS)


class DoorAsked(BaseModel):
    part_id: UUID


class DoorCodeView(BaseModel):
    """One code: what the QR code says after the page's address, the digits, and when the screen is to show it."""

    token: str
    digits: str
    in_seconds: float


class DoorView(BaseModel):
    """What a point's screen shows for one part."""

    id: UUID
    point: str
    part: PartBrief
    session: SessionBrief
    #: The code of now and those of the next minute and a half.
    codes: list[DoorCodeView]
    step_seconds: float
    life_seconds: float
    #: Checked in at this point for this part, in whatever way, and how many claims wait to be looked at.
    present: int
    expected: int
    claims: int


class ClaimView(BaseModel):
    id: UUID
    person: PersonRef
    reason: ClaimReason
    claimed_at: datetime
    seen: bool | None


class ClaimSettled(BaseModel):
    """Whether the person was seen in the room."""

    seen: bool


class NearPoint(BaseModel):
    id: UUID
    name: str
    address: str


class MyCheckIn(Row):
    """Where and how the signed-in person is checked in."""

    at: datetime
    point: str
    method: CheckInMethod


class MyPart(BaseModel):
    """A part that the signed-in person may check in to now."""

    session: SessionBrief
    part: PartBrief
    starts_at: datetime
    ends_at: datetime
    checked: MyCheckIn | None
    #: Said to be there, and waiting for somebody in the room to confirm it.
    claimed: ClaimReason | None
    points: list[NearPoint]


class CodeBrought(BaseModel):
    """A code as a phone brings it: what a QR code said, or the digits together with the point that shows them."""

    token: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    digits: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    point_id: UUID | None = None
    #: When the phone read the code, where it had no link then.
    scanned_at: Instant | None = None
    #: The phone's own name for itself, made by chance and kept on it.
    phone: Annotated[str, Field(max_length=100)] = ""


class Arrived(BaseModel):
    """`in`: checked in. `claimed`: somebody in the room has to confirm it, for the reason given."""

    state: Literal["in", "claimed"]
    at: datetime
    point: str
    part: PartBrief
    session: SessionBrief
    reason: ClaimReason | None


@router.post("/session-points/{point_id}/door")
def show_door(db: DbDep, by: Signed, point_id: UUID, asked: DoorAsked) -> DoorView:
    """The code that a point shows for a part; whoever asks for it can't check in by it themselves."""
    point, session = points.see(db, by, point_id)
    part = register.part_of(db, session.id, asked.part_id)
    door = doors.show(db, by, point, part)
    return DoorView(
        id=door.id,
        point=db.get_one(ConnectionPoint, point.connection_point_id).name,
        part=PartBrief.model_validate(part),
        session=SessionBrief.model_validate(session),
        codes=_codes(door),
        step_seconds=doors.STEP.total_seconds(),
        life_seconds=doors.LIFE.total_seconds(),
        present=doors.present(db, door),
        expected=checkins.expected_at(db, point, part),
        claims=len(claims.waiting_at(db, by, point, part)),
    )


@router.get("/session-points/{point_id}/claims")
def list_claims(db: DbDep, by: Signed, point_id: UUID, part_id: UUID) -> list[ClaimView]:
    """Who says to be here without having proved it."""
    point, session = points.see(db, by, point_id)
    part = register.part_of(db, session.id, part_id)
    return [
        ClaimView(
            id=claim.id,
            person=PersonRef.of(person, unit),
            reason=claim.reason,
            claimed_at=claim.claimed_at,
            seen=claim.seen,
        )
        for claim, person, unit in claims.waiting_at(db, by, point, part)
    ]


@router.post("/claims/{claim_id}")
def settle_claim(db: DbDep, by: Signed, claim_id: UUID, asked: ClaimSettled) -> ClaimSettled:
    """Say whether somebody who claims it was seen in the room."""
    claim = claims.settle(db, by, claim_id, seen=asked.seen)
    if claim.seen:
        shares.settle_again(db, [claim.person_id])
    return ClaimSettled(seen=bool(claim.seen))


@router.get("/my-check-ins")
def list_my_check_ins(db: DbDep, person: Signed) -> list[MyPart]:
    """What the person may check in to now, and the points where they probably are."""
    return [
        MyPart(
            session=SessionBrief.model_validate(each.session),
            part=PartBrief.model_validate(each.part),
            starts_at=each.part.starts_at,
            ends_at=each.part.ends_at,
            checked=_checked(each),
            claimed=each.claim.reason if each.claim and not each.check_in else None,
            points=[
                NearPoint(id=point.id, name=room.name, address=room.address)
                for point, room in doors.points_near(db, person, each.session)
            ],
        )
        for each in doors.open_to(db, person)
    ]


@router.post("/my-check-ins")
def check_myself_in(db: DbDep, person: Signed, asked: CodeBrought) -> Arrived:
    """Check oneself in by the code that a point shows. Sending it again changes nothing."""
    if asked.token is not None:
        entered = doors.enter_by_scan(
            db, person, asked.token, chosen=asked.point_id, scanned_at=asked.scanned_at, phone=asked.phone
        )
    else:
        if asked.point_id is None or asked.digits is None:
            raise doors.DoorCodeUnknown
        point, _ = points.see(db, person, asked.point_id)
        entered = doors.enter_by_digits(db, person, point, asked.digits, phone=asked.phone)
    if entered.check_in:
        # Nobody was in two places: what a room that replays had shown them at that time no longer counts for them.
        shares.settle_again(db, [person.id])
    return _arrived(entered)


def _codes(door: Door) -> list[DoorCodeView]:
    shown = doors.codes_of(door).ahead(clock.now(), doors.AHEAD)
    return [
        DoorCodeView(token=doors.token(door, each.step, each.mark), digits=each.code, in_seconds=each.in_seconds)
        for each in shown
    ]


def _checked(each: doors.OpenPart) -> MyCheckIn | None:
    if each.check_in is None or each.room is None:
        return None
    return MyCheckIn(at=each.check_in.checked_at, point=each.room.name, method=each.check_in.method)


def _arrived(entered: doors.Entered) -> Arrived:
    check_in, claim, place = entered.check_in, entered.claim, entered.place
    return Arrived(
        state="in" if check_in else "claimed",
        at=check_in.checked_at if check_in else claim.claimed_at if claim else clock.now(),
        point=place.room.name,
        part=PartBrief.model_validate(place.part),
        session=SessionBrief.model_validate(place.session),
        reason=None if check_in or claim is None else claim.reason,
    )
