"""Group replay over HTTP: a room from its opening to the credit, who may do what, and what the contract refuses."""

from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock
from tests import factories
from tests.api.test_replay import API, SOUND, recording, session  # noqa: F401 - Fixtures.
from tests.cast import sign_in
from tests.factories import problem

ROOMS = f"{API}/group-replays"


@pytest.fixture
def desk(db, client, cast):
    """The client as whoever is named."""

    def seat(person):
        return sign_in(db, client, person)

    return seat


@pytest.fixture
def place(db, cast):
    room = factories.add_room(db, cast.commune, seats=40)
    db.commit()
    return room


def open_room(client, recording, place):  # noqa: F811
    answer = client.post(ROOMS, json={"recording_id": str(recording.id), "connection_point_id": str(place.id)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def beat(seq, start, end):
    return {"seq": seq, "span_start": start, "span_end": end, "played": [[start - 1, end - 1, 1.0]]}


def test_a_room_plays_a_member_checks_in_by_phone_and_is_credited_when_it_is_signed(
    desk,
    cast,
    recording,  # noqa: F811
    place,
    monkeypatch,
):
    opened_at = clock.now()
    at = [opened_at]
    monkeypatch.setattr(clock, "now", lambda: at[0])
    technician = desk(cast.technician)
    showable = technician.get(f"{ROOMS}/recordings").json()
    assert [line["recording_id"] for line in showable] == [str(recording.id)]
    room = open_room(technician, recording, place)
    assert (room["seats"], room["present"], room["moment"]["kind"]) == (40, 0, "start")
    here = f"{ROOMS}/{room['id']}"
    player = technician.get(f"{here}/player").json()
    assert technician.get(player["speech"][0]["url"]).content == SOUND

    member = desk(cast.member)
    assert [line["id"] for line in member.get(f"{ROOMS}/near").json()] == [room["id"]]
    assert member.get(f"{here}/mine").json()["asked"]
    at[0] += timedelta(seconds=1)
    mine = member.post(f"{here}/check-ins", json={"code": room["codes"][0]["code"]}).json()
    assert (mine["at_newest"], mine["asked"], len(mine["checked_in"])) == (True, False, 1)

    technician = desk(cast.technician)
    at[0] += timedelta(seconds=15)
    told = technician.post(f"{here}/beats", json={"beats": [beat(0, 1.0, 16.0)]}).json()
    assert told["present"] == 1
    problem(technician.post(f"{here}/sign", json={"statement": "Tôi có mặt."}), 409, "group-replay-running")
    room = technician.post(f"{here}/end").json()
    assert room["moment"]["kind"] == "end"

    member = desk(cast.member)
    at[0] += timedelta(seconds=4)
    member.post(f"{here}/check-ins", json={"code": room["codes"][0]["code"]})
    technician = desk(cast.technician)
    (share,) = technician.post(f"{here}/sign", json={"statement": "Tôi có mặt suốt buổi."}).json()
    assert share["person"]["full_name"] == cast.member.full_name
    assert (share["covered_seconds"], share["doubts"], share["credited"]) == (15.0, [], True)
    assert technician.get(f"{here}/shares").json() == [share]
    signed = technician.get(here).json()
    assert (signed["signed_by"], signed["codes"]) == (cast.technician.full_name, [])
    assert technician.get(ROOMS).json() == []


def test_the_roster_names_who_is_here_first_and_ticks_by_word(desk, cast, recording, place):  # noqa: F811
    technician = desk(cast.technician)
    here = f"{ROOMS}/{open_room(technician, recording, place)['id']}"
    (row,) = technician.get(f"{here}/roster", params={"q": "mai"}).json()["items"]
    assert (row["person"]["id"], row["method"], row["at_newest"]) == (str(cast.member.id), None, False)
    told = technician.post(f"{here}/ticks", json={"person_ids": [str(cast.member.id)]}).json()
    assert told["present"] == 1
    (row,) = technician.get(f"{here}/roster").json()["items"]
    assert (row["method"], row["at_newest"], row["same_network"]) == ("roster", True, None)
    assert technician.get(f"{here}/roster", params={"q": "không có ai"}).json()["total"] == 0
    problem(technician.post(f"{here}/ticks", json={"person_ids": [str(cast.staff.id)]}), 422, "not-summoned")


def test_a_personal_code_is_the_same_whenever_it_is_asked_for_and_checks_in_its_owner(
    desk,
    cast,
    recording,  # noqa: F811
    place,
    session,  # noqa: F811
):
    member = desk(cast.member)
    code = member.get(f"{API}/sessions/{session.id}/my-code").json()["code"]
    assert member.get(f"{API}/sessions/{session.id}/my-code").json()["code"] == code
    technician = desk(cast.technician)
    here = f"{ROOMS}/{open_room(technician, recording, place)['id']}"
    assert technician.post(f"{here}/cards", json={"code": code}).json()["id"] == str(cast.member.id)
    problem(technician.post(f"{here}/cards", json={"code": "ABCDEFGH"}), 422, "card-unknown")
    problem(technician.get(f"{API}/sessions/{session.id}/my-code"), 422, "not-summoned")


def test_nobody_outside_sees_the_codes_or_touches_the_room(desk, client, cast, recording, place):  # noqa: F811
    room = open_room(desk(cast.technician), recording, place)
    here = f"{ROOMS}/{room['id']}"
    for person in (cast.member, cast.stranger):
        client = desk(person)
        for path in ("", "/player", "/roster", "/shares", "/media/speech.webm"):
            problem(client.get(f"{here}{path}"), 404, "group-replay-not-found")
        for path, body in {
            "/beats": {"beats": []},
            "/ticks": {"person_ids": [str(cast.member.id)]},
            "/cards": {"code": "ABCDEFGH"},
            "/end": None,
            "/sign": {"statement": "x"},
        }.items():
            problem(client.post(f"{here}{path}", json=body), 404, "group-replay-not-found")
    problem(client.get(f"{here}/mine"), 404, "group-replay-not-found")
    problem(client.post(f"{here}/check-ins", json={"code": room["codes"][0]["code"]}), 404, "group-replay-not-found")
    assert desk(cast.staff).get(here).status_code == 200


def test_a_room_is_opened_only_where_it_is_entrusted_and_for_what_is_published(db, desk, cast, recording, place):  # noqa: F811
    asked = {"recording_id": str(recording.id), "connection_point_id": str(place.id)}
    problem(desk(cast.member).post(ROOMS, json=asked), 404, "point-not-found")
    technician = desk(cast.technician)
    problem(technician.post(ROOMS, json={**asked, "recording_id": str(uuid4())}), 404, "recording-not-found")
    unknown = factories.add_room(db, cast.commune, seats=None)
    db.commit()
    problem(technician.post(ROOMS, json={**asked, "connection_point_id": str(unknown.id)}), 422, "seats-unknown")
    recording.retracted_at = clock.now()
    db.commit()
    problem(technician.post(ROOMS, json=asked), 404, "recording-not-found")


def test_a_wrong_code_is_refused_and_five_of_them_want_patience(desk, cast, recording, place):  # noqa: F811
    here = f"{ROOMS}/{open_room(desk(cast.technician), recording, place)['id']}"
    member = desk(cast.member)
    for _ in range(5):
        problem(member.post(f"{here}/check-ins", json={"code": "mã sai"}), 422, "room-code-wrong")
    told = problem(member.post(f"{here}/check-ins", json={"code": "mã sai"}), 429, "too-many")
    assert 0 < told["facts"]["wait_seconds"] <= 300
