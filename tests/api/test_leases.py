"""Packages, leases and logs over HTTP: fetched in checked pieces, delivered in pieces, each refusal with its reason."""

import hashlib

import pytest
from sqlalchemy import delete, func, select

from archive.models import Deck, Recording, Rendition, SlidePage
from archive.offline_models import OfflineDoubt, PieceList
from archive.packages import PIECE_BYTES
from archive.storage import storage
from sessions import clock
from tests.api.test_replay import API, recording, session  # noqa: F401 - Fixtures.
from tests.archive.test_watchlog import Clock
from tests.cast import sign_in
from tests.factories import problem
from tests.phones import Log, Phone

SOUND = bytes(range(256)) * 2500  # Two and a half pieces.
PAGE = b"a page as a picture" * 100


@pytest.fixture
def package(db, session, recording):  # noqa: F811
    """The recording with speech of several pieces and one page, which is shown twice."""
    storage().put_bytes(f"recordings/{recording.id}/speech.webm", SOUND)
    now = clock.now()
    deck = Deck(
        session_id=session.id,
        title="Báo cáo",
        source_sha256="1" * 64,
        source_key="originals/deck",
        created_at=now,
        published_at=now,
    )
    db.add(deck)
    db.flush()
    picture = SlidePage(
        deck_id=deck.id,
        position=1,
        picture="0001.webp",
        thumbnail="0001-small.webp",
        width=1280,
        height=720,
        bytes=len(PAGE),
        text="Nghị quyết",
        search_key="nghi quyet",
    )
    db.add(picture)
    db.commit()
    storage().put_bytes(f"decks/{deck.id}/0001.webp", PAGE)
    return recording


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def member(db, client, cast):
    return sign_in(db, client, cast.member)


@pytest.fixture
def phone():
    return Phone()


def borrow(client, recording, person, phone):  # noqa: F811
    body = {"public_key": phone.public_key, "proof": phone.proof(recording, person)}
    answer = client.post(f"{API}/recordings/{recording.id}/leases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def lease(time, cast, member, package, phone):
    return borrow(member, package, cast.member, phone)


def deliver(client, lease, log, texts):
    return client.post(f"{API}/leases/{lease['id']}/log", json={"entries": texts, "signature": log.sign(texts)})


def test_a_package_is_described_with_its_size_and_every_piece_is_what_the_media_route_sends(db, member, package, lease):
    told = member.get(f"{API}/recordings/{package.id}/package").json()
    assert told["bytes"] == len(SOUND) + len(PAGE)
    assert (told["piece_bytes"], told["slides"][0]["text"]) == (PIECE_BYTES, "Nghị quyết")
    files = told["speech"] + told["pages"]
    assert [len(file["pieces"]) for file in files] == [3, 1]
    for file in files:
        got = b""
        for number, sha256 in enumerate(file["pieces"]):
            start = number * PIECE_BYTES
            wanted = {"Range": f"bytes={start}-{min(start + PIECE_BYTES, file['bytes']) - 1}"}
            piece = member.get(f"{API}/leases/{lease['id']}/media/{file['path']}", headers=wanted)
            assert piece.status_code == 206
            assert hashlib.sha256(piece.content).hexdigest() == sha256
            got += piece.content
        assert len(got) == file["bytes"]
    assert db.scalar(select(func.count()).select_from(PieceList)) == 2
    assert member.get(f"{API}/recordings/{package.id}/package").json() == told


def test_what_was_made_anew_is_described_anew(member, package):
    before = member.get(f"{API}/recordings/{package.id}/package").json()
    storage().put_bytes(f"recordings/{package.id}/speech.webm", SOUND[::-1])
    after = member.get(f"{API}/recordings/{package.id}/package").json()
    assert after["version"] != before["version"]
    assert after["speech"][0]["pieces"] != before["speech"][0]["pieces"]


def test_a_recording_without_speech_has_nothing_to_keep(db, member, recording):  # noqa: F811
    db.execute(delete(Rendition))
    db.commit()
    problem(member.get(f"{API}/recordings/{recording.id}/package"), 404, "nothing-to-keep")


def test_watching_off_line_for_a_while_is_credited_once_when_it_is_delivered(time, member, cast, lease, phone):
    log = Log(phone, lease["id"]).start(clock.now())
    texts = log.watch(15.0, step=5.0)
    time.wait(3600)
    first = deliver(member, lease, log, texts[:1]).json()
    assert (first["next_number"], first["missing"]) == (1, [[5.0, 15.0]])
    standing = member.get(f"{API}/leases/{lease['id']}").json()
    assert (standing["next_number"], standing["head_sha256"]) == (1, first["head_sha256"])
    whole = deliver(member, lease, log, texts).json()
    assert deliver(member, lease, log, texts).json() == whole
    assert (whole["next_number"], whole["missing"]) == (3, [])
    assert whole["covered"] or whole["waiting"]


def test_a_refused_log_says_why_keeps_what_joined_and_leaves_a_doubt(db, time, member, lease, phone):
    log = Log(phone, lease["id"]).start(clock.now())
    texts = log.watch(15.0, step=5.0)
    time.wait(3600)
    told = problem(deliver(member, lease, log, [texts[0], texts[2]]), 409, "log-broken")
    assert told["next_number"] == 1
    assert member.get(f"{API}/leases/{lease['id']}").json()["next_number"] == 1
    forged = Log(Phone(), lease["id"]).start(clock.now())
    problem(deliver(member, lease, forged, forged.watch(15.0)), 422, "log-signature-wrong")
    assert sorted(db.scalars(select(OfflineDoubt.code))) == ["log-broken", "log-signature-wrong"]


def test_a_lease_is_its_holders_alone_and_ends_with_the_recording(db, time, client, cast, member, package, lease):
    url = f"{API}/leases/{lease['id']}"
    assert [each["id"] for each in member.get(f"{API}/leases").json()] == [lease["id"]]
    sign_in(db, client, cast.staff)
    for answer in (client.get(url), client.get(f"{url}/media/speech.webm"), client.delete(url)):
        problem(answer, 404, "lease-not-found")
    sign_in(db, client, cast.member)
    db.get_one(Recording, package.id).retracted_at = clock.now()
    db.commit()
    told = client.get(url).json()
    assert (told["live"], told["ending"]) == (False, "retracted")
    problem(client.get(f"{url}/media/speech.webm"), 403, "lease-ended")
    problem(client.post(f"{url}/renew"), 403, "lease-ended")


def test_a_lease_is_renewed_and_given_back(time, member, lease):
    url = f"{API}/leases/{lease['id']}"
    time.wait(3600)
    assert member.post(f"{url}/renew").json()["expires_at"] > lease["expires_at"]
    assert member.delete(url).status_code == 204
    told = member.get(url).json()
    assert (told["live"], told["ending"]) == (False, "returned")
    problem(member.get(f"{url}/media/speech.webm"), 403, "lease-ended")


@pytest.mark.parametrize(
    "body",
    [
        {"public_key": "x", "proof": "x"},
        {"public_key": "not base64!", "proof": "x"},
        {"public_key": "A" * 500, "proof": "x"},
        {},
    ],
)
def test_a_key_that_is_none_is_refused(member, package, body):
    answer = member.post(f"{API}/recordings/{package.id}/leases", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_recording_that_is_not_for_the_person_is_neither_described_nor_lent(db, client, cast, package, phone):
    sign_in(db, client, cast.stranger)
    problem(client.get(f"{API}/recordings/{package.id}/package"), 404, "recording-not-found")
    body = {"public_key": phone.public_key, "proof": phone.proof(package, cast.stranger)}
    problem(client.post(f"{API}/recordings/{package.id}/leases", json=body), 404, "recording-not-found")
