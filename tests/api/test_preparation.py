"""Before and during a conference, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock
from sessions.models import CheckItem
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast, starts_in=timedelta(minutes=20))


@pytest.fixture
def point(db, cast, session):
    made = factories.join(db, cast, session, technician=cast.technician)
    db.commit()
    return made


def test_a_point_confirms_is_checked_has_trouble_and_is_well_again(client, db, cast, session, point):
    sign_in(db, client, cast.technician)
    base, now = f"/api/v1/session-points/{point.id}", clock.now()
    answer = {"coming": True, "expected_count": 45, "answered_at": now.isoformat(), "client_key": str(uuid4())}
    assert [client.post(f"{base}/answers", json=answer).json()["state"] for _ in range(2)] == ["confirmed"] * 2

    items = [{"item": item, "works": True} for item in CheckItem]
    line = {"down_kbits": 1800, "up_kbits": 640, "round_trip_ms": 95}
    check = {"items": items, "line": line, "checked_at": now.isoformat(), "client_key": str(uuid4())}
    told = client.post(f"{base}/checks", json=check).json()
    assert (told["point"]["state"], told["checks"][0]["line"], len(told["standing"])) == ("ready", line, 8)
    assert client.get(f"{base}/readiness").json() == told

    trouble = {"kind": "picture", "began_at": now.isoformat(), "id": str(uuid4())}
    assert [client.post(f"{base}/troubles", json=trouble).status_code for _ in range(2)] == [201, 200]
    (listed,) = client.get(f"/api/v1/sessions/{session.id}/troubles", params={"only_open": True}).json()["items"]
    assert (listed["kind"], listed["point_name"], listed["ended_at"]) == (
        "picture",
        told["point"]["point"]["name"],
        None,
    )
    end = {"action": "Đổi dây HDMI", "ended_at": clock.now().isoformat()}
    ended = client.post(f"{base}/troubles/{trouble['id']}/end", json=end).json()
    assert (ended["action"], ended["ended_by"]["full_name"]) == ("Đổi dây HDMI", cast.technician.full_name)
    assert client.get(base).json()["state"] == "ready"


def test_staff_read_who_is_silent_and_members_do_not(client, db, cast, session, point):
    sign_in(db, client, cast.staff)
    address = f"/api/v1/sessions/{session.id}/preparation"
    told = client.get(address).json()
    assert told["counts"]["unanswered"] == 1
    (row,) = client.get(f"{address}/points", params={"stage": "unanswered"}).json()["items"]
    assert row["point"]["technician"]["full_name"] == cast.technician.full_name
    sign_in(db, client, cast.member)
    problem(client.get(address), 403, "not-allowed")


def test_a_number_to_call_is_left_with_the_answer_and_read_by_who_looks_after_the_point(
    client, db, cast, session, point
):
    sign_in(db, client, cast.technician)
    address = f"/api/v1/session-points/{point.id}"
    answer = {"coming": True, "expected_count": 45, "answered_at": clock.now().isoformat()}
    unfit = client.post(f"{address}/answers", json={**answer, "phone": "gọi tôi", "client_key": str(uuid4())})
    problem(unfit, 422, "phone-unfit")
    assert client.get(address).json()["state"] == "invited"
    for phone in ("0912 345 678", "+84.987-654-321"):
        client.post(f"{address}/answers", json={**answer, "phone": phone, "client_key": str(uuid4())})
    assert client.get(f"{address}/readiness").json()["phone"] == "+84987654321"
    sign_in(db, client, cast.staff)
    listed = client.get(f"/api/v1/sessions/{session.id}/preparation/points", params={"stage": "unchecked"})
    assert [row["phone"] for row in listed.json()["items"]] == ["+84987654321"]


def test_a_line_is_measured_with_bytes_that_nobody_keeps_and_not_without_end(client, db, cast):
    problem(client.get("/api/v1/line"), 401, "not-signed-in")
    problem(client.post("/api/v1/line", content=b"x"), 401, "not-signed-in")
    sign_in(db, client, cast.technician)
    given = client.get("/api/v1/line", params={"size": 50_000})
    assert (len(given.content), given.headers["cache-control"]) == (50_000, "no-store")
    assert "content-encoding" not in given.headers
    assert given.content != client.get("/api/v1/line", params={"size": 50_000}).content
    assert client.get("/api/v1/line").content == b""
    assert client.post("/api/v1/line", content=given.content).json() == {"bytes": 50_000}
    problem(client.post("/api/v1/line", content=bytes(2**20 + 1)), 413, "body-too-large")
    problem(client.get("/api/v1/line", params={"size": 2**21}), 422, "malformed")
    answers = [client.get("/api/v1/line", params={"size": 2**20}).status_code for _ in range(45)]
    assert answers.count(429) > 4
    sign_in(db, client, cast.staff)
    assert client.get("/api/v1/line", params={"size": 1000}).status_code == 200
