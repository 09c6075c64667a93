"""Invitations: a point says that it comes, with how many people, or that it does not, and why."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock, points, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.headcounts import ClientKeyUsed
from sessions.models import ConferenceSession, Person, PointAnswer, PointState, SessionPoint
from sessions.names import clean

#: Where an answer changes the state; who is connected or in trouble is known to be there.
_NOT_YET_THERE = {PointState.INVITED, PointState.DECLINED, PointState.CONFIRMED, PointState.READY}


class ExpectedMissing(Invalid):
    code = "expected-missing"
    vi = "Hãy ghi số người dự kiến tại điểm cầu."
    en = "Say how many people are expected at the point."


class DeclineReasonMissing(Invalid):
    code = "decline-reason-missing"
    vi = "Hãy ghi lý do điểm cầu không tham gia."
    en = "Say why the point does not take part."


class PointAtWork(Conflict):
    code = "point-at-work"
    vi = "Điểm cầu đang họp nên không từ chối được nữa. Nếu có sự cố, hãy báo sự cố."
    en = "The point is in the conference already and cannot decline. If something is wrong, report trouble."


class AnswerTooLate(Conflict):
    code = "answer-too-late"
    vi = "Hội nghị đã kết thúc từ {ended_at} nên không nhận xác nhận nữa."
    en = "The conference was over at {ended_at}; it takes no more answers."


def answer(
    db: Db,
    by: Person,
    point: SessionPoint,
    *,
    coming: bool,
    expected_count: int | None = None,
    reason: str | None = None,
    answered_at: datetime,
    client_key: UUID,
) -> tuple[PointAnswer, bool]:
    """Answer for a point; whether it is new comes second. The same `client_key` is taken once.

    Of several answers the one given last holds, whatever order they arrive in.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    db.refresh(point, with_for_update={"key_share": True})
    if taken := db.scalar(select(PointAnswer).where(PointAnswer.client_key == client_key)):
        if taken.session_point_id != point.id:
            raise ClientKeyUsed
        return taken, False
    reason = clean(reason or "") or None
    _demand_right(session, point, coming, expected_count, reason, answered_at)
    row = insert(PointAnswer).values(
        id=uuid4(),
        session_point_id=point.id,
        coming=coming,
        expected_count=expected_count if coming else None,
        reason=None if coming else reason,
        answered_by=by.id,
        answered_at=answered_at,
        received_at=clock.now(),
        client_key=client_key,
    )
    taken = db.scalars(row.returning(PointAnswer)).one()
    facts = {"coming": coming, "expected_count": expected_count, "reason": taken.reason, "answered_at": answered_at}
    audit.note(db, by, "point.answered", "session_point", point.id, **facts)
    if latest(db, point) == taken:
        _apply(db, by, point, taken)
    return taken, True


def _demand_right(
    session: ConferenceSession,
    point: SessionPoint,
    coming: bool,
    expected_count: int | None,
    reason: str | None,
    answered_at: datetime,
) -> None:
    register.demand_past(answered_at)
    if session.closed_at and answered_at > session.closed_at:
        register.demand_open(session)
    if answered_at > session.ends_at:
        # What was expected is what turnout is measured by: nobody sets it when the turnout is known.
        raise AnswerTooLate(ended_at=f"{session.ends_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")
    if coming and expected_count is None:
        raise ExpectedMissing
    if not coming and not reason:
        raise DeclineReasonMissing
    if not coming and point.state not in _NOT_YET_THERE:
        raise PointAtWork


def _apply(db: Db, by: Person, point: SessionPoint, answered: PointAnswer) -> None:
    # Nobody is expected where nobody comes, so that the conference's sum is right.
    point.expected_count = answered.expected_count if answered.coming else 0
    if not answered.coming:
        points.set_state(db, by, point, PointState.DECLINED)
    elif point.state in (PointState.INVITED, PointState.DECLINED):
        points.set_state(db, by, point, PointState.CONFIRMED)
    db.flush()


def latest(db: Db, point: SessionPoint) -> PointAnswer | None:
    """The answer that holds."""
    return db.scalar(_of(point).limit(1))


def history(db: Db, point: SessionPoint) -> list[tuple[PointAnswer, Person]]:
    """Every answer, the newest first, with who gave it."""
    with_person = _of(point).join(Person, Person.id == PointAnswer.answered_by).add_columns(Person)
    return list(db.execute(with_person))


def _of(point: SessionPoint) -> Select[PointAnswer]:
    newest_first = (PointAnswer.answered_at.desc(), PointAnswer.received_at.desc(), PointAnswer.client_key.desc())
    return select(PointAnswer).where(PointAnswer.session_point_id == point.id).order_by(*newest_first)
