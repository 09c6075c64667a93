"""A deck with a password waits for it in quarantine, opens by it once, and the password stays nowhere."""

import hashlib
import logging

import pytest
from sqlalchemy import func, select, text

from archive.models import Deck, SlidePage
from archive.storage import storage
from ingest import decks, quarantine, unlocking
from ingest.models import Incident, JobState, Upload, UploadKind
from sessions import clock
from sessions.db import Base
from tests import media
from tests.cast import sign_in
from tests.factories import problem
from tests.ingest.test_pipeline import workshop  # noqa: F401 - A fixture: puts files in and does what there is to do.

API = "/api/v1"
PASSWORD = "mat-khau-Rieng"


@pytest.fixture
def locked(workshop, tmp_path):  # noqa: F811
    """A job whose deck wants a password."""
    job = workshop.take(media.locked_deck(tmp_path / "slides.pdf", PASSWORD), UploadKind.DECK)
    workshop.work()
    return job


def rows_with(db, words):
    """The tables in which these words stand anywhere."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    like = {"words": f"%{words}%"}
    return [
        name for name in tables if db.scalar(text(f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE :words'), like)
    ]


def test_waits_for_the_password_and_goes_on_with_it(db, client, cast, workshop, locked, caplog):  # noqa: F811
    upload = db.get_one(Upload, locked.upload_id)
    as_sent = upload.sha256
    assert (locked.state, locked.problem["code"]) == (JobState.FAILED, decks.DeckLocked.code)
    assert quarantine.path_of(upload).exists()

    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{locked.id}").json()
    assert (seen["needs_password"], seen["can_retry"]) == (True, False)
    caplog.set_level(logging.DEBUG)
    answer = client.post(f"{API}/jobs/{locked.id}/password", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["needs_password"]) == ("received", False)
    assert workshop.work() == 2
    db.expire_all()

    assert locked.state is JobState.READY
    assert upload.sha256 != as_sent
    deck = db.scalars(select(Deck)).one()
    assert storage().checksum(deck.source_key) == deck.source_sha256 == upload.sha256
    assert db.scalar(select(func.count()).select_from(SlidePage)) == 1
    assert not quarantine.path_of(upload).exists()
    assert rows_with(db, as_sent) == ["audit_entries"], "What was sent and what was opened stay tied to one another."
    assert rows_with(db, PASSWORD) == []
    assert PASSWORD not in caplog.text
    problem(client.post(f"{API}/jobs/{locked.id}/password", json={"password": PASSWORD}), 409, "not-locked")


def test_says_when_the_password_is_wrong_and_still_waits(db, client, cast, locked):
    sign_in(db, client, cast.releaser)
    address = f"{API}/jobs/{locked.id}/password"
    problem(client.post(address, json={"password": "khong-phai"}), 422, "wrong-password")
    for nonsense in ("", "x" * 300, None):
        refused = client.post(address, json={"password": nonsense})
        assert refused.status_code == 422
        assert "x" * 300 not in refused.text
    assert client.get(f"{API}/jobs/{locked.id}").json()["needs_password"]
    sign_in(db, client, cast.stranger)
    problem(client.post(address, json={"password": PASSWORD}), 403, "not-allowed")


def test_a_deck_that_was_refused_open_is_refused_locked(db, client, cast, workshop, locked, tmp_path):  # noqa: F811
    upload = db.get_one(Upload, locked.upload_id)
    unlocking.write_unlocked(quarantine.path_of(upload), tmp_path / "opened", PASSWORD)
    sha256 = hashlib.sha256((tmp_path / "opened").read_bytes()).hexdigest()
    db.add(Incident(at=clock.now(), person_id=cast.technician.id, rule="declared", sha256=sha256))
    db.commit()
    sign_in(db, client, cast.releaser)
    client.post(f"{API}/jobs/{locked.id}/password", json={"password": PASSWORD})
    workshop.work()
    assert (locked.state, locked.problem["code"]) == (JobState.REFUSED, "refused-before")
    assert not list(quarantine.path_of(upload).parent.glob(f"*{upload.id}*"))
