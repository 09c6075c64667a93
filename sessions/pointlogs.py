"""A point's log: with no link in the room, its device scans each person's own code into a signed log of its own.

The log comes later, exactly once (`sessions.signedlog`). Each entry then checks in one person at the moment of the
scan, is refused with a reason that stays beside it, or becomes a claim where the two clocks don't agree: a card that
was shown long before it was scanned is a picture, or a phone whose clock is wrong, and nobody can tell from afar.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, select

from sessions import audit, cards, checkins, claims, clock, devices, register, signedlog
from sessions.db import Db
from sessions.doors import NotOnRoster
from sessions.errors import DomainError, Invalid, NotFound
from sessions.models import (
    CheckIn,
    CheckInMethod,
    ClaimReason,
    ConferenceSession,
    DeviceKey,
    Expected,
    Person,
    PointLog,
    PointLogEntry,
    SessionPart,
    SessionPoint,
)
from sessions.signedlog import LogSignatureWrong, piece_text

#: A scan may lie so far outside of what the server knows before the device's clock is called wrong.
_CLOCK_OFF: Final = timedelta(minutes=5)


class PointLogNotFound(NotFound):
    code = "point-log-not-found"
    vi = "Không có nhật ký quét này trên tài khoản của bạn. Hãy mở lại trang quét mã khi có mạng."
    en = "There is no such scan log of your account. Open the scanning page again with a link."


class DeviceNotProved(Invalid):
    code = "key-not-proved"
    vi = "Thiết bị không chứng minh được khóa của mình. Hãy tải lại trang rồi thử lại."
    en = "The device did not prove its key. Load the page again and retry."


class ElsewhereAlready(Invalid):
    code = "checked-in-elsewhere"
    vi = "Người này đã được điểm danh tại {point} cùng lúc đó."
    en = "This person was checked in at {point} at the same time."


class Scan(BaseModel):
    """One scan as the device wrote it."""

    model_config = ConfigDict(extra="forbid")

    log: UUID
    number: Annotated[int, Field(ge=0, le=10_000_000)]
    previous: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    part: UUID
    card: Annotated[str, Field(max_length=200)]
    #: When it was scanned, in milliseconds since 1970 by the device's clock, corrected to the server's.
    scanned: Annotated[int, Field(ge=0, le=7_000_000_000_000)]


@dataclass(frozen=True)
class Taken:
    """What became of a piece: its entries, the number that comes next, and why no more of it joined, if so."""

    entries: Sequence[PointLogEntry]
    next_number: int
    head_sha256: str
    refusal: DomainError | None


def proof_text(point_id: UUID, person_id: UUID) -> str:
    """What a device signs to show that it has the key."""
    return "\n".join(["diemcau-point-log-1", str(point_id), str(person_id)])


def first_link(log_id: UUID) -> str:
    """What the first entry names as the one before it."""
    return hashlib.sha256(f"diemcau-point-log-1\n{log_id}".encode()).hexdigest()


def open_log(db: Db, by: Person, point: SessionPoint, public_key: str, proof: str, device: str) -> PointLog:
    """Let this device keep the log of a point; asked again by the same device, the log there is goes on."""
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    key = devices.register(db, by, public_key, device)
    if not devices.has_signed(key, proof_text(point.id, by.id), proof):
        raise DeviceNotProved
    known = select(PointLog).where(PointLog.session_point_id == point.id, PointLog.device_key_id == key.id)
    if log := db.scalar(known):
        return log
    log = PointLog(
        session_point_id=point.id,
        device_key_id=key.id,
        opened_by=by.id,
        opened_at=clock.now(),
        next_number=0,
        head_sha256="",
    )
    db.add(log)
    db.flush()
    log.head_sha256 = first_link(log.id)
    audit.note(db, by, "point-log.opened", "session_point", point.id, log_id=log.id)
    return log


def find_own(db: Db, by: Person, log_id: UUID) -> PointLog:
    """One's own log; raises `PointLogNotFound`."""
    log = db.get(PointLog, log_id)
    if log is None or log.opened_by != by.id:
        raise PointLogNotFound
    return log


def take(db: Db, by: Person, log: PointLog, texts: Sequence[str], signature: str) -> Taken:
    """Take a piece of the log, each entry once; what joins is kept also where the rest is refused.

    A refusal is answered, not raised, for what joined has to stay.
    """
    db.refresh(log, with_for_update=True)
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    if not devices.has_signed(db.get_one(DeviceKey, log.device_key_id), piece_text(log.id, hashes), signature):
        return Taken([], log.next_number, log.head_sha256, LogSignatureWrong(number=log.next_number))
    kept: list[PointLogEntry] = []

    def keep(link: signedlog.Link[Scan]) -> None:
        entry = PointLogEntry(
            log_id=log.id,
            number=link.number,
            text=link.text,
            sha256=link.sha256,
            signature=signature,
            piece_start=link.piece_start,
            received_at=clock.now(),
            outcome="",
        )
        db.add(entry)
        kept.append(entry)

    def kept_hash(number: int) -> str:
        return db.get_one(PointLogEntry, (log.id, number)).sha256

    links = list(zip(texts, hashes, strict=True))
    scans, refusal = signedlog.join(log, lambda scan: scan.log == log.id, links, Scan, kept_hash, keep)
    db.flush()
    for entry, scan in zip(kept, scans, strict=True):
        _settle(db, by, log, entry, scan)
    if refusal is not None:
        audit.note(db, by, "point-log.refused", "session_point", log.session_point_id, log_id=log.id, why=refusal.code)
    return Taken(kept, log.next_number, log.head_sha256, refusal)


def _settle(db: Db, by: Person, log: PointLog, entry: PointLogEntry, scan: Scan) -> None:
    """Let one scan count: the outcome is a state, or the code of the refusal."""
    try:
        entry.outcome = _admit(db, by, log, entry, scan)
    except DomainError as refused:
        entry.outcome = refused.code


def _admit(db: Db, by: Person, log: PointLog, entry: PointLogEntry, scan: Scan) -> str:
    point = db.get_one(SessionPoint, log.session_point_id)
    part = register.part_of(db, point.session_id, scan.part)
    card = cards.read(db, point.session_id, scan.card)
    entry.person_id = card.person_id
    _demand_admissible(db, by, point, part, card.person_id)
    scanned = datetime.fromtimestamp(scan.scanned / 1000, UTC)
    at = min(max(scanned, log.opened_at), entry.received_at)
    checkins.demand_begun(part, at)
    session = db.get_one(ConferenceSession, point.session_id)
    if session.closed_at and at > session.closed_at:
        register.demand_open(session)
    person = db.get_one(Person, card.person_id)
    if abs(at - scanned) > _CLOCK_OFF or abs(card.shown_at - scanned) > cards.TOLERANCE:
        if db.scalar(_check_in(part, person.id)) is None:
            claims.make(db, person, point, part, ClaimReason.CLOCKS, at)
            return "claimed"
        return "in"
    checkins.admit(db, by, point, part, [person.id], CheckInMethod.CARD, at, uuid5(log.id, str(entry.number)))
    return "in"


def _demand_admissible(db: Db, by: Person, point: SessionPoint, part: SessionPart, person_id: UUID) -> None:
    if db.get(Expected, (part.id, person_id)) is None:
        raise NotOnRoster(part=part.title)
    if person_id == by.id:
        raise checkins.OwnCheckIn
    if found := checkins.elsewhere(db, person_id, point, part):
        raise ElsewhereAlready(point=found[1].name)


def _check_in(part: SessionPart, person_id: UUID) -> Select[UUID]:
    return select(CheckIn.id).where(CheckIn.part_id == part.id, CheckIn.person_id == person_id)
