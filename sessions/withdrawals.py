"""Taking a check-in back: a tick at the wrong name is corrected by an entry of its own, with who and why."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from sessions import attendance, audit, checkins, clock, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.models import CheckIn, CheckInWithdrawal, ConferenceSession, Person, SessionPart, SessionPoint
from sessions.names import clean


class WithdrawalReasonNeeded(Invalid):
    code = "withdrawal-reason-needed"
    vi = "Hãy ghi vì sao bỏ điểm danh người này."
    en = "Say why this check-in is taken back."


class NotCheckedInHere(Conflict):
    code = "not-checked-in-here"
    vi = "Người này không có trong số đã điểm danh ở điểm cầu này, nên không có gì để bỏ."
    en = "This person is not checked in at this point, so there is nothing to take back."


def withdraw(
    db: Db,
    by: Person,
    point: SessionPoint,
    part: SessionPart,
    person_id: UUID,
    reason: str,
    withdrawn_at: datetime,
    client_key: UUID,
) -> CheckInWithdrawal:
    """Take a check-in of this point back; what was attended and credited by it alone is so no longer.

    The row moves into the history as it was. The same `client_key` sent again changes nothing, and the delivery that
    had brought the check-in does not bring it back.
    """
    session = db.get_one(ConferenceSession, point.session_id)
    register.demand_count(db, by, session, point)
    if done := db.scalar(select(CheckInWithdrawal).where(CheckInWithdrawal.client_key == client_key)):
        return done
    register.demand_past(withdrawn_at)
    if by.id == person_id:
        raise checkins.OwnCheckIn
    if not clean(reason):
        raise WithdrawalReasonNeeded
    wrong = _locked(db, point, part, person_id)
    if wrong is None:
        raise NotCheckedInHere
    withdrawal = _keep(db, by, wrong, clean(reason), withdrawn_at, client_key)
    db.delete(wrong)
    db.flush()
    attendance.leave_live(db, wrong)
    values = {"part_id": part.id, "person_id": person_id, "method": wrong.method, "reason": withdrawal.reason}
    audit.note(db, by, "check-in.withdrawn", "session_point", point.id, **values)
    return withdrawal


def history(db: Db, point: SessionPoint, part: SessionPart) -> Sequence[tuple[CheckInWithdrawal, Person, Person]]:
    """What was taken back at a point for a part, the newest first: the entry, the person, and who took it back."""
    withdrawer = aliased(Person)
    rows = db.execute(
        select(CheckInWithdrawal, Person, withdrawer)
        .join(Person, Person.id == CheckInWithdrawal.person_id)
        .join(withdrawer, withdrawer.id == CheckInWithdrawal.withdrawn_by)
        .where(CheckInWithdrawal.session_point_id == point.id, CheckInWithdrawal.part_id == part.id)
        .order_by(CheckInWithdrawal.received_at.desc(), CheckInWithdrawal.id)
        .limit(200)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _locked(db: Db, point: SessionPoint, part: SessionPart, person_id: UUID) -> CheckIn | None:
    mine = select(CheckIn).where(CheckIn.part_id == part.id, CheckIn.person_id == person_id)
    return db.scalar(mine.where(CheckIn.session_point_id == point.id).with_for_update())


def _keep(
    db: Db, by: Person, wrong: CheckIn, reason: str, withdrawn_at: datetime, client_key: UUID
) -> CheckInWithdrawal:
    kept = {name: getattr(wrong, name) for name in ("session_point_id", "part_id", "person_id", "method", "checked_at")}
    withdrawal = CheckInWithdrawal(
        **kept,
        check_in_id=wrong.id,
        recorded_by=wrong.recorded_by,
        check_in_key=wrong.client_key,
        reason=reason,
        withdrawn_by=by.id,
        withdrawn_at=withdrawn_at,
        received_at=clock.now(),
        client_key=client_key,
    )
    db.add(withdrawal)
    return withdrawal
