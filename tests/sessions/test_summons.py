import pytest
from sqlalchemy import func, select

from sessions import clock, exemptions, register, summons, units
from sessions.errors import NotAllowed
from sessions.models import ExemptionKind, Expected, Role
from sessions.roles import OutsideScope
from tests import factories


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast, parts=2)


def summoned(db, by, session, **narrowed):
    found, total = summons.find(db, by, session, **narrowed)
    assert total == len(found)
    return [(person.full_name, reason) for person, _, reason, _ in found]


def test_everyone_of_the_units_and_below_is_summoned_to_every_part(db, cast, session):
    assert summons.expect(db, cast.staff, session, [cast.province]) == 5
    assert summons.size(db, session) == 5
    rows = db.scalar(select(func.count()).select_from(Expected).where(Expected.session_id == session.id))
    assert rows == 2 * 5
    assert ("Hoàng Người Lạ", None) not in summoned(db, cast.staff, session)


def test_summoning_again_adds_only_those_who_came_since(db, cast, session):
    summons.expect(db, cast.staff, session, [cast.commune])
    assert summons.expect(db, cast.staff, session, [cast.commune, cast.province]) == 3
    factories.enrol(db, cast.other_commune)
    assert summons.expect(db, cast.staff, session, [cast.province]) == 1
    assert summons.expect(db, cast.staff, session, [cast.province]) == 0


def test_exempted_people_stay_on_the_list_with_their_reason(db, cast, session):
    reasons = {cast.member.id: "  Đang điều trị "}
    assert summons.expect(db, cast.staff, session, [cast.commune], reasons) == 2
    assert summoned(db, cast.staff, session) == [("Lò Văn Kỹ", None), ("Nguyễn Thị Mai", "Đang điều trị")]
    summons.expect(db, cast.staff, session, [cast.commune], {cast.technician.id: "Trực kỹ thuật"})
    assert summoned(db, cast.staff, session)[0] == ("Lò Văn Kỹ", "Trực kỹ thuật")


def test_somebody_who_is_not_summoned_cannot_be_exempted(db, cast, session):
    with pytest.raises(summons.NotSummoned) as refusal:
        summons.expect(db, cast.staff, session, [cast.commune], {cast.stranger.id: "Ốm"})
    assert refusal.value.facts == {"count": 1}


def test_a_move_after_the_summons_changes_no_row_of_it(db, cast, session):
    summons.expect(db, cast.staff, session, [cast.commune])
    cast.member.unit_id = cast.other_commune.id
    db.flush()
    assert ("Nguyễn Thị Mai", None) in summoned(db, cast.staff, session, unit=cast.commune)
    assert summons.expect(db, cast.staff, session, [cast.province]) == 3


def test_people_who_left_before_are_not_summoned(db, cast, session):
    cast.member.left_at = session.starts_at
    cast.technician.left_at = clock.now()
    db.flush()
    summons.expect(db, cast.staff, session, [cast.commune])
    assert summoned(db, cast.staff, session) == [("Lò Văn Kỹ", None)]


def test_a_unit_that_was_not_there_on_the_day_is_not_summoned(db, cast, session):
    units.end(db, cast.administrator, cast.other_commune, units.today().replace(year=2024))
    with pytest.raises(units.UnitNotValid):
        summons.expect(db, cast.staff, session, [cast.other_commune])


def test_staff_summon_their_own_units_to_their_own_conferences(db, cast, session):
    clerk = factories.enrol(db, cast.commune)
    factories.entrust(db, clerk, Role.STAFF, cast.commune)
    for person in (clerk, cast.technician, cast.member):
        with pytest.raises(NotAllowed):
            summons.expect(db, person, session, [cast.commune])
    with pytest.raises(OutsideScope):
        summons.expect(db, cast.staff, session, [cast.commune, cast.neighbour])
    assert summons.size(db, session) == 0


def test_nobody_is_summoned_once_the_register_is_closed(db, cast, session):
    register.close(db, cast.staff, session)
    with pytest.raises(register.RegisterClosed):
        summons.expect(db, cast.staff, session, [cast.commune])


def test_the_list_shows_staff_their_own_people_only(db, cast, session):
    clerk = factories.enrol(db, cast.commune, "Giàng Thị Dế")
    factories.entrust(db, clerk, Role.STAFF, cast.commune)
    summons.expect(db, cast.staff, session, [cast.province])
    assert [name for name, _ in summoned(db, clerk, session)] == ["Giàng Thị Dế", "Lò Văn Kỹ", "Nguyễn Thị Mai"]
    assert summoned(db, cast.technician, session) == []
    assert summoned(db, clerk, session, unit=cast.other_commune) == []


def test_a_summons_is_a_handful_of_statements_however_many_people_there_are(db, cast, session):
    for _ in range(30):
        factories.enrol(db, cast.commune)
    with factories.statements(db) as sent:
        summons.expect(db, cast.staff, session, [cast.province])
    assert sum("INSERT INTO expected" in statement for statement in sent) == 1
    assert len(sent) < 10


def test_only_the_categories_that_are_asked_for_are_summoned(db, cast, session):
    cast.member.categories = ["Đảng viên dự bị"]
    cast.technician.categories = ["Cấp ủy viên", "Báo cáo viên"]
    assert summons.expect(db, cast.staff, session, [cast.province], categories=[" Báo cáo viên ", "Lãnh đạo"]) == 1
    assert summoned(db, cast.staff, session) == [("Lò Văn Kỹ", None)]
    assert summons.expect(db, cast.staff, session, [cast.province], categories=["Đảng viên dự bị"]) == 1


def test_whoever_is_let_off_on_the_day_is_on_the_list_with_the_reason(db, cast, session):
    exemptions.grant(db, cast.staff, cast.member, ExemptionKind.ATTENDING, "Tuổi cao", session.tree_date)
    exemptions.grant(db, cast.staff, cast.technician, ExemptionKind.REFLECTION, "Sức khỏe yếu", session.tree_date)
    summons.expect(db, cast.staff, session, [cast.commune])
    assert summoned(db, cast.staff, session) == [("Lò Văn Kỹ", None), ("Nguyễn Thị Mai", "Tuổi cao")]
