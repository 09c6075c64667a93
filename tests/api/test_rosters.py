import pytest
from sqlalchemy import func, select

from api import cli
from sessions.models import Person, RosterImport
from tests import factories
from tests.cast import sign_in
from tests.sessions.test_tables import text, xlsx

ROWS = [
    ["Số thẻ", "Họ và tên", "Đơn vị"],
    ["701", "Giàng A Một", "Sìn Hồ"],
    ["702", "Giàng A Hai", "Sin Hô xã"],
    ["703", "", "Sìn Hồ"],
]


def bring(client, unit, data, name="danh-sach.xlsx"):
    return client.post(f"/api/v1/rosters?unit_id={unit.id}&file_name={name}", content=data)


def test_staff_bring_a_file_see_what_is_wrong_and_take_it_over_once(db, cast, client):
    sign_in(db, client, cast.staff)
    brought = bring(client, cast.province, xlsx(ROWS))
    assert brought.status_code == 201, brought.text
    roster = brought.json()
    assert (roster["counts"]["new"], roster["counts"]["held"], roster["findings"]) == (1, 2, 2)
    address = f"/api/v1/rosters/{roster['id']}"
    found = client.get(f"{address}/findings", headers={"Accept-Language": "en"}).json()
    assert [(each["row"], each["code"]) for each in found["items"]] == [(3, "unit-unknown"), (4, "name-missing")]
    assert "Sìn Hồ" in found["items"][0]["text"]
    for _ in range(2):
        taken = client.post(f"{address}/taking").json()
        assert (taken["counts"]["new"], taken["done"]) == (1, 100)
        assert taken["finished_at"]
    assert client.get("/api/v1/rosters").json()["total"] == 1
    assert db.scalar(select(func.count()).where(Person.member_number == "701")) == 1


def test_a_list_is_for_staff_of_the_unit_alone(db, cast, client):
    factories.problem(bring(client, cast.province, xlsx(ROWS)), 401, "not-signed-in")
    sign_in(db, client, cast.technician)
    factories.problem(bring(client, cast.commune, xlsx(ROWS)), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    factories.problem(bring(client, cast.neighbour, xlsx(ROWS)), 403, "outside-scope")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "table-empty", id="nothing"),
        pytest.param(b"PK\x03\x04 broken", "not-a-workbook", id="a broken workbook"),
        pytest.param(b"a,b\n1,2\n", "header-missing", id="no names"),
        pytest.param(text([*ROWS, ["", "TỐI MẬT", ""]]).encode(), "marked-words", id="a marking"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence_and_not_kept(db, cast, client, data, code):
    sign_in(db, client, cast.staff)
    factories.problem(bring(client, cast.province, data), 422, code)
    assert db.scalar(select(func.count()).select_from(RosterImport)) == 0


def test_the_command_takes_a_file_over_and_names_the_rows_left_out(db, cast, tmp_path, capsys):
    file = tmp_path / "ds.csv"
    file.write_bytes(text(ROWS, ";").encode("utf-16"))
    assert cli.main(["import-roster", str(file), "--unit", "Lai Châu", "--dry-run"]) == 1
    assert db.scalar(select(func.count()).where(Person.member_number == "701")) == 0
    assert cli.main(["import-roster", str(file), "--unit", "Lai Châu"]) == 1
    assert db.scalar(select(func.count()).where(Person.member_number == "701")) == 1
    assert "row 4: Thiếu họ tên." in capsys.readouterr().out
    assert cli.main(["import-roster", str(file), "--unit", "Không Có"]) == 2
