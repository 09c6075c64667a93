"""Conference sessions: opened with their parts and policy, seen by those concerned, closed by staff.

Each question about what a person may do at a conference is answered by one function here, and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.orm import aliased

from sessions import audit, clock, roles, units
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions.models import (
    ConferenceSession,
    CreditPolicy,
    Expected,
    Person,
    Role,
    SessionPart,
    SessionPoint,
    Unit,
    UnitSuccession,
)
from sessions.names import clean
from sessions.settings import register_settings

ANY_ROLE = frozenset({Role.TECHNICIAN, Role.STAFF, Role.ADMINISTRATOR})
STAFF_ROLES = frozenset({Role.STAFF, Role.ADMINISTRATOR})

#: How far ahead of the server a device's clock may be before its entries are refused.
CLOCK_TOLERANCE = timedelta(days=1)


class SessionUnknown(NotFound):
    code = "session-not-found"
    vi = "Không tìm thấy hội nghị này, hoặc bạn không thuộc diện tham gia."
    en = "There is no such conference, or it does not concern you."


class SessionEndsTooEarly(Invalid):
    code = "session-ends-too-early"
    vi = "Giờ kết thúc phải sau giờ bắt đầu."
    en = "The end must come after the start."


class PartsMissing(Invalid):
    code = "parts-missing"
    vi = "Hội nghị cần có ít nhất một phần."
    en = "A conference needs at least one part."


class PartOutsideSession(Invalid):
    code = "part-outside-session"
    vi = "Phần “{title}” phải nằm trong thời gian của hội nghị."
    en = "The part “{title}” must lie within the conference's own time."


class PartOfAnotherSession(Invalid):
    code = "part-of-another-session"
    vi = "Phần này không thuộc hội nghị của điểm cầu."
    en = "This part does not belong to the point's conference."


class ReplayEndsTooEarly(Invalid):
    code = "replay-ends-too-early"
    vi = "Hạn xem lại phải sau khi hội nghị kết thúc."
    en = "The replay must stay open beyond the end of the conference."


class RegisterClosed(Conflict):
    code = "register-closed"
    vi = "Sổ của hội nghị này đã khóa từ {closed_at}."
    en = "The register of this conference was closed at {closed_at}."


class SessionCancelled(Conflict):
    code = "session-cancelled"
    vi = "Hội nghị này đã hủy từ {cancelled_at}."
    en = "This conference was called off at {cancelled_at}."


class TimeAhead(Invalid):
    code = "time-ahead"
    vi = "Thời điểm ghi trên thiết bị nằm trong tương lai. Hãy kiểm tra đồng hồ của thiết bị."
    en = "The time noted by the device lies in the future. Check the device's clock."


@dataclass(frozen=True)
class PartPlan:
    """One part of the agenda as it is asked for."""

    title: str
    starts_at: datetime
    ends_at: datetime
    speaker: str | None = None


def open_session(
    db: Db,
    by: Person,
    title: str,
    unit: Unit,
    starts_at: datetime,
    ends_at: datetime,
    parts: Sequence[PartPlan],
    *,
    replay_until: datetime | None = None,
    coverage_required: float | None = None,
) -> ConferenceSession:
    """Register a conference held by `unit`, with at least one part and its first credit policy.

    It reports on the unit tree of the day it starts on, in Vietnam.
    """
    if not may_open(db, by, unit):
        raise roles.OutsideScope
    _demand_times(starts_at, ends_at, parts)
    tree_date = starts_at.astimezone(clock.VIETNAM).date()
    units.demand_valid(unit, tree_date)
    session = ConferenceSession(
        title=clean(title),
        unit_id=unit.id,
        starts_at=starts_at,
        ends_at=ends_at,
        tree_date=tree_date,
        created_by=by.id,
        created_at=clock.now(),
    )
    db.add(session)
    db.flush()
    db.add_all(_parts(session, parts))
    _set_first_policy(db, by, session, replay_until, coverage_required)
    db.flush()
    audit.note(db, by, "session.opened", "session", session.id, unit_id=unit.id, parts=len(parts))
    return session


def _demand_times(starts_at: datetime, ends_at: datetime, parts: Sequence[PartPlan]) -> None:
    if ends_at <= starts_at:
        raise SessionEndsTooEarly
    if not parts:
        raise PartsMissing
    for part in parts:
        if not starts_at <= part.starts_at < part.ends_at <= ends_at:
            raise PartOutsideSession(title=part.title)


def _parts(session: ConferenceSession, plans: Sequence[PartPlan]) -> list[SessionPart]:
    in_order = sorted(plans, key=lambda plan: (plan.starts_at, plan.ends_at))
    return [
        SessionPart(
            session_id=session.id,
            position=position,
            title=clean(plan.title),
            speaker=clean(plan.speaker or "") or None,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
        )
        for position, plan in enumerate(in_order, start=1)
    ]


def _set_first_policy(
    db: Db, by: Person, session: ConferenceSession, replay_until: datetime | None, coverage: float | None
) -> None:
    settings = register_settings()
    replay_until = replay_until or session.ends_at + timedelta(days=settings.credit_replay_days)
    if replay_until <= session.ends_at:
        raise ReplayEndsTooEarly
    db.add(
        CreditPolicy(
            session_id=session.id,
            version=1,
            coverage_required=coverage or settings.credit_coverage,
            prompts_required=settings.credit_prompts,
            max_rate=settings.credit_max_rate,
            replay_until=replay_until,
            reflection_required=False,
            set_by=by.id,
            set_at=clock.now(),
        )
    )


def close(db: Db, by: Person, session: ConferenceSession) -> ConferenceSession:
    """Close the register: later corrections need a reason. Closing it again changes nothing."""
    if not may_close(db, by, session):
        raise NotAllowed
    db.refresh(session, with_for_update={"key_share": True})
    if session.closed_at is None:
        session.closed_at = clock.now()
        audit.note(db, by, "session.closed", "session", session.id)
    return session


def demand_open(session: ConferenceSession) -> None:
    """Raise `RegisterClosed` once staff have closed the register, and `SessionCancelled` when it was called off."""
    if session.cancelled_at:
        raise SessionCancelled(cancelled_at=f"{session.cancelled_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")
    if session.closed_at:
        raise RegisterClosed(closed_at=f"{session.closed_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}")


def demand_past(moment: datetime) -> None:
    """Raise `TimeAhead` for a device's time more than a day in the future: its clock is wrong, not just fast."""
    if moment > clock.now() + CLOCK_TOLERANCE:
        raise TimeAhead


def visible_to(db: Db, person: Person) -> Select[ConferenceSession]:
    """The conferences that concern this person.

    Those held, joined or attended by units entrusted to them or by what these units were made of, those whose points
    they look after, and those they are expected at themselves.
    """
    in_scope = _and_predecessors(units_entrusted(db, person, ANY_ROLE, inherited=True))
    return select(ConferenceSession).where(
        or_(
            _held_by(in_scope),
            _joined_by(person, in_scope),
            exists().where(Expected.session_id == ConferenceSession.id, Expected.person_id == person.id),
            _attended_by(in_scope),
        )
    )


def units_entrusted(db: Db, person: Person, wanted: frozenset[Role], *, inherited: bool = False) -> Select[UUID]:
    """The units over which this person holds one of these roles, for use inside another statement.

    With `inherited` also those that they mainly took over from, for reading.
    """
    # An alias of its own, so that a statement which joins units for itself is not mixed up with this one.
    below = aliased(Unit)
    return select(below.id).where(roles.within(below.path, roles.scopes(db, person.id, wanted, inherited=inherited)))


def _and_predecessors(units: Select[UUID]) -> Select[UUID]:
    """These units and those that they took the place of: a merged commune's past stays to be seen in the new one."""
    taken_over = select(UnitSuccession.predecessor_id).where(UnitSuccession.successor_id.in_(units))
    return select(Unit.id).where(or_(Unit.id.in_(units), Unit.id.in_(taken_over)))


def _held_by(in_scope: Select[UUID]) -> ColumnElement[bool]:
    return ConferenceSession.unit_id.in_(in_scope)


def _joined_by(person: Person, in_scope: Select[UUID]) -> ColumnElement[bool]:
    return exists().where(SessionPoint.session_id == ConferenceSession.id, _looked_after(person, in_scope))


def _looked_after(person: Person, in_scope: Select[UUID]) -> ColumnElement[bool]:
    """The point belongs to these units, or this person is its technician."""
    return or_(SessionPoint.technician_id == person.id, SessionPoint.unit_id.in_(in_scope))


def _attended_by(in_scope: Select[UUID]) -> ColumnElement[bool]:
    return exists().where(Expected.session_id == ConferenceSession.id, Expected.unit_id.in_(in_scope))


def see(db: Db, person: Person, session_id: UUID) -> ConferenceSession:
    """One conference; raises `SessionUnknown` also when it does not concern this person."""
    session = db.scalar(visible_to(db, person).where(ConferenceSession.id == session_id))
    if session is None:
        raise SessionUnknown
    return session


def parts_of(db: Db, session_id: UUID) -> Sequence[SessionPart]:
    """The agenda, in order."""
    agenda = select(SessionPart).where(SessionPart.session_id == session_id)
    return db.scalars(agenda.order_by(SessionPart.position)).all()


def part_of(db: Db, session_id: UUID, part_id: UUID) -> SessionPart:
    """One part of this conference; raises `PartOfAnotherSession` for any other id."""
    part = db.get(SessionPart, part_id)
    if part is None or part.session_id != session_id:
        raise PartOfAnotherSession
    return part


def policy_of(db: Db, session_id: UUID) -> CreditPolicy:
    """The newest policy: what a replay must show today."""
    versions = select(CreditPolicy).where(CreditPolicy.session_id == session_id)
    return db.scalars(versions.order_by(CreditPolicy.version.desc()).limit(1)).one()


def may_open(db: Db, person: Person, unit: Unit) -> bool:
    """Who may register a conference held by this unit: its technicians and staff, and those above."""
    return roles.may(db, person.id, ANY_ROLE, unit)


def may_edit(db: Db, person: Person, session: ConferenceSession) -> bool:
    """Who may change the conference itself: whoever might have opened it."""
    return may_open(db, person, db.get_one(Unit, session.unit_id))


def may_close(db: Db, person: Person, session: ConferenceSession) -> bool:
    """Who may close the register, and summon people to it: staff of the unit that holds it, and those above."""
    return roles.may(db, person.id, STAFF_ROLES, db.get_one(Unit, session.unit_id))


def may_count(db: Db, person: Person, session: ConferenceSession, point: SessionPoint | None = None) -> bool:
    """Who may count, check in and report the state at `point`, or at any point of the conference when none is named.

    The point's own technician, and the technicians and staff of its unit or of one above.
    """
    mine = _looked_after(person, units_entrusted(db, person, ANY_ROLE))
    found = exists().where(SessionPoint.session_id == session.id, mine)
    return bool(db.scalar(select(found.where(SessionPoint.id == point.id) if point else found)))


def demand_count(db: Db, person: Person, session: ConferenceSession, point: SessionPoint) -> None:
    """Raise `OutsideScope` unless the person `may_count` at this point."""
    if not may_count(db, person, session, point):
        raise roles.OutsideScope


def points_looked_after(db: Db, person: Person, session: ConferenceSession) -> ColumnElement[bool]:
    """SQL over session points: all of the conference for who may change it, for others those they `may_count` at."""
    if may_edit(db, person, session):
        return true()
    return _looked_after(person, units_entrusted(db, person, ANY_ROLE))


def may_upload(db: Db, person: Person, session: ConferenceSession) -> bool:
    """Who may send in recordings and slides: those who look after the conference or one of its points."""
    return _is_among(db, uploadable_by(db, person), session)


def uploadable_by(db: Db, person: Person) -> Select[UUID]:
    """The conferences for which the person `may_upload`, as ids."""
    in_scope = units_entrusted(db, person, ANY_ROLE)
    return select(ConferenceSession.id).where(or_(_held_by(in_scope), _joined_by(person, in_scope)))


def may_release(db: Db, person: Person, session: ConferenceSession) -> bool:
    """Who may release a recording of it for replay; that it must not be the uploader is the job's own question."""
    return _is_among(db, releasable_by(db, person), session)


def releasable_by(db: Db, person: Person) -> Select[UUID]:
    """The conferences for which the person `may_release`, as ids."""
    return select(ConferenceSession.id).where(_held_by(units_entrusted(db, person, STAFF_ROLES)))


def may_report(db: Db, person: Person, session: ConferenceSession, unit: Unit | None = None) -> bool:
    """Who may read names, credits and evidence of `unit`, or of anybody at all when no unit is named: its staff."""
    if unit:
        return roles.may(db, person.id, STAFF_ROLES, unit, inherited=True)
    in_scope = units_entrusted(db, person, STAFF_ROLES, inherited=True)
    concerned = select(ConferenceSession.id).where(or_(_held_by(in_scope), _attended_by(in_scope)))
    return _is_among(db, concerned, session)


def may_decide(db: Db, person: Person, unit: Unit) -> bool:
    """Who may grant, refuse or waive a credit of somebody of `unit`: its staff. That it is not their own is apart."""
    return roles.may(db, person.id, STAFF_ROLES, unit, inherited=True)


def _is_among(db: Db, ids: Select[UUID], session: ConferenceSession) -> bool:
    return bool(db.scalar(select(ids.where(ConferenceSession.id == session.id).exists())))
