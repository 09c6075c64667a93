from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from api import login
from api.settings import api_settings
from sessions import clock
from sessions.models import Account, AuditEntry, Login
from tests.cast import PASSWORD, sign_in
from tests.factories import problem


def knock(client, username="mai", password=PASSWORD):
    return client.post("/api/v1/login", json={"username": username, "password": password})


def test_signing_in_says_who_i_am_and_sets_a_cookie_that_scripts_cannot_read(client, cast):
    answer = knock(client)
    assert answer.status_code == 200
    me = answer.json()
    assert (me["username"], me["roles"]) == ("mai", [])
    assert me["person"]["full_name"] == "Nguyễn Thị Mai"
    assert me["person"]["unit"] == {"id": str(cast.commune.id), "name": "Sìn Hồ", "kind": "commune"}
    cookie = answer.headers["set-cookie"]
    assert all(mark in cookie for mark in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "Secure" not in cookie
    assert client.get("/api/v1/me").json() == me


def test_the_cookie_is_for_https_only_when_the_site_is(client, cast, monkeypatch):
    monkeypatch.setenv("DIEMCAU_PUBLIC_URL", "https://diemcau.example.vn")
    api_settings.cache_clear()
    try:
        assert "Secure" in knock(client).headers["set-cookie"]
    finally:
        api_settings.cache_clear()


def test_a_name_is_the_same_however_it_was_typed(client, cast):
    assert knock(client, "  MAI ").status_code == 200


def test_a_hash_of_an_earlier_release_opens_the_door_and_is_renewed(db, client, cast):
    account = db.get_one(Account, cast.member.id)
    account.password_hash = earlier = PasswordHasher().hash(PASSWORD)
    db.commit()
    for _ in range(2):
        assert knock(client).status_code == 200
    db.refresh(account)
    assert account.password_hash != earlier
    assert "m=19456,t=2,p=1" in account.password_hash


@pytest.mark.parametrize(("username", "password"), [("mai", "sai-mat-khau"), ("khong-co-ai", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_are_told_the_same(client, cast, username, password):
    refusal = problem(knock(client, username, password), 401, "wrong-login")
    assert refusal["detail"] == "Tên đăng nhập hoặc mật khẩu không đúng."
    assert "set-cookie" not in knock(client, username, password).headers


def test_refusals_come_in_english_for_those_who_read_it(client, cast):
    refused = client.get("/api/v1/me", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert problem(refused, 401, "not-signed-in")["detail"].startswith("You are not signed in")


def test_too_many_failures_must_wait_even_with_the_right_password(client, cast, monkeypatch):
    for _ in range(login.TRIES_PER_NAME):
        problem(knock(client, password="sai-mat-khau"), 401, "wrong-login")
    refused = knock(client)
    waiting = problem(refused, 429, "too-many")["facts"]["wait_seconds"]
    assert 0 < waiting <= login.WINDOW.total_seconds()
    assert refused.headers["retry-after"] == str(waiting)
    assert knock(client, "ky").status_code == 200  # The others of the office are not locked out.
    later = clock.now() + timedelta(seconds=waiting)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert knock(client).status_code == 200


def test_one_address_cannot_try_name_after_name(client, cast, monkeypatch):
    monkeypatch.setattr(login, "TRIES_PER_ADDRESS", 3)
    for number in range(3):
        problem(knock(client, f"ten-{number}"), 401, "wrong-login")
    problem(knock(client), 429, "too-many")


def test_signing_out_ends_the_sign_in_and_twice_is_no_error(client, cast):
    knock(client)
    token = client.cookies[login.COOKIE]
    assert client.post("/api/v1/logout").status_code == 204
    client.cookies.set(login.COOKIE, token)
    problem(client.get("/api/v1/me"), 401, "not-signed-in")
    assert client.post("/api/v1/logout").status_code == 204


def test_a_sign_in_expires(client, db, cast):
    sign_in(db, client, cast.member)
    db.scalars(select(Login)).one().expires_at = clock.now() - timedelta(seconds=1)
    db.commit()
    problem(client.get("/api/v1/me"), 401, "not-signed-in")


def test_a_new_password_signs_out_the_other_devices_only(client, db, cast):
    sign_in(db, client, cast.member)
    other_device = client.cookies[login.COOKIE]
    sign_in(db, client, cast.member)
    asked = {"current": PASSWORD, "new": "mat-khau-moi-7"}
    assert client.post("/api/v1/me/password", json=asked).status_code == 204
    assert client.get("/api/v1/me").status_code == 200
    client.cookies.set(login.COOKIE, other_device)
    problem(client.get("/api/v1/me"), 401, "not-signed-in")
    problem(knock(client), 401, "wrong-login")
    assert knock(client, password="mat-khau-moi-7").status_code == 200
    assert "password.changed" in db.scalars(select(AuditEntry.action)).all()


def test_a_new_password_needs_the_old_one_and_some_length(client, db, cast):
    sign_in(db, client, cast.member)
    wrong = client.post("/api/v1/me/password", json={"current": "sai-mat-khau", "new": "mat-khau-moi-7"})
    problem(wrong, 401, "wrong-login")
    short = client.post("/api/v1/me/password", json={"current": PASSWORD, "new": "ngan"})
    assert problem(short, 422, "password-too-short")["facts"] == {"least": 8}


def test_a_borrowed_phone_is_no_place_to_guess_the_password(client, db, cast):
    sign_in(db, client, cast.member)
    for _ in range(login.TRIES_PER_NAME):
        client.post("/api/v1/me/password", json={"current": "sai-mat-khau", "new": "mat-khau-moi-7"})
    asked = {"current": PASSWORD, "new": "mat-khau-moi-7"}
    problem(client.post("/api/v1/me/password", json=asked), 429, "too-many")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="not JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"username": "mai"}', id="no password"),
        pytest.param(b'{"username": "mai", "password": 5}', id="a number"),
        pytest.param(b'{"username": "mai", "password": "\\ud800"}', id="half a letter"),
        pytest.param(b'{"username": "", "password": "x"}', id="no name"),
        pytest.param(b'{"username": "mai", "password": "' + b"x" * 100_000 + b'"}', id="a book"),
    ],
)
def test_a_malformed_sign_in_is_a_clear_refusal(client, cast, body):
    refused = client.post("/api/v1/login", content=body, headers={"Content-Type": "application/json"})
    assert problem(refused, 422, "malformed")["errors"]


def test_a_name_with_a_null_character_is_only_a_wrong_name(client, cast):
    problem(knock(client, "khong\x00co"), 401, "wrong-login")
