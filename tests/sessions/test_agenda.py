from datetime import timedelta

import pytest
from sqlalchemy import select

from sessions import agenda, clock, register, summons
from sessions.agenda import PartChange
from sessions.models import ChangeKind, Expected
from sessions.register import PartPlan
from tests import factories

HOUR = timedelta(hours=1)


@pytest.fixture
def session(db, cast):
    made = factories.open_session(db, cast, parts=2, starts_in=timedelta(days=3))
    factories.summon(db, cast, made)
    return made


def kept(db, session, **moved):
    """The parts as they are, each an hour later."""
    return [
        PartChange(PartPlan(part.title, part.starts_at + HOUR, part.ends_at + HOUR, part.speaker), part.id)
        for part in register.parts_of(db, session.id)
    ]


def new(session, title="Thảo luận", hours=4):
    begins = session.starts_at + hours * HOUR
    return PartChange(PartPlan(title, begins, begins + HOUR, "Nguyễn Văn A"))


def change(db, by, session, parts, *, title="Hội nghị mới", known_sequence=0, reason=None):
    return agenda.change(db, by, session, title, parts, known_sequence=known_sequence, reason=reason)


def expected_at(db, session):
    return {
        part.title: len(db.scalars(select(Expected).where(Expected.part_id == part.id)).all())
        for part in register.parts_of(db, session.id)
    }


def test_parts_move_come_and_go_and_the_summons_follows(db, cast, session):
    everybody = summons.size(db, session)
    summons.expect(db, cast.staff, session, [cast.province], {cast.member.id: "Đi công tác"})
    first, second = kept(db, session)
    change(db, cast.staff, session, [new(session), second])
    assert expected_at(db, session) == {"Phần 2": everybody, "Thảo luận": everybody}
    added = register.parts_of(db, session.id)[1]
    assert db.get_one(Expected, (added.id, cast.member.id)).exempt_reason == "Đi công tác"
    assert (session.title, session.starts_at, session.ends_at) == (
        "Hội nghị mới",
        second.plan.starts_at,
        added.ends_at,
    )
    ((made, by),) = agenda.history(db, session)
    assert (made.sequence, made.kind, by, made.before["parts"][0]["id"]) == (
        1,
        ChangeKind.AGENDA,
        cast.staff,
        str(first.id),
    )


def test_parts_may_change_places(db, cast, session):
    one, two = register.parts_of(db, session.id)
    swapped = [
        PartChange(PartPlan(one.title, two.starts_at, two.ends_at), one.id),
        PartChange(PartPlan(two.title, one.starts_at, one.ends_at), two.id),
    ]
    change(db, cast.staff, session, swapped)
    assert [part.title for part in register.parts_of(db, session.id)] == ["Phần 2", "Phần 1"]


def test_a_late_change_needs_a_reason_and_is_told_as_late(db, cast):
    session = factories.open_session(db, cast, starts_in=timedelta(hours=5))
    starts = session.starts_at
    with pytest.raises(agenda.ChangeReasonMissing):
        change(db, cast.staff, session, kept(db, session))
    change(db, cast.staff, session, kept(db, session), reason="Đợi báo cáo viên")
    ((made, _),) = agenda.history(db, session)
    assert made.reason == "Đợi báo cáo viên"
    assert agenda.came_late(made.changed_at, starts)


def test_of_two_writers_the_second_is_told(db, cast, session):
    change(db, cast.staff, session, kept(db, session))
    with pytest.raises(agenda.AgendaChangedMeanwhile):
        change(db, cast.administrator, session, kept(db, session))
    change(db, cast.administrator, session, kept(db, session), known_sequence=1)
    assert agenda.sequence_of(db, session) == 2


def test_a_part_with_entries_is_not_taken_out_and_nothing_is_lost(db, cast, session):
    point = factories.join(db, cast, session, technician=cast.technician)
    factories.count_people(db, cast.technician, point, factories.first_part(db, session), 5)
    before = expected_at(db, session)
    with pytest.raises(agenda.PartInUse):
        change(db, cast.staff, session, kept(db, session)[1:])
    db.expire_all()
    assert set(before.values()) == set(expected_at(db, session).values())


def test_what_has_begun_is_foreign_or_in_the_past_is_refused(db, cast, session):
    begun = factories.open_session(db, cast, starts_in=-HOUR)
    with pytest.raises(agenda.AgendaBegun):
        change(db, cast.staff, begun, kept(db, begun))
    with pytest.raises(register.PartOfAnotherSession):
        change(db, cast.staff, session, [PartChange(new(session).plan, factories.first_part(db, begun).id)])
    with pytest.raises(register.PartsMissing):
        change(db, cast.staff, session, [])
    with pytest.raises(agenda.BeginsInThePast):
        change(db, cast.staff, session, [new(session, hours=-100)])
    with pytest.raises(register.ReplayEndsTooEarly):
        change(db, cast.staff, session, [new(session, hours=24 * 60)])
    with pytest.raises(agenda.NotAllowed):
        change(db, cast.member, session, kept(db, session))


def test_a_conference_called_off_stays_with_its_reason_and_takes_no_more_points(db, cast, session):
    with pytest.raises(agenda.ChangeReasonMissing):
        agenda.cancel(db, cast.staff, session, " ")
    agenda.cancel(db, cast.staff, session, "Bão số 9")
    agenda.cancel(db, cast.staff, session, "Bão số 9")
    ((made, _),) = agenda.history(db, session)
    assert (made.kind, made.reason) == (ChangeKind.CANCELLED, "Bão số 9")
    assert session.cancelled_at <= clock.now()
    with pytest.raises(register.SessionCancelled):
        factories.join(db, cast, session)
    with pytest.raises(register.SessionCancelled):
        change(db, cast.staff, session, kept(db, session), known_sequence=1)
