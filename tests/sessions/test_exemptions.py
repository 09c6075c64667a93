from datetime import timedelta

import pytest
from sqlalchemy import select

from sessions import exemptions, roles, units
from sessions.models import Exemption, ExemptionKind

ATTENDING, REFLECTION = ExemptionKind.ATTENDING, ExemptionKind.REFLECTION


def kinds_on(db, day):
    return set(db.scalars(select(Exemption.kind).where(exemptions.holds_on(day))))


def test_staff_let_people_of_their_units_off_for_a_while(db, cast):
    today = units.today()
    exemptions.grant(db, cast.staff, cast.member, ATTENDING, " Tuổi  cao ", today, today + timedelta(days=30))
    lasting = exemptions.grant(db, cast.staff, cast.member, REFLECTION, "Sức khoẻ yếu")
    assert kinds_on(db, today) == {ATTENDING, REFLECTION}
    assert kinds_on(db, today - timedelta(days=1)) == set()
    assert kinds_on(db, today + timedelta(days=31)) == {REFLECTION}
    exemptions.end(db, cast.staff, lasting.id)
    assert kinds_on(db, today + timedelta(days=1)) == {ATTENDING}
    assert [each.reason for each in exemptions.of_people(db, [cast.member.id])[cast.member.id]] == [
        "Tuổi cao",
        "Sức khoẻ yếu",
    ]


def test_nobody_exempts_themselves_strangers_or_the_same_person_twice(db, cast):
    exemptions.grant(db, cast.staff, cast.member, ATTENDING, "Tuổi cao")
    with pytest.raises(exemptions.ExemptAlready, match="Tuổi cao"):
        exemptions.grant(db, cast.releaser, cast.member, ATTENDING, "Bệnh")
    with pytest.raises(exemptions.OwnExemption):
        exemptions.grant(db, cast.staff, cast.staff, ATTENDING, "Bận")
    for by, person in ((cast.staff, cast.stranger), (cast.technician, cast.member)):
        with pytest.raises(roles.OutsideScope):
            exemptions.grant(db, by, person, ATTENDING, "Bận")
    today = units.today()
    with pytest.raises(exemptions.ExemptionEndsTooEarly):
        exemptions.grant(db, cast.staff, cast.technician, ATTENDING, "Bận", today, today - timedelta(days=1))


def test_an_end_lies_within_the_time_that_was_granted(db, cast):
    today = units.today()
    coming = exemptions.grant(db, cast.staff, cast.member, ATTENDING, "Đi công tác", today + timedelta(days=5))
    with pytest.raises(exemptions.ExemptionEndsTooEarly):
        exemptions.end(db, cast.staff, coming.id)
    exemptions.end(db, cast.staff, coming.id, today + timedelta(days=9))
    with pytest.raises(exemptions.ExemptionEndsTooLate):
        exemptions.end(db, cast.staff, coming.id, today + timedelta(days=10))
    assert coming.valid_to == today + timedelta(days=9)


def test_staff_see_who_of_their_units_is_exempt_now_or_later(db, cast):
    today = units.today()
    past = exemptions.grant(db, cast.staff, cast.member, REFLECTION, "Ốm", today - timedelta(days=9))
    exemptions.end(db, cast.staff, past.id, today - timedelta(days=1))
    later = exemptions.grant(db, cast.staff, cast.member, ATTENDING, "Tuổi cao", today + timedelta(days=9))
    now = exemptions.grant(db, cast.staff, cast.technician, ATTENDING, "Ốm")
    assert [row[0] for row in exemptions.find(db, cast.staff)[0]] == [now, later]
    assert exemptions.find(db, cast.staff, unit=cast.other_commune) == ([], 0)
    found, total = exemptions.find(db, cast.staff, unit=cast.commune, offset=1, limit=1)
    assert ([tuple(row) for row in found], total) == ([(later, cast.member, cast.commune)], 2)
    assert exemptions.find(db, cast.technician) == ([], 0)
    assert exemptions.of_person(db, cast.staff, cast.member) == [later]
    with pytest.raises(roles.OutsideScope):
        exemptions.of_person(db, cast.technician, cast.member)
