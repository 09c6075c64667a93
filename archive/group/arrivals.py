"""Who is in the room: checked in by the rotating code, by their own code, or by the proctor's word.

Only people of the summons are taken, never the proctor of the room, and never more of them at one moment than the room
has seats. The first check-in by each method in a round stands; sending it again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Subquery, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from archive import watchlog
from archive.group import codes
from archive.group.models import (
    ArrivalMethod,
    MomentKind,
    Showing,
    ShowingArrival,
    ShowingMoment,
)
from archive.group.showings import ShowingEnded, ShowingNotFound, lock, moments_of, network_of
from archive.models import Beat, Recording, Viewing
from sessions import audit, clock, patience
from sessions.cards import CardUnknown
from sessions.codes import plain
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed
from sessions.listing import has_words, page_of
from sessions.models import ConnectionPoint, Expected, Person, PersonalCode, Unit
from sessions.summons import NotSummoned

#: Whoever sent a beat within this time is watching on their own right now.
_WATCHING_NOW: Final = timedelta(minutes=3)


class OwnRoom(NotAllowed):
    code = "own-room"
    vi = "Người phụ trách phòng không được công nhận ở chính phòng mình phụ trách. Hãy xem riêng, hoặc dự ở phòng khác."
    en = "Whoever watches over a room gets no credit in it. Watch alone, or in a room that somebody else watches over."


class CodeExpired(Invalid):
    code = "room-code-wrong"
    vi = "Mã không đúng hoặc đã đổi. Hãy quét hoặc nhập lại mã đang hiện trên màn hình phòng."
    en = "The code is wrong or has changed. Scan or type the one that the room's screen shows now."


class RoomFull(Conflict):
    code = "room-full"
    vi = "Phòng có {seats} chỗ và đã đủ người điểm danh lần này."
    en = "The room has {seats} seats, and as many people have checked in at this moment."


class WatchingElsewhere(Conflict):
    code = "watching-elsewhere"
    vi = "{name} đang xem riêng trên một thiết bị khác nên không thể cùng lúc có mặt trong phòng."
    en = "{name} is watching alone on another device, and can't be in the room at the same time."


@dataclass(frozen=True)
class Near:
    """A running showing that a person may check in to."""

    showing: Showing
    recording: Recording
    room: ConnectionPoint


@dataclass(frozen=True)
class Line:
    """One person of the room's roster with their unit: when they were checked in, and how the last time."""

    person: Person
    unit: Unit
    first_at: datetime | None
    last_at: datetime | None
    last_round: int | None
    newest: ShowingArrival | None


def running_for(db: Db, person: Person) -> list[Near]:
    """The running showings of what this person was summoned to, rooms of their own line of units first."""
    own = db.get_one(Unit, person.unit_id)
    on_own_line = or_(Unit.path.startswith(own.path, autoescape=True), literal(own.path).startswith(Unit.path))
    rows = db.execute(
        select(Showing, Recording, ConnectionPoint)
        .join(Recording, Recording.id == Showing.recording_id)
        .join(ConnectionPoint, ConnectionPoint.id == Showing.connection_point_id)
        .join(Unit, Unit.id == ConnectionPoint.unit_id)
        .where(Showing.signed_at.is_(None), _summons(person.id), Showing.proctor_id != person.id)
        .where(or_(Showing.ended_at.is_(None), Showing.ended_at > clock.now() - timedelta(hours=1)))
        .order_by(on_own_line.desc(), Showing.opened_at.desc())
        .limit(50)
    )
    return [Near(*row) for row in rows]


def find_running(db: Db, person: Person, showing_id: UUID) -> Near:
    """One showing of what this person was summoned to, signed or not; raises `ShowingNotFound` for any other."""
    row = db.execute(
        select(Showing, Recording, ConnectionPoint)
        .join(Recording, Recording.id == Showing.recording_id)
        .join(ConnectionPoint, ConnectionPoint.id == Showing.connection_point_id)
        .where(Showing.id == showing_id, _summons(person.id))
    ).one_or_none()
    if row is None:
        raise ShowingNotFound
    return Near(*row)


def by_phone(db: Db, person: Person, showing: Showing, code: str, *, address: str) -> ShowingArrival:
    """Check oneself in with the code that the room shows; an own viewing that still runs ends with it.

    Raises `CodeExpired` for a code that was not shown within the last minute, `TooMany` after five of them.
    """
    patience.demand(db, person)
    if not codes.is_alive(showing.secret, showing.opened_at, code, clock.now()):
        patience.remember_wrong(person, showing.id)
        raise CodeExpired
    lock(db, showing)
    same_network = network_of(showing.secret, address) == showing.network if showing.network else None
    return _arrive(db, showing, person, ArrivalMethod.PHONE, by=person, same_network=same_network)


def by_card(db: Db, by: Person, showing: Showing, code: str) -> ShowingArrival:
    """Check in whoever showed their own code to the room's device."""
    recording = db.get_one(Recording, showing.recording_id)
    person = db.scalar(
        select(Person)
        .join(PersonalCode, PersonalCode.person_id == Person.id)
        .where(PersonalCode.session_id == recording.session_id, PersonalCode.code == plain(code))
    )
    if person is None:
        raise CardUnknown
    lock(db, showing)
    _demand_summoned(db, showing, [person.id])
    return _arrive(db, showing, person, ArrivalMethod.CARD, by=by)


def by_roster(db: Db, by: Person, showing: Showing, person_ids: Sequence[UUID]) -> list[ShowingArrival]:
    """Check people in on the proctor's word; alone, that earns nobody anything without a look by staff."""
    wanted = sorted(set(person_ids))
    lock(db, showing)
    _demand_summoned(db, showing, wanted)
    arrived = [_arrive(db, showing, db.get_one(Person, person_id), ArrivalMethod.ROSTER, by=by) for person_id in wanted]
    audit.note(db, by, "group-replay.ticked", "showing", showing.id, person_ids=wanted)
    return arrived


def roster_of(db: Db, showing: Showing, *, q: str, offset: int, limit: int) -> tuple[list[Line], int]:
    """Who was summoned to what is shown, of the units of this room and below or already here, those here first."""
    room = db.get_one(ConnectionPoint, showing.connection_point_id)
    unit = db.get_one(Unit, room.unit_id)
    here = _arrivals_of(showing)
    statement = (
        select(Person, Unit, here.c.first_at, here.c.last_at, here.c.last_round)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(here, here.c.person_id == Person.id)
        .where(Person.id.in_(_summoned(showing)))
        .where(or_(Unit.path.startswith(unit.path, autoescape=True), here.c.person_id.is_not(None)))
        .where(has_words(Person.search_key, q))
        .order_by(here.c.last_at.desc().nulls_last(), Person.sort_key, Person.id)
    )
    rows, total = page_of(db, statement, offset, limit)
    newest = _newest_of(db, showing, [row[0].id for row in rows])
    return [
        Line(person, unit, first_at, last_at, last_round, newest.get(person.id))
        for person, unit, first_at, last_at, last_round in rows
    ], total


def present_in(db: Db, showing: Showing) -> int:
    """How many people are checked in at the newest moment."""
    newest = moments_of(db, showing)[-1]
    return _count(db, showing, newest.number)


def arrivals_of(db: Db, showing: Showing, person_id: UUID) -> Sequence[ShowingArrival]:
    """When one person was checked in to a showing, in order."""
    mine = select(ShowingArrival).where(ShowingArrival.showing_id == showing.id, ShowingArrival.person_id == person_id)
    return db.scalars(mine.order_by(ShowingArrival.at)).all()


def _arrive(
    db: Db,
    showing: Showing,
    person: Person,
    method: ArrivalMethod,
    *,
    by: Person,
    same_network: bool | None = None,
) -> ShowingArrival:
    moment = _running_moment(db, showing)
    _demand_no_proctor(db, showing, person)
    _demand_seat(db, showing, person, moment.number)
    _leave_own_viewing(db, person, method)
    row = insert(ShowingArrival).values(
        id=uuid4(),
        showing_id=showing.id,
        person_id=person.id,
        round=moment.number,
        method=method,
        at=clock.now(),
        recorded_by=by.id,
        same_network=same_network,
    )
    db.execute(row.on_conflict_do_nothing())
    return db.scalars(
        select(ShowingArrival).where(
            ShowingArrival.showing_id == showing.id,
            ShowingArrival.person_id == person.id,
            ShowingArrival.round == moment.number,
            ShowingArrival.method == method,
        )
    ).one()


def _running_moment(db: Db, showing: Showing) -> ShowingMoment:
    """The newest moment; raises `ShowingEnded` once the last one is over, or all is signed."""
    newest = moments_of(db, showing)[-1]
    over = newest.kind is MomentKind.END and clock.now() > newest.closes_at
    if over or showing.signed_at is not None:
        raise ShowingEnded
    return newest


def _demand_no_proctor(db: Db, showing: Showing, person: Person) -> None:
    """Whoever checks others in watches over the room, whether or not they opened it."""
    checked_others = select(ShowingArrival.id).where(
        ShowingArrival.showing_id == showing.id,
        ShowingArrival.recorded_by == person.id,
        ShowingArrival.person_id != person.id,
    )
    if person.id == showing.proctor_id or db.scalar(checked_others.limit(1)):
        raise OwnRoom


def _demand_seat(db: Db, showing: Showing, person: Person, number: int) -> None:
    others = _count(db, showing, number, ShowingArrival.person_id != person.id)
    if others >= showing.seats:
        raise RoomFull(seats=showing.seats)


def _count(db: Db, showing: Showing, number: int, *conditions: ColumnElement[bool]) -> int:
    people = select(func.count(ShowingArrival.person_id.distinct()))
    people = people.where(ShowingArrival.showing_id == showing.id, ShowingArrival.round == number, *conditions)
    return db.scalars(people).one()


def _leave_own_viewing(db: Db, person: Person, method: ArrivalMethod) -> None:
    """Whoever is in the room no longer watches alone; the proctor's word does not stop somebody who evidently does."""
    db.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    for viewing in db.scalars(select(Viewing).where(Viewing.person_id == person.id, Viewing.ended_at.is_(None))):
        if method is ArrivalMethod.ROSTER and _is_watching(db, viewing):
            raise WatchingElsewhere(name=person.full_name)
        watchlog.close(db, viewing)


def _is_watching(db: Db, viewing: Viewing) -> bool:
    heard = db.scalar(select(func.max(Beat.received_at)).where(Beat.viewing_id == viewing.id))
    return max(heard or viewing.opened_at, viewing.opened_at) > clock.now() - _WATCHING_NOW


def _demand_summoned(db: Db, showing: Showing, person_ids: Sequence[UUID]) -> None:
    found = select(func.count()).where(Person.id.in_(person_ids), Person.id.in_(_summoned(showing)))
    missing = len(person_ids) - db.scalars(found).one()
    if missing:
        raise NotSummoned(count=missing)


def _summoned(showing: Showing) -> ColumnElement[UUID]:
    """SQL: everybody who was expected at something that this showing's recording shows."""
    return (
        select(Expected.person_id)
        .join(Recording, Recording.session_id == Expected.session_id)
        .where(Recording.id == showing.recording_id)
        .where(or_(Recording.part_id.is_(None), Recording.part_id == Expected.part_id))
        .scalar_subquery()
    )


def _summons(person_id: UUID) -> ColumnElement[bool]:
    """SQL: this person was expected at something that the statement's recording shows."""
    return (
        select(Expected.part_id)
        .where(Expected.session_id == Recording.session_id, Expected.person_id == person_id)
        .where(or_(Recording.part_id.is_(None), Recording.part_id == Expected.part_id))
        .exists()
    )


def _arrivals_of(showing: Showing) -> Subquery:
    """SQL: each person of the showing with their first and last check-in."""
    return (
        select(
            ShowingArrival.person_id,
            func.min(ShowingArrival.at).label("first_at"),
            func.max(ShowingArrival.at).label("last_at"),
            func.max(ShowingArrival.round).label("last_round"),
        )
        .where(ShowingArrival.showing_id == showing.id)
        .group_by(ShowingArrival.person_id)
        .subquery()
    )


def _newest_of(db: Db, showing: Showing, person_ids: Sequence[UUID]) -> dict[UUID, ShowingArrival]:
    mine = select(ShowingArrival).where(
        ShowingArrival.showing_id == showing.id, ShowingArrival.person_id.in_(person_ids)
    )
    return {each.person_id: each for each in db.scalars(mine.order_by(ShowingArrival.at))}
