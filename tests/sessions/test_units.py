from datetime import date, timedelta

import pytest

from sessions import units
from sessions.models import Person, UnitKind
from sessions.roles import OutsideScope
from tests import factories

REFORM = date(2025, 7, 1)
EVE = REFORM - timedelta(days=1)


@pytest.fixture
def add(db, cast):
    """A commune of the cast's province, added by the system."""

    def make(name, *, parent=None, valid_from=date(2010, 1, 1), code=None, by=None):
        parent = parent or cast.province
        return units.add(db, by, name=name, kind=UnitKind.COMMUNE, valid_from=valid_from, parent=parent, code=code)

    return make


def test_a_unit_lies_below_its_parent_and_its_path_says_so(db, cast, add):
    commune = add("Mường Tè")
    cell = add("Chi bộ Nậm Củm", parent=commune)
    assert cell.path.startswith(commune.path)
    assert commune.path.startswith(cast.province.path)
    assert (cell.depth, commune.depth) == (cast.province.depth + 2, cast.province.depth + 1)
    (place,) = units.places_of(db, [cell], REFORM)
    assert place.path_names == ["Lai Châu", "Mường Tè", "Chi bộ Nậm Củm"]


def test_children_come_in_vietnamese_order_with_their_own_children_counted(db, cast, add):
    for name in ("Ủ", "Đoàn Kết", "Du", "Dào San", "Ả"):
        add(name)
    first = units.children_of(db, cast.province, REFORM)[0]
    add("Chi bộ 1", parent=first)
    children = units.children_of(db, cast.province, REFORM)
    names = [unit.name for unit in children]
    assert names == ["Ả", "Dào San", "Du", "Đoàn Kết", "Phong Thổ", "Sìn Hồ", "Ủ"]
    assert [place.children for place in units.places_of(db, children, REFORM)] == [1, 0, 0, 0, 0, 0, 0]


def test_names_are_found_with_or_without_accents_by_the_beginnings_of_words(db, cast, add):
    add("Đoàn Kết")
    assert [unit.name for unit in units.find(db, "doan ket")] == ["Đoàn Kết"]
    assert [unit.name for unit in units.find(db, "Kết")] == ["Đoàn Kết"]
    assert units.find(db, "oan") == []
    assert units.find(db, "%") == []


def test_a_search_stays_below_the_unit_that_is_named(db, cast, add):
    assert [unit.name for unit in units.find(db, "sin ho", within=cast.province)] == ["Sìn Hồ"]
    assert units.find(db, "sin ho", within=cast.neighbour) == []


def test_only_an_administrator_above_it_adds_a_unit(db, cast, add):
    assert add("Tà Tổng", by=cast.administrator).parent_id == cast.province.id
    for person in (cast.staff, cast.technician, cast.member):
        with pytest.raises(OutsideScope):
            add("Mù Cả", by=person)
    with pytest.raises(OutsideScope):
        add("Mường Ảng", parent=cast.neighbour, by=cast.administrator)


def test_only_an_administrator_of_the_very_top_adds_another_top(db, cast, add):
    top = units.add(db, cast.administrator, name="Trung ương", kind=UnitKind.CENTRE, valid_from=date(1945, 9, 2))
    assert top.depth == 0
    with pytest.raises(units.RootsAreForTheTop):
        units.add(db, cast.staff, name="Lào Cai", kind=UnitKind.PROVINCE, valid_from=date(2000, 1, 1))


def test_one_name_below_one_parent_and_one_code_anywhere_at_a_time(db, cast, add):
    add("Bum Tở", code="03454")
    with pytest.raises(units.UnitNameTaken):
        add("Bum  Tở")
    with pytest.raises(units.UnitCodeTaken):
        add("Mường Mô", code="03454", parent=cast.neighbour)
    assert add("Bum Tở", parent=cast.neighbour).name == "Bum Tở"


def test_a_unit_cannot_begin_before_its_parent(db, add):
    parent = add("Nậm Nhùn", valid_from=date(2012, 11, 2))
    with pytest.raises(units.UnitNotValid):
        add("Nậm Hàng", parent=parent, valid_from=date(2012, 11, 1))
    assert add("Nậm Hàng", parent=parent, valid_from=date(2012, 11, 2))


def test_a_reform_gives_each_side_of_the_day_its_own_tree(db, cast, add):
    old = [add("Thu Lũm cũ", code="03436"), add("Ka Lăng", code="03439")]
    for unit in old:
        units.end(db, cast.administrator, unit, EVE)
    new = add("Thu Lũm", valid_from=REFORM, code="03439")
    for unit in old:
        units.end(db, cast.administrator, unit, EVE, [new])
    before = {unit.name for unit in units.children_of(db, cast.province, EVE)}
    after = {unit.name for unit in units.children_of(db, cast.province, REFORM)}
    assert (before - after, after - before) == ({"Thu Lũm cũ", "Ka Lăng"}, {"Thu Lũm"})
    assert {unit.name for unit in units.predecessors_of(db, new)} == {"Thu Lũm cũ", "Ka Lăng"}
    assert units.successors_of(db, old[0]) == [new]


def test_people_and_rooms_go_to_the_main_successor_and_roles_to_nobody(db, cast, add):
    old, main, other = add("Nậm Xe"), add("Sin Suối Hồ"), add("Bản Lang")
    person, room = factories.enrol(db, old), factories.add_room(db, old)
    units.end(db, cast.administrator, old, EVE, [main, other])
    db.expire_all()
    assert (person.unit_id, room.unit_id) == (main.id, main.id)
    assert units.successors_of(db, old) == [main, other]


def test_people_stay_until_the_last_day_is_over(db, cast, add, monkeypatch):
    old, new = add("Pa Vệ Sủ"), add("Bum Nưa")
    person = factories.enrol(db, old)
    tomorrow = units.today() + timedelta(days=1)
    units.end(db, cast.administrator, old, tomorrow, [new])
    assert units.hand_over(db) == 0
    db.refresh(person)
    assert person.unit_id == old.id
    monkeypatch.setattr(units, "today", lambda: tomorrow + timedelta(days=1))
    assert units.hand_over(db) == 1
    assert units.hand_over(db) == 0
    db.refresh(person)
    assert person.unit_id == new.id


def test_people_follow_a_chain_of_successors_to_its_end(db, cast, add):
    first, second, third = add("Vàng San"), add("Hua Bum"), add("Hua Bum mới")
    person = factories.enrol(db, first)
    units.end(db, None, second, EVE, [third])
    units.end(db, None, first, EVE - timedelta(days=100), [second])
    units.hand_over(db)
    assert db.get_one(Person, person.id, populate_existing=True).unit_id == third.id


def test_a_unit_does_not_end_while_others_stand_on_it(db, cast, add):
    parent = add("Tân Uyên")
    child = add("Thân Thuộc", parent=parent)
    with pytest.raises(units.UnitHasChildren):
        units.end(db, cast.administrator, parent, EVE)
    units.end(db, cast.administrator, child, EVE)
    assert units.end(db, cast.administrator, parent, EVE).valid_to == EVE


def test_an_end_that_cannot_be_is_refused(db, cast, add):
    unit, successor = add("Tà Mít", valid_from=date(2011, 1, 1)), add("Nậm Sỏ")
    with pytest.raises(units.UnitEndsTooEarly):
        units.end(db, cast.administrator, unit, date(2010, 12, 31))
    units.end(db, cast.administrator, successor, EVE)
    with pytest.raises(units.UnitNotValid):
        units.end(db, cast.administrator, unit, EVE, [successor])
    with pytest.raises(units.UnitEndedAlready):
        units.end(db, cast.administrator, successor, REFORM)


def test_only_an_administrator_of_both_sides_lets_one_unit_take_over_another(db, cast, add):
    unit = add("Phúc Khoa")
    elsewhere = add("Mường Khoa", parent=cast.neighbour)
    for person, successors in ((cast.staff, []), (cast.administrator, [elsewhere])):
        with pytest.raises(OutsideScope):
            units.end(db, person, unit, EVE, successors)
