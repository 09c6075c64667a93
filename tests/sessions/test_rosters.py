"""Lists of people as offices keep them, made here: the same people in every form, and no row lost or doubled."""

import unicodedata
from datetime import date

import pytest
from sqlalchemy import func, select

from sessions import people, roles, units
from sessions.listing import MOST_COUNTED
from sessions.models import AuditEntry, Exemption, ExemptionKind, Person, PersonMove, Unit, UnitKind
from sessions.rosters import imports
from sessions.rosters.faults import Fault
from sessions.tables import read
from tests.sessions.test_tables import text, windows_1258, xlsx

HEADER = ["STT", "Họ và tên", "Đơn vị", "Chức vụ"]
PEOPLE = [
    ["1", "Võ Ngọc Ngọc", "Sìn Hồ", "Công chức"],
    ["2", "Bùi Hồng Minh", "Xã Sìn Hồ", "Bí thư"],
    ["3", "Nguyễn Đỗ Phước", "Đảng ủy xã Phong Thổ", "Công chức"],
    ["4", "Huỳnh Thị Thân", "phong tho", ""],
]
ROSTER = [HEADER, *PEOPLE]
TITLED = [["ĐẢNG BỘ TỈNH LAI CHÂU"], [], ["Danh sách đảng viên dự hội nghị, họ và tên xếp theo đơn vị"], *ROSTER]


def rolls(db):
    rows = select(Person.full_name, Unit.name, Person.position).join(Unit, Unit.id == Person.unit_id)
    return set(db.execute(rows.where(Person.created_at > select(func.min(Person.created_at)).scalar_subquery())).all())


def csv(*rows):
    return text([HEADER, *rows]).encode()


def bring(db, cast, data, *, by=None, unit=None, **how):
    return imports.bring_in(db, by or cast.staff, unit or cast.province, data, **how)


def said(outcome):
    return [(finding.row, finding.fault) for finding in outcome.findings]


def person(db, name):
    return db.scalars(select(Person).where(Person.full_name == name)).one()


FORMS = {
    "semicolons, UTF-8": text(ROSTER, ";").encode(),
    "as a Mac writes it": unicodedata.normalize("NFD", text(ROSTER, ";", "\n")).encode(),
    "Windows-1258": windows_1258(text(ROSTER, ";")),
    "UTF-16": text(ROSTER, "\t").encode("utf-16"),
    "titles above": text([row + [""] * (4 - len(row)) for row in TITLED]).encode("utf-8-sig"),
    "a workbook with merged titles and cells": xlsx(
        [["", "", "", ""], [], *ROSTER],
        merged=[("A1:D1", "DANH SÁCH ĐẢNG VIÊN"), ("A9:D9", "Tổng cộng: 4 người")],
    ),
}


def test_one_list_brings_the_same_people_however_it_was_written(db, cast):
    before = rolls(db)
    seen = {}
    for form, data in FORMS.items():
        outcome = bring(db, cast, data)
        assert said(outcome) == [], form
        assert (outcome.rows, outcome.new) == (4, 4), form
        seen[form] = rolls(db) - before
        db.rollback()
    assert set(map(frozenset, seen.values())) == {
        frozenset(
            {
                ("Võ Ngọc Ngọc", "Sìn Hồ", "Công chức"),
                ("Bùi Hồng Minh", "Sìn Hồ", "Bí thư"),
                ("Nguyễn Đỗ Phước", "Phong Thổ", "Công chức"),
                ("Huỳnh Thị Thân", "Phong Thổ", None),
            }
        )
    }


@pytest.mark.parametrize("form", FORMS)
def test_bringing_a_list_again_changes_nothing_and_says_whom_it_knew_by_name_only(db, cast, form):
    bring(db, cast, FORMS["semicolons, UTF-8"])
    count = db.scalar(select(func.count()).select_from(Person))
    again = bring(db, cast, FORMS[form])
    assert (again.new, again.changed, again.same) == (0, 0, 4)
    assert {fault for _, fault in said(again)} == {Fault.BY_NAME}
    assert db.scalar(select(func.count()).select_from(Person)) == count


NUMBERED = ["Số thẻ", "Họ và tên", "Đơn vị", "Ngày sinh", "Đối tượng", "Miễn sinh hoạt", "Miễn bài thu hoạch"]


def numbered(*rows):
    return xlsx([NUMBERED, *(list(row) + [""] * (7 - len(row)) for row in rows)])


def test_a_number_finds_the_person_wherever_they_are_and_moves_them(db, cast):
    mai = cast.member
    outcome = bring(db, cast, numbered(["TV-mai", "NGUYỄN THỊ MAI", "Phong Thổ", "02/03/1985"]))
    assert (outcome.new, outcome.changed, outcome.moved, said(outcome)) == (0, 1, 1, [])
    db.refresh(mai)
    assert (mai.full_name, mai.unit_id, mai.birth_date) == ("Nguyễn Thị Mai", cast.other_commune.id, date(1985, 3, 2))
    moved = db.scalars(select(PersonMove)).one()
    assert (moved.person_id, moved.from_unit_id, moved.to_unit_id) == (mai.id, cast.commune.id, cast.other_commune.id)
    again = bring(db, cast, numbered(["TV-mai", "NGUYỄN THỊ MAI", "Phong Thổ", "02/03/1985"]))
    assert (again.changed, again.same) == (0, 1)


def test_a_list_without_units_leaves_everybody_where_they_are(db, cast):
    data = text([["Số thẻ", "Họ tên"], ["TV-mai", "Nguyễn Thị Mai"], ["77", "Giàng A Sử"]]).encode()
    outcome = bring(db, cast, data)
    assert (outcome.same, outcome.new, outcome.moved) == (1, 1, 0)
    assert person(db, "Giàng A Sử").unit_id == cast.province.id


def test_lines_that_stand_alone_name_the_unit_of_those_below(db, cast):
    rows = [
        ["TT", "Họ và tên", "Chức vụ"],
        ["I", "ĐẢNG ỦY XÃ SÌN HỒ", ""],
        ["1", "Lò Thị Một", ""],
        ["II", "Đảng ủy xã Phong Thổ", ""],
        ["1", "Lò Thị Hai", "Phó bí thư"],
        ["", "Tổng cộng: 2 đồng chí", ""],
        ["", "", "Lai Châu, ngày 1 tháng 7 năm 2026"],
        ["", "NGƯỜI LẬP BIỂU", ""],
        ["", "Trần Văn Ký", ""],
    ]
    outcome = bring(db, cast, text(rows).encode())
    assert (outcome.rows, outcome.new, said(outcome)) == (2, 2, [])
    assert person(db, "Lò Thị Một").unit_id == cast.commune.id
    assert person(db, "Lò Thị Hai").unit_id == cast.other_commune.id


def test_what_is_wrong_with_a_row_is_said_of_that_row_and_the_others_come_in(db, cast):
    outcome = bring(
        db,
        cast,
        numbered(
            ["1", "", "Sìn Hồ"],
            ["2", "Nguy?n Th? Mai", "Sìn Hồ"],
            ["3", "12345", "Sìn Hồ"],
            ["1,80112E+11", "Lò Văn Tư", "Sìn Hồ"],
            ["5", "Lò Văn Năm", "Sìn Hô huyện"],
            ["6", "Lò Văn Sáu", "Sìn Hồ"],
            ["6", "Lò Văn Bảy", "Sìn Hồ"],
            ["TV-ky", "Trương Vô Kỵ", "Sìn Hồ"],
            ["TV-la", "Hoàng Người Lạ", "Sìn Hồ"],
            ["", "Lò Văn Chín", "Sìn Hồ", "31/02/1990"],
            ["", "Lò Văn Chín", "Xã Sìn Hồ"],
        ),
        by=cast.staff,
    )
    assert said(outcome) == [
        (2, Fault.NAME_MISSING),
        (3, Fault.NAME_GARBLED),
        (4, Fault.NAME_UNFIT),
        (5, Fault.NUMBER_SPOILT),
        (6, Fault.UNIT_UNKNOWN),
        (8, Fault.NUMBER_TWICE),
        (9, Fault.NAME_DIFFERS),
        (10, Fault.ELSEWHERE),
        (11, Fault.BIRTH_UNREAD),
        (12, Fault.NAMESAKE),
    ]
    assert (outcome.rows, outcome.new, outcome.held) == (11, 2, 9)
    assert "Sìn Hồ" in next(each for each in outcome.findings if each.row == 6).sentence("vi")
    for finding in outcome.findings:
        assert "{" not in finding.sentence("vi") + finding.sentence("en")


def test_two_units_of_one_name_need_the_one_above(db, cast):
    for above in (cast.commune, cast.other_commune):
        make_unit(db, "Chi bộ 1", above)
    rows = [
        ["Họ và tên", "Chi bộ", "Đảng bộ"],
        ["Lò Thị Một", "Chi bộ 1", ""],
        ["Lò Thị Hai", "Chi bộ 1", "Đảng ủy xã Sìn Hồ"],
        ["Lò Thị Ba", "chi bộ 1 - xã Phong Thổ", ""],
    ]
    outcome = bring(db, cast, text(rows).encode())
    assert said(outcome) == [(2, Fault.UNIT_AMBIGUOUS)]
    assert "Lai Châu › Sìn Hồ › Chi bộ 1" in outcome.findings[0].sentence("vi")
    assert outcome.new == 2


def make_unit(db, name, parent):
    return units.add(db, None, name=name, kind=UnitKind.AGENCY, valid_from=date(2020, 1, 1), parent=parent)


def test_a_number_is_added_to_the_one_person_of_that_name_and_namesakes_are_told_apart_by_birth(db, cast):
    bring(db, cast, numbered(["", "Lò Văn Ba", "Sìn Hồ", "1/2/1980"], ["", "Lò Văn Ba", "Sìn Hồ", "3/4/1990"]))
    outcome = bring(db, cast, numbered(["30", "Lò Văn Ba", "Sìn Hồ", "3/4/1990"], ["", "Lò Văn Ba", "Sìn Hồ"]))
    assert said(outcome) == [(2, Fault.NUMBER_ADOPTED), (3, Fault.PERSON_AMBIGUOUS)]
    assert db.scalar(select(Person.birth_date).where(Person.member_number == "30")) == date(1990, 4, 3)
    assert db.scalar(select(func.count()).where(Person.full_name == "Lò Văn Ba")) == 2


def test_exemptions_and_categories_come_with_the_list_once(db, cast):
    data = numbered(
        ["TV-mai", "Nguyễn Thị Mai", "Sìn Hồ", "", "Công chức; Cán bộ chủ chốt", "Tuổi cao", ""],
        ["TV-bo", "Trần Văn Bộ", "", "", "", "x", ""],
        ["9", "Lò Văn Chín", "Sìn Hồ", "", "", "", "x"],
    )
    assert bring(db, cast, data).exempted == 2
    assert bring(db, cast, data).exempted == 0
    assert cast.member.categories == ["Công chức", "Cán bộ chủ chốt"]
    held = select(Person.full_name, Exemption.kind, Exemption.reason).join(Exemption, Exemption.person_id == Person.id)
    assert set(db.execute(held).all()) == {
        ("Nguyễn Thị Mai", ExemptionKind.ATTENDING, "Tuổi cao"),
        ("Lò Văn Chín", ExemptionKind.REFLECTION, "Theo danh sách"),
    }


def test_a_dry_run_says_the_same_and_changes_nothing(db, cast):
    data = numbered(["TV-mai", "Nguyễn Thị Mai", "Phong Thổ", "", "", "x"], ["9", "Lò Văn Chín", "Sìn Hồ"], ["8", ""])
    before = rolls(db)
    dry = bring(db, cast, data, dry_run=True)
    assert rolls(db) == before
    assert db.scalar(select(func.count()).select_from(Exemption)) == 0
    wet = bring(db, cast, data)
    assert dry == wet
    assert (wet.new, wet.moved, wet.held, wet.absent) == (1, 1, 1, 4)
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "roster.imported")).one()
    assert entry.detail["new"] == 1


def test_only_staff_of_the_unit_bring_a_list(db, cast):
    for by in (cast.technician, cast.member, cast.stranger):
        with pytest.raises(roles.OutsideScope):
            bring(db, cast, csv(*PEOPLE), by=by)
    with pytest.raises(roles.OutsideScope):
        bring(db, cast, csv(*PEOPLE), unit=cast.neighbour)


def test_a_file_is_looked_through_then_taken_over_once(db, cast):
    data = csv(*PEOPLE)
    kept = imports.look_through(db, cast.staff, cast.province, "ds.csv", data, read(data))
    assert kept.preview["counts"]["new"] == 4
    assert kept.preview["headings"]["name"] == "Họ và tên"
    db.commit()
    seen = []
    done = imports.take_over(db, cast.releaser, kept.id)
    db.commit()
    assert (done.result["counts"]["new"], done.content, done.done) == (4, None, 100)
    assert imports.take_over(db, cast.staff, kept.id).result == done.result
    assert seen == []
    with pytest.raises(imports.RosterUnknown):
        imports.see(db, cast.technician, kept.id)


def test_a_file_that_nobody_took_over_is_forgotten_after_a_day(db, cast):
    data = csv(*PEOPLE)
    kept = imports.look_through(db, cast.staff, cast.province, "ds.csv", data, read(data))
    kept.brought_at -= imports.KEPT
    db.flush()
    imports.forget(db)
    with pytest.raises(imports.RosterForgotten):
        imports.take_over(db, cast.staff, kept.id)


def test_a_list_of_several_batches_comes_in_step_by_step_and_comes_again(db, cast):
    names = ["Nguyễn Thị Mai", "Lò Văn Ứng", "Giàng A Sử", "Vàng Thị Đào"]
    rows = [["Số thẻ", "Họ và tên", "Đơn vị"]]
    rows += [[f"18{n:08}", names[n % 4], "Sìn Hồ" if n % 2 else "Phong Thổ"] for n in range(12_000)]
    steps = []
    outcome = bring(db, cast, text(rows).encode(), on_progress=steps.append)
    assert (outcome.new, outcome.held, steps[-1]) == (12_000, 0, 100)
    assert steps == sorted(steps)
    assert len(steps) > 5
    assert people.find(db, cast.staff, q="nguyen thi mai")[1] == 3_001
    assert people.find(db, cast.staff)[1] == MOST_COUNTED + 1
    assert bring(db, cast, text(rows).encode()).same == 12_000
    db.rollback()
