from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock, register
from sessions.models import Moment
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def session(db, cast):
    made = factories.open_session(db, cast)
    factories.summon(db, cast, made, cast.province)
    db.commit()
    return made


@pytest.fixture
def point(db, cast, session):
    """The commune's point, in a hall of 100 seats; committed."""
    made = factories.join(db, cast, session, cast.commune, seats=100, technician=cast.technician)
    db.commit()
    return made


@pytest.fixture
def count(client, db, session, point):
    """Sends a headcount to the point as whoever is signed in."""

    def sent(**changes):
        asked = {
            "part_id": str(factories.first_part(db, session).id),
            "moment": "start",
            "present": 48,
            "excused": 1,
            "absent": 0,
            "late": 1,
            "counted_at": clock.now().isoformat(),
            "client_key": str(uuid4()),
            **changes,
        }
        return client.post(f"/api/v1/session-points/{point.id}/headcounts", json=asked)

    return sent


def test_a_room_is_registered_and_found_again(client, db, cast):
    sign_in(db, client, cast.technician)
    asked = {
        "unit_id": str(cast.commune.id),
        "name": "Hội trường xã",
        "address": "Trung tâm xã",
        "seats": 120,
        "line": "FTTH 50 Mbit/s",
        "technician_id": str(cast.technician.id),
    }
    added = client.post("/api/v1/connection-points", json=asked)
    assert added.status_code == 201
    assert (added.json()["seats"], added.json()["technician"]["full_name"]) == (120, "Lò Văn Kỹ")
    problem(client.post("/api/v1/connection-points", json=asked), 409, "point-name-taken")
    found = client.get("/api/v1/connection-points", params={"q": "hoi truong"}).json()
    assert found == {"items": [added.json()], "total": 1}


@pytest.mark.parametrize(
    ("by", "change", "status", "code"),
    [
        ("member", {}, 403, "not-allowed"),
        ("technician", {"unit": "other_commune"}, 403, "outside-scope"),
        ("technician", {"technician": "stranger"}, 404, "person-not-found"),
        ("technician", {"seats": 0}, 422, "malformed"),
        ("technician", {"seats": 10_000_000}, 422, "malformed"),
        ("technician", {"name": "\x00"}, 422, "malformed"),
    ],
)
def test_a_room_that_cannot_be_is_refused(client, db, cast, by, change, status, code):
    sign_in(db, client, getattr(cast, by))
    asked = {"unit_id": str(getattr(cast, change.pop("unit", "commune")).id), "name": "A", "address": "B", **change}
    if "technician" in asked:
        asked["technician_id"] = str(getattr(cast, asked.pop("technician")).id)
    problem(client.post("/api/v1/connection-points", json=asked), status, code)


def test_rooms_join_a_conference_and_are_listed_there(client, db, cast, session):
    rooms = [factories.add_room(db, unit) for unit in (cast.commune, cast.other_commune)]
    db.commit()
    sign_in(db, client, cast.staff)
    address = f"/api/v1/sessions/{session.id}/points"
    asked = {"points": [{"connection_point_id": str(room.id), "expected_count": 40} for room in rooms]}
    joined = client.post(address, json=asked)
    assert joined.status_code == 201
    assert {(each["unit"]["name"], each["state"]) for each in joined.json()} == {
        ("Sìn Hồ", "invited"),
        ("Phong Thổ", "invited"),
    }
    page = client.get(address, params={"limit": 1}).json()
    assert (page["total"], [each["unit"]["name"] for each in page["items"]]) == (2, ["Phong Thổ"])
    below = client.get(address, params={"unit_id": str(cast.commune.id)}).json()
    assert [each["unit"]["name"] for each in below["items"]] == ["Sìn Hồ"]


def test_rooms_that_cannot_join_are_refused(client, db, cast, session):
    room, other = factories.add_room(db, cast.commune), factories.add_room(db, cast.other_commune)
    factories.join(db, cast, session, cast.commune)
    db.commit()
    address = f"/api/v1/sessions/{session.id}/points"

    def join(room_id, **more):
        return client.post(address, json={"points": [{"connection_point_id": str(room_id), **more}]})

    sign_in(db, client, cast.technician)
    problem(join(other.id), 404, "point-not-found")
    problem(join(uuid4()), 404, "point-not-found")
    problem(join(room.id, expected_count=-1), 422, "malformed")
    problem(join(room.id, relay_id=str(uuid4())), 422, "relay-not-found")
    problem(client.post(address, json={"points": []}), 422, "malformed")
    sign_in(db, client, cast.stranger)
    problem(join(room.id), 404, "session-not-found")


def test_a_point_says_how_it_is_doing(client, db, cast, point):
    address = f"/api/v1/session-points/{point.id}/state"
    sign_in(db, client, cast.technician)
    answer = client.post(address, json={"state": "ready"})
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    problem(client.post(address, json={"state": "on fire"}), 422, "malformed")
    sign_in(db, client, cast.member)
    problem(client.post(address, json={"state": "closed"}), 403, "outside-scope")
    sign_in(db, client, cast.stranger)
    problem(client.post(address, json={"state": "closed"}), 404, "session-not-found")


def test_a_headcount_is_taken_once_however_often_it_is_sent(client, db, cast, point, count):
    sign_in(db, client, cast.technician)
    key, counted_at = str(uuid4()), (clock.now() - timedelta(hours=2)).isoformat()
    first = count(client_key=key, counted_at=counted_at)
    again = count(client_key=key, counted_at=counted_at)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["present"], first.json()["recorded_by"]["full_name"]) == (48, "Lò Văn Kỹ")
    shown = client.get(f"/api/v1/session-points/{point.id}").json()
    assert (shown["latest"], shown["headcounts"], shown["can_count"]) == (first.json(), [first.json()], True)


def test_a_correction_leaves_the_history_in_view(client, db, cast, point, count):
    sign_in(db, client, cast.technician)
    count(present=48, counted_at=(clock.now() - timedelta(minutes=5)).isoformat())
    count(present=47, reason="Đếm nhầm")
    shown = client.get(f"/api/v1/session-points/{point.id}").json()
    assert [(each["present"], each["reason"]) for each in shown["headcounts"]] == [(47, "Đếm nhầm"), (48, None)]
    assert shown["latest"]["present"] == 47


@pytest.mark.parametrize("present", [-5, 10_000_000, 10**30])
def test_an_impossible_headcount_is_refused_with_a_sentence(client, db, cast, point, count, present):
    sign_in(db, client, cast.technician)
    refusal = problem(count(present=present), 422, "headcount-out-of-range")
    assert refusal["detail"] == "Số đại biểu phải từ 0 đến 100.000."
    assert client.get(f"/api/v1/session-points/{point.id}").json()["headcounts"] == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"present": "nhiều"}, id="words for a number"),
        pytest.param({"present": 4.5}, id="half a person"),
        pytest.param({"present": None}, id="nothing"),
        pytest.param({"moment": "lunch"}, id="an unknown moment"),
        pytest.param({"counted_at": "hôm nay"}, id="words for a time"),
        pytest.param({"counted_at": "2026-11-22T08:00:00"}, id="a time without a zone"),
        pytest.param({"client_key": "1"}, id="no key"),
    ],
)
def test_a_malformed_headcount_names_the_field(client, db, cast, count, change):
    sign_in(db, client, cast.technician)
    refusal = problem(count(**change), 422, "malformed")
    assert [error["field"] for error in refusal["errors"]] == list(change)


def test_more_people_than_seats_is_asked_about(client, db, cast, count):
    sign_in(db, client, cast.technician)
    refusal = problem(count(present=101), 409, "headcount-doubtful")
    doubts = "above-seats above-expected"
    assert refusal["facts"] == {"doubts": doubts, "present": 101, "seats": 100, "total": 102, "expected": 50}
    assert refusal["detail"].startswith("Có mặt 101 người nhưng phòng chỉ có 100 chỗ. ")
    answered = refusal["facts"]["doubts"].split()
    assert count(present=101, answered=answered).status_code == 201
    assert count(present=102, confirmed=True, client_key=str(uuid4())).status_code == 201


def test_a_late_correction_needs_a_reason(client, db, cast, session, count):
    register.close(db, cast.staff, session)
    db.commit()
    sign_in(db, client, cast.technician)
    problem(count(), 422, "reason-needed")
    assert count(reason="Máy mất sóng đến tối").status_code == 201


def test_a_headcount_for_another_conference_or_from_tomorrow_week_is_refused(client, db, cast, count):
    foreign = factories.first_part(db, factories.open_session(db, cast))
    db.commit()
    sign_in(db, client, cast.technician)
    problem(count(part_id=str(foreign.id)), 422, "part-of-another-session")
    problem(count(part_id=str(uuid4())), 422, "part-of-another-session")
    problem(count(counted_at=(clock.now() + timedelta(days=7)).isoformat()), 422, "time-ahead")


def test_members_and_strangers_do_not_count(client, db, cast, point, count):
    sign_in(db, client, cast.member)
    problem(count(), 403, "outside-scope")
    assert client.get(f"/api/v1/session-points/{point.id}").json()["can_count"] is False
    sign_in(db, client, cast.stranger)
    problem(count(), 404, "session-not-found")
    client.cookies.clear()
    problem(count(), 401, "not-signed-in")


def test_people_are_ticked_off_the_roster(client, db, cast, session, point):
    sign_in(db, client, cast.technician)
    part_id = str(factories.first_part(db, session).id)
    address = f"/api/v1/session-points/{point.id}/check-ins"
    asked = {
        "part_id": part_id,
        "person_ids": [str(cast.member.id)],
        "checked_at": clock.now().isoformat(),
        "client_key": str(uuid4()),
    }
    assert client.post(address, json=asked).json() == {"added": 1}
    assert client.post(address, json=asked).json() == {"added": 0}
    shown = client.get(address, params={"part_id": part_id}).json()
    assert [row["person"]["full_name"] for row in shown["items"]] == ["Nguyễn Thị Mai"]
    assert [(row["person"]["full_name"], row["checked_at"] is not None) for row in shown["roster"]] == [
        ("Lò Văn Kỹ", False),
        ("Nguyễn Thị Mai", True),
    ]
    problem(client.post(address, json={**asked, "person_ids": [str(cast.stranger.id)]}), 422, "not-summoned")
    problem(client.post(address, json={**asked, "person_ids": []}), 422, "malformed")
    problem(client.get(address), 422, "malformed")


def test_rosters_are_not_for_everybody_whom_the_conference_concerns(client, db, cast, session, point):
    sign_in(db, client, cast.member)
    part_id = str(factories.first_part(db, session).id)
    address = f"/api/v1/session-points/{point.id}/check-ins"
    problem(client.get(address, params={"part_id": part_id}), 403, "outside-scope")


def test_all_parts_and_moments_stay_apart(client, db, cast, point, count):
    sign_in(db, client, cast.technician)
    for moment in Moment:
        assert count(moment=moment.value, present=40).status_code == 201
    shown = client.get(f"/api/v1/session-points/{point.id}").json()["headcounts"]
    assert {each["moment"] for each in shown} == {"start", "middle", "end"}
