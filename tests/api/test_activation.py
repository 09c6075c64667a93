from datetime import timedelta

import pytest
from sqlalchemy import select

from api import activation, devices, login
from sessions import clock
from sessions.models import ActivationSlip, AuditEntry, Role
from tests import factories
from tests.cast import PASSWORD, sign_in
from tests.factories import problem


def printed(client, **asked):
    answer = client.post("/api/v1/slips", json={name: str(value) for name, value in asked.items()})
    assert answer.status_code == 201, answer.text
    return answer.json()


def activate(client, code, secret="480213"):
    return client.post("/api/v1/activation", json={"code": code, "secret": secret})


def a_new_slip(db, cast, client, person):
    sign_in(db, client, cast.staff)
    (slip,) = printed(client, person_id=person.id)["slips"]
    client.cookies.clear()
    return slip


@pytest.fixture
def newcomer(db, cast):
    person = factories.enrol(db, cast.commune, "Giàng A Mới")
    db.commit()
    return person


def test_a_unit_gets_slips_for_those_who_cannot_sign_in_yet_and_each_opens_one_account_once(db, cast, client, newcomer):
    sign_in(db, client, cast.staff)
    slips = printed(client, unit_id=cast.province.id)
    assert slips["waiting"] == 1
    (slip,) = slips["slips"]
    assert (slip["person"]["full_name"], slip["username"]) == ("Giàng A Mới", newcomer.member_number.lower())
    client.cookies.clear()
    owner = client.post("/api/v1/activation/slip", json={"code": slip["code"].lower()}).json()
    assert (owner["full_name"], owner["unit"]["name"]) == ("Giàng A Mới", "Sìn Hồ")
    me = activate(client, slip["code"])
    assert me.json()["person"]["id"] == str(newcomer.id), me.text
    assert client.get("/api/v1/me").status_code == 200
    problem(activate(client, slip["code"]), 401, "slip-wrong")
    client.cookies.clear()
    typed = {"username": slip["username"], "password": "480213"}
    assert client.post("/api/v1/login", json=typed).status_code == 200
    actions = set(db.scalars(select(AuditEntry.action)))
    assert {"slips.issued", "account.activated"} <= actions


def test_a_slip_is_void_once_another_is_printed_or_its_time_is_over(db, cast, client, newcomer):
    first = a_new_slip(db, cast, client, newcomer)
    second = a_new_slip(db, cast, client, newcomer)
    problem(activate(client, first["code"]), 401, "slip-wrong")
    for slip in db.scalars(select(ActivationSlip)):
        slip.expires_at = clock.now() - timedelta(seconds=1)
    db.commit()
    problem(activate(client, second["code"]), 401, "slip-wrong")


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        ("12345", "pin-too-easy"),
        ("111111", "pin-too-easy"),
        ("123456", "pin-too-easy"),
        ("987654", "pin-too-easy"),
        ("mat-khau"[:7], "password-too-short"),
        ("²²²²²²", "password-too-short"),
    ],
)
def test_what_is_too_easy_is_not_taken_and_the_slip_stays_good(db, cast, client, newcomer, secret, code):
    slip = a_new_slip(db, cast, client, newcomer)
    problem(activate(client, slip["code"], secret), 422, code)
    assert activate(client, slip["code"]).status_code == 200


def test_codes_cannot_be_tried_without_end(db, cast, client):
    for n in range(login.TRIES_PER_ADDRESS):
        problem(activate(client, f"ABCDEFGH{n:04}"), 401, "slip-wrong")
    assert int(problem(activate(client, "ABCDEFGHJKMN"), 429, "too-many")["facts"]["wait_seconds"]) > 0


def test_staff_reset_a_member_who_is_told_and_signed_out_elsewhere(db, cast, client):
    sign_in(db, client, cast.member)
    old = dict(client.cookies)
    slip = a_new_slip(db, cast, client, cast.member)
    assert slip["username"] == "mai"
    typed = {"username": "mai", "password": PASSWORD}
    assert client.post("/api/v1/login", json=typed).status_code == 200
    assert activate(client, slip["code"], "mot mat khau moi").status_code == 200
    told = client.get("/api/v1/me/notices").json()
    assert [(each["kind"], each["by"]) for each in told] == [
        ("password-reset", "Trần Văn Bộ"),
        ("slip-issued", "Trần Văn Bộ"),
    ]
    client.cookies.clear()
    client.cookies.update(old)
    problem(client.get("/api/v1/me"), 401, "not-signed-in")
    problem(client.post("/api/v1/login", json=typed), 401, "wrong-login")


def test_staff_print_nothing_for_strangers_or_for_those_who_hold_a_role(db, cast, client):
    sign_in(db, client, cast.staff)
    problem(client.post("/api/v1/slips", json={"person_id": str(cast.stranger.id)}), 404, "person-not-found")
    problem(client.post("/api/v1/slips", json={"unit_id": str(cast.neighbour.id)}), 403, "outside-scope")
    problem(client.post("/api/v1/slips", json={"person_id": str(cast.administrator.id)}), 403, "outside-scope")
    problem(client.post("/api/v1/slips", json={}), 404, "unit-not-found")
    factories.entrust(db, cast.member, Role.TECHNICIAN, cast.commune)
    sign_in(db, client, cast.administrator)
    assert printed(client, person_id=cast.member.id)["slips"]
    sign_in(db, client, cast.technician)
    problem(client.post("/api/v1/slips", json={"unit_id": str(cast.commune.id)}), 403, "not-allowed")


def test_a_device_with_many_accounts_is_shown_to_staff_of_their_units(db, cast, client):
    for username in ("mai", "ky", "mai"):
        assert client.post("/api/v1/login", json={"username": username, "password": PASSWORD}).status_code == 200
    assert devices.shared(db, cast.staff) == []
    assert client.post("/api/v1/login", json={"username": "la", "password": PASSWORD}).status_code == 200
    db.rollback()
    client.cookies.clear()
    sign_in(db, client, cast.staff)
    (shared,) = client.get("/api/v1/shared-devices").json()
    names = [each["person"]["full_name"] for each in shared["people"]]
    assert (names, shared["total"]) == (["Lò Văn Kỹ", "Nguyễn Thị Mai"], 3)


def test_printing_again_goes_on_with_those_who_have_no_slip(db, cast, monkeypatch):
    monkeypatch.setattr(activation, "MOST_AT_ONCE", 2)
    for name in ("Vừ A Ánh", "Vừ A Bình", "Vừ A Chu"):
        factories.enrol(db, cast.commune, name)
    first, waiting = activation.issue_for_unit(db, cast.staff, cast.commune)
    second, _ = activation.issue_for_unit(db, cast.staff, cast.commune)
    assert waiting == 3
    assert {slip.person.full_name for slip in first} == {"Vừ A Ánh", "Vừ A Bình"}
    assert "Vừ A Chu" in {slip.person.full_name for slip in second}
