"""Headcounts: what was counted at a point at one moment of a part. Corrections append; nothing is overwritten."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from sessions import audit, clock, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.models import ConferenceSession, ConnectionPoint, Headcount, Moment, Person, SessionPart, SessionPoint
from sessions.names import clean

#: No hall in the country holds more; the database refuses more as well.
MOST = 100_000

#: The newest first, by the technicians' own clocks; of two made at one instant the one that arrived later counts.
#: The key comes last, so that the order is total whatever the clocks say.
NEWEST_FIRST = (Headcount.counted_at.desc(), Headcount.received_at.desc(), Headcount.client_key.desc())


class HeadcountOutOfRange(Invalid):
    code = "headcount-out-of-range"
    vi = f"Số đại biểu phải từ 0 đến {MOST:,}.".replace(",", ".")
    en = f"A headcount must lie between 0 and {MOST:,}."


class HeadcountAboveSeats(Conflict):
    code = "headcount-above-seats"
    vi = "Có mặt {present} người nhưng phòng chỉ có {seats} chỗ. Nếu đúng như vậy, hãy xác nhận."
    en = "{present} people are present but the room has {seats} seats. Confirm if that is right."


class ReasonNeeded(Invalid):
    code = "reason-needed"
    vi = "Sổ của hội nghị đã khóa. Hãy ghi lý do điều chỉnh."
    en = "The register of this conference is closed. Give a reason for the correction."


class ClientKeyUsed(Conflict):
    code = "client-key-used"
    vi = "Mã của bản ghi này đã được dùng cho một bản ghi khác."
    en = "The key of this entry was already used for another one."


@dataclass(frozen=True)
class Numbers:
    """How many people are present, excused, absent without excuse, and came late."""

    present: int
    excused: int = 0
    absent: int = 0
    late: int = 0


def record(
    db: Db,
    by: Person,
    point: SessionPoint,
    part: SessionPart,
    moment: Moment,
    numbers: Numbers,
    *,
    counted_at: datetime,
    client_key: UUID,
    reason: str | None = None,
    confirmed: bool = False,
) -> tuple[Headcount, bool]:
    """Take one count, or a correction of an earlier one; whether it is new comes second.

    The same `client_key` is taken once, however often a device sends it, and the answer is what was taken then.
    More people than seats is asked about, and taken when `confirmed`.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    if taken := _taken_before(db, point, client_key):
        return taken, False
    reason = clean(reason or "") or None
    _demand_right(session, part, numbers, counted_at, reason)
    _demand_seats(db, point, numbers, confirmed)
    row = insert(Headcount).values(
        id=uuid4(),
        session_point_id=point.id,
        part_id=part.id,
        moment=moment,
        **asdict(numbers),
        reason=reason,
        recorded_by=by.id,
        counted_at=counted_at,
        received_at=clock.now(),
        client_key=client_key,
    )
    # A device that lost the answer sends again, perhaps while the first delivery is still being written.
    added: Headcount | None = db.scalar(row.on_conflict_do_nothing(index_elements=["client_key"]).returning(Headcount))
    if added is None:
        return db.scalars(select(Headcount).where(Headcount.client_key == client_key)).one(), False
    values = {"headcount_id": added.id, "part_id": part.id, "moment": moment, "counted_at": counted_at}
    audit.note(db, by, "headcount.recorded", "session_point", point.id, **values, **asdict(numbers), reason=reason)
    return added, True


def _taken_before(db: Db, point: SessionPoint, client_key: UUID) -> Headcount | None:
    taken = db.scalar(select(Headcount).where(Headcount.client_key == client_key))
    if taken and taken.session_point_id != point.id:
        raise ClientKeyUsed
    return taken


def _demand_right(
    session: ConferenceSession, part: SessionPart, numbers: Numbers, counted_at: datetime, reason: str | None
) -> None:
    if part.session_id != session.id:
        raise register.PartOfAnotherSession
    if not all(0 <= number <= MOST for number in asdict(numbers).values()):
        raise HeadcountOutOfRange(most=MOST)
    register.demand_past(counted_at)
    if session.closed_at and not reason:
        raise ReasonNeeded


def _demand_seats(db: Db, point: SessionPoint, numbers: Numbers, confirmed: bool) -> None:
    seats = db.get_one(ConnectionPoint, point.connection_point_id).seats
    if seats and numbers.present > seats and not confirmed:
        raise HeadcountAboveSeats(present=numbers.present, seats=seats)


def history(db: Db, point: SessionPoint) -> list[tuple[Headcount, Person]]:
    """Everything ever counted at a point, the newest first, with who recorded it."""
    everything = (
        select(Headcount, Person)
        .join(Person, Person.id == Headcount.recorded_by)
        .where(Headcount.session_point_id == point.id)
        .order_by(*NEWEST_FIRST)
    )
    return list(db.execute(everything))


def latest(points: Select[UUID]) -> Select[Headcount]:
    """The one count that holds, for every moment of every part at each of these points: one query for all of them."""
    moment = (Headcount.session_point_id, Headcount.part_id, Headcount.moment)
    return (
        select(Headcount)
        .where(Headcount.session_point_id.in_(points))
        .ext(distinct_on(*moment))
        .order_by(*moment, *NEWEST_FIRST)
    )


def newest_of_point() -> type[Headcount]:
    """The last thing counted at a point, to be joined (`LATERAL`) to a statement over session points."""
    last = select(Headcount).where(Headcount.session_point_id == SessionPoint.id).order_by(*NEWEST_FIRST).limit(1)
    return aliased(Headcount, last.correlate(SessionPoint).lateral())
