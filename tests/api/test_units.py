from datetime import date, timedelta
from uuid import uuid4

import pytest

from sessions import units
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def office(client, db, cast):
    """The administrator's desk."""
    return sign_in(db, client, cast.administrator)


def add(client, cast, name="Mường Tè", **more):
    asked = {"name": name, "kind": "commune", "parent_id": str(cast.province.id), "valid_from": "2010-01-01", **more}
    return client.post("/api/v1/units", json=asked)


def test_the_tree_is_read_from_its_top_down(client, db, cast):
    sign_in(db, client, cast.member)
    tops = client.get("/api/v1/units").json()
    assert [(unit["name"], unit["children"]) for unit in tops] == [("Điện Biên", 0), ("Lai Châu", 2)]
    below = client.get("/api/v1/units", params={"parent_id": str(cast.province.id)}).json()
    assert [unit["path_names"] for unit in below] == [["Lai Châu", "Phong Thổ"], ["Lai Châu", "Sìn Hồ"]]
    assert below[0]["depth"] == 1
    assert below[0]["parent_id"] == str(cast.province.id)


def test_units_are_found_without_accents(client, db, cast):
    sign_in(db, client, cast.member)
    found = client.get("/api/v1/units", params={"q": "dien bien"}).json()
    assert [unit["name"] for unit in found] == ["Điện Biên"]
    assert client.get("/api/v1/units", params={"q": "\x00%_"}).json() == []


def test_an_administrator_adds_a_unit_and_others_do_not(client, db, cast):
    sign_in(db, client, cast.staff)
    problem(add(client, cast), 403, "not-allowed")
    sign_in(db, client, cast.administrator)
    added = add(client, cast, "  Mường   Tè ", code="03445")
    assert added.status_code == 201
    assert (added.json()["name"], added.json()["code"], added.json()["valid_to"]) == ("Mường Tè", "03445", None)
    problem(add(client, cast), 409, "unit-name-taken")
    problem(add(client, cast, "Mù Cả", parent_id=str(cast.neighbour.id)), 403, "outside-scope")


def test_a_reform_over_http_keeps_both_trees(office, cast):
    old = add(office, cast, "Thu Lũm", code="03439").json()
    eve = "2025-06-30"
    ended = office.post(f"/api/v1/units/{old['id']}/end", json={"valid_to": eve})
    assert ended.json()["valid_to"] == eve
    new = add(office, cast, "Thu Lũm", code="03439", valid_from="2025-07-01").json()
    office.post(f"/api/v1/units/{old['id']}/end", json={"valid_to": eve, "successor_ids": [new["id"]]})
    assert [unit["id"] for unit in office.get(f"/api/v1/units/{old['id']}").json()["successors"]] == [new["id"]]
    assert [unit["id"] for unit in office.get(f"/api/v1/units/{new['id']}").json()["predecessors"]] == [old["id"]]

    def named_thu_lum(day):
        below = office.get("/api/v1/units", params={"parent_id": str(cast.province.id), "as_of": day}).json()
        return [unit["id"] for unit in below if unit["name"] == "Thu Lũm"]

    assert (named_thu_lum(eve), named_thu_lum("2025-07-01")) == ([old["id"]], [new["id"]])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"name": "   "}, "name", id="a blank name"),
        pytest.param({"name": "x" * 301}, "name", id="a name without end"),
        pytest.param({"kind": "planet"}, "kind", id="an unknown kind"),
        pytest.param({"valid_from": "31/12/2020"}, "valid_from", id="a date in another form"),
        pytest.param({"valid_from": "9999-12-31"}, "valid_from", id="the end of time"),
        pytest.param({"parent_id": "Lai Châu"}, "parent_id", id="a name for an id"),
    ],
)
def test_a_malformed_unit_names_the_field(office, cast, change, field):
    refusal = problem(add(office, cast, **change), 422, "malformed")
    assert [error["field"] for error in refusal["errors"]] == [field]


def test_ends_that_cannot_be_are_refused_in_words(office, db, cast):
    tomorrow = units.today() + timedelta(days=1)
    ending = {"valid_to": tomorrow.isoformat()}
    problem(office.post(f"/api/v1/units/{cast.province.id}/end", json=ending), 409, "unit-has-children")
    problem(office.post(f"/api/v1/units/{cast.neighbour.id}/end", json=ending), 403, "outside-scope")
    problem(office.post(f"/api/v1/units/{uuid4()}/end", json=ending), 404, "unit-not-found")
    too_early = {"valid_to": date(1999, 12, 31).isoformat()}
    refusal = problem(office.post(f"/api/v1/units/{cast.commune.id}/end", json=too_early), 422, "unit-ends-too-early")
    assert "01/01/2000" in refusal["detail"]
    with_ended = {**ending, "successor_ids": [str(uuid4())]}
    problem(office.post(f"/api/v1/units/{cast.commune.id}/end", json=with_ended), 404, "unit-not-found")


def test_a_unit_is_renamed_moved_merged_and_split_over_http_and_its_history_read(office, cast):
    one, two = add(office, cast, "Xã Một").json(), add(office, cast, "Xã Hai").json()
    on = {"on": "2025-07-01"}
    renamed = office.post(f"/api/v1/units/{one['id']}/rename", json={"name": "Phường Một", **on}).json()
    assert (renamed["name"], renamed["valid_from"]) == ("Phường Một", "2025-07-01")
    moved = office.post(f"/api/v1/units/{two['id']}/move", json={"parent_id": renamed["id"], **on}).json()
    assert moved["path_names"] == ["Lai Châu", "Phường Một", "Xã Hai"]
    later = {"on": "2026-01-01"}
    pieces = {"pieces": [{"name": "Bắc", "child_ids": [moved["id"]]}, {"name": "Nam"}], **later}
    north, south = office.post(f"/api/v1/units/{renamed['id']}/split", json=pieces).json()
    assert (north["children"], south["children"]) == (1, 0)
    merger = {"unit_ids": [north["id"], south["id"]], "name": "Phường Một", "on": "2026-02-01"}
    merged = office.post("/api/v1/units/merge", json=merger).json()
    history = office.get(f"/api/v1/units/{merged['id']}/history").json()
    assert [(step["successor"]["name"], step["change"], step["main"]) for step in history] == [
        ("Phường Một", "renamed", True),
        ("Bắc", "split", True),
        ("Nam", "split", False),
        ("Phường Một", "merged", True),
        ("Phường Một", "merged", True),
    ]


def test_a_change_that_cannot_be_is_refused_with_what_to_do_instead(client, db, office, cast):
    unit = add(office, cast, "Xã Một").json()
    path, on = f"/api/v1/units/{unit['id']}", {"on": "2025-07-01"}
    problem(office.post(f"{path}/move", json={"parent_id": unit["id"], **on}), 422, "unit-below-itself")
    problem(office.post(f"{path}/rename", json={"name": "Sìn Hồ", **on}), 409, "unit-name-taken")
    problem(office.post(f"{path}/rename", json={"name": "Xã Hai", "on": "2010-01-01"}), 409, "unit-begins-then")
    problem(office.post("/api/v1/units/merge", json={"unit_ids": [unit["id"]], **on}), 422, "merged-unit-missing")
    problem(office.post(f"{path}/split", json={"pieces": [{"name": "Bắc"}], **on}), 422, "too-few-units")
    problem(office.post(f"/api/v1/units/{uuid4()}/move", json={"parent_id": None, **on}), 404, "unit-not-found")
    sign_in(db, client, cast.staff)
    problem(client.post(f"{path}/rename", json={"name": "Xã Hai", **on}), 403, "not-allowed")
