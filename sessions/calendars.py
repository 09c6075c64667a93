"""Calendars: what comes up for a person or a unit, part by part, with where and what has changed (RFC 5545)."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from icalendar import Calendar, Event
from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from sessions import audit, clock, register, roles
from sessions.db import Db
from sessions.errors import NotFound
from sessions.models import (
    Account,
    CalendarFeed,
    ConferenceSession,
    ConnectionPoint,
    Expected,
    Person,
    SessionChange,
    SessionPart,
    SessionPoint,
    Unit,
)

#: What is over stays for so long, so that a calendar which asks seldom does not lose yesterday.
_KEPT = timedelta(days=30)
#: More than anybody has ahead of them.
_MOST_SESSIONS = 300


class CalendarUnknown(NotFound):
    code = "calendar-not-found"
    vi = "Địa chỉ lịch này không còn dùng được. Hãy lấy địa chỉ mới ở trang tài khoản."
    en = "This calendar address is no longer in use. Take a new one from the account page."


@dataclass(frozen=True)
class Entry:
    """One part of a conference as a calendar shows it."""

    part_id: str
    session: ConferenceSession
    title: str
    speaker: str | None
    starts_at: datetime
    ends_at: datetime
    place: str
    host: str
    sequence: int
    changed_at: datetime
    cancelled: bool


def of_person(db: Db, person: Person) -> CalendarFeed | None:
    """The person's calendar, if they have asked for one."""
    return db.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person.id))


def of_unit(db: Db, by: Person, unit: Unit) -> CalendarFeed | None:
    """The unit's calendar, for its technicians and staff."""
    roles.demand(db, by.id, register.ANY_ROLE, unit)
    return db.scalar(select(CalendarFeed).where(CalendarFeed.unit_id == unit.id))


def renew_for_person(db: Db, person: Person) -> CalendarFeed:
    """A new address for the person's calendar; the old one leads nowhere from now on."""
    return _renew(db, person, person_id=person.id)


def renew_for_unit(db: Db, by: Person, unit: Unit) -> CalendarFeed:
    """A new address for the unit's calendar; the old one leads nowhere from now on."""
    roles.demand(db, by.id, register.ANY_ROLE, unit)
    return _renew(db, by, unit_id=unit.id)


def _renew(db: Db, by: Person, **owner: UUID) -> CalendarFeed:
    (column,) = owner
    fresh = {"nonce": secrets.token_bytes(16), "made_by": by.id, "made_at": clock.now()}
    row = insert(CalendarFeed).values(id=UUID(bytes=secrets.token_bytes(16), version=4), **owner, **fresh)
    renewing = row.on_conflict_do_update(index_elements=[column], set_=fresh).returning(CalendarFeed)
    feed = db.scalars(renewing, execution_options={"populate_existing": True}).one()
    audit.note(db, by, "calendar.renewed", "calendar_feed", feed.id, **owner)
    return feed


def get(db: Db, feed_id: UUID) -> CalendarFeed:
    """A feed in use; raises `CalendarUnknown`, also for somebody who has left or may no longer sign in."""
    feed = db.get(CalendarFeed, feed_id)
    if feed is None or (feed.person_id and not _is_here(db, feed.person_id)):
        raise CalendarUnknown
    return feed


def _is_here(db: Db, person_id: UUID) -> bool:
    left = db.get_one(Person, person_id).left_at
    account = db.get(Account, person_id)
    return left is None and not (account and account.disabled_at)


def owner_of(db: Db, feed: CalendarFeed) -> Person | Unit:
    """Whose calendar it is."""
    return db.get_one(Person, feed.person_id) if feed.person_id else db.get_one(Unit, feed.unit_id)


def entries(db: Db, owner: Person | Unit) -> list[Entry]:
    """What comes up for a person, or for a unit with all below it, in order of time; and the last thirty days."""
    unit = db.get_one(Unit, owner.unit_id) if isinstance(owner, Person) else owner
    concerned = _of_person(owner) if isinstance(owner, Person) else _of_unit(owner)
    sessions = db.execute(
        select(ConferenceSession, Unit.name)
        .join(Unit, Unit.id == ConferenceSession.unit_id)
        .where(concerned, ConferenceSession.ends_at > clock.now() - _KEPT)
        .order_by(ConferenceSession.starts_at, ConferenceSession.id)
        .limit(_MOST_SESSIONS)
    ).all()
    ids = [session.id for session, _ in sessions]
    places = _places(db, ids, unit, owner.id if isinstance(owner, Person) else None)
    parts, changes = _by_session(db, SessionPart, ids), _by_session(db, SessionChange, ids)
    told = [
        entry
        for session, host in sessions
        for entry in _entries(session, host, places.get(session.id, ""), parts[session.id], changes[session.id])
    ]
    return sorted(told, key=lambda entry: (entry.starts_at, entry.part_id))


def _of_person(person: Person) -> ColumnElement[bool]:
    called = exists().where(
        Expected.session_id == ConferenceSession.id,
        Expected.person_id == person.id,
        Expected.exempt_reason.is_(None),
    )
    looks_after = exists().where(
        SessionPoint.session_id == ConferenceSession.id, SessionPoint.technician_id == person.id
    )
    return or_(called, looks_after)


def _of_unit(unit: Unit) -> ColumnElement[bool]:
    below = aliased(Unit)
    within = select(below.id).where(below.path.startswith(unit.path, autoescape=True))
    return or_(
        ConferenceSession.unit_id.in_(within),
        exists().where(SessionPoint.session_id == ConferenceSession.id, SessionPoint.unit_id.in_(within)),
        exists().where(Expected.session_id == ConferenceSession.id, Expected.unit_id.in_(within)),
    )


def _places(db: Db, ids: Sequence[UUID], unit: Unit, technician_id: UUID | None) -> dict[UUID, str]:
    """Where this unit sits in each conference: at the technician's own point, or at the nearest one at or above it."""
    at, room = aliased(Unit), ConnectionPoint
    own = SessionPoint.technician_id == technician_id if technician_id else literal(False)
    above = literal(unit.path).startswith(at.path)
    statement = (
        select(SessionPoint.session_id, room.name, room.address)
        .join(room, room.id == SessionPoint.connection_point_id)
        .join(at, at.id == SessionPoint.unit_id)
        .where(SessionPoint.session_id.in_(ids), or_(own, above))
        .ext(distinct_on(SessionPoint.session_id))
        .order_by(SessionPoint.session_id, case((own, 0), else_=1), at.depth.desc(), room.search_key)
    )
    found = {session_id: f"{name}, {address}" for session_id, name, address in db.execute(statement)}
    return _points_below(db, ids, unit) | found


def _points_below(db: Db, ids: Sequence[UUID], unit: Unit) -> dict[UUID, str]:
    """How many rooms of the units below take part, where the unit itself has none."""
    below = and_(Unit.id == SessionPoint.unit_id, Unit.path.startswith(unit.path, autoescape=True))
    counted = select(SessionPoint.session_id, func.count()).join(Unit, below).where(SessionPoint.session_id.in_(ids))
    return {
        session_id: f"{count} điểm cầu" for session_id, count in db.execute(counted.group_by(SessionPoint.session_id))
    }


def _by_session(db: Db, model: Any, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {session_id: [] for session_id in ids}
    order = model.position if model is SessionPart else model.sequence
    for row in db.scalars(select(model).where(model.session_id.in_(ids)).order_by(order)):
        found[row.session_id].append(row)
    return found


def _entries(
    session: ConferenceSession, host: str, place: str, parts: list[SessionPart], changes: list[SessionChange]
) -> Iterable[Entry]:
    last = changes[-1] if changes else None
    common: dict[str, Any] = {
        "session": session,
        "place": place,
        "host": host,
        "sequence": last.sequence if last else 0,
        "changed_at": last.changed_at if last else session.created_at,
    }
    for part in parts:
        yield Entry(
            part_id=str(part.id),
            title=part.title,
            speaker=part.speaker,
            starts_at=part.starts_at,
            ends_at=part.ends_at,
            cancelled=session.cancelled_at is not None,
            **common,
        )
    for part_id, removed in _removed(parts, changes).items():
        yield Entry(
            part_id=part_id,
            title=removed["title"],
            speaker=removed["speaker"],
            starts_at=datetime.fromisoformat(removed["starts_at"]),
            ends_at=datetime.fromisoformat(removed["ends_at"]),
            cancelled=True,
            **common,
        )


def _removed(parts: list[SessionPart], changes: list[SessionChange]) -> dict[str, dict[str, Any]]:
    """Parts that were announced once and are no longer held, as they were last."""
    there = {str(part.id) for part in parts}
    announced = {part["id"]: part for change in changes for part in change.before["parts"]}
    return {part_id: part for part_id, part in announced.items() if part_id not in there}


def write(name: str, told: Sequence[Entry], address: str) -> bytes:
    """The calendar as a file (RFC 5545), times in Viet Nam's zone; `address` is the site's own."""
    calendar = Calendar()
    calendar.add("prodid", "-//Diem Cau//Lich hoi nghi//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", clock.VIETNAM.key)
    # How often to ask again (RFC 7986, 5.7); older programs read the second one.
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in told:
        calendar.add_component(_event(entry, address))
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, address: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.part_id}@diemcau")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("created", entry.session.created_at)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("dtstart", entry.starts_at.astimezone(clock.VIETNAM))
    event.add("dtend", entry.ends_at.astimezone(clock.VIETNAM))
    event.add("summary", f"{entry.session.title}: {entry.title}")
    if entry.place:
        event.add("location", entry.place)
    event.add("description", _description(entry))
    event.add("url", f"{address}/hoi-nghi/{entry.session.id}")
    return event


def _description(entry: Entry) -> str:
    lines = [f"Đơn vị tổ chức: {entry.host}"]
    if entry.speaker:
        lines.append(f"Báo cáo viên: {entry.speaker}")
    if entry.cancelled:
        lines.append("Đã hủy.")
    elif entry.sequence:
        lines.append(f"Chương trình đã đổi lúc {entry.changed_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}.")
    return "\n".join(lines)
