from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import people, roles, units
from sessions.listing import has_words
from sessions.models import Person, Role
from tests import factories


def names_seen_by(db, person, **narrowed):
    found, total = people.find(db, person, **narrowed)
    assert total == len(found)
    return [each.person.full_name for each in found]


def test_staff_enrol_people_of_their_own_units_only(db, cast):
    person = people.enrol(db, cast.staff, "  Giàng   A Páo ", cast.commune, "TV-0001")
    assert (person.full_name, person.search_key) == ("Giàng A Páo", "giang a pao")
    with pytest.raises(roles.OutsideScope):
        people.enrol(db, cast.staff, "Giàng A Páo", cast.neighbour)
    with pytest.raises(roles.OutsideScope):
        people.enrol(db, cast.technician, "Giàng A Páo", cast.commune)


def test_a_member_number_belongs_to_one_person_and_many_may_have_none(db, cast):
    people.enrol(db, cast.staff, "Lò Thị Một", cast.commune, "TV-0002")
    with pytest.raises(people.MemberNumberTaken):
        people.enrol(db, cast.staff, "Lò Thị Hai", cast.commune, " TV-0002 ")
    people.enrol(db, cast.staff, "Lò Thị Ba", cast.commune)
    people.enrol(db, cast.staff, "Lò Thị Tư", cast.commune, "")


def test_nobody_is_enrolled_in_a_unit_that_has_ended(db, cast):
    units.end(db, cast.administrator, cast.other_commune, units.today().replace(year=2024))
    with pytest.raises(units.UnitNotValid):
        people.enrol(db, cast.staff, "Tẩn Thị Năm", cast.other_commune)


def test_people_are_listed_by_given_name_within_ones_own_units(db, cast):
    factories.enrol(db, cast.neighbour, "Quàng Văn Ăn")
    factories.enrol(db, cast.commune, "Vừ A Ánh")
    everyone = names_seen_by(db, cast.staff)
    assert everyone == [
        "Vừ A Ánh",
        "Trần Văn Bộ",
        "Phạm Thị Duyệt",
        "Lò Văn Kỹ",
        "Nguyễn Thị Mai",
        "Vàng A Trị",
    ]
    assert names_seen_by(db, cast.technician) == ["Vừ A Ánh", "Lò Văn Kỹ", "Nguyễn Thị Mai"]
    assert names_seen_by(db, cast.member) == []
    assert names_seen_by(db, cast.stranger) == []


def test_people_are_found_without_accents_and_below_a_unit(db, cast):
    assert names_seen_by(db, cast.staff, q="nguyen thi MAI") == ["Nguyễn Thị Mai"]
    assert names_seen_by(db, cast.staff, q="mai nguyễn") == ["Nguyễn Thị Mai"]
    assert names_seen_by(db, cast.staff, q="guyen") == []
    assert names_seen_by(db, cast.staff, unit=cast.other_commune) == []
    assert names_seen_by(db, cast.staff, unit=cast.neighbour) == []


@pytest.mark.parametrize("most_sorted", [people._MOST_SORTED, 0])
def test_a_name_is_found_in_one_way_whether_few_or_a_million_bear_it(db, cast, monkeypatch, most_sorted):
    monkeypatch.setattr(people, "_MOST_SORTED", most_sorted)
    for name in ("Nguyễn Thị Mai", "Mai Thị Ánh", "Hmai Nguyên", "Trần-Thị Maia", "Lò Văn 2"):
        people.enrol(db, cast.staff, name, cast.commune)
    everywhere = cast.administrator
    for q in ("thi mai", "mai", "MÀI", "ai", "thi ngu", "2", "lo 2", "x&y", "tran-thi", "t"):
        plain = select(Person.full_name).where(has_words(Person.search_key, q)).order_by(Person.sort_key)
        assert names_seen_by(db, everywhere, q=q) == db.scalars(plain).all(), q
    assert "Nguyễn Thị Mai" in names_seen_by(db, everywhere, q="thi mai")
    assert "Hmai Nguyên" not in names_seen_by(db, everywhere, q="mai")


def test_a_page_says_how_many_there_are_even_beyond_its_end(db, cast):
    page, total = people.find(db, cast.staff, offset=1, limit=2)
    assert ([each.person.full_name for each in page], total) == (["Phạm Thị Duyệt", "Lò Văn Kỹ"], 5)
    assert people.find(db, cast.staff, offset=50, limit=2) == ([], 5)


def test_a_list_shows_sign_in_names_and_roles(db, cast):
    factories.enrol(db, cast.commune, "Vừ A Ánh")
    shown = {each.person.full_name: each for each in people.find(db, cast.staff)[0]}
    assert shown["Vừ A Ánh"].username is None
    assert shown["Vừ A Ánh"].roles == []
    assert shown["Lò Văn Kỹ"].username == "ky"
    assert [(grant.role, unit) for grant, unit in shown["Lò Văn Kỹ"].roles] == [(Role.TECHNICIAN, cast.commune)]


def test_a_person_outside_ones_units_cannot_be_told_from_one_who_is_not_there(db, cast):
    assert people.see(db, cast.staff, cast.member.id) == (cast.member, cast.commune)
    for person_id in (cast.stranger.id, uuid4()):
        with pytest.raises(people.PersonUnknown):
            people.see(db, cast.staff, person_id)


def test_an_administrator_entrusts_roles_in_their_own_units_to_their_own_people(db, cast):
    grant = people.entrust(db, cast.administrator, cast.member, Role.TECHNICIAN, cast.commune)
    assert roles.may(db, cast.member.id, {Role.TECHNICIAN}, cast.commune)
    with pytest.raises(roles.RoleHeldAlready):
        people.entrust(db, cast.administrator, cast.member, Role.TECHNICIAN, cast.commune)
    people.dismiss(db, cast.administrator, grant.id)
    assert not roles.may(db, cast.member.id, {Role.TECHNICIAN}, cast.commune)


@pytest.mark.parametrize(
    ("by", "person", "unit"),
    [
        pytest.param("staff", "member", "commune", id="staff are not administrators"),
        pytest.param("administrator", "member", "neighbour", id="a unit of somebody else"),
        pytest.param("administrator", "stranger", "commune", id="a person of somebody else"),
    ],
)
def test_a_role_is_not_entrusted(db, cast, by, person, unit):
    with pytest.raises(roles.OutsideScope):
        people.entrust(db, getattr(cast, by), getattr(cast, person), Role.STAFF, getattr(cast, unit))


def test_nobody_takes_away_their_own_administration_nor_a_role_twice(db, cast):
    (own,) = [grant for grant, _ in roles.grants_of(db, cast.administrator.id)]
    with pytest.raises(people.OwnRole):
        people.dismiss(db, cast.administrator, own.id)
    (theirs,) = [grant for grant, _ in roles.grants_of(db, cast.technician.id)]
    with pytest.raises(roles.OutsideScope):
        people.dismiss(db, cast.staff, theirs.id)
    people.dismiss(db, cast.administrator, theirs.id)
    with pytest.raises(people.RoleUnknown):
        people.dismiss(db, cast.administrator, theirs.id)
