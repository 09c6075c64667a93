from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import roles
from sessions.models import Account, AuditEntry, Role
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


def enrol(client, unit, **more):
    return client.post("/api/v1/people", json={"full_name": "Giàng A Páo", "unit_id": str(unit.id), **more})


def test_the_list_shows_ones_own_people_and_what_they_may_do(client, db, cast):
    sign_in(db, client, cast.technician)
    page = client.get("/api/v1/people").json()
    assert [(row["full_name"], row["username"]) for row in page["items"]] == [
        ("Lò Văn Kỹ", "ky"),
        ("Nguyễn Thị Mai", "mai"),
    ]
    (held,) = page["items"][0]["roles"]
    assert (held["role"], held["unit"]["name"]) == ("technician", "Sìn Hồ")


def test_the_list_is_paged_and_searched(client, db, cast):
    sign_in(db, client, cast.staff)
    page = client.get("/api/v1/people", params={"offset": 2, "limit": 1}).json()
    assert ([row["full_name"] for row in page["items"]], page["total"]) == (["Lò Văn Kỹ"], 5)
    found = client.get("/api/v1/people", params={"q": "nguyen mai"}).json()
    assert ([row["full_name"] for row in found["items"]], found["total"]) == (["Nguyễn Thị Mai"], 1)
    for bad in ({"limit": 501}, {"limit": 0}, {"offset": -1}, {"q": "x" * 201}):
        problem(client.get("/api/v1/people", params=bad), 422, "malformed")


def test_members_see_no_lists_of_people(client, db, cast):
    sign_in(db, client, cast.member)
    problem(client.get("/api/v1/people"), 403, "not-allowed")
    client.cookies.clear()
    problem(client.get("/api/v1/people"), 401, "not-signed-in")


def test_staff_enrol_people_of_their_units(client, db, cast):
    sign_in(db, client, cast.staff)
    enrolled = enrol(client, cast.commune, member_number="TV-77")
    assert enrolled.status_code == 201
    assert (enrolled.json()["member_number"], enrolled.json()["unit"]["name"]) == ("TV-77", "Sìn Hồ")
    taken = problem(enrol(client, cast.commune, member_number="TV-77"), 409, "member-number-taken")
    assert "TV-77" in taken["detail"]
    problem(enrol(client, cast.neighbour), 403, "outside-scope")
    problem(client.post("/api/v1/people", json={"full_name": "A", "unit_id": str(uuid4())}), 404, "unit-not-found")


def open_account(client, person, username="pao.ga", password="mat-khau-thu-1"):
    return client.post(f"/api/v1/people/{person.id}/account", json={"username": username, "password": password})


def test_an_administrator_opens_an_account_and_its_owner_signs_in(client, db, cast):
    person = factories.enrol(db, cast.commune)
    sign_in(db, client, cast.administrator)
    assert open_account(client, person, "  Páo.GA ").status_code == 204
    assert db.get_one(Account, person.id).username == "páo.ga"
    typed_apart = {"username": "pa\u0301o.ga", "password": "mat-khau-thu-1"}
    assert client.post("/api/v1/login", json=typed_apart).status_code == 200
    entries = db.execute(select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.subject_id == person.id)).all()
    assert ("account.opened", {"username": "páo.ga"}) in entries


@pytest.mark.parametrize(
    ("username", "password", "status", "code"),
    [
        ("MAI", "mat-khau-thu-1", 409, "username-taken"),
        ("ab", "mat-khau-thu-1", 422, "username-unfit"),
        ("hai chữ", "mat-khau-thu-1", 422, "username-unfit"),
        ("pao.ga", "ngan", 422, "password-too-short"),
    ],
)
def test_an_account_that_cannot_be_is_refused(client, db, cast, username, password, status, code):
    person = factories.enrol(db, cast.commune)
    sign_in(db, client, cast.administrator)
    problem(open_account(client, person, username, password), status, code)
    assert db.get(Account, person.id) is None


def test_accounts_are_opened_once_and_by_administrators_of_the_person_only(client, db, cast):
    person = factories.enrol(db, cast.commune)
    sign_in(db, client, cast.staff)
    problem(open_account(client, person), 403, "not-allowed")
    sign_in(db, client, cast.administrator)
    problem(open_account(client, cast.stranger), 404, "person-not-found")
    problem(open_account(client, cast.member), 409, "account-held-already")


def test_a_role_is_given_and_taken_back(client, db, cast):
    sign_in(db, client, cast.administrator)
    asked = {"role": "technician", "unit_id": str(cast.commune.id)}
    given = client.post(f"/api/v1/people/{cast.member.id}/roles", json=asked)
    assert given.status_code == 201
    assert roles.may(db, cast.member.id, {Role.TECHNICIAN}, cast.commune)
    problem(client.post(f"/api/v1/people/{cast.member.id}/roles", json=asked), 409, "role-held-already")
    db.commit()
    assert client.delete(f"/api/v1/roles/{given.json()['id']}").status_code == 204
    db.expire_all()
    assert not roles.may(db, cast.member.id, {Role.TECHNICIAN}, cast.commune)
    problem(client.delete(f"/api/v1/roles/{given.json()['id']}"), 404, "role-not-found")


def test_roles_are_an_administrators_to_give_within_their_units(client, db, cast):
    asked = {"role": "staff", "unit_id": str(cast.neighbour.id)}
    sign_in(db, client, cast.staff)
    problem(client.post(f"/api/v1/people/{cast.member.id}/roles", json=asked), 403, "not-allowed")
    sign_in(db, client, cast.administrator)
    problem(client.post(f"/api/v1/people/{cast.member.id}/roles", json=asked), 403, "outside-scope")
    asked = {"role": "emperor", "unit_id": str(cast.commune.id)}
    problem(client.post(f"/api/v1/people/{cast.member.id}/roles", json=asked), 422, "malformed")
    (own,) = [grant for grant, _ in roles.grants_of(db, cast.administrator.id)]
    problem(client.delete(f"/api/v1/roles/{own.id}"), 409, "own-role")
