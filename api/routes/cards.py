"""People's own codes, and the signed logs of points whose devices scan them without a link."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, Signed
from api.errors import problem
from api.routes.leases import Encoded, LogIn
from api.schemas import PROBLEMS
from archive.group import shares
from sessions import cards, clock, pointlogs, points, register
from sessions.models import Person

router = APIRouter(tags=["doors"], responses=PROBLEMS)


class MyCard(BaseModel):
    """What the person's phone draws its changing code from, also without a link (`sessions.cards`)."""

    session_id: UUID
    session_title: str
    full_name: str
    code: str
    secret: str
    step_seconds: float
    #: What the phone corrects its own clock by.
    server_time: datetime


class PointLogIn(BaseModel):
    """The device's public key, and its signature over `diemcau-point-log-1`, the point and the person, line by line."""

    public_key: Encoded
    proof: Encoded


class PointLogView(BaseModel):
    """Where the log goes on: the next entry's number, and the hash that it names as the one before it."""

    id: UUID
    session_id: UUID
    next_number: int
    head_sha256: str
    server_time: datetime


class ScanOutcome(BaseModel):
    """What became of one scan: `in`, `claimed`, or the code of why it was refused."""

    number: int
    outcome: str
    full_name: Annotated[str | None, Field(description="Whose code it was, where that is known.")]


class PointLogTaken(BaseModel):
    next_number: int
    head_sha256: str
    outcomes: list[ScanOutcome]


@router.get("/sessions/{session_id}/my-card")
def read_my_card(db: DbDep, person: Signed, session_id: UUID) -> MyCard:
    """The person's own code for a conference, for rooms whose device scans people."""
    session = register.see(db, person, session_id)
    card = cards.card_of(db, person, session.id)
    return MyCard(
        session_id=session.id,
        session_title=session.title,
        full_name=person.full_name,
        code=card.code,
        secret=card.secret,
        step_seconds=cards.STEP.total_seconds(),
        server_time=clock.now(),
    )


@router.post("/session-points/{point_id}/log")
def open_point_log(db: DbDep, by: Signed, request: Request, point_id: UUID, asked: PointLogIn) -> PointLogView:
    """Let this device keep the log of a point; asked again by the same device, the log there is goes on."""
    point, session = points.see(db, by, point_id)
    device = request.headers.get("user-agent", "")
    log = pointlogs.open_log(db, by, point, asked.public_key, asked.proof, device)
    return PointLogView(
        id=log.id,
        session_id=session.id,
        next_number=log.next_number,
        head_sha256=log.head_sha256,
        server_time=clock.now(),
    )


@router.post("/point-logs/{log_id}/entries", response_model=PointLogTaken)
def take_point_log(db: DbDep, by: Signed, request: Request, log_id: UUID, body: LogIn) -> PointLogTaken | Response:
    """Take a signed piece of a point's log, each entry once. What joins is kept also where the rest is refused."""
    taken = pointlogs.take(db, by, pointlogs.find_own(db, by, log_id), body.entries, body.signature)
    came = [entry.person_id for entry in taken.entries if entry.person_id and entry.outcome == "in"]
    shares.settle_again(db, came)
    if taken.refusal is not None:
        # Answered and not raised: the entries that joined are to be committed.
        return problem(request, taken.refusal, next_number=taken.next_number, head_sha256=taken.head_sha256)
    return PointLogTaken(
        next_number=taken.next_number,
        head_sha256=taken.head_sha256,
        outcomes=[
            ScanOutcome(
                number=entry.number,
                outcome=entry.outcome,
                full_name=db.get_one(Person, entry.person_id).full_name if entry.person_id else None,
            )
            for entry in taken.entries
        ],
    )
