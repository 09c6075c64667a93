"""Decisions by people: what they give and never take back, who may make them, when a second one must agree."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import attendance, clock, decisions, register, roles, summons
from sessions.decisions import (
    GRANTS_ALONE,
    GivenAlready,
    NothingToConfirm,
    OwnCase,
    OwnDecision,
    PartNotExpected,
    ReasonOutOfBounds,
)
from sessions.models import (
    AttendanceCredit,
    AuditEntry,
    Basis,
    CreditDecision,
    DecisionKind,
    DecisionState,
    Evidence,
    Expected,
    Role,
)
from sessions.register import PartOfAnotherSession
from sessions.roles import OutsideScope
from sessions.summons import PersonNotSummoned
from tests.cast import conference
from tests.factories import enrol, entrust

GRANT, REFUSE, WAIVE = DecisionKind.GRANT, DecisionKind.REFUSE, DecisionKind.WAIVE
REASON = "Có mặt tại hội trường, xã xác nhận bằng văn bản."
OTHER = "Xem trên máy mượn của trưởng bản, đã gọi hỏi."


@pytest.fixture
def session(db, cast):
    return conference(db, cast, parts=2)


@pytest.fixture
def first(db, session):
    return register.parts_of(db, session.id)[0]


@pytest.fixture
def mine(db, cast, session):
    """The member's standing, after a decision of the cast's staff or of somebody else."""

    def decide(kind, reason=REASON, *, by=None, part=None):
        made = decisions.decide(db, by or cast.staff, session, cast.member.id, kind, reason, part_id=part and part.id)
        return made, attendance.standing(db, cast.member.id, session.id)

    return decide


def credit_of(db, person, session):
    return db.scalar(
        select(AttendanceCredit).where(
            AttendanceCredit.person_id == person.id, AttendanceCredit.session_id == session.id
        )
    )


def watch(db, person, part, share, *, doubts=(), at=None):
    """Evidence as the vault hands it down."""
    at = at or clock.now()
    return attendance.take_evidence(
        db,
        [
            {
                "person_id": person.id,
                "part_id": part.id,
                "session_id": part.session_id,
                "recording_id": uuid4(),
                "basis": Basis.REPLAY,
                "length_seconds": 3600.0,
                "covered_seconds": 3600.0 * share,
                "missing": [] if share == 1 else [[3600.0 * share, 3600.0]],
                "prompts_asked": 0,
                "prompts_answered": 0,
                "doubts": list(doubts),
                "first_watched_at": at,
                "last_watched_at": at,
                "viewings": 1,
            }
        ],
    )


def test_a_grant_gives_the_credit_with_its_reason_and_who_gave_it(db, cast, session, mine):
    _, verdict = mine(GRANT)
    assert verdict.credited
    credit = credit_of(db, cast.member, session)
    assert (credit.basis, credit.decided_by, credit.reason) == (Basis.DECISION, cast.staff.id, REASON)
    told = verdict.parts[0].reasons[0]
    today = f"{clock.now().astimezone(clock.VIETNAM):%d/%m/%Y}"
    assert told.sentence("vi") == f"Cán bộ Trần Văn Bộ công nhận ngày {today}: {REASON}"
    assert told.sentence("en") == f"Granted by Trần Văn Bộ on {today}: {REASON}"
    assert credit.evidence[0]["decided"][0]["reason"] == REASON
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "decision.made")).one()
    assert (entry.actor_id, entry.subject_id) == (cast.staff.id, cast.member.id)
    assert (entry.detail["reason"], entry.detail["kind"]) == (REASON, "grant")


def test_a_waiver_lets_a_person_off_and_says_so(db, cast, session, mine):
    _, verdict = mine(WAIVE)
    assert (verdict.credited, verdict.basis) == (True, Basis.WAIVED)
    assert "miễn dự ngày" in verdict.parts[0].reasons[0].sentence("vi")


def test_one_part_is_granted_and_the_other_watched(db, cast, session, first, mine):
    _, verdict = mine(GRANT, part=first)
    assert not verdict.credited
    assert [part.attended for part in verdict.parts] == [True, False]
    assert credit_of(db, cast.member, session) is None
    watch(db, cast.member, register.parts_of(db, session.id)[1], 1.0)
    assert credit_of(db, cast.member, session).basis is Basis.MIXED


def test_a_refusal_is_told_stands_against_what_was_watched_and_gives_way_to_a_later_grant(
    db, cast, session, first, mine
):
    watch(db, cast.member, first, 1.0, doubts=["altered-beats"])
    _, refused = mine(REFUSE)
    assert [reason.code for reason in refused.parts[0].reasons] == ["refused-by-staff"]
    assert "không công nhận ngày" in refused.parts[0].reasons[0].sentence("vi")
    assert not watch(db, cast.member, first, 1.0).credited
    _, granted = mine(GRANT, OTHER)
    assert granted.credited
    kept = decisions.history(db, session, cast.member.id)
    told = [(made.decision.kind, made.decision.reason, made.decision.state) for made in kept]
    assert told == [(GRANT, OTHER, DecisionState.STANDING), (REFUSE, REASON, DecisionState.REPLACED)]
    assert [made.decided_by.full_name for made in kept] == ["Trần Văn Bộ"] * 2


def test_what_was_given_is_not_taken_back(db, cast, session, first, mine):
    watch(db, cast.member, first, 1.0)
    with pytest.raises(GivenAlready):
        mine(REFUSE, part=first)
    # Of the whole conference only what is still open is refused.
    _, verdict = mine(REFUSE)
    assert [part.attended for part in verdict.parts] == [True, False]
    mine(GRANT)
    with pytest.raises(GivenAlready):
        mine(REFUSE)
    assert credit_of(db, cast.member, session)
    assert len(decisions.history(db, session, cast.member.id)) == 2


def test_a_part_that_was_granted_stays_when_the_rest_is_refused(db, cast, first, mine):
    mine(GRANT, part=first)
    _, verdict = mine(REFUSE, OTHER)
    assert [reason.code for part in verdict.parts for reason in part.reasons] == [
        "granted-by-staff",
        "refused-by-staff",
    ]


def test_presence_in_the_room_counts_whatever_was_decided(db, cast, session, mine):
    mine(REFUSE)
    part = register.parts_of(db, session.id)[0]
    row = db.get_one(Expected, (part.id, cast.member.id))
    assert row.exempt_reason is None
    verdict = attendance.judge([attendance.PartSeen(part.id, attended=Basis.LIVE)], attendance.terms_of(db, session.id))
    assert verdict.credited


@pytest.mark.parametrize("reason", ["Đã xem", " " * 40, "x" * 501], ids=["short", "blank", "long"])
def test_a_reason_says_something(mine, reason):
    with pytest.raises(ReasonOutOfBounds):
        mine(GRANT, reason)


def test_nobody_decides_beyond_their_units_or_about_themselves(db, cast, session, mine):
    with pytest.raises(OutsideScope):
        mine(GRANT, by=cast.technician)
    entrust(db, cast.stranger, Role.STAFF, cast.neighbour)
    with pytest.raises(OutsideScope):
        mine(GRANT, by=cast.stranger)
    entrust(db, cast.member, Role.STAFF, cast.commune)
    with pytest.raises(OwnCase):
        mine(GRANT, by=cast.member)
    with pytest.raises(PersonNotSummoned):
        decisions.decide(db, cast.staff, session, cast.stranger.id, GRANT, REASON)
    assert db.scalars(select(CreditDecision)).all() == []


def test_a_part_must_be_one_that_the_person_was_summoned_to(db, cast, session, first, mine):
    other = register.parts_of(db, conference(db, cast).id)[0]
    with pytest.raises(PartOfAnotherSession):
        mine(GRANT, part=other)
    db.delete(db.get_one(Expected, (first.id, cast.member.id)))
    db.flush()
    with pytest.raises(PartNotExpected):
        mine(GRANT, part=first)


@pytest.fixture
def crowd(db, cast, session):
    """Twenty-two people of the commune beside the member, summoned too."""
    people = [enrol(db, cast.commune, f"Giàng A {number}") for number in range(22)]
    for person in people:
        person.created_at = session.starts_at - timedelta(days=1)
    db.flush()
    summons.expect(db, cast.staff, session, [cast.commune])
    return people


def test_the_twenty_first_grant_within_an_hour_waits_for_a_second_person(db, cast, session, crowd, monkeypatch):
    def grant(person, by=cast.staff, kind=GRANT):
        return decisions.decide(db, by, session, person.id, kind, REASON)

    states = [grant(person, kind=WAIVE if n % 2 else GRANT).state for n, person in enumerate(crowd[:GRANTS_ALONE])]
    assert states == [DecisionState.STANDING] * GRANTS_ALONE
    held, declined = grant(crowd[20]), grant(crowd[21])
    assert held.state is declined.state is DecisionState.WAITING
    assert credit_of(db, crowd[20], session) is None
    # Refusing gives nothing, so it never waits, and another person has an hour of their own.
    assert grant(cast.member, kind=REFUSE).state is DecisionState.STANDING
    assert grant(cast.member, by=cast.releaser).state is DecisionState.STANDING

    rows, total = decisions.waiting(db, cast.releaser, session_id=session.id)
    assert (total, [row.decision.id for row in rows]) == (2, [held.id, declined.id])
    with pytest.raises(OwnDecision):
        decisions.confirm(db, cast.staff, held)
    decisions.confirm(db, cast.releaser, held)
    assert credit_of(db, crowd[20], session).decided_by == cast.staff.id
    decisions.decline(db, cast.releaser, declined, "Chưa thấy giấy xác nhận của xã.")
    assert credit_of(db, crowd[21], session) is None
    with pytest.raises(NothingToConfirm):
        decisions.confirm(db, cast.releaser, declined)
    assert decisions.waiting(db, cast.releaser)[1] == 0
    told = decisions.history(db, session, crowd[21].id)[0]
    assert (told.seconded_by, told.decision.second_reason) == (cast.releaser, "Chưa thấy giấy xác nhận của xã.")

    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert grant(crowd[21]).state is DecisionState.STANDING


def test_what_waits_is_confirmed_only_by_staff_of_the_unit_who_are_not_concerned(db, cast, session, crowd):
    for person in crowd[:GRANTS_ALONE]:
        decisions.decide(db, cast.staff, session, person.id, GRANT, REASON)
    waits = decisions.decide(db, cast.staff, session, crowd[20].id, GRANT, REASON)
    with pytest.raises(OutsideScope):
        decisions.confirm(db, cast.technician, waits)
    roles.grant(db, None, crowd[20], Role.STAFF, cast.commune)
    with pytest.raises(OwnCase):
        decisions.confirm(db, crowd[20], waits)
    # A new decision takes the place of one that waits.
    decisions.decide(db, cast.releaser, session, crowd[20].id, REFUSE, OTHER)
    db.refresh(waits)
    assert waits.state is DecisionState.REPLACED
    with pytest.raises(NothingToConfirm):
        decisions.confirm(db, cast.releaser, waits)


def test_somebody_elses_decision_is_not_there(db, cast, session, mine):
    made, _ = mine(REFUSE)
    assert decisions.find(db, cast.releaser, made.id) is made
    entrust(db, cast.stranger, Role.STAFF, cast.neighbour)
    with pytest.raises(decisions.DecisionUnknown):
        decisions.find(db, cast.stranger, made.id)
    assert db.scalars(select(Evidence)).all() == []
