"""Decisions: staff grant, refuse or waive what the evidence alone leaves open, with a reason that the person is told.

The credit rule (`sessions.credit`) takes the decisions as one more input. Nothing that was given is taken back here:
whoever has a credit, or has attended a part, is not decided about any more. A later decision replaces an earlier one,
and both stay to be read.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, update
from sqlalchemy.orm import aliased

from sessions import attendance, audit, clock, register, roles, summons
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions.listing import page_of
from sessions.models import (
    LONGEST_REASON,
    SHORTEST_REASON,
    Attendance,
    ConferenceSession,
    CreditDecision,
    DecisionKind,
    DecisionState,
    Expected,
    Person,
    SessionPart,
    Unit,
)
from sessions.names import clean

#: So many people may be granted a conference by one person in this time; what is more waits for a second person
#: (DESIGN.md, section 6).
GRANTS_ALONE: Final = 20
GRANTS_WITHIN: Final = timedelta(hours=1)

_GIVING = (DecisionKind.GRANT, DecisionKind.WAIVE)


class OwnCase(NotAllowed):
    code = "own-case"
    vi = "Không ai tự quyết định trường hợp của chính mình. Hãy nhờ một cán bộ khác."
    en = "Nobody decides their own case. Ask another member of staff."


class OwnDecision(NotAllowed):
    code = "own-decision"
    vi = "Quyết định này do chính bạn đưa ra nên cần một cán bộ khác xác nhận."
    en = "You made this decision yourself, so somebody else has to confirm it."


class ReasonOutOfBounds(Invalid):
    code = "reason-out-of-bounds"
    vi = "Lý do phải dài từ {shortest} đến {longest} ký tự."
    en = "A reason has {shortest} to {longest} characters."


class GivenAlready(Conflict):
    code = "credit-given-already"
    vi = "Người này đã được công nhận rồi. Điều đã công nhận không bị rút lại."
    en = "This was credited already, and what was credited is not taken back."


class PartNotExpected(Conflict):
    code = "part-not-expected"
    vi = "Người này không được triệu tập dự phần đó."
    en = "This person was not summoned to that part."


class NothingToConfirm(Conflict):
    code = "nothing-to-confirm"
    vi = "Quyết định này không còn chờ người thứ hai."
    en = "This decision does not wait for a second person any more."


class DecisionUnknown(NotFound):
    code = "decision-not-found"
    vi = "Không tìm thấy quyết định này, hoặc nó thuộc đơn vị ngoài phạm vi được giao cho bạn."
    en = "There is no such decision, or it belongs to a unit outside the ones entrusted to you."


@dataclass(frozen=True)
class Made:
    """A decision with those who had a hand in it."""

    decision: CreditDecision
    person: Person
    unit: Unit
    session: ConferenceSession
    #: None when it is about the whole conference.
    part: SessionPart | None
    decided_by: Person
    seconded_by: Person | None


def decide(
    db: Db,
    by: Person,
    session: ConferenceSession,
    person_id: UUID,
    kind: DecisionKind,
    reason: str,
    *,
    part_id: UUID | None = None,
) -> CreditDecision:
    """Decide about a person's credit for a conference, or for one part of it.

    Raises `PersonNotSummoned`, `OutsideScope`, `OwnCase`, `ReasonOutOfBounds`, `PartNotExpected`, and `GivenAlready`
    when there is nothing left to decide. The twenty-first grant within an hour waits for a second person.
    """
    person, unit = summons.summoned(db, session, person_id)
    _demand_scope(db, by, person, unit)
    said = _demand_reason(reason)
    _count_alone(db, by, session)
    attendance.take_turn(db, person.id, session.id)
    _demand_undecided(db, session, person, part_id)
    _replace_waiting(db, session, person, part_id)
    waits = kind in _GIVING and _granted_to(db, by, session, person) > GRANTS_ALONE
    decision = CreditDecision(
        person_id=person.id,
        session_id=session.id,
        part_id=part_id,
        unit_id=unit.id,
        kind=kind,
        reason=said,
        state=DecisionState.WAITING if waits else DecisionState.STANDING,
        decided_by=by.id,
        decided_at=clock.now(),
    )
    db.add(decision)
    db.flush()
    if not waits:
        _replace_refusals(db, decision)
    _note(db, by, decision, "decision.made", reason=said, state=decision.state)
    attendance.evaluate(db, person.id, session.id)
    return decision


def confirm(db: Db, by: Person, decision: CreditDecision) -> CreditDecision:
    """Say yes as the second person; from now on the decision holds."""
    _settle(db, by, decision, DecisionState.STANDING)
    _replace_refusals(db, decision)
    _note(db, by, decision, "decision.confirmed")
    attendance.evaluate(db, decision.person_id, decision.session_id)
    return decision


def decline(db: Db, by: Person, decision: CreditDecision, reason: str) -> CreditDecision:
    """Say no as the second person, with a reason; the case is as open as it was."""
    said = _demand_reason(reason)
    _settle(db, by, decision, DecisionState.DECLINED)
    decision.second_reason = said
    _note(db, by, decision, "decision.declined", reason=said)
    return decision


def find(db: Db, by: Person, decision_id: UUID) -> CreditDecision:
    """A decision about somebody of the units that `by` is staff of; any other is simply not there."""
    decision = db.scalar(select(CreditDecision).join(Unit).where(CreditDecision.id == decision_id, _in_scope(db, by)))
    if decision is None:
        raise DecisionUnknown
    return decision


def history(db: Db, session: ConferenceSession, person_id: UUID) -> list[Made]:
    """Everything that was ever decided about one person and conference, the newest first."""
    about = (CreditDecision.session_id == session.id, CreditDecision.person_id == person_id)
    newest_first = _made().where(*about).order_by(CreditDecision.decided_at.desc(), CreditDecision.id)
    return [Made(*row) for row in db.execute(newest_first)]


def read(db: Db, decision: CreditDecision) -> Made:
    """One decision with those who had a hand in it."""
    return Made(*db.execute(_made().where(CreditDecision.id == decision.id)).one())


def waiting(
    db: Db, by: Person, *, session_id: UUID | None = None, offset: int = 0, limit: int = 50
) -> tuple[list[Made], int]:
    """A page of what waits for a second person in the units of `by`, the oldest first, and how many wait in all."""
    within = CreditDecision.session_id == session_id if session_id else true()
    found = _made().where(CreditDecision.state == DecisionState.WAITING, _in_scope(db, by), within)
    rows, total = page_of(db, found.order_by(CreditDecision.decided_at, CreditDecision.id), offset, limit)
    return [Made(*row) for row in rows], total


def count_waiting(db: Db, by: Person) -> int:
    """How many decisions wait for a second person in the units of `by`."""
    waits = select(func.count()).select_from(CreditDecision).join(Unit, Unit.id == CreditDecision.unit_id)
    return db.scalars(waits.where(CreditDecision.state == DecisionState.WAITING, _in_scope(db, by))).one()


def _made() -> Select[*tuple[Any, ...]]:
    decider, second = aliased(Person), aliased(Person)
    return (
        select(CreditDecision, Person, Unit, ConferenceSession, SessionPart, decider, second)
        .join(Person, Person.id == CreditDecision.person_id)
        .join(Unit, Unit.id == CreditDecision.unit_id)
        .join(ConferenceSession, ConferenceSession.id == CreditDecision.session_id)
        .outerjoin(SessionPart, SessionPart.id == CreditDecision.part_id)
        .join(decider, decider.id == CreditDecision.decided_by)
        .outerjoin(second, second.id == CreditDecision.seconded_by)
    )


def _in_scope(db: Db, by: Person) -> ColumnElement[bool]:
    return roles.within(Unit.path, roles.scopes(db, by.id, register.STAFF_ROLES))


def _demand_scope(db: Db, by: Person, person: Person, unit: Unit) -> None:
    if person.id == by.id:
        raise OwnCase
    if not register.may_decide(db, by, unit):
        raise roles.OutsideScope


def _demand_reason(reason: str) -> str:
    said = clean(reason)
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise ReasonOutOfBounds(shortest=SHORTEST_REASON, longest=LONGEST_REASON)
    return said


def _demand_undecided(db: Db, session: ConferenceSession, person: Person, part_id: UUID | None) -> None:
    if attendance.credit_of(db, person.id, session.id):
        raise GivenAlready
    if part_id is None:
        return
    register.part_of(db, session.id, part_id)
    if db.get(Expected, (part_id, person.id)) is None:
        raise PartNotExpected
    if db.get(Attendance, (part_id, person.id)):
        raise GivenAlready


def _replace_waiting(db: Db, session: ConferenceSession, person: Person, part_id: UUID | None) -> None:
    """What waits about the same, or about a part of it, is not to be confirmed after somebody decided anew."""
    same = true() if part_id is None else or_(CreditDecision.part_id == part_id, CreditDecision.part_id.is_(None))
    about = (CreditDecision.session_id == session.id, CreditDecision.person_id == person.id, same)
    waits = update(CreditDecision).where(*about, CreditDecision.state == DecisionState.WAITING)
    db.execute(waits.values(state=DecisionState.REPLACED))


def _replace_refusals(db: Db, decision: CreditDecision) -> None:
    """Refusals about the same, or about a part of it, hold no longer. What was given stays given, with its reason."""
    refusals = update(CreditDecision).where(
        CreditDecision.session_id == decision.session_id,
        CreditDecision.person_id == decision.person_id,
        CreditDecision.id != decision.id,
        CreditDecision.kind == DecisionKind.REFUSE,
        CreditDecision.state == DecisionState.STANDING,
        true() if decision.part_id is None else CreditDecision.part_id == decision.part_id,
    )
    db.execute(refusals.values(state=DecisionState.REPLACED))


def _count_alone(db: Db, by: Person, session: ConferenceSession) -> None:
    """Two decisions of one person at once must not both count themselves as the twentieth."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"decide/{by.id}/{session.id}", 0))))


def _granted_to(db: Db, by: Person, session: ConferenceSession, person: Person) -> int:
    """To how many people `by` will have granted this conference within the hour, this one included."""
    recent = select(func.count(CreditDecision.person_id.distinct())).where(
        CreditDecision.decided_by == by.id,
        CreditDecision.session_id == session.id,
        CreditDecision.kind.in_(_GIVING),
        CreditDecision.decided_at > clock.now() - GRANTS_WITHIN,
        CreditDecision.person_id != person.id,
    )
    return db.scalars(recent).one() + 1


def _settle(db: Db, by: Person, decision: CreditDecision, state: DecisionState) -> None:
    """Take the second person's word for a decision that waits for one."""
    _demand_scope(db, by, db.get_one(Person, decision.person_id), db.get_one(Unit, decision.unit_id))
    attendance.take_turn(db, decision.person_id, decision.session_id)
    db.refresh(decision, with_for_update=True)
    if decision.decided_by == by.id:
        raise OwnDecision
    if decision.state is not DecisionState.WAITING:
        raise NothingToConfirm
    decision.state, decision.seconded_by, decision.seconded_at = state, by.id, clock.now()
    db.flush()


def _note(db: Db, by: Person, decision: CreditDecision, action: str, **detail: object) -> None:
    audit.note(
        db,
        by,
        action,
        "person",
        decision.person_id,
        decision_id=decision.id,
        kind=decision.kind,
        session_id=decision.session_id,
        part_id=decision.part_id,
        **detail,
    )
