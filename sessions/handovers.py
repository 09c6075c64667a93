"""Handing a point to another technician on the day: six digits told over the telephone, good once and for a while."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from sessions import audit, clock, register
from sessions.db import Db, transaction
from sessions.errors import Invalid, TooMany
from sessions.models import ConferenceSession, HandoverTry, Person, PointHandover, SessionPoint

#: Long enough to telephone, short enough that a code found on a desk in the evening is worth nothing.
GOOD_FOR = timedelta(minutes=15)
#: Codes that one person may type within the window, right or wrong: a guess among a million stays a guess.
TRIES, WINDOW = 5, timedelta(minutes=15)


class CodeWrong(Invalid):
    code = "handover-code-wrong"
    vi = "Mã không đúng, đã dùng rồi hoặc đã hết hạn. Hãy nhờ người đang phụ trách điểm cầu tạo mã mới."
    en = "The code is wrong, was used, or has expired. Ask whoever looks after the point for a new one."


def offer(db: Db, by: Person, point: SessionPoint) -> tuple[PointHandover, str]:
    """Make a code for a point; gives it once, to whoever may count there. One made before is good no longer."""
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    register.demand_open(session)
    now = clock.now()
    spent = (PointHandover.session_point_id == point.id) | (PointHandover.expires_at < now)
    db.execute(update(PointHandover).where(PointHandover.code_sha256.is_not(None), spent).values(code_sha256=None))
    offered, code = _with_own_code(
        db,
        PointHandover(
            session_point_id=point.id,
            from_id=point.technician_id,
            offered_by=by.id,
            offered_at=now,
            expires_at=now + GOOD_FOR,
        ),
    )
    audit.note(db, by, "handover.offered", "session_point", point.id, handover_id=offered.id)
    return offered, code


def _with_own_code(db: Db, offered: PointHandover) -> tuple[PointHandover, str]:
    """Of a million codes a few hundred are out at most, so the next draw is nearly always a free one."""
    while True:
        code = f"{secrets.randbelow(10**6):06}"
        offered.code_sha256 = _digest(code)
        try:
            with db.begin_nested():
                db.add(offered)
                db.flush()
        except IntegrityError:
            continue
        return offered, code


def take(db: Db, by: Person, code: str) -> SessionPoint:
    """Become the technician of the point that this code was made for; raises `CodeWrong`, or `TooMany` in between."""
    _demand_patience(by)
    now = clock.now()
    offered = db.scalar(
        select(PointHandover)
        .where(PointHandover.code_sha256 == _digest(code), PointHandover.expires_at > now)
        .with_for_update()
    )
    if offered is None:
        raise CodeWrong
    point = db.get_one(SessionPoint, offered.session_point_id)
    register.demand_open(db.get_one(ConferenceSession, point.session_id))
    offered.code_sha256, offered.taken_by, offered.taken_at = None, by.id, now
    before, point.technician_id = point.technician_id, by.id
    audit.note(db, by, "handover.taken", "session_point", point.id, handover_id=offered.id, before=before)
    return point


def of_point(db: Db, point: SessionPoint) -> Sequence[tuple[PointHandover, Person | None, Person]]:
    """The hand-overs of a point that came about, the newest first: from whom, if there was one, and to whom."""
    former, taker = aliased(Person), aliased(Person)
    taken = (
        select(PointHandover, former, taker)
        .outerjoin(former, former.id == PointHandover.from_id)
        .join(taker, taker.id == PointHandover.taken_by)
        .where(PointHandover.session_point_id == point.id)
        .order_by(PointHandover.taken_at.desc(), PointHandover.id)
    )
    return [(each, before, after) for each, before, after in db.execute(taken)]


def _demand_patience(by: Person) -> None:
    """Count the try before anything is looked up, in a transaction of its own: a refusal must not undo it."""
    now = clock.now()
    with transaction() as apart:
        recent = HandoverTry.person_id == by.id
        apart.execute(delete(HandoverTry).where(recent, HandoverTry.tried_at < now - WINDOW))
        apart.add(HandoverTry(person_id=by.id, tried_at=now))
        apart.flush()
        tries = apart.scalars(select(func.count()).select_from(HandoverTry).where(recent)).one()
    if tries > TRIES:
        raise TooMany(wait_seconds=int(WINDOW.total_seconds()))


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
