"""The readiness check: what works at a point in the hour before a conference, who looked, and when.

Checks append. Of each thing the newest finding holds, and a point is ready when all eight hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from sessions import audit, clock, points, register
from sessions.db import Db
from sessions.errors import Invalid
from sessions.headcounts import ClientKeyUsed
from sessions.models import (
    CheckItem,
    ConferenceSession,
    Person,
    PointState,
    ReadinessCheck,
    ReadinessItem,
    SessionPoint,
)
from sessions.names import clean

#: From so long before the start a check says something: the line is then what it will be.
OPENS_BEFORE = timedelta(minutes=60)

_NEWEST_FIRST = (
    ReadinessCheck.checked_at.desc(),
    ReadinessCheck.received_at.desc(),
    ReadinessCheck.client_key.desc(),
)


class CheckNotOpen(Invalid):
    code = "check-not-open"
    vi = "Chỉ kiểm tra được từ {opens_at} đến khi hội nghị kết thúc. Nếu đã đến giờ, hãy xem lại đồng hồ của thiết bị."
    en = "A check can be made from {opens_at} until the conference ends. If it is time, look at the device's clock."


class NoteMissing(Invalid):
    code = "check-note-missing"
    vi = "Hạng mục chưa đạt cần có ghi chú: đang vướng gì?"
    en = "What does not work needs a note: what is wrong?"


class NothingChecked(Invalid):
    code = "nothing-checked"
    vi = "Hãy đánh dấu ít nhất một hạng mục, mỗi hạng mục một lần."
    en = "Mark at least one thing, and each once."


@dataclass(frozen=True)
class Finding:
    """What was found of one thing: it works, or what is wrong with it."""

    item: CheckItem
    works: bool
    note: str = ""


@dataclass(frozen=True)
class LineSpeed:
    """What the browser measured: kbit/s each way, and milliseconds there and back."""

    down_kbits: int
    up_kbits: int
    round_trip_ms: int


@dataclass(frozen=True)
class Standing:
    """The finding that holds of one thing, with the check it comes from and who made it."""

    found: ReadinessItem
    check: ReadinessCheck
    checked_by: Person


def opens_at(session: ConferenceSession) -> datetime:
    """From when a check of this conference's points counts."""
    return session.starts_at - OPENS_BEFORE


def report(
    db: Db,
    by: Person,
    point: SessionPoint,
    findings: Sequence[Finding],
    *,
    checked_at: datetime,
    client_key: UUID,
    line: LineSpeed | None = None,
) -> tuple[ReadinessCheck, bool]:
    """Take one check, of all eight things or of some; whether it is new comes second.

    The same `client_key` is taken once. The point becomes ready when of each thing the newest finding is good,
    and is ready no more when one is bad.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    db.refresh(point, with_for_update={"key_share": True})
    if taken := db.scalar(select(ReadinessCheck).where(ReadinessCheck.client_key == client_key)):
        if taken.session_point_id != point.id:
            raise ClientKeyUsed
        return taken, False
    _demand_right(session, findings, checked_at)
    check = ReadinessCheck(
        id=uuid4(),
        session_point_id=point.id,
        checked_by=by.id,
        checked_at=checked_at,
        received_at=clock.now(),
        client_key=client_key,
        down_kbits=line.down_kbits if line else None,
        up_kbits=line.up_kbits if line else None,
        round_trip_ms=line.round_trip_ms if line else None,
    )
    db.add(check)
    db.flush()
    rows = [
        {"check_id": check.id, "item": each.item, "works": each.works, "note": clean(each.note)} for each in findings
    ]
    db.execute(insert(ReadinessItem).values(rows))
    found = {each.item: each.works for each in findings}
    audit.note(db, by, "point.checked", "session_point", point.id, check_id=check.id, found=found)
    _settle(db, by, point)
    return check, True


def _demand_right(session: ConferenceSession, findings: Sequence[Finding], checked_at: datetime) -> None:
    register.demand_past(checked_at)
    if not opens_at(session) <= checked_at <= session.ends_at:
        raise CheckNotOpen(opens_at=f"{opens_at(session).astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")
    if not findings or len({each.item for each in findings}) < len(findings):
        raise NothingChecked
    if any(not each.works and not clean(each.note) for each in findings):
        raise NoteMissing


def _settle(db: Db, by: Person, point: SessionPoint) -> None:
    works = {one.found.item: one.found.works for one in standing(db, point)}
    all_hold = len(works) == len(CheckItem) and all(works.values())
    if all_hold and point.state in (PointState.INVITED, PointState.CONFIRMED):
        points.set_state(db, by, point, PointState.READY)
    elif not all_hold and point.state == PointState.READY:
        points.set_state(db, by, point, PointState.CONFIRMED)
    db.flush()


def standing(db: Db, point: SessionPoint) -> list[Standing]:
    """What holds of each thing that was looked at, in the order of the walk."""
    newest = _found().where(ReadinessCheck.session_point_id == point.id)
    one_each = newest.ext(distinct_on(ReadinessItem.item)).order_by(ReadinessItem.item, *_NEWEST_FIRST)
    found = [Standing(*row) for row in db.execute(one_each)]
    return sorted(found, key=lambda one: list(CheckItem).index(one.found.item))


def history(db: Db, point: SessionPoint) -> list[tuple[ReadinessCheck, Person, list[ReadinessItem]]]:
    """Every check, the newest first, with who made it and what it found."""
    rows = db.execute(_found().where(ReadinessCheck.session_point_id == point.id).order_by(*_NEWEST_FIRST))
    checks: dict[UUID, tuple[ReadinessCheck, Person, list[ReadinessItem]]] = {}
    for item, check, person in rows:
        checks.setdefault(check.id, (check, person, []))[2].append(item)
    return list(checks.values())


def _found() -> Select[ReadinessItem, ReadinessCheck, Person]:
    return (
        select(ReadinessItem, ReadinessCheck, Person)
        .join(ReadinessCheck, ReadinessCheck.id == ReadinessItem.check_id)
        .join(Person, Person.id == ReadinessCheck.checked_by)
    )
