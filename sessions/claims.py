"""Claims: somebody says to be at a point in a way that proves nothing. Whoever looks after the point decides by eye."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, checkins, clock, register
from sessions.db import Db
from sessions.errors import NotFound
from sessions.models import (
    CheckIn,
    CheckInMethod,
    ClaimReason,
    ConferenceSession,
    Expected,
    Person,
    PresenceClaim,
    SessionPart,
    SessionPoint,
    Unit,
)


class ClaimUnknown(NotFound):
    code = "claim-not-found"
    vi = "Không có lời báo có mặt này, hoặc nó thuộc điểm cầu ngoài phạm vi của bạn."
    en = "There is no such claim, or it belongs to a point outside the ones entrusted to you."


def make(
    db: Db, person: Person, point: SessionPoint, part: SessionPart, reason: ClaimReason, claimed_at: datetime
) -> PresenceClaim:
    """Note a claim; the first of a person at a point and part stands."""
    row = insert(PresenceClaim).values(
        id=uuid4(),
        session_point_id=point.id,
        part_id=part.id,
        person_id=person.id,
        reason=reason,
        claimed_at=claimed_at,
        received_at=clock.now(),
    )
    added = db.scalar(row.on_conflict_do_nothing().returning(PresenceClaim.id))
    if added:
        audit.note(db, person, "presence.claimed", "session_point", point.id, part_id=part.id, reason=reason)
    mine = select(PresenceClaim).where(
        PresenceClaim.session_point_id == point.id,
        PresenceClaim.part_id == part.id,
        PresenceClaim.person_id == person.id,
    )
    return db.scalars(mine).one()


def open_claim(part_id: Any, person_id: UUID) -> ColumnElement[bool]:
    """SQL: a claim of this person for this part that nobody has decided."""
    return and_(
        PresenceClaim.part_id == part_id, PresenceClaim.person_id == person_id, PresenceClaim.settled_at.is_(None)
    )


def waiting_at(
    db: Db, by: Person, point: SessionPoint, part: SessionPart
) -> Sequence[tuple[PresenceClaim, Person, Unit]]:
    """The claims at a point for a part that somebody has to look at, the oldest first."""
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    checked = exists().where(CheckIn.part_id == PresenceClaim.part_id, CheckIn.person_id == PresenceClaim.person_id)
    rows = db.execute(
        select(PresenceClaim, Person, Unit)
        .join(Person, Person.id == PresenceClaim.person_id)
        .join(Expected, and_(Expected.part_id == PresenceClaim.part_id, Expected.person_id == Person.id))
        .join(Unit, Unit.id == Expected.unit_id)
        .where(PresenceClaim.session_point_id == point.id, PresenceClaim.part_id == part.id)
        .where(PresenceClaim.settled_at.is_(None), ~checked)
        .order_by(PresenceClaim.claimed_at, PresenceClaim.id)
        .limit(200)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def settle(db: Db, by: Person, claim_id: UUID, *, seen: bool) -> PresenceClaim:
    """Say whether the person was seen in the room: then they are checked in on that word. The first answer stands."""
    claim = db.get(PresenceClaim, claim_id, with_for_update=True)
    if claim is None:
        raise ClaimUnknown
    point = db.get_one(SessionPoint, claim.session_point_id)
    session = db.get_one(ConferenceSession, point.session_id)
    if not register.may_count(db, by, session, point):
        raise ClaimUnknown
    if by.id == claim.person_id:
        raise checkins.OwnCheckIn
    if claim.settled_at is None:
        register.demand_open(session)
        claim.settled_at, claim.settled_by, claim.seen = clock.now(), by.id, seen
        if seen:
            part = db.get_one(SessionPart, claim.part_id)
            method, at = CheckInMethod.ROSTER, claim.claimed_at
            checkins.admit(db, by, point, part, [claim.person_id], method, at, claim.id)
        audit.note(db, by, "presence.settled", "presence_claim", claim.id, person_id=claim.person_id, seen=seen)
    return claim
