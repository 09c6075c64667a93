"""Meeting logs over HTTP: brought in once, looked through by confidence, accepted, and put beside the other numbers."""

import base64
from datetime import timedelta

import pytest

from sessions import clock
from tests import factories
from tests.cast import sign_in
from tests.factories import problem

API = "/api/v1"


@pytest.fixture
def stage(db, cast, client):
    session = factories.open_session(db, cast)
    room = factories.join(db, cast, session, name="Hội trường Sìn Hồ")
    factories.summon(db, cast, session)
    db.commit()
    sign_in(db, client, cast.staff)
    return session, room


def report(session, *names):
    starts_at = session.starts_at.astimezone(clock.VIETNAM)
    times = ",".join(f"{starts_at + timedelta(minutes=each):%d/%m/%Y %H:%M:%S}" for each in (0, 120))
    lines = ["Name (Original Name),Join Time,Leave Time,Duration (Minutes)", *(f"{name},{times},120" for name in names)]
    return "\n".join(lines)


def bring(client, session, text):
    content = base64.b64encode(text.encode()).decode()
    return client.post(f"{API}/sessions/{session.id}/meeting-logs", json={"file_name": "zoom.csv", "content": content})


def test_a_log_is_brought_in_looked_through_and_accepted(db, client, cast, stage):
    session, room = stage
    called = ["Nguyễn Thị Mai", "pham thi duyet", "Tran Van Boo", "Điểm cầu xã Sìn Hồ - 40 người", "Lạ Hoắc"]
    text = report(session, *called)
    answer = bring(client, session, text)
    log = answer.json()
    assert answer.status_code == 201, log
    assert log["counts"] == {"all": 5, "sure": 2, "look": 1, "unknown": 1, "rooms": 1, "decided": 0}
    assert bring(client, session, text).status_code == 200
    address = f"{API}/meeting-logs/{log['id']}"
    rows = {row["name"]: row for row in client.get(f"{address}/rows").json()["items"]}
    mai = rows["Nguyễn Thị Mai"]
    assert (mai["person"]["id"], mai["matched_by"], mai["point"]["id"]) == (str(cast.member.id), "name", str(room.id))
    assert [each["seconds"] for each in mai["presences"]] == pytest.approx([3600, 3600], abs=1)
    accepted = client.post(f"{address}/accept-sure").json()
    assert accepted == {"accepted": 2, "checked_in": 2, "too_short": 0, "own": 0, "left": 0}

    found = client.get(f"{address}/choices", params={"q": "giang"}).json()
    assert found == {"people": [], "points": []}
    choice = client.get(f"{address}/choices", params={"q": "ky"}).json()["people"][0]
    stranger = rows["Lạ Hoắc"]["id"]
    corrected = client.post(f"{address}/rows/{stranger}", json={"person_id": choice["id"]}).json()
    assert (corrected["matched_by"], corrected["person"]["full_name"]) == ("hand", "Lò Văn Kỹ")
    ids = [stranger, rows["Tran Van Boo"]["id"]]
    outcome = client.post(f"{address}/accept", json={"row_ids": ids}).json()
    assert (outcome["checked_in"], outcome["own"]) == (1, 1)
    room_row = rows["Điểm cầu xã Sìn Hồ - 40 người"]["id"]
    assert client.post(f"{address}/refuse", json={"row_ids": [room_row]}).json() == {"refused": 1}
    (listed,) = client.get(f"{API}/sessions/{session.id}/meeting-logs").json()
    assert listed["states"] == {"proposed": 1, "accepted": 3, "refused": 1}


def test_the_three_numbers_of_a_point_are_answered_side_by_side(db, client, cast, stage):
    session, room = stage
    part = factories.first_part(db, session)
    factories.count_people(db, cast.technician, room, part, 50)
    db.commit()
    bring(client, session, report(session, "Điểm cầu xã Sìn Hồ - 40 người"))
    table = client.get(f"{API}/sessions/{session.id}/reconciliation", params={"part_id": part.id}).json()
    (row,) = table["items"]
    assert (row["counted"], row["checked_in"], row["logged"], row["rooms"], row["flagged"]) == (50, 0, 40, 1, True)
    assert (table["flagged"], table["tolerance"]) == (1, 0.1)
    assert client.get(f"{API}/sessions/{session.id}/reconciliation").json()["items"][0]["id"] == str(room.id)


def test_what_cannot_be_read_is_refused_in_the_readers_language_with_the_row(client, stage):
    session, _ = stage
    broken = report(session, "Nguyễn Thị Mai").replace(",120", ",lâu")
    told = problem(bring(client, session, broken), 422, "meeting-row-unreadable")
    assert told["detail"].startswith("Dòng 2: ")
    problem(bring(client, session, "STT;Họ và tên\n1;Lò Thị Én\n"), 422, "not-a-meeting-log")
    problem(bring(client, session, ""), 422, "meeting-log-empty")
    assert client.get(f"{API}/sessions/{session.id}/meeting-logs").json() == []


def test_a_name_that_bears_a_marking_keeps_the_whole_log_out(client, stage):
    session, _ = stage
    problem(bring(client, session, report(session, "TUYỆT MẬT")), 422, "marked-words")
    assert client.get(f"{API}/sessions/{session.id}/meeting-logs").json() == []


def test_only_staff_above_the_conference_see_its_logs(db, client, cast, stage):
    session, _ = stage
    log = bring(client, session, report(session, "Nguyễn Thị Mai")).json()
    for person, status, code in [(cast.technician, 403, "not-allowed"), (cast.member, 403, "not-allowed")]:
        sign_in(db, client, person)
        problem(client.get(f"{API}/meeting-logs/{log['id']}"), status, code)
        problem(bring(client, session, report(session, "Nguyễn Thị Mai")), status, code)
    factories.entrust(db, cast.member, factories.Role.STAFF, cast.commune)
    sign_in(db, client, cast.member)
    problem(client.get(f"{API}/meeting-logs/{log['id']}/rows"), 404, "meeting-import-not-found")
