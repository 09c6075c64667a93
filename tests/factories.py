"""Conferences, rooms and points for tests, made by the register's own verbs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from httpx2 import Response
from sqlalchemy import event

from sessions import clock, headcounts, people, points, register, roles, summons
from sessions.db import Db
from sessions.headcount_doubts import Doubt
from sessions.headcounts import Numbers
from sessions.models import (
    ConferenceSession,
    ConnectionPoint,
    Headcount,
    Moment,
    Person,
    Role,
    SessionPart,
    SessionPoint,
    Unit,
)
from sessions.register import PartPlan
from tests.cast import Cast

_numbers = count(1)


def open_session(
    db: Db, cast: Cast, *, unit: Unit | None = None, parts: int = 2, starts_in: timedelta = timedelta(hours=-3)
) -> ConferenceSession:
    """A conference of the province, one hour for each part, begun three hours ago unless said otherwise."""
    starts_at = clock.now() + starts_in
    hour = timedelta(hours=1)
    plans = [
        PartPlan(f"Phần {position + 1}", starts_at + position * hour, starts_at + (position + 1) * hour)
        for position in range(parts)
    ]
    unit = unit or cast.province
    title = f"Hội nghị số {next(_numbers)}"
    return register.open_session(db, cast.administrator, title, unit, starts_at, starts_at + parts * hour, plans)


def add_room(
    db: Db, unit: Unit, *, name: str | None = None, seats: int | None = 100, technician: Person | None = None
) -> ConnectionPoint:
    name = name or f"Hội trường {next(_numbers)}"
    return points.add(db, None, unit, name, "Đường Võ Nguyên Giáp", seats=seats, technician=technician)


def join(db: Db, cast: Cast, session: ConferenceSession, unit: Unit | None = None, **room: object) -> SessionPoint:
    """A new room of a unit (the cast's commune) taking part in a conference."""
    made = add_room(db, unit or cast.commune, **room)
    return points.join_session(db, cast.administrator, session, [points.Joining(made.id, expected_count=50)])[0]


def enrol(db: Db, unit: Unit, full_name: str = "Giàng Thị Dế") -> Person:
    return people.enrol(db, None, full_name, unit, f"F-{next(_numbers)}")


def entrust(db: Db, person: Person, role: Role, unit: Unit) -> None:
    roles.grant(db, None, person, role, unit)


def first_part(db: Db, session: ConferenceSession) -> SessionPart:
    return register.parts_of(db, session.id)[0]


def summon(db: Db, cast: Cast, session: ConferenceSession, *units: Unit) -> int:
    return summons.expect(db, cast.staff, session, units or [cast.province])


def count_people(
    db: Db,
    by: Person,
    point: SessionPoint,
    part: SessionPart,
    present: int,
    *,
    moment: Moment = Moment.START,
    minutes_ago: float = 60,
    client_key: UUID | None = None,
    reason: str | None = None,
) -> Headcount:
    """A headcount made some minutes ago."""
    taken, _ = headcounts.record(
        db,
        by,
        point,
        part,
        moment,
        Numbers(present),
        counted_at=clock.now() - timedelta(minutes=minutes_ago),
        client_key=client_key or uuid4(),
        reason=reason,
        answered=list(Doubt),
    )
    return taken


@contextmanager
def statements(db: Db) -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", note)


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """The refusal that the answer is, after checking that it is this one and in the one shape of all refusals."""
    told: dict[str, Any] = response.json()
    assert (response.status_code, told["code"]) == (status, code), told
    assert response.headers["content-type"] == "application/problem+json"
    assert told["status"] == status
    assert told["detail"]
    return told
