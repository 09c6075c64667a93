"""Doors: the code that a point shows for one part, by which the people in the room check themselves in.

It changes every 15 s and is taken for 60 s, so that a photograph of it is soon worth nothing (DESIGN.md, section 6).
Only people of the summons are taken, at one place at a time, and never those who were given the codes to show: they
could use one from anywhere. What arrives later than its minute, or from a phone that checked in somebody else, is no
check-in but a claim (`sessions.claims`), which somebody in the room decides by eye.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, checkins, claims, clock, patience, register
from sessions.codes import Rotating, bears_mark, new_secret, new_slug
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed
from sessions.models import (
    CheckIn,
    CheckInMethod,
    ClaimReason,
    ConferenceSession,
    ConnectionPoint,
    Door,
    DoorArrival,
    DoorKeeper,
    Expected,
    Person,
    PresenceClaim,
    SessionPart,
    SessionPoint,
    Unit,
)

#: How often the shown code changes, and for how long one is taken from the moment it was first shown.
STEP: Final = timedelta(seconds=15)
LIFE: Final = timedelta(seconds=60)
#: How far ahead a screen is given its codes: what its link may be gone for without anybody noticing.
AHEAD: Final = timedelta(seconds=90)
#: Until when after the end of a part people may check in to it: conferences run over.
_OVERRUN: Final = timedelta(hours=1)
#: A code that was shown longer ago than this is not even a claim.
_CLAIMED_WITHIN: Final = timedelta(hours=12)
_TOKEN: Final = re.compile(r"([0-9A-Z]{8})-(\d{1,9})-([0-9a-f]{12})")


class DoorCodeUnknown(Invalid):
    code = "door-code-unknown"
    vi = "Đây không phải mã điểm danh của một điểm cầu. Hãy quét mã đang hiện trên màn hình trong phòng."
    en = "This is not the check-in code of a connection point. Scan the one on the screen in the room."


class DoorCodeForged(Invalid):
    code = "door-code-forged"
    vi = "Mã này đã bị sửa, điểm cầu {point} chưa từng hiện mã này. Hãy quét mã đang hiện trên màn hình trong phòng."
    en = "This code was altered: {point} never showed it. Scan the one on the screen in the room."


class DoorCodeStale(Invalid):
    code = "door-code-stale"
    vi = "Mã này hiện lúc {shown} và đã hết hạn sau 60 giây. Hãy quét mã đang hiện trên màn hình trong phòng."
    en = "This code was shown at {shown} and died 60 seconds later. Scan the one on the screen in the room now."


class DoorCodeElsewhere(Invalid):
    code = "door-code-of-another-point"
    vi = "Đây là mã của điểm cầu {point}, không phải điểm cầu bạn đã chọn. Nếu bạn đang ở {point}, hãy chọn lại."
    en = "This is the code of {point}, which is not the point you chose. If you are at {point}, choose it instead."


class DoorCodeOfAnotherSession(Invalid):
    code = "door-code-of-another-session"
    vi = "Đây là mã của hội nghị khác: “{session}”. Hãy quét mã của hội nghị bạn đang dự."
    en = "This is the code of another conference, “{session}”. Scan that of the one you attend."


class DoorDigitsWrong(Invalid):
    code = "door-digits-wrong"
    vi = "Mã không đúng hoặc đã đổi. Hãy nhập lại sáu số đang hiện trên màn hình của điểm cầu đã chọn."
    en = "The code is wrong or has changed. Type the six digits on the screen of the point you chose."


class NotOnRoster(NotAllowed):
    code = "not-on-roster"
    vi = "Bạn không có trong danh sách triệu tập của “{part}” nên chưa điểm danh được. Hãy báo người phụ trách phòng."
    en = "You are not summoned to “{part}”, so you can't check in. Tell whoever looks after the point."


class CheckedInElsewhere(Conflict):
    code = "checked-in-elsewhere"
    vi = "Bạn đã được điểm danh tại {point} lúc {at}, không thể cùng lúc ở hai nơi. Nếu sai, hãy báo điểm cầu đó."
    en = "You were checked in at {point} at {at}, and can't be in two places. If that is wrong, tell that point."


class OwnDoor(NotAllowed):
    code = "own-door"
    vi = "Bạn giữ mã của điểm cầu này nên không tự điểm danh bằng mã. Hãy nhờ người khác phụ trách điểm danh cho bạn."
    en = "You hold the codes of this point, so you can't check in by one. Ask someone else in charge to tick you off."


class PartOver(Invalid):
    code = "part-over"
    vi = "“{part}” đã kết thúc, không điểm danh bằng mã được nữa. Hãy báo người phụ trách điểm cầu nếu bạn đã dự."
    en = "“{part}” is over. If you were there, tell whoever looks after the point."


@dataclass(frozen=True)
class Place:
    """A door with what it belongs to."""

    door: Door
    point: SessionPoint
    room: ConnectionPoint
    part: SessionPart
    session: ConferenceSession


@dataclass(frozen=True)
class Entered:
    """Somebody at a door: checked in, or only claimed, or both where they were ticked meanwhile."""

    place: Place
    check_in: CheckIn | None
    claim: PresenceClaim | None


@dataclass(frozen=True)
class OpenPart:
    """A part that a person is expected at and may check in to now, and where they are checked in already."""

    part: SessionPart
    session: ConferenceSession
    check_in: CheckIn | None
    room: ConnectionPoint | None
    claim: PresenceClaim | None


def show(db: Db, by: Person, point: SessionPoint, part: SessionPart) -> Door:
    """The door of a point for a part, made at the first asking; whoever asks can't check in by it themselves."""
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    if part.session_id != session.id:
        raise register.PartOfAnotherSession
    _make(db, by, point, part)
    door = db.scalars(select(Door).where(Door.session_point_id == point.id, Door.part_id == part.id)).one()
    keeper = insert(DoorKeeper).values(door_id=door.id, person_id=by.id, since=clock.now())
    if db.scalar(keeper.on_conflict_do_nothing().returning(DoorKeeper.door_id)):
        audit.note(db, by, "door.shown", "session_point", point.id, part_id=part.id)
    return door


def _make(db: Db, by: Person, point: SessionPoint, part: SessionPart) -> None:
    row = insert(Door).values(
        id=uuid4(),
        session_point_id=point.id,
        part_id=part.id,
        slug=new_slug(),
        secret=new_secret(),
        opened_by=by.id,
        opened_at=clock.now(),
    )
    db.execute(row.on_conflict_do_nothing(index_elements=["session_point_id", "part_id"]))


def codes_of(door: Door) -> Rotating:
    """The codes that a door shows."""
    return Rotating(door.secret, door.opened_at, STEP, LIFE)


def token(door: Door, step: int, mark: str) -> str:
    """What the QR code of one step says."""
    return f"{door.slug}-{step}-{mark}"


def present(db: Db, door: Door) -> int:
    """How many people are checked in at a door's point for its part, in whatever way."""
    here = select(func.count()).where(
        CheckIn.session_point_id == door.session_point_id, CheckIn.part_id == door.part_id
    )
    return db.scalars(here).one()


def enter_by_scan(
    db: Db,
    person: Person,
    text: str,
    *,
    chosen: UUID | None = None,
    scanned_at: datetime | None = None,
    phone: str = "",
) -> Entered:
    """Check oneself in by the QR code of a door.

    `chosen` is the session point that the person says to be at, if they said so; `scanned_at` is when the phone read
    the code, where it had no link then. Sending the same again changes nothing.
    """
    place, step, mark = _read(db, text)
    if not bears_mark(place.door.secret, step, mark):
        raise DoorCodeForged(point=place.room.name)
    _demand_chosen(db, place, chosen)
    now = clock.now()
    if codes_of(place.door).is_fresh(step, now):
        return _enter(db, person, place, phone)
    shown = codes_of(place.door).shown_at(step)
    if scanned_at is None or not now - _CLAIMED_WITHIN < shown < now:
        raise DoorCodeStale(shown=_spoken(shown))
    _demand_admissible(db, person, place, shown)
    return _claim(db, person, place, ClaimReason.LATE_CODE, shown)


def enter_by_digits(db: Db, person: Person, point: SessionPoint, digits: str, *, phone: str = "") -> Entered:
    """Check oneself in by the six digits that a point shows now; raises `TooMany` after five wrong ones."""
    patience.demand(db, person)
    now = clock.now()
    for place in _places_at(db, point):
        if codes_of(place.door).is_alive(digits, now):
            return _enter(db, person, place, phone)
    patience.remember_wrong(person, point.id)
    raise DoorDigitsWrong


def open_to(db: Db, person: Person) -> Sequence[OpenPart]:
    """The parts that this person may check in to now, in the order of time."""
    now = clock.now()
    mine = (CheckIn.part_id == SessionPart.id) & (CheckIn.person_id == person.id)
    rows = db.execute(
        select(SessionPart, ConferenceSession, CheckIn, ConnectionPoint, PresenceClaim)
        .select_from(Expected)
        .join(SessionPart, SessionPart.id == Expected.part_id)
        .join(ConferenceSession, ConferenceSession.id == SessionPart.session_id)
        .outerjoin(CheckIn, mine)
        .outerjoin(SessionPoint, SessionPoint.id == CheckIn.session_point_id)
        .outerjoin(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .outerjoin(PresenceClaim, claims.open_claim(SessionPart.id, person.id))
        .where(Expected.person_id == person.id, ConferenceSession.cancelled_at.is_(None))
        .where(SessionPart.starts_at < now + checkins.DOORS_OPEN, SessionPart.ends_at > now - _OVERRUN)
        .order_by(SessionPart.starts_at, SessionPart.id, PresenceClaim.claimed_at)
        .limit(20)
    )
    found = {row[0].id: OpenPart(*row) for row in rows}
    return list(found.values())


def points_near(db: Db, person: Person, session: ConferenceSession) -> Sequence[tuple[SessionPoint, ConnectionPoint]]:
    """The points of a conference in this person's own unit and those above it, the nearest first."""
    own = db.get_one(Unit, person.unit_id)
    near = (
        select(SessionPoint, ConnectionPoint)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .where(SessionPoint.session_id == session.id, literal(own.path).startswith(Unit.path))
        .order_by(Unit.depth.desc(), ConnectionPoint.name)
        .limit(10)
    )
    return [(row[0], row[1]) for row in db.execute(near)]


def _read(db: Db, text: str) -> tuple[Place, int, str]:
    read = _TOKEN.fullmatch(text.strip())
    door = db.scalar(select(Door).where(Door.slug == read[1])) if read else None
    if read is None or door is None:
        raise DoorCodeUnknown
    return _place(db, door), int(read[2]), read[3]


def _place(db: Db, door: Door) -> Place:
    point = db.get_one(SessionPoint, door.session_point_id)
    room = db.get_one(ConnectionPoint, point.connection_point_id)
    return Place(
        door, point, room, db.get_one(SessionPart, door.part_id), db.get_one(ConferenceSession, point.session_id)
    )


def _places_at(db: Db, point: SessionPoint) -> list[Place]:
    return [_place(db, door) for door in db.scalars(select(Door).where(Door.session_point_id == point.id))]


def _demand_chosen(db: Db, place: Place, chosen: UUID | None) -> None:
    if chosen is None or chosen == place.point.id:
        return
    said = db.get(SessionPoint, chosen)
    if said is not None and said.session_id != place.session.id:
        raise DoorCodeOfAnotherSession(session=place.session.title)
    raise DoorCodeElsewhere(point=place.room.name)


def _enter(db: Db, person: Person, place: Place, phone: str) -> Entered:
    """The code was shown just now: check in, unless the phone did so for somebody else."""
    now = clock.now()
    _demand_admissible(db, person, place, now)
    name = _name_of(place.door, phone)
    if name and _brought_another(db, place.door, person, name):
        return _claim(db, person, place, ClaimReason.SHARED_PHONE, now)
    arrival = insert(DoorArrival).values(door_id=place.door.id, person_id=person.id, phone=name, at=now)
    db.execute(arrival.on_conflict_do_nothing())
    checkins.admit(db, person, place.point, place.part, [person.id], CheckInMethod.CODE, now, uuid4())
    return Entered(place, _check_in_of(db, person, place), None)


def _demand_admissible(db: Db, person: Person, place: Place, moment: datetime) -> None:
    """Everything that has nothing to do with the code itself."""
    # One person's check-ins come one after the other: two phones at two doors must not both find nobody elsewhere.
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"check-in/{person.id}", 0))))
    if db.get(Expected, (place.part.id, person.id)) is None:
        raise NotOnRoster(part=place.part.title)
    if db.get(DoorKeeper, (place.door.id, person.id)):
        raise OwnDoor
    checkins.demand_begun(place.part, moment)
    if moment > place.part.ends_at + _OVERRUN:
        raise PartOver(part=place.part.title)
    if place.session.closed_at and moment > place.session.closed_at:
        register.demand_open(place.session)
    if found := checkins.elsewhere(db, person.id, place.point, place.part):
        raise CheckedInElsewhere(point=found[1].name, at=_spoken(found[0].checked_at))


def _claim(db: Db, person: Person, place: Place, reason: ClaimReason, at: datetime) -> Entered:
    check_in = _check_in_of(db, person, place)
    if check_in is not None:
        return Entered(place, check_in, None)
    return Entered(place, None, claims.make(db, person, place.point, place.part, reason, at))


def _check_in_of(db: Db, person: Person, place: Place) -> CheckIn | None:
    mine = select(CheckIn).where(CheckIn.part_id == place.part.id, CheckIn.person_id == person.id)
    return db.scalar(mine)


def _brought_another(db: Db, door: Door, person: Person, name: str) -> bool:
    others = select(DoorArrival.person_id).where(
        DoorArrival.door_id == door.id, DoorArrival.phone == name, DoorArrival.person_id != person.id
    )
    return db.scalar(others.limit(1)) is not None


def _name_of(door: Door, phone: str) -> str:
    return hmac.new(door.secret.encode(), phone.encode(), hashlib.sha256).hexdigest()[:32] if phone else ""


def _spoken(moment: datetime) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"
