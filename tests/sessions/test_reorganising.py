from datetime import date, timedelta

import pytest
from sqlalchemy import select

from sessions import lineage, register, reorganising, reports, roles, units
from sessions.models import AuditEntry, Change, Person, Role, RoleGrant, UnitKind, UnitSuccession
from sessions.reorganising import Named
from sessions.roles import OutsideScope
from tests import cast as players
from tests import factories

REFORM = date(2025, 7, 1)
EVE = REFORM - timedelta(days=1)


@pytest.fixture
def add(db, cast):
    """A unit of the cast's province that has stood for years, added by the system."""

    def make(name, parent=None, *, kind=UnitKind.COMMUNE, code=None, valid_from=date(2010, 1, 1)):
        parent = parent or cast.province
        return units.add(db, None, name=name, kind=kind, valid_from=valid_from, parent=parent, code=code)

    return make


def tree(db, top, day):
    """The names below a unit on a day, nested."""
    return {unit.name: tree(db, unit, day) for unit in units.children_of(db, top, day)}


def links(db, unit):
    """What came of a unit, and how."""
    came = db.scalars(select(UnitSuccession).where(UnitSuccession.predecessor_id == unit.id)).all()
    return {(units.get(db, each.successor_id).name, each.change, each.main) for each in came}


def test_a_renamed_unit_takes_everything_below_it_along_and_the_old_tree_stays(db, cast, add):
    commune = add("Xã Mường Tè", code="03445")
    cell = add("Chi bộ Nậm Củm", commune, kind=UnitKind.AGENCY)
    group = add("Tổ 1", cell, kind=UnitKind.AGENCY)
    ward = reorganising.rename(db, cast.administrator, commune, "Phường Mường Tè", REFORM)
    old, new = units.children_of(db, cast.province, EVE), units.children_of(db, cast.province, REFORM)
    assert (commune in old, ward in old, commune in new, ward in new) == (True, False, False, True)
    assert tree(db, commune, EVE) == tree(db, ward, REFORM) == {"Chi bộ Nậm Củm": {"Tổ 1": {}}}
    assert (ward.code, ward.kind, links(db, commune)) == (
        "03445",
        UnitKind.COMMUNE,
        {("Phường Mường Tè", Change.RENAMED, True)},
    )
    assert links(db, group) == {("Tổ 1", Change.FOLLOWED, True)}
    (last,) = units.successors_of(db, group)
    assert units.places_of(db, [last], REFORM)[0].path_names == [
        "Lai Châu",
        "Phường Mường Tè",
        "Chi bộ Nậm Củm",
        "Tổ 1",
    ]


def test_people_rooms_and_roles_go_on_with_a_renamed_unit_as_do_their_rights_over_its_past(db, cast):
    session = factories.open_session(db, cast)
    session.tree_date = EVE
    point = factories.join(db, cast, session)
    new = reorganising.rename(db, cast.administrator, cast.commune, "Xã Sìn Hồ Mới", REFORM)
    assert (cast.member.unit_id, cast.technician.unit_id) == (new.id, new.id)
    assert units.get(db, point.unit_id).name == "Sìn Hồ"
    assert [unit.id for _, unit in roles.grants_of(db, cast.technician.id)] == [new.id]
    assert db.scalar(select(RoleGrant).where(RoleGrant.unit_id == cast.commune.id)).revoked_at
    assert register.may_count(db, cast.technician, session, point)


def test_a_moved_unit_lies_below_its_new_parent_from_that_day_with_all_it_has(db, cast, add):
    agency = add("Trường THPT Sìn Hồ", cast.commune, kind=UnitKind.AGENCY)
    cell = add("Chi bộ học sinh", agency, kind=UnitKind.AGENCY)
    person = factories.enrol(db, cell)
    moved = reorganising.move(db, cast.administrator, agency, cast.other_commune, REFORM)
    assert moved.path.startswith(cast.other_commune.path)
    assert tree(db, cast.other_commune, REFORM) == {"Trường THPT Sìn Hồ": {"Chi bộ học sinh": {}}}
    assert tree(db, cast.commune, REFORM) == tree(db, cast.other_commune, EVE) == {}
    assert units.get(db, db.get_one(Person, person.id).unit_id).path.startswith(moved.path)


def test_a_unit_is_never_put_into_itself_or_into_what_lies_below_it(db, cast, add):
    upper = add("Đảng ủy khối")
    lower = add("Chi bộ 1", upper)
    for target in (upper, lower):
        with pytest.raises(reorganising.UnitBelowItself):
            reorganising.move(db, cast.administrator, upper, target, REFORM)
    with pytest.raises(reorganising.UnitBelowItself):
        reorganising.merge(db, cast.administrator, [upper], lower, REFORM)
    with pytest.raises(reorganising.UnitBelowItself):
        reorganising.merge(db, cast.administrator, [upper, lower], Named("Đảng ủy mới"), REFORM)


def test_two_moves_one_after_the_other_make_no_circle(db, cast, add):
    one, other = add("Đảng ủy A"), add("Đảng ủy B")
    below = reorganising.move(db, cast.administrator, one, other, REFORM)
    with pytest.raises(reorganising.UnitBelowItself):
        reorganising.move(db, cast.administrator, other, below, REFORM + timedelta(days=9))
    with pytest.raises(units.UnitNotValid):
        reorganising.move(db, cast.administrator, other, one, REFORM + timedelta(days=9))


def test_merged_units_become_a_new_one_that_has_all_their_units_people_and_rooms(db, cast, add):
    old = [add("Xã Thu Lũm", code="03436"), add("Xã Ka Lăng", code="03439")]
    for unit in old:
        add("Chi bộ 1", unit, kind=UnitKind.AGENCY)
    people = [factories.enrol(db, unit) for unit in old]
    new = reorganising.merge(db, cast.administrator, old, Named("Xã Thu Lũm", code="03439"), REFORM)
    assert {db.get_one(Person, each.id).unit_id for each in people} == {new.id}
    assert tree(db, new, REFORM) == {"Chi bộ 1": {}, "Chi bộ 1 (Xã Ka Lăng)": {}}
    assert [tree(db, unit, EVE) for unit in old] == [{"Chi bộ 1": {}}] * 2
    assert [links(db, unit) for unit in old] == [{("Xã Thu Lũm", Change.MERGED, True)}] * 2
    assert {unit.name for unit in units.predecessors_of(db, new)} == {"Xã Thu Lũm", "Xã Ka Lăng"}


def test_a_unit_may_be_merged_into_one_that_goes_on(db, cast, add):
    small = add("Xã Tủa Sín Chải")
    heir = reorganising.merge(db, cast.administrator, [small], cast.commune, REFORM)
    assert (heir, heir.valid_to, small.valid_to) == (cast.commune, None, EVE)
    assert links(db, small) == {("Sìn Hồ", Change.MERGED, True)}


def test_nothing_is_merged_into_a_unit_that_has_ended_or_is_to_end(db, cast, add):
    small, gone, going = add("Xã Làng Mô"), add("Xã Căn Co"), add("Xã Nậm Cha")
    units.end(db, None, gone, EVE)
    units.end(db, None, going, date(2099, 12, 31))
    for target, refusal in ((gone, units.UnitNotValid), (going, units.UnitEndedAlready)):
        with pytest.raises(refusal):
            reorganising.merge(db, cast.administrator, [small], target, REFORM)
    assert small.valid_to is None


def test_a_split_unit_is_followed_by_its_pieces_each_with_the_units_given_to_it(db, cast, add):
    whole = add("Xã Nậm Tăm", code="03500")
    north, south = (add(f"Bản {name}", whole, kind=UnitKind.AGENCY) for name in ("Bắc", "Nam"))
    person = factories.enrol(db, whole)
    pieces = [Named("Xã Nậm Tăm", code="03500"), Named("Xã Pa Khóa", child_ids=frozenset({south.id}))]
    main, other = reorganising.split(db, cast.administrator, whole, pieces, REFORM)
    assert (tree(db, main, REFORM), tree(db, other, REFORM)) == ({"Bản Bắc": {}}, {"Bản Nam": {}})
    assert links(db, whole) == {("Xã Nậm Tăm", Change.SPLIT, True), ("Xã Pa Khóa", Change.SPLIT, False)}
    assert db.get_one(Person, person.id).unit_id == main.id
    pieces = [Named("Một"), Named("Hai", child_ids=frozenset({north.id}))]
    with pytest.raises(reorganising.NotDirectlyBelow):
        reorganising.split(db, cast.administrator, cast.commune, pieces, REFORM)


def test_the_same_change_twice_is_one_change(db, cast, add):
    a, b, c, d = (add(f"Xã {letter}") for letter in "ABCD")
    changes = [
        lambda: reorganising.rename(db, cast.administrator, a, "Xã A1", REFORM),
        lambda: reorganising.merge(db, cast.administrator, [b, c], Named("Xã BC"), REFORM),
        lambda: reorganising.split(db, cast.administrator, d, [Named("Xã D1"), Named("Xã D2")], REFORM),
    ]
    first = [change() for change in changes]
    noted = len(db.scalars(select(AuditEntry)).all())
    assert [change() for change in changes] == first
    assert len(db.scalars(select(AuditEntry)).all()) == noted


def test_another_change_on_the_day_on_which_a_unit_began_is_refused(db, cast, add):
    old = add("Xã Cũ")
    new = reorganising.rename(db, cast.administrator, old, "Xã Mới", REFORM)
    with pytest.raises(units.UnitEndedAlready):
        reorganising.rename(db, cast.administrator, old, "Xã Khác", REFORM)
    with pytest.raises(reorganising.UnitBeginsThen):
        reorganising.rename(db, cast.administrator, new, "Xã Khác", REFORM)
    with pytest.raises(reorganising.NothingChanges):
        reorganising.rename(db, cast.administrator, new, "Xã  Mới", REFORM + timedelta(days=1))


def test_a_change_does_not_go_back_behind_units_that_began_since(db, cast, add):
    old = add("Xã Trung Chải")
    add("Chi bộ mới", old, valid_from=REFORM + timedelta(days=3))
    with pytest.raises(reorganising.UnitBeginsThen):
        reorganising.rename(db, cast.administrator, old, "Phường Trung Chải", REFORM)


def test_no_two_units_have_one_name_or_code_at_the_same_time(db, cast, add):
    one = add("Xã Một", code="1")
    add("Xã Hai", code="2")
    with pytest.raises(units.UnitNameTaken):
        reorganising.rename(db, cast.administrator, one, "Xã Hai", REFORM)
    with pytest.raises(units.UnitCodeTaken):
        reorganising.rename(db, cast.administrator, one, "Xã Ba", REFORM, code="2")
    with pytest.raises(reorganising.TooFewUnits):
        reorganising.merge(db, cast.administrator, [one, one], Named("Xã Mười"), REFORM)
    with pytest.raises(reorganising.TooFewUnits):
        reorganising.split(db, cast.administrator, one, [Named("Xã Ba"), Named("Xã  Ba")], REFORM)


def test_only_an_administrator_of_every_unit_concerned_changes_them(db, cast, add):
    elsewhere = add("Xã Mường Ảng", cast.neighbour)
    unit = add("Xã Phúc Khoa")
    refused = [
        lambda: reorganising.rename(db, cast.staff, unit, "Phường Phúc Khoa", REFORM),
        lambda: reorganising.rename(db, cast.administrator, elsewhere, "Phường Mường Ảng", REFORM),
        lambda: reorganising.move(db, cast.administrator, unit, cast.neighbour, REFORM),
        lambda: reorganising.move(db, cast.administrator, elsewhere, cast.province, REFORM),
        lambda: reorganising.merge(db, cast.administrator, [unit, elsewhere], Named("Xã Chung"), REFORM),
        lambda: reorganising.merge(db, cast.administrator, [unit], elsewhere, REFORM),
        lambda: reorganising.split(db, cast.technician, unit, [Named("Một"), Named("Hai")], REFORM),
    ]
    for change in refused:
        with pytest.raises(OutsideScope):
            change()


def test_a_change_ahead_moves_people_and_roles_when_its_day_has_come(db, cast, monkeypatch):
    soon = units.today() + timedelta(days=30)
    new = reorganising.rename(db, cast.administrator, cast.commune, "Phường Sìn Hồ", soon)
    assert (cast.member.unit_id, cast.commune.valid_to) == (cast.commune.id, soon - timedelta(days=1))
    monkeypatch.setattr(units, "today", lambda: soon)
    assert units.hand_over(db) == 2
    db.expire_all()
    assert cast.member.unit_id == new.id
    assert [unit.id for _, unit in roles.grants_of(db, cast.technician.id)] == [new.id]


def test_a_conference_after_the_change_names_the_new_unit_and_one_before_it_the_old(db, cast):
    after, before = (players.conference(db, cast) for _ in range(2))
    before.tree_date = EVE
    new = reorganising.rename(db, None, cast.province, "Tỉnh Lai Châu", REFORM)
    assert (after.unit_id, before.unit_id) == (new.id, cast.province.id)
    rows, total = reports.participation(db, after, new)
    # Of the one unit that was summoned there, as it is since the change.
    (row,) = rows
    commune = units.get(db, row.unit.id)
    assert (commune.valid_from, commune.name, total.expected) == (REFORM, cast.commune.name, 1)


def test_a_conference_from_before_a_merger_reports_on_its_own_tree_for_staff_of_the_merged_province(db, cast):
    session = players.conference(db, cast)
    session.tree_date = EVE
    new = reorganising.merge(db, None, [cast.province, cast.neighbour], Named("Tỉnh Tây Bắc"), REFORM)
    clerk = factories.enrol(db, new)
    roles.grant(db, None, clerk, Role.STAFF, new)
    assert register.see(db, clerk, session.id) == session
    rows, total = reports.participation(db, session, new)
    assert [(row.unit.id, row.has_children, row.counts.expected) for row in rows] == [(cast.province.id, True, 1)]
    rows, total = reports.participation(db, session, cast.province)
    assert ([row.unit.id for row in rows], total.expected) == ([cast.commune.id], 1)
    assert register.may_report(db, clerk, session, cast.commune)
    everyone, _ = reports.people_of(db, session, new, credited=None, offset=0, limit=10)
    assert [(person.full_name, unit.name) for person, unit, _ in everyone] == [("Nguyễn Thị Mai", "Sìn Hồ")]
    assert not register.may_report(
        db, clerk, session, units.add(db, None, name="Khác", kind=UnitKind.PROVINCE, valid_from=EVE)
    )


def test_the_history_tells_every_change_that_led_to_a_unit_and_what_became_of_it(db, cast, add):
    first, other = add("Xã Tả Phìn"), add("Xã Sà Dề Phìn")
    renamed = reorganising.rename(db, None, first, "Xã Tả Phìn Hồ", date(2020, 1, 1))
    merged = reorganising.merge(db, None, [renamed, other], Named("Xã Tả Ngảo"), REFORM)
    steps = [(step.before.name, step.after.name, step.change) for step in lineage.history_of(db, merged)]
    assert steps == [
        ("Xã Tả Phìn", "Xã Tả Phìn Hồ", Change.RENAMED),
        ("Xã Sà Dề Phìn", "Xã Tả Ngảo", Change.MERGED),
        ("Xã Tả Phìn Hồ", "Xã Tả Ngảo", Change.MERGED),
    ]
    assert [step.after.name for step in lineage.history_of(db, first)] == ["Xã Tả Phìn Hồ", "Xã Tả Ngảo", "Xã Tả Ngảo"]
    assert lineage.as_of(db, merged, date(2012, 1, 1)) == [other, first]
    assert lineage.as_of(db, first, REFORM) == [merged]
    assert lineage.as_of(db, cast.commune, REFORM) == [cast.commune]
