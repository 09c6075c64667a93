"""Replay over HTTP: who sees what, media bound to the viewing, beats, and the credit that comes of them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from archive.models import Recording, Rendition, RenditionKind
from archive.storage import storage
from sessions import clock
from tests.cast import conference, sign_in
from tests.factories import problem

API = "/api/v1"
SOUND = bytes(range(256)) * 40


@pytest.fixture
def session(db, cast):
    return conference(db, cast)


@pytest.fixture
def recording(db, session):
    """A published recording of a quarter of a minute with one kept file; the pipeline's own tests make real ones."""
    kept = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=15.0,
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=1,
        facts={},
        created_at=clock.now(),
        published_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    db.add(
        Rendition(
            recording_id=kept.id,
            kind=RenditionKind.SPEECH,
            name="opus",
            ladder_version="test",
            entry="speech.webm",
            media_type="audio/webm",
            bytes=len(SOUND),
            bit_rate=16000,
            created_at=clock.now(),
        )
    )
    db.commit()
    storage().put_bytes(f"recordings/{kept.id}/speech.webm", SOUND)
    return kept


@pytest.fixture
def member(db, client, cast):
    return sign_in(db, client, cast.member)


def open_viewing(member, recording):
    response = member.post(f"{API}/recordings/{recording.id}/viewings")
    assert response.status_code == 201
    return response.json()


def beat(seq=0, start=0.0, end=15.0, played=((0.0, 15.0, 1.0),)):
    return {"seq": seq, "span_start": start, "span_end": end, "played": [list(each) for each in played]}


def test_a_member_finds_what_they_missed_with_its_cost_and_its_deadline(member, recording):
    page = member.get(f"{API}/recordings", params={"missed": True}).json()
    assert page["total"] == 1
    line = page["items"][0]
    assert line["missed"]
    assert not line["credited"]
    assert line["modes"] == [{"mode": "slides", "bytes": len(SOUND), "bit_rate": 16000, "rung": None}]
    assert member.get(f"{API}/recordings", params={"missed": False}).json()["total"] == 0


def test_nobody_misses_a_conference_that_was_called_off(db, member, recording, session):
    session.cancelled_at = clock.now()
    db.commit()
    assert member.get(f"{API}/recordings", params={"missed": True}).json()["total"] == 0
    (line,) = member.get(f"{API}/recordings", params={"missed": False}).json()["items"]
    assert not line["missed"]
    assert line["session"]["cancelled_at"]


def test_watching_to_the_end_over_http_is_credited_and_said_in_words(member, recording, monkeypatch):
    viewing = open_viewing(member, recording)
    later = clock.now() + timedelta(seconds=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    half = beat(end=7.0, played=[(0.0, 7.0, 1.0)])
    progress = member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [half]}).json()
    assert progress["reasons"] == [{"code": "missing-minutes", "detail": "Còn thiếu phút 1."}]
    rest = beat(seq=1, start=7.0, played=[(7.0, 15.0, 1.0)])
    progress = member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [rest]}).json()
    assert progress["credited"]
    assert progress["missing"] == []
    (mine,) = member.get(f"{API}/my/credits").json()
    assert (mine["credited"], mine["basis"]) == (True, "replay")
    assert mine["parts"][0]["reasons"][0]["detail"] == "Đã xem lại đủ 100%."
    assert member.get(f"{API}/recordings", params={"missed": True}).json()["total"] == 0


def test_media_comes_whole_or_in_ranges_and_only_to_the_viewer(db, client, cast, member, recording):
    viewing = open_viewing(member, recording)
    (source,) = viewing["speech"]
    whole = member.get(source["url"])
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, SOUND, "audio/webm")
    part = member.get(source["url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, SOUND[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(SOUND)}"
    sign_in(db, client, cast.staff)
    problem(client.get(source["url"]), 404, "viewing-not-found")


def test_media_of_a_viewing_that_was_superseded_is_not_served_any_more(member, recording):
    first = open_viewing(member, recording)
    open_viewing(member, recording)
    problem(member.get(first["speech"][0]["url"]), 403, "viewing-ended")


@pytest.mark.parametrize(
    "path", ["../../../secrets/secret-key", "..%2f..%2fx", "speech.mp3", "slides/0001.webp", "/etc/passwd"]
)
def test_paths_that_lead_elsewhere_find_nothing(member, recording, path):
    viewing = open_viewing(member, recording)
    response = member.get(f"{API}/viewings/{viewing['id']}/media/{path}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_a_beat_for_someone_elses_viewing_is_refused(db, client, cast, member, recording):
    viewing = open_viewing(member, recording)
    sign_in(db, client, cast.staff)
    problem(client.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [beat()]}), 404, "viewing-not-found")
    problem(client.post(f"{API}/viewings/{uuid4()}/beats", json={"beats": [beat()]}), 404, "viewing-not-found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": -1},
        {"span_end": "NaN"},
        {"span_start": 20.0},
        {"played": [[0, 1e9, 1]]},
        {"played": [[5, 2, 1]]},
        {"played": [[0, 5]]},
        {"muted_seconds": -1},
    ],
    ids=str,
)
def test_a_beat_that_cannot_be_is_a_clear_problem(member, recording, wrong):
    viewing = open_viewing(member, recording)
    response = member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [beat() | wrong]})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


def test_an_unpublished_recording_and_a_stranger_find_nothing(db, client, cast, session, recording):
    sign_in(db, client, cast.stranger)
    problem(client.get(f"{API}/recordings/{recording.id}"), 404, "recording-not-found")
    problem(client.post(f"{API}/recordings/{recording.id}/viewings"), 404, "recording-not-found")
    assert client.get(f"{API}/recordings").json()["total"] == 0
    recording = db.get_one(Recording, recording.id)
    recording.published_at = None
    db.commit()
    sign_in(db, client, cast.member)
    problem(client.get(f"{API}/recordings/{recording.id}"), 404, "recording-not-found")


def test_a_retracted_recording_stops_at_once_and_the_credit_stays(db, cast, client, member, recording, monkeypatch):
    viewing = open_viewing(member, recording)
    later = clock.now() + timedelta(seconds=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [beat()]})
    kept = db.get_one(Recording, recording.id)
    kept.retracted_at = clock.now()
    db.commit()
    problem(member.get(viewing["speech"][0]["url"]), 404, "recording-not-found")
    assert member.get(f"{API}/my/credits").json()[0]["credited"]


def test_staff_see_the_credit_with_its_evidence_and_others_do_not(
    db, client, cast, member, session, recording, monkeypatch
):
    viewing = open_viewing(member, recording)
    later = clock.now() + timedelta(seconds=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [beat()]})
    address = f"{API}/sessions/{session.id}/credits/{cast.member.id}"
    problem(member.get(address), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    seen = client.get(address).json()
    assert seen["credited"]
    assert seen["parts"][0]["evidence"][0]["covered_seconds"] == 15.0
    assert seen["viewings"][0]["covered"] == [[0.0, 15.0]]
    listed = client.get(f"{API}/sessions/{session.id}/credits", params={"unit_id": str(cast.commune.id)}).json()
    assert [(each["person"]["full_name"], each["credited"]) for each in listed["items"]] == [("Nguyễn Thị Mai", True)]
    table = client.get(f"{API}/sessions/{session.id}/participation").json()
    assert table["total"]["replay"] == 1
    assert table["unit"]["name"] == "Lai Châu"
    file = client.get(f"{API}/sessions/{session.id}/participation.csv")
    assert file.content.startswith("\ufeffĐơn vị".encode())
    problem(client.get(f"{API}/sessions/{session.id}/credits/{cast.stranger.id}"), 404, "not-summoned")
