"""Headcounts: what was counted at a point at one moment of a part. Corrections append; nothing is overwritten.

What holds and what the history says follow from the entries alone (`standings`): phones deliver late, twice and out of
order. A device sends how far its clock was off with every entry, so that a wrong clock costs nobody their number.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from sessions import audit, clock, headcount_doubts, register, standings
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.headcount_doubts import Counted, Doubt
from sessions.models import ConferenceSession, Headcount, Moment, Person, SessionPart, SessionPoint
from sessions.names import clean

#: No hall in the country holds more; the database refuses more as well.
MOST = 100_000
#: A clock that is off by less is as good as any watch: what it says is taken as it is.
CLOCK_TRIFLE = timedelta(minutes=2)
#: What is said to have been counted further in the future than this comes from a clock that nobody has measured.
CLOCK_TOLERANCE = timedelta(minutes=15)
#: So many entries one correction may set aside: more have never been made of one moment.
MOST_CORRECTED = 20

#: As a reader goes through them: by the technicians' own clocks, and then by key, so that arrival decides nothing.
NEWEST_FIRST = (Headcount.counted_at.desc(), Headcount.client_key.desc())
#: What holds, of all the entries of a moment; there is always exactly one.
HOLDS = Headcount.superseded_by.is_(None)


class HeadcountOutOfRange(Invalid):
    code = "headcount-out-of-range"
    vi = f"Số đại biểu phải từ 0 đến {MOST:,}.".replace(",", ".")
    en = f"A headcount must lie between 0 and {MOST:,}."


class ReasonNeeded(Invalid):
    code = "reason-needed"
    vi = "Sổ của hội nghị đã khóa. Hãy ghi lý do điều chỉnh."
    en = "The register of this conference is closed. Give a reason for the correction."


class CorrectionReasonNeeded(Invalid):
    code = "correction-needs-reason"
    vi = "Đã có số cho thời điểm này. Hãy ghi lý do sửa."
    en = "There is a number for this moment already. Say why it is corrected."


class CorrectsElsewhere(Invalid):
    code = "corrects-elsewhere"
    vi = "Số được sửa là của một thời điểm, một phần hoặc một điểm cầu khác."
    en = "The number to be corrected belongs to another moment, part or point."


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
    corrects: Sequence[UUID] = (),
    clock_ahead: int | None = None,
    answered: Collection[Doubt] = (),
) -> tuple[Headcount, bool]:
    """Take one count, or a correction of earlier ones; whether it is new comes second.

    The same `client_key` is taken once, however often a device sends it, and the answer is what was taken then.
    `corrects` names the keys of what it sets aside, and wants a reason. `clock_ahead` is by how many seconds the
    device found its clock to be ahead of ours (below zero: behind); where that is no trifle, `counted_at` is put right
    by it. Raises `HeadcountDoubtful` for numbers that want a confirmation, unless those doubts are `answered`.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    if taken := _taken_before(db, point, client_key):
        return taken, False
    counted_at, clock_ahead = put_right(counted_at, clock_ahead)
    reason, corrects = clean(reason or "") or None, sorted(set(corrects) - {client_key})
    _demand_right(session, part, numbers, counted_at)
    _demand_reason(session, corrects, reason)
    # One at a time at a point: of two entries at once each must see the other when it is worked out which holds.
    db.execute(select(SessionPoint.id).where(SessionPoint.id == point.id).with_for_update(key_share=True))
    _demand_same_moment(db, point, part, moment, corrects)
    headcount_doubts.demand_answers(db, Counted(point, part, moment, counted_at, **asdict(numbers)), answered)
    row = insert(Headcount).values(
        id=uuid4(),
        session_point_id=point.id,
        part_id=part.id,
        moment=moment,
        **asdict(numbers),
        reason=reason,
        recorded_by=by.id,
        counted_at=counted_at,
        clock_ahead=clock_ahead,
        received_at=clock.now(),
        client_key=client_key,
        corrects=corrects,
    )
    # A device that lost the answer sends again, perhaps while the first delivery is still being written.
    added: Headcount | None = db.scalar(row.on_conflict_do_nothing(index_elements=["client_key"]).returning(Headcount))
    if added is None:
        return db.scalars(select(Headcount).where(Headcount.client_key == client_key)).one(), False
    settle(db, point.id, part.id, moment)
    values = {"headcount_id": added.id, "part_id": part.id, "moment": moment, "counted_at": counted_at}
    more = {"corrects": corrects, "clock_ahead": clock_ahead, "answered": sorted(answered)}
    audit.note(
        db, by, "headcount.recorded", "session_point", point.id, **values, **asdict(numbers), reason=reason, **more
    )
    return added, True


def put_right(said_at: datetime, clock_ahead: int | None) -> tuple[datetime, int | None]:
    """A device's time by our clock, and by how many seconds that differs from what it said; none for a trifle."""
    off = timedelta(seconds=clock_ahead or 0)
    if abs(off) < CLOCK_TRIFLE:
        return said_at, None
    return said_at - off, clock_ahead


def _taken_before(db: Db, point: SessionPoint, client_key: UUID) -> Headcount | None:
    taken = db.scalar(select(Headcount).where(Headcount.client_key == client_key))
    if taken and taken.session_point_id != point.id:
        raise ClientKeyUsed
    return taken


def _demand_right(session: ConferenceSession, part: SessionPart, numbers: Numbers, counted_at: datetime) -> None:
    if part.session_id != session.id:
        raise register.PartOfAnotherSession
    if not all(0 <= number <= MOST for number in asdict(numbers).values()):
        raise HeadcountOutOfRange(most=MOST)
    demand_past(counted_at)


def demand_past(moment: datetime) -> None:
    """Raise `TimeAhead` for a device's time that has not come yet, by a clock that nobody has measured."""
    if moment > clock.now() + CLOCK_TOLERANCE:
        raise register.TimeAhead


def _demand_reason(session: ConferenceSession, corrects: Sequence[UUID], reason: str | None) -> None:
    if session.closed_at and not reason:
        raise ReasonNeeded
    if corrects and not reason:
        raise CorrectionReasonNeeded


def _demand_same_moment(
    db: Db, point: SessionPoint, part: SessionPart, moment: Moment, corrects: Sequence[UUID]
) -> None:
    """What is corrected may not have arrived yet; what has must be of this very moment."""
    named = db.scalars(select(Headcount).where(Headcount.client_key.in_(corrects))) if corrects else ()
    if any((each.session_point_id, each.part_id, each.moment) != (point.id, part.id, moment) for each in named):
        raise CorrectsElsewhere


def settle(db: Db, point_id: UUID, part_id: UUID, moment: Moment) -> None:
    """Work out which entry of a moment holds, and what stands in the place of each other."""
    entries = db.scalars(
        select(Headcount)
        .where(Headcount.session_point_id == point_id, Headcount.part_id == part_id, Headcount.moment == moment)
        .execution_options(populate_existing=True)
    ).all()
    by = standings.superseded(entries)
    for entry in entries:
        instead = by.get(entry.client_key)
        entry.superseded_by = instead.id if instead else None
    db.flush()


def history(db: Db, point: SessionPoint) -> list[tuple[Headcount, Person]]:
    """Everything ever counted at a point, the newest first, with who recorded it."""
    everything = (
        select(Headcount, Person)
        .join(Person, Person.id == Headcount.recorded_by)
        .where(Headcount.session_point_id == point.id)
        .order_by(*NEWEST_FIRST)
    )
    return list(db.execute(everything))


def disagreements(counted: Sequence[Headcount]) -> list[list[Headcount]]:
    """Moments of which two people said different things unknown to one another: what holds, and what contradicts it."""
    moments: dict[tuple[UUID, Moment], list[Headcount]] = {}
    for entry in counted:
        moments.setdefault((entry.part_id, entry.moment), []).append(entry)
    return [found for entries in moments.values() if (found := standings.disagreeing(entries))]


def latest(points: Select[UUID]) -> Select[Headcount]:
    """The one count that holds, for every moment of every part at each of these points: one query for all of them."""
    return select(Headcount).where(Headcount.session_point_id.in_(points), HOLDS)


def newest_of_point() -> type[Headcount]:
    """What holds of the last moment counted at a point, to be joined (`LATERAL`) to a statement over session points.

    By the agenda, not by the clock: who corrects the morning's number in the afternoon says nothing of the afternoon.
    """
    place = case({moment: number for number, moment in enumerate(Moment)}, value=Headcount.moment)
    last = (
        select(Headcount)
        .join(SessionPart, SessionPart.id == Headcount.part_id)
        .where(Headcount.session_point_id == SessionPoint.id, HOLDS)
        .order_by(SessionPart.position.desc(), place.desc())
        .limit(1)
    )
    return aliased(Headcount, last.correlate(SessionPoint).lateral())
