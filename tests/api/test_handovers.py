import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sessions import clock, handovers, register
from sessions.models import AuditEntry, HandoverTry, PointHandover, Role
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def point(db, cast):
    """The commune's point; the stranger is a technician elsewhere, who steps in today."""
    factories.entrust(db, cast.stranger, Role.TECHNICIAN, cast.neighbour)
    session = factories.open_session(db, cast)
    factories.summon(db, cast, session, cast.commune)
    point = factories.join(db, cast, session, technician=cast.technician)
    db.commit()
    return point


def offer(client, point):
    return client.post(f"/api/v1/session-points/{point.id}/handover-code")


def take(client, code):
    return client.post("/api/v1/handovers", json={"code": code})


def test_a_point_goes_to_whoever_types_the_code_and_both_see_it(client, db, cast, point):
    sign_in(db, client, cast.stranger)
    problem(client.get(f"/api/v1/session-points/{point.id}"), 404, "session-not-found")
    sign_in(db, client, cast.technician)
    offered = offer(client, point)
    assert (offered.status_code, offered.headers["cache-control"]) == (201, "no-store")
    code = offered.json()["code"]
    assert re.fullmatch(r"\d{6}", code)
    sign_in(db, client, cast.stranger)
    taken = take(client, code)
    assert (taken.status_code, taken.json()["technician"]["id"]) == (200, str(cast.stranger.id))
    assert client.get(f"/api/v1/session-points/{point.id}").json()["can_count"]
    problem(take(client, code), 422, "handover-code-wrong")
    for person in (cast.stranger, cast.technician):
        sign_in(db, client, person)
        (told,) = client.get(f"/api/v1/session-points/{point.id}/handovers").json()
        assert (told["from_person"]["full_name"], told["to_person"]["full_name"]) == ("Lò Văn Kỹ", "Hoàng Người Lạ")
    actions = db.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("handover.")))
    assert sorted(actions) == ["handover.offered", "handover.taken"]
    # The six digits are nowhere: not in the trail, and not in the row once they were used.
    assert code not in str(db.scalars(select(AuditEntry.detail)).all())
    assert db.scalars(select(PointHandover.code_sha256)).all() == [None]


def test_a_code_is_good_until_another_one_or_a_quarter_of_an_hour(client, db, cast, point, monkeypatch):
    sign_in(db, client, cast.technician)
    first, second = offer(client, point).json()["code"], offer(client, point).json()["code"]
    sign_in(db, client, cast.stranger)
    problem(take(client, first), 422, "handover-code-wrong")
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    problem(take(client, second), 422, "handover-code-wrong")


def test_who_guesses_has_to_wait_also_with_the_right_code(client, db, cast, point):
    sign_in(db, client, cast.technician)
    code = offer(client, point).json()["code"]
    sign_in(db, client, cast.stranger)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(handovers.TRIES):
        problem(take(client, wrong), 422, "handover-code-wrong")
    refused = problem(take(client, code), 429, "too-many")
    assert refused["facts"] == {"wait_seconds": 900}
    assert db.scalar(select(func.count()).select_from(HandoverTry)) == handovers.TRIES + 1


def test_only_who_counts_at_a_point_gives_it_away_and_only_a_technician_takes_it(client, db, cast, point):
    sign_in(db, client, cast.member)
    problem(offer(client, point), 403, "outside-scope")
    problem(take(client, "123456"), 403, "not-allowed")
    problem(client.get(f"/api/v1/session-points/{point.id}/handovers"), 403, "outside-scope")
    sign_in(db, client, cast.technician)
    problem(take(client, "12345"), 422, "malformed")
    register.close(db, cast.staff, register.see(db, cast.staff, point.session_id))
    db.commit()
    problem(offer(client, point), 409, "register-closed")
