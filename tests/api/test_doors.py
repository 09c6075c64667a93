"""Doors over HTTP: who is shown the code, what a phone brings, what it is told."""

from datetime import timedelta

import pytest

from sessions import checkins, clock
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def stage(db, cast):
    session = factories.open_session(db, cast, starts_in=timedelta(minutes=-5))
    factories.summon(db, cast, session)
    part, point = factories.first_part(db, session), factories.join(db, cast, session)
    db.commit()
    return session, part, point


def show(db, client, by, point, part):
    shown = sign_in(db, client, by).post(f"/api/v1/session-points/{point.id}/door", json={"part_id": str(part.id)})
    assert shown.status_code == 200, shown.text
    return shown.json()


def bring(db, client, person, **code):
    return sign_in(db, client, person).post("/api/v1/my-check-ins", json=code)


def test_a_phone_brings_the_code_and_is_told_where_it_is_checked_in(db, cast, client, stage):
    session, part, point = stage
    door = show(db, client, cast.technician, point, part)
    assert (door["step_seconds"], door["life_seconds"], door["present"], door["expected"]) == (15, 60, 0, 2)
    assert door["codes"][0]["in_seconds"] == 0
    assert 6 <= len(door["codes"]) <= 8
    told = bring(db, client, cast.member, token=door["codes"][0]["token"])
    assert (told.status_code, told.json()["state"], told.json()["reason"]) == (200, "in", None)
    (mine,) = [each for each in client.get("/api/v1/my-check-ins").json() if each["part"]["id"] == str(part.id)]
    assert (mine["checked"]["method"], mine["session"]["id"]) == ("code", str(session.id))
    assert mine["points"][0]["id"] == str(point.id)
    assert show(db, client, cast.technician, point, part)["present"] == 1


def test_a_member_is_not_shown_the_codes(db, cast, client, stage):
    _, part, point = stage
    refused = sign_in(db, client, cast.member).post(
        f"/api/v1/session-points/{point.id}/door", json={"part_id": str(part.id)}
    )
    problem(refused, 403, "outside-scope")


@pytest.mark.parametrize("code", [{}, {"digits": "123456"}, {"token": "hello"}, {"token": "ABCDEFGH-9-0123456789ab"}])
def test_what_is_no_code_is_refused_with_a_sentence(db, cast, client, stage, code):
    problem(bring(db, client, cast.member, **code), 422, "door-code-unknown")


def test_the_digits_of_a_point_that_does_not_concern_one_tell_nothing(db, cast, client, stage):
    _, part, point = stage
    digits = show(db, client, cast.technician, point, part)["codes"][0]["digits"]
    problem(bring(db, client, cast.stranger, digits=digits, point_id=str(point.id)), 404, "session-not-found")


def test_a_late_code_waits_for_an_eye_and_the_technician_gives_it(db, cast, client, stage, monkeypatch):
    _, part, point = stage
    token = show(db, client, cast.technician, point, part)["codes"][0]["token"]
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    told = bring(db, client, cast.member, token=token, scanned_at=now.isoformat()).json()
    assert (told["state"], told["reason"]) == ("claimed", "late-code")
    assert show(db, client, cast.technician, point, part)["claims"] == 1
    (claim,) = client.get(f"/api/v1/session-points/{point.id}/claims", params={"part_id": str(part.id)}).json()
    assert claim["person"]["full_name"] == cast.member.full_name
    assert client.post(f"/api/v1/claims/{claim['id']}", json={"seen": True}).json() == {"seen": True}
    assert [person for person, _, _ in checkins.present_at(db, point, part)] == [cast.member]
