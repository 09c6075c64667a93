from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import clock, register, roles, units
from sessions.errors import NotAllowed
from sessions.models import AuditEntry, Person, Role, Unit, UnitKind
from sessions.register import PartPlan
from sessions.roles import OutsideScope
from sessions.settings import register_settings
from tests import factories

MORNING = datetime(2026, 3, 27, 8, tzinfo=clock.VIETNAM)
HOUR = timedelta(hours=1)


def plan(title="Nghị quyết", begins=0, ends=3, **more):
    return PartPlan(title, MORNING + begins * HOUR, MORNING + ends * HOUR, **more)


@pytest.fixture
def open_session(db, cast):
    def opened(*, by=None, unit=None, parts=None, hours=3, **more):
        parts = [plan()] if parts is None else parts
        return register.open_session(
            db, by or cast.staff, "Hội nghị", unit or cast.province, MORNING, MORNING + hours * HOUR, parts, **more
        )

    return opened


def test_a_conference_opens_with_its_agenda_in_order_and_a_first_policy(db, cast, open_session):
    afternoon, early = plan("Chiều", 2, 3, speaker="Đồng chí A"), plan(" Sáng  sớm ", 0, 2)
    session = open_session(parts=[afternoon, early])
    agenda = [(part.position, part.title, part.speaker) for part in register.parts_of(db, session.id)]
    assert agenda == [(1, "Sáng sớm", None), (2, "Chiều", "Đồng chí A")]
    policy, settings = register.policy_of(db, session.id), register_settings()
    assert (policy.version, policy.coverage_required) == (1, settings.credit_coverage)
    assert policy.replay_until == session.ends_at + timedelta(days=settings.credit_replay_days)


def test_a_conference_may_ask_for_a_policy_of_its_own(db, open_session):
    until = MORNING + timedelta(days=7)
    policy = register.policy_of(db, open_session(replay_until=until, coverage_required=0.5).id)
    assert (policy.replay_until, policy.coverage_required) == (until, 0.5)


def test_a_conference_reports_on_the_tree_of_its_day_in_vietnam(db, cast):
    late = datetime(2026, 3, 26, 23, 30, tzinfo=clock.UTC)  # Half past six the next morning in Vietnam.
    session = register.open_session(
        db, cast.staff, "Sớm", cast.province, late, late + HOUR, [PartPlan("Một", late, late + HOUR)]
    )
    assert session.tree_date == date(2026, 3, 27)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param({"hours": 0}, register.SessionEndsTooEarly, id="it ends as it starts"),
        pytest.param({"hours": -1}, register.SessionEndsTooEarly, id="it ends before it starts"),
        pytest.param({"parts": []}, register.PartsMissing, id="it has no part"),
        pytest.param({"parts": [plan(begins=2, ends=4)]}, register.PartOutsideSession, id="a part runs over"),
        pytest.param({"parts": [plan(begins=2, ends=2)]}, register.PartOutsideSession, id="a part has no length"),
        pytest.param({"replay_until": MORNING}, register.ReplayEndsTooEarly, id="the replay ends before it"),
    ],
)
def test_a_conference_that_cannot_be_is_refused(open_session, asked, refusal):
    with pytest.raises(refusal):
        open_session(**asked)


def test_a_conference_is_opened_in_ones_own_units_only(db, cast, open_session):
    assert open_session(by=cast.technician, unit=cast.commune).created_by == cast.technician.id
    for by, unit in ((cast.technician, cast.province), (cast.staff, cast.neighbour), (cast.member, cast.commune)):
        with pytest.raises(OutsideScope):
            open_session(by=by, unit=unit)


def test_a_unit_that_has_ended_holds_conferences_of_its_own_days_only(db, cast, open_session):
    units.end(db, cast.administrator, cast.other_commune, MORNING.date() - timedelta(days=1))
    with pytest.raises(units.UnitNotValid):
        open_session(unit=cast.other_commune)
    units_day = MORNING - timedelta(days=300)
    parts = [PartPlan("Một", units_day, units_day + HOUR)]
    assert register.open_session(db, cast.staff, "Cũ", cast.other_commune, units_day, units_day + HOUR, parts)


def test_staff_close_the_register_once_and_technicians_do_not(db, cast, open_session):
    session = open_session()
    for person in (cast.technician, cast.member, cast.stranger):
        with pytest.raises(NotAllowed):
            register.close(db, person, session)
    closed_at = register.close(db, cast.staff, session).closed_at
    assert closed_at is not None
    assert register.close(db, cast.releaser, session).closed_at == closed_at
    entries = select(AuditEntry.actor_id).where(AuditEntry.action == "session.closed")
    assert db.scalars(entries).all() == [cast.staff.id]


def sees(db, person, session):
    return session in db.scalars(register.visible_to(db, person)).all()


def test_a_conference_is_seen_by_those_it_concerns_and_by_nobody_else(db, cast):
    session = factories.open_session(db, cast)
    assert sees(db, cast.staff, session)
    assert sees(db, cast.administrator, session)
    for person in (cast.technician, cast.member, cast.stranger):
        assert not sees(db, person, session)
        with pytest.raises(register.SessionUnknown):
            register.see(db, person, session.id)


def test_a_technician_sees_the_conferences_that_their_unit_has_joined(db, cast):
    session = factories.open_session(db, cast)
    factories.join(db, cast, session, cast.other_commune)
    assert not sees(db, cast.technician, session)
    factories.join(db, cast, session, cast.commune)
    assert register.see(db, cast.technician, session.id) == session


def test_what_a_merged_commune_joined_is_seen_by_the_technician_of_the_new_one_who_may_not_change_it(db, cast):
    session = factories.open_session(db, cast)
    point = factories.join(db, cast, session, cast.other_commune)
    units.end(db, cast.administrator, cast.other_commune, units.today() - timedelta(days=1), [cast.commune])
    assert register.see(db, cast.technician, session.id) == session
    assert not register.may_count(db, cast.technician, session, point)


def test_whoever_looks_after_a_point_sees_its_conference_without_any_role(db, cast):
    session = factories.open_session(db, cast)
    factories.join(db, cast, session, cast.other_commune, technician=cast.member)
    assert sees(db, cast.member, session)


def test_members_see_the_conferences_they_are_summoned_to_and_so_do_staff_of_their_unit(db, cast):
    clerk = factories.enrol(db, cast.commune)
    entrusted(db, cast, clerk, Role.STAFF, cast.commune)
    session = factories.open_session(db, cast)
    assert not sees(db, clerk, session)
    factories.summon(db, cast, session, cast.commune)
    assert sees(db, cast.member, session)
    assert sees(db, clerk, session)
    assert not sees(db, cast.stranger, session)


def entrusted(db, cast, person: Person, role: Role, unit: Unit) -> Person:
    roles.grant(db, None, person, role, unit)
    return person


def rights(db, person, session):
    asked = {
        "edit": register.may_edit,
        "close": register.may_close,
        "count": register.may_count,
        "upload": register.may_upload,
        "release": register.may_release,
        "report": register.may_report,
    }
    return {name for name, may in asked.items() if may(db, person, session)}


def test_what_each_may_do_at_a_conference_of_the_province(db, cast):
    session = factories.open_session(db, cast)
    factories.summon(db, cast, session)
    factories.join(db, cast, session, cast.commune)
    everything = {"edit", "close", "count", "upload", "release", "report"}
    assert rights(db, cast.staff, session) == everything
    assert rights(db, cast.administrator, session) == everything
    assert rights(db, cast.technician, session) == {"count", "upload"}
    assert rights(db, cast.member, session) == set()
    assert rights(db, cast.stranger, session) == set()


def test_staff_of_a_commune_report_on_their_own_people_at_a_conference_of_the_province(db, cast):
    clerk = entrusted(db, cast, factories.enrol(db, cast.commune), Role.STAFF, cast.commune)
    session = factories.open_session(db, cast)
    assert "report" not in rights(db, clerk, session)
    factories.summon(db, cast, session, cast.commune)
    assert rights(db, clerk, session) == {"report"}
    assert register.may_report(db, clerk, session, cast.commune)
    assert not register.may_report(db, clerk, session, cast.other_commune)
    assert not register.may_report(db, clerk, session, cast.province)


def test_a_technician_counts_at_their_own_point_only(db, cast):
    session = factories.open_session(db, cast)
    own, other = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune))
    assert register.may_count(db, cast.technician, session, own)
    assert not register.may_count(db, cast.technician, session, other)
    assert register.may_count(db, cast.staff, session, other)


def test_the_lists_of_what_one_may_do_agree_with_the_questions(db, cast):
    near, far = factories.open_session(db, cast), factories.open_session(db, cast, unit=cast.other_commune)
    factories.join(db, cast, near, cast.commune)
    for person in (cast.technician, cast.staff, cast.member, cast.stranger):
        for listed, may in (
            (register.uploadable_by, register.may_upload),
            (register.releasable_by, register.may_release),
        ):
            assert set(db.scalars(listed(db, person))) == {
                session.id for session in (near, far) if may(db, person, session)
            }
    assert set(db.scalars(register.uploadable_by(db, cast.technician))) == {near.id}


def test_a_part_of_another_conference_is_not_taken_for_ones_own(db, cast):
    one, other = factories.open_session(db, cast), factories.open_session(db, cast)
    part = factories.first_part(db, one)
    assert register.part_of(db, one.id, part.id) == part
    for session_id, part_id in ((other.id, part.id), (one.id, uuid4())):
        with pytest.raises(register.PartOfAnotherSession):
            register.part_of(db, session_id, part_id)


def test_sessions_of_other_top_units_stay_among_themselves(db, cast):
    clerk = entrusted(db, cast, cast.stranger, Role.STAFF, cast.neighbour)
    top = units.add(db, None, name="Trung ương", kind=UnitKind.CENTRE, valid_from=date(1945, 9, 2))
    session = factories.open_session(db, cast)
    assert not sees(db, clerk, session)
    assert not sees(db, entrusted(db, cast, factories.enrol(db, top), Role.ADMINISTRATOR, top), session)
