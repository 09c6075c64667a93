"""Changes of a conference before it begins: its title, its parts and their times, or that it is called off.

Every change stays on record with what was before and after. From a day before the start a change needs a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.exc import IntegrityError

from sessions import audit, clock, register, units
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed
from sessions.models import (
    ChangeKind,
    ConferenceSession,
    Expected,
    Person,
    SessionChange,
    SessionPart,
    Unit,
)
from sessions.names import clean
from sessions.register import PartPlan

#: From so long before the start people have made their way, and are owed a reason.
LATE = timedelta(hours=24)


class AgendaBegun(Conflict):
    code = "agenda-begun"
    vi = "Hội nghị đã bắt đầu nên không đổi chương trình được nữa."
    en = "The conference has begun; its agenda can't be changed any more."


class AgendaChangedMeanwhile(Conflict):
    code = "agenda-changed-meanwhile"
    vi = "Người khác vừa đổi chương trình. Hãy tải lại trang rồi sửa trên bản mới."
    en = "Somebody else has just changed the agenda. Reload the page and change the new one."


class ChangeReasonMissing(Invalid):
    code = "change-reason-missing"
    vi = "Hãy ghi lý do: hội nghị còn chưa đầy một ngày là đến giờ, hoặc bị hủy."
    en = "Give a reason: the conference is less than a day ahead, or is called off."


class PartInUse(Conflict):
    code = "part-in-use"
    vi = "Phần “{title}” đã có số liệu nên không bỏ được."
    en = "The part “{title}” already has entries and can't be taken out."


class BeginsInThePast(Invalid):
    code = "begins-in-the-past"
    vi = "Giờ bắt đầu mới phải ở phía trước."
    en = "The new beginning must lie ahead."


@dataclass(frozen=True)
class PartChange:
    """A part as it shall be; without an id it is new."""

    plan: PartPlan
    id: UUID | None = None


def sequence_of(db: Db, session: ConferenceSession) -> int:
    """How often the conference was changed: 0 as it was opened."""
    newest = select(func.coalesce(func.max(SessionChange.sequence), 0))
    return db.scalars(newest.where(SessionChange.session_id == session.id)).one()


def history(db: Db, session: ConferenceSession) -> list[tuple[SessionChange, Person]]:
    """Every change, the newest first, with who made it."""
    statement = (
        select(SessionChange, Person)
        .join(Person, Person.id == SessionChange.changed_by)
        .where(SessionChange.session_id == session.id)
        .order_by(SessionChange.sequence.desc())
    )
    return list(db.execute(statement))


def change(
    db: Db,
    by: Person,
    session: ConferenceSession,
    title: str,
    parts: Sequence[PartChange],
    *,
    known_sequence: int,
    reason: str | None = None,
) -> ConferenceSession:
    """Give the conference this title and these parts; it lasts from the first to the last of them.

    `known_sequence` is what the writer saw, so that two writers don't undo one another. Whoever was summoned is
    summoned to a new part as well, and to a removed one no more.
    """
    reason = _demand_right(db, by, session, reason)
    if sequence_of(db, session) != known_sequence:
        raise AgendaChangedMeanwhile
    if not parts:
        raise register.PartsMissing
    _demand_times(db, session, [part.plan for part in parts])
    before = _snapshot(db, session)
    session.title = clean(title)
    session.starts_at = min(part.plan.starts_at for part in parts)
    session.ends_at = max(part.plan.ends_at for part in parts)
    _move_day(db, session)
    _set_parts(db, session, parts)
    _record(db, by, session, ChangeKind.AGENDA, reason, before)
    return session


def cancel(db: Db, by: Person, session: ConferenceSession, reason: str) -> ConferenceSession:
    """Call a conference off before it begins. It stays to be seen, as cancelled; doing it again changes nothing."""
    if session.cancelled_at:
        return session
    reason_given = _demand_right(db, by, session, reason)
    if not reason_given:
        raise ChangeReasonMissing
    before = _snapshot(db, session)
    session.cancelled_at = clock.now()
    _record(db, by, session, ChangeKind.CANCELLED, reason_given, before)
    return session


def why_cancelled() -> ScalarSelect[str | None]:
    """SQL over conferences: the reason given when one was called off; nothing for any other."""
    said = select(SessionChange.reason).where(
        SessionChange.session_id == ConferenceSession.id, SessionChange.kind == ChangeKind.CANCELLED
    )
    return said.limit(1).correlate(ConferenceSession).scalar_subquery()


def reason_of_cancelling(db: Db, session: ConferenceSession) -> str | None:
    """Why one conference was called off; nothing where it was not."""
    if session.cancelled_at is None:
        return None
    return db.scalar(select(why_cancelled()).where(ConferenceSession.id == session.id))


def _demand_right(db: Db, by: Person, session: ConferenceSession, reason: str | None) -> str | None:
    if not register.may_edit(db, by, session):
        raise NotAllowed
    db.refresh(session, with_for_update={"key_share": True})
    register.demand_open(session)
    if clock.now() >= session.starts_at:
        raise AgendaBegun
    reason = clean(reason or "") or None
    if clock.now() > session.starts_at - LATE and not reason:
        raise ChangeReasonMissing
    return reason


def _demand_times(db: Db, session: ConferenceSession, plans: Sequence[PartPlan]) -> None:
    for plan in plans:
        if plan.ends_at <= plan.starts_at:
            raise register.SessionEndsTooEarly
    if min(plan.starts_at for plan in plans) <= clock.now():
        raise BeginsInThePast
    if max(plan.ends_at for plan in plans) >= register.policy_of(db, session.id).replay_until:
        raise register.ReplayEndsTooEarly


def _move_day(db: Db, session: ConferenceSession) -> None:
    session.tree_date = session.starts_at.astimezone(clock.VIETNAM).date()
    units.demand_valid(db.get_one(Unit, session.unit_id), session.tree_date)


def _set_parts(db: Db, session: ConferenceSession, parts: Sequence[PartChange]) -> None:
    known = {part.id: part for part in register.parts_of(db, session.id)}
    kept = {part.id for part in parts if part.id}
    if not kept <= known.keys():
        raise register.PartOfAnotherSession
    # Out of the way first: two parts that change places must not meet at one position.
    for old in known.values():
        old.position = -old.position
    db.flush()
    in_order = sorted(parts, key=lambda part: (part.plan.starts_at, part.plan.ends_at))
    for position, part in enumerate(in_order, start=1):
        row = known[part.id] if part.id else SessionPart(session_id=session.id)
        row.position, row.title, row.speaker = position, clean(part.plan.title), clean(part.plan.speaker or "") or None
        row.starts_at, row.ends_at = part.plan.starts_at, part.plan.ends_at
        db.add(row)
        db.flush()
        if part.id is None:
            _summon_to(db, session, row)
    for part_id in known.keys() - kept:
        _remove(db, known[part_id])


def _summon_to(db: Db, session: ConferenceSession, part: SessionPart) -> None:
    """Whoever is expected at another part is expected at this one, too, with what exempts them."""
    given = [column.name for column in Expected.__table__.columns if column.name not in ("part_id", "added_at")]
    everyone = (
        select(
            literal(part.id),
            literal(clock.now(), Expected.added_at.type),
            *(Expected.__table__.c[name] for name in given),
        )
        .where(Expected.session_id == session.id)
        .ext(distinct_on(Expected.person_id))
        .order_by(Expected.person_id)
    )
    db.execute(insert(Expected).from_select(["part_id", "added_at", *given], everyone).on_conflict_do_nothing())


def _remove(db: Db, part: SessionPart) -> None:
    try:
        with db.begin_nested():
            db.execute(delete(Expected).where(Expected.part_id == part.id))
            db.delete(part)
            db.flush()
    except IntegrityError:
        raise PartInUse(title=part.title) from None


def _snapshot(db: Db, session: ConferenceSession) -> dict[str, Any]:
    """What people were told, as plain values."""
    return {
        "title": session.title,
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "parts": [
            {
                "id": str(part.id),
                "title": part.title,
                "speaker": part.speaker,
                "starts_at": part.starts_at.isoformat(),
                "ends_at": part.ends_at.isoformat(),
            }
            for part in register.parts_of(db, session.id)
        ],
    }


def _record(
    db: Db, by: Person, session: ConferenceSession, kind: ChangeKind, reason: str | None, before: dict[str, Any]
) -> None:
    db.flush()
    made = SessionChange(
        session_id=session.id,
        sequence=sequence_of(db, session) + 1,
        kind=kind,
        reason=reason,
        changed_by=by.id,
        changed_at=clock.now(),
        before=before,
        after=_snapshot(db, session),
    )
    db.add(made)
    db.flush()
    audit.note(db, by, f"session.{kind}", "session", session.id, sequence=made.sequence, reason=reason)


def came_late(changed_at: datetime, starts_at: datetime) -> bool:
    """Whether a change was made within the last day before the start."""
    return changed_at > starts_at - LATE
