"""Conferences in lists: which ones, and what they add up to, in one statement however many points there are."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Integer, ScalarSelect, Select, func, select

from sessions import agenda, board, clock, headcounts, register
from sessions.board import Taking
from sessions.db import Db
from sessions.listing import page_of
from sessions.models import ConferenceSession, Headcount, Moment, Person, SessionPart, SessionPoint, Unit

When = Literal["upcoming", "past", "all"]


@dataclass(frozen=True)
class Counts:
    """What a conference adds up to, in parts, points and people in rooms.

    `expected` is what its points expect, `present` what they counted at the start of its fullest part.
    """

    parts: int
    points: int
    expected: int
    present: int


@dataclass(frozen=True)
class Line:
    """A conference as a list shows it, with the reader's own point there, if any."""

    session: ConferenceSession
    unit: Unit
    #: Why it was called off, if it was.
    cancelled_because: str | None
    counts: Counts
    own_point: Taking | None


def sessions(db: Db, person: Person, when: When, *, offset: int = 0, limit: int = 50) -> tuple[list[Line], int]:
    """A page of the conferences that concern this person: the next first, or the latest first; and how many in all."""
    concerning = register.visible_to(db, person).join(Unit, Unit.id == ConferenceSession.unit_id)
    statement = _narrowed(concerning, when).add_columns(Unit, agenda.why_cancelled(), *_COUNTS)
    rows, total = page_of(db, statement, offset, limit)
    own = board.own_points(db, person, [session.id for session, *_ in rows])
    lines = [Line(session, unit, why, Counts(*counts), own.get(session.id)) for session, unit, why, *counts in rows]
    return lines, total


def _narrowed(statement: Select[ConferenceSession], when: When) -> Select[ConferenceSession]:
    if when == "upcoming":
        running_or_ahead = statement.where(ConferenceSession.ends_at >= clock.now())
        return running_or_ahead.order_by(ConferenceSession.starts_at, ConferenceSession.id)
    if when == "past":
        statement = statement.where(ConferenceSession.ends_at < clock.now())
    return statement.order_by(ConferenceSession.starts_at.desc(), ConferenceSession.id)


def counts_of(db: Db, session: ConferenceSession) -> Counts:
    """What one conference adds up to."""
    return Counts(*db.execute(select(*_COUNTS).where(ConferenceSession.id == session.id)).one())


def _present() -> ScalarSelect[int]:
    its_points = select(SessionPoint.id).where(SessionPoint.session_id == ConferenceSession.id)
    standing = headcounts.latest(its_points.correlate(ConferenceSession)).where(Headcount.moment == Moment.START)
    counted = standing.with_only_columns(Headcount.part_id, Headcount.present).subquery()
    by_part = select(func.sum(counted.c.present).label("present")).group_by(counted.c.part_id).subquery()
    return select(func.coalesce(func.max(by_part.c.present), 0, type_=Integer)).scalar_subquery()


def _of_its_own(statement: Select[Any]) -> ScalarSelect[Any]:
    return statement.correlate(ConferenceSession).scalar_subquery()


#: The fields of `Counts`, for a statement over conferences. PostgreSQL works them out for the rows of the page alone.
_COUNTS = (
    _of_its_own(select(func.count()).where(SessionPart.session_id == ConferenceSession.id)),
    _of_its_own(select(func.count()).where(SessionPoint.session_id == ConferenceSession.id)),
    _of_its_own(
        select(func.coalesce(func.sum(SessionPoint.expected_count), 0)).where(
            SessionPoint.session_id == ConferenceSession.id
        )
    ),
    _present(),
)
