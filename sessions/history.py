"""What happened at a point of a conference, from everything that was told of it: read by whoever opens its tile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from sessions import headcounts
from sessions.db import Db
from sessions.models import (
    AuditEntry,
    Headcount,
    Person,
    PointAnswer,
    PointState,
    ReadinessCheck,
    ReadinessItem,
    SessionPoint,
    Trouble,
)


class Kind(StrEnum):
    STATE = "state"
    COUNT = "count"
    ANSWER = "answer"
    CHECK = "check"
    TROUBLE = "trouble"
    TROUBLE_OVER = "trouble-over"


@dataclass(frozen=True)
class Event:
    """One thing told about a point: when it was so by the teller's clock, and when the server heard of it."""

    kind: Kind
    at: datetime
    told_at: datetime
    by: Person | None
    state: PointState | None = None
    headcount: Headcount | None = None
    answer: PointAnswer | None = None
    trouble: Trouble | None = None
    #: Of a check: how many things were looked at, and which of them do not work.
    checked: int = 0
    faults: tuple[ReadinessItem, ...] = ()


def of_point(db: Db, point: SessionPoint) -> list[Event]:
    """Everything told about a point, the newest first: a handful of short lists, each read by its index."""
    readers = (_states, _counts, _answers, _checks, _troubles)
    events = [event for read in readers for event in read(db, point)]
    return sorted(events, key=lambda event: (event.at, event.told_at, event.kind), reverse=True)


def _states(db: Db, point: SessionPoint) -> Iterator[Event]:
    """Only the trail knows what a point was before."""
    told = (
        select(AuditEntry, Person)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_kind == "session_point", AuditEntry.subject_id == point.id)
        .where(AuditEntry.action == "point.state-changed")
    )
    for entry, by in db.execute(told):
        yield Event(Kind.STATE, entry.at, entry.at, by, state=PointState(entry.detail["after"]))


def _counts(db: Db, point: SessionPoint) -> Iterator[Event]:
    for count, by in headcounts.history(db, point):
        yield Event(Kind.COUNT, count.counted_at, count.received_at, by, headcount=count)


def _answers(db: Db, point: SessionPoint) -> Iterator[Event]:
    given = select(PointAnswer, Person).join(Person, Person.id == PointAnswer.answered_by)
    for answer, by in db.execute(given.where(PointAnswer.session_point_id == point.id)):
        yield Event(Kind.ANSWER, answer.answered_at, answer.received_at, by, answer=answer)


def _checks(db: Db, point: SessionPoint) -> Iterator[Event]:
    made = (
        select(ReadinessCheck, Person, ReadinessItem)
        .join(Person, Person.id == ReadinessCheck.checked_by)
        .outerjoin(ReadinessItem, ReadinessItem.check_id == ReadinessCheck.id)
        .where(ReadinessCheck.session_point_id == point.id)
    )
    items: dict[UUID, list[ReadinessItem]] = {}
    found = {}
    for check, by, item in db.execute(made):
        found[check.id] = (check, by)
        items.setdefault(check.id, []).extend([item] if item else [])
    for key, (check, by) in found.items():
        faults = tuple(item for item in items[key] if not item.works)
        yield Event(Kind.CHECK, check.checked_at, check.received_at, by, checked=len(items[key]), faults=faults)


def _troubles(db: Db, point: SessionPoint) -> Iterator[Event]:
    ended_by = aliased(Person)
    told = (
        select(Trouble, Person, ended_by)
        .join(Person, Person.id == Trouble.reported_by)
        .outerjoin(ended_by, ended_by.id == Trouble.ended_by)
        .where(Trouble.session_point_id == point.id)
    )
    for trouble, by, ended_by_whom in db.execute(told):
        yield Event(Kind.TROUBLE, trouble.began_at, trouble.reported_at, by, trouble=trouble)
        if trouble.ended_at:
            heard_at = trouble.end_told_at or trouble.ended_at
            yield Event(Kind.TROUBLE_OVER, trouble.ended_at, heard_at, ended_by_whom, trouble=trouble)
