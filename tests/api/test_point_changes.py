"""A registered room over HTTP: read, changed, retired, brought back; and rooms that two conferences want at once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def room(db, cast):
    made = factories.add_room(db, cast.commune, name="Hội trường xã", technician=cast.technician)
    db.commit()
    return made


@pytest.fixture
def address(room):
    return f"/api/v1/connection-points/{room.id}"


def as_read(client, address, **changes):
    """The form as it was filled with what the server said, and then changed."""
    shown = client.get(address).json()
    names = ("name", "address", "seats", "equipment", "line", "measured_mbits", "backup_line", "video_address", "phone")
    technician = shown["technician"] and shown["technician"]["id"]
    form = {name: shown[name] for name in names}
    return form | {"technician_id": technician, "version": shown["version"]} | changes


def test_a_room_is_read_and_changed_as_a_whole(client, db, cast, address):
    sign_in(db, client, cast.technician)
    form = as_read(client, address, name="Nhà văn hóa", seats=None, measured_mbits=48, phone="0213 387 6543")
    changed = client.put(address, json=form)
    assert changed.status_code == 200
    told = changed.json()
    assert (told["name"], told["seats"], told["measured_mbits"]) == ("Nhà văn hóa", None, 48)
    assert (told["technician"]["full_name"], told["retired_at"]) == ("Lò Văn Kỹ", None)
    assert told["version"] != form["version"]
    assert client.get(address).json() == told
    problem(client.put(address, json=form), 409, "point-changed-meanwhile")


def test_a_change_that_cannot_be_is_refused(client, db, cast, address):
    factories.add_room(db, cast.commune, name="Phòng họp")
    db.commit()
    sign_in(db, client, cast.technician)
    form = as_read(client, address)
    problem(client.put(address, json=form | {"name": "Phòng họp"}), 409, "point-name-taken")
    problem(client.put(address, json=form | {"technician_id": str(cast.stranger.id)}), 404, "person-not-found")
    for wrong in ({"name": ""}, {"seats": 0}, {"version": ""}, {"phone": "0" * 41}):
        refusal = problem(client.put(address, json=form | wrong), 422, "malformed")
        assert [error["field"] for error in refusal["errors"]] == list(wrong)
    problem(client.put(f"/api/v1/connection-points/{uuid4()}", json=form), 404, "point-not-found")


@pytest.mark.parametrize("by", ["member", "stranger"])
def test_a_room_is_nobody_elses_business(client, db, cast, address, by):
    sign_in(db, client, cast.technician)
    form = as_read(client, address)
    sign_in(db, client, getattr(cast, by))
    problem(client.get(address), 404, "point-not-found")
    problem(client.put(address, json=form), 404, "point-not-found")
    for verb in ("retire", "bring-back"):
        problem(client.post(f"{address}/{verb}"), 404, "point-not-found")


def test_a_room_is_retired_and_brought_back(client, db, cast, address):
    sign_in(db, client, cast.technician)

    def listed(**query):
        return [room["name"] for room in client.get("/api/v1/connection-points", params=query).json()["items"]]

    retired = client.post(f"{address}/retire").json()
    assert retired["retired_at"] is not None
    assert (listed(), listed(retired=True)) == ([], ["Hội trường xã"])
    problem(client.put(address, json=as_read(client, address)), 409, "point-retired")
    assert client.post(f"{address}/bring-back").json()["retired_at"] is None
    assert (listed(), listed(retired=True)) == (["Hội trường xã"], [])


def test_a_room_is_not_retired_before_its_conference_has_ended(client, db, cast, room, address):
    session = factories.open_session(db, cast, starts_in=timedelta(days=1))
    db.commit()
    sign_in(db, client, cast.technician)
    points = {"points": [{"connection_point_id": str(room.id)}]}
    sign_in(db, client, cast.staff)
    assert client.post(f"/api/v1/sessions/{session.id}/points", json=points).status_code == 201
    refusal = problem(client.post(f"{address}/retire"), 409, "point-still-joined")
    assert session.title in refusal["detail"]


def test_a_busy_room_is_asked_about_and_joins_when_that_is_right(client, db, cast, room):
    first, second = (factories.open_session(db, cast, starts_in=timedelta(days=1)) for _ in range(2))
    db.commit()
    sign_in(db, client, cast.staff)

    def join(session, **more):
        asked = {"points": [{"connection_point_id": str(room.id), **more}]}
        return client.post(f"/api/v1/sessions/{session.id}/points", json=asked)

    assert join(first).status_code == 201
    refusal = problem(join(second), 409, "points-busy")
    assert refusal["facts"]["rooms"] == str(room.id)
    assert f"Hội trường xã ({first.title}, " in refusal["detail"]
    assert client.get(f"/api/v1/sessions/{second.id}/points").json()["total"] == 0
    assert join(second, although_busy=True).status_code == 201
