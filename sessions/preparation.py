"""How far the points of a conference are before it begins: who is silent, and what does not work where."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from sessions import board, contacts, register
from sessions.board import Taking
from sessions.db import Db
from sessions.listing import page_of
from sessions.models import (
    ConferenceSession,
    ConnectionPoint,
    Person,
    PointAnswer,
    PointState,
    ReadinessCheck,
    ReadinessItem,
    SessionPoint,
    Unit,
)


class Stage(StrEnum):
    """Where a point stands; the silent ones come first."""

    UNANSWERED = "unanswered"
    UNCHECKED = "unchecked"
    #: Checked, and something does not work or was not looked at.
    UNREADY = "unready"
    TROUBLE = "trouble"
    DECLINED = "declined"
    READY = "ready"


@dataclass(frozen=True)
class Line:
    """One point with what is known of it: why it declined, its last check, what does not work, and its number."""

    taking: Taking
    declined_because: str | None
    last_check: ReadinessCheck | None
    faults: list[ReadinessItem]
    #: The number under which somebody in the room answers.
    phone: str | None


def _checked() -> ColumnElement[bool]:
    return exists().where(ReadinessCheck.session_point_id == SessionPoint.id)


def _stage() -> ColumnElement[str]:
    # A point whose eight things all hold is ready, so a confirmed one that was checked lacks something.
    return case(
        (SessionPoint.state == PointState.INVITED, Stage.UNANSWERED.value),
        (SessionPoint.state == PointState.DECLINED, Stage.DECLINED.value),
        (SessionPoint.state == PointState.TROUBLE, Stage.TROUBLE.value),
        ((SessionPoint.state == PointState.CONFIRMED) & _checked(), Stage.UNREADY.value),
        (SessionPoint.state == PointState.CONFIRMED, Stage.UNCHECKED.value),
        else_=Stage.READY.value,
    )


def counts(db: Db, by: Person, session: ConferenceSession) -> dict[Stage, int]:
    """How many of the points that this person looks after stand where; every stage is named."""
    mine = register.points_looked_after(db, by, session)
    stages = select(_stage().label("stage")).where(SessionPoint.session_id == session.id, mine).subquery()
    by_stage = select(stages.c.stage, func.count()).group_by(stages.c.stage)
    found: dict[str, int] = dict(db.execute(by_stage).all())
    return {stage: found.get(stage.value, 0) for stage in Stage}


def points_at(
    db: Db, by: Person, session: ConferenceSession, stage: Stage, *, offset: int = 0, limit: int = 50
) -> tuple[list[Line], int]:
    """A page of the points at this stage that this person looks after, by unit; and how many in all."""
    statement = (
        select(SessionPoint)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session.id, _stage() == stage.value)
        .where(register.points_looked_after(db, by, session))
        .order_by(Unit.sort_key, ConnectionPoint.search_key, SessionPoint.id)
    )
    rows, total = page_of(db, statement, offset, limit)
    return _lines(db, [point for (point,) in rows]), total


def _lines(db: Db, of: list[SessionPoint]) -> list[Line]:
    ids = [point.id for point in of]
    reasons = {row.session_point_id: row.reason for row in _answers(db, ids)}
    checks, faults = _checks(db, ids)
    phones = contacts.of(db, [point.connection_point_id for point in of])
    return [
        Line(
            taking=each,
            declined_because=reasons.get(each.point.id),
            last_check=checks.get(each.point.id),
            faults=faults.get(each.point.id, []),
            phone=phones.get(each.point.connection_point_id) or each.room.point.phone or None,
        )
        for each in board.takings(db, of)
    ]


def _answers(db: Db, ids: list[UUID]) -> list[Row[UUID, str | None]]:
    newest = (PointAnswer.session_point_id, PointAnswer.answered_at.desc(), PointAnswer.received_at.desc())
    statement = select(PointAnswer.session_point_id, PointAnswer.reason).where(PointAnswer.session_point_id.in_(ids))
    return list(db.execute(statement.ext(distinct_on(PointAnswer.session_point_id)).order_by(*newest)))


def _checks(db: Db, ids: list[UUID]) -> tuple[dict[UUID, ReadinessCheck], dict[UUID, list[ReadinessItem]]]:
    """The last check of each of these points, and what does not work there by the newest finding of each thing."""
    thing = (ReadinessCheck.session_point_id, ReadinessItem.item)
    statement = (
        select(ReadinessItem, ReadinessCheck)
        .join(ReadinessCheck, ReadinessCheck.id == ReadinessItem.check_id)
        .where(ReadinessCheck.session_point_id.in_(ids))
        .ext(distinct_on(*thing))
        .order_by(*thing, ReadinessCheck.checked_at.desc(), ReadinessCheck.received_at.desc())
    )
    checks: dict[UUID, ReadinessCheck] = {}
    faults: dict[UUID, list[ReadinessItem]] = {}
    for item, check in db.execute(statement):
        last = checks.setdefault(check.session_point_id, check)
        if check.checked_at > last.checked_at:
            checks[check.session_point_id] = check
        if not item.works:
            faults.setdefault(check.session_point_id, []).append(item)
    return checks, faults
