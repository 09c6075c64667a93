"""A reform from its files: both trees, every successor, and refusals that name the file and the row."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from sessions import lineage, unit_check, unit_files, unit_import, units
from sessions.models import AuditEntry, Change, Person, Unit, UnitKind, UnitSuccession
from sessions.unit_faults import UnitFilesWrong
from sessions.unit_files import File
from tests import factories, reform

ON, SINCE = date(2025, 7, 1), date(2020, 1, 1)
EVE = ON - timedelta(days=1)


def read(**changed):
    return unit_files.read(
        **{name: File(f"{name}.csv", text.encode()) for name, text in reform.texts(**changed).items()}
    )


def bring_in(db, by=None, **changed):
    return unit_import.run(db, by, read(**changed), ON, since=SINCE)


def named(db, name, day):
    return db.scalars(select(Unit).where(Unit.name == name, units.valid_on(day))).one()


def tree(db, top, day):
    return {unit.name: tree(db, unit, day) for unit in units.children_of(db, top, day)}


def refusal(work):
    with pytest.raises(UnitFilesWrong) as wrong:
        work()
    return wrong.value.sentence("vi")


def test_each_side_of_the_day_has_its_own_tree(db):
    bring_in(db)
    assert tree(db, None, EVE) == {
        "Tỉnh Biển": {"Huyện Bờ": {"Thị trấn Sóng": {}, "Xã Cát": {}}, "Huyện Hòn Xa": {}},
        "Tỉnh Núi": {"Huyện Đá": {"Xã Khe": {}, "Xã Suối": {}}},
        "Tỉnh Thanh Hóa": {"Huyện Đồng": {"Xã Lúa": {}}},
    }
    assert tree(db, None, ON) == {
        "Tỉnh Biển": {"Đặc khu Hòn Xa": {}, "Phường Suối": {}, "Xã Khe": {}, "Xã Sóng Cát": {}},
        "Tỉnh Thanh Hóa": {"Xã Lúa": {}},
    }


def test_every_row_of_both_mappings_is_right_and_a_wrong_one_is_counted(db):
    bring_in(db)
    verdict = unit_check.check(db, read(), ON)
    assert (verdict.communes, verdict.provinces, verdict.holds) == (7, 3, True)
    assert verdict.before == {UnitKind.PROVINCE: 3, UnitKind.DISTRICT: 4, UnitKind.COMMUNE: 5}
    assert verdict.after == {UnitKind.PROVINCE: 2, UnitKind.COMMUNE: 5}
    link = db.scalars(select(UnitSuccession).where(UnitSuccession.predecessor_id == named(db, "Xã Cát", EVE).id)).one()
    db.delete(link)
    db.flush()
    verdict = unit_check.check(db, read(), ON)
    assert (verdict.communes_wrong, verdict.provinces_wrong, verdict.holds) == ([4], [], False)


def test_how_each_unit_came_about_is_written_down(db):
    bring_in(db)
    came = {
        (step.before.name, step.after.name): (step.change, step.main)
        for name in ("Thị trấn Sóng", "Xã Khe", "Xã Suối", "Xã Lúa", "Huyện Hòn Xa", "Tỉnh Núi")
        for step in lineage.history_of(db, named(db, name, EVE))
    }
    assert came["Thị trấn Sóng", "Xã Sóng Cát"] == (Change.MERGED, True)
    assert came["Xã Khe", "Xã Khe"] == (Change.SPLIT, True)
    assert came["Xã Khe", "Phường Suối"] == (Change.SPLIT, False)
    assert came["Xã Lúa", "Xã Lúa"] == (Change.FOLLOWED, True)
    assert came["Huyện Hòn Xa", "Đặc khu Hòn Xa"] == (Change.RENAMED, True)
    assert came["Tỉnh Núi", "Tỉnh Biển"] == (Change.MERGED, True)


def test_importing_again_adds_nothing(db):
    bring_in(db)
    count = db.scalar(select(func.count()).select_from(Unit))
    again = bring_in(db)
    assert (again.before.total(), again.after.total(), again.ended, again.successions) == (0, 0, 0, 0)
    assert db.scalar(select(func.count()).select_from(Unit)) == count
    assert db.scalar(select(func.count()).where(AuditEntry.action == "units.imported")) == 2


def test_people_rooms_and_units_that_no_file_knows_go_on_with_the_main_successor(db, monkeypatch):
    monkeypatch.setattr(units, "today", lambda: EVE)
    old = units.add(db, None, name="Tỉnh Núi", kind=UnitKind.PROVINCE, valid_from=SINCE, code="92")
    district = units.add(db, None, name="Huyện Đá", kind=UnitKind.DISTRICT, valid_from=SINCE, code="903", parent=old)
    commune = units.add(db, None, name="Xã Khe", kind=UnitKind.COMMUNE, valid_from=SINCE, code="90003", parent=district)
    cell = units.add(db, None, name="Chi bộ 1", kind=UnitKind.AGENCY, valid_from=SINCE, parent=commune)
    office = units.add(db, None, name="Văn phòng", kind=UnitKind.AGENCY, valid_from=SINCE, parent=district)
    people = [factories.enrol(db, unit) for unit in (commune, cell, office)]
    monkeypatch.undo()
    assert bring_in(db).followed == 2
    places = units.places_of(db, [units.get(db, db.get_one(Person, each.id).unit_id) for each in people], ON)
    assert [place.path_names for place in places] == [
        ["Tỉnh Biển", "Xã Khe"],
        ["Tỉnh Biển", "Xã Khe", "Chi bộ 1"],
        ["Tỉnh Biển", "Văn phòng"],
    ]


def test_a_code_that_only_the_mapping_knows_is_read_as_the_unit_it_must_be_and_told(db):
    (note,) = bring_in(db).notes
    assert note.sentence("vi") == (
        "communes.csv, dòng 6: mã mới 90004 không có trong tệp đơn vị sau; hiểu là Phường Suối (mã 90013)"
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"before": ("90002,Xã Cát", "90001,Xã Cát")}, "before.csv, dòng 3: mã 90001 đã có ở dòng 2"),
        ({"before": ("901,Huyện Bờ,90002", "901,Huyện Bãi,90002")}, "dòng 3: mã 901 ở dòng 2 là “Huyện Bờ”, ở đây là"),
        ({"before": ("90005,Xã Lúa", "90005,")}, "before.csv, dòng 7: thiếu commune_name"),
        ({"after": ("93,Tỉnh Thanh Hoá,90005", "93,,90005")}, "after.csv, dòng 6: thiếu province_name"),
        ({"provinces": ("92,Tỉnh Núi,91", "92,Tỉnh Núi,95")}, "provinces.csv, dòng 3: mã mới 95 không có"),
        ({"communes": ("90002,90001,whole", "90002,90001,all")}, "communes.csv, dòng 4: “all” không phải whole"),
        ({"communes": ("90002,90001,whole,1", "90002,90001,whole,2")}, "communes.csv, dòng 4: “2” không phải 0 hay 1"),
        ({"communes": ("90002,90001,whole,1", "90012,90001,whole,1")}, "communes.csv, dòng 4: mã cũ 90012 không có"),
        ({"communes": ("90002,90001", "90002,90055")}, "communes.csv, dòng 4: mã mới 90055 không có"),
        ({"communes": ("90002,90001,whole,1,0\n", "")}, "before.csv, dòng 3: “Xã Cát” (mã 90002) không có đơn vị kế"),
        ({"communes": ("90003,90004,split,0", "90003,90004,split,1")}, "mã cũ 90003 phải có đúng một dòng default=1"),
        ({"communes": ("90003,90004,split", "90003,90004,whole")}, "mã cũ 90003 là whole nhưng có 2 dòng"),
        ({"communes": (",90009,whole", ",90003,whole")}, "communes.csv, dòng 2: không rõ đơn vị cũ nào thành mã mới"),
    ],
)
def test_rows_that_cannot_be_right_are_refused_by_file_and_row(changed, told):
    assert told in refusal(lambda: read(**changed))


def test_what_the_register_says_otherwise_is_refused_and_nothing_is_kept(db):
    units.add(db, None, name="Tỉnh Khác", kind=UnitKind.PROVINCE, valid_from=SINCE, code="92")
    db.commit()
    assert "before.csv, dòng 5: mã 92 trong hệ thống đang là “Tỉnh Khác”" in refusal(lambda: bring_in(db))
    db.rollback()
    assert db.scalars(select(Unit.name)).all() == ["Tỉnh Khác"]


def test_only_an_administrator_of_the_top_brings_in_provinces(db, cast):
    with pytest.raises(units.RootsAreForTheTop):
        bring_in(db, cast.staff)
    assert bring_in(db, cast.administrator).after[UnitKind.COMMUNE] == 5
