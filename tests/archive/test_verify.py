"""What `diemcau verify` finds: a viewing that holds more than its beats say, and a file that is not what arrived."""

import hashlib

from archive import fixity, watchlog
from archive.models import Recording
from archive.storage import storage
from tests.archive.test_watchlog import Clock, keep_recording, watch
from tests.cast import conference


def test_true_viewings_pass_and_one_that_was_improved_by_hand_is_found(db, cast, monkeypatch):
    time = Clock(monkeypatch)
    recording = keep_recording(db, conference(db, cast))
    viewings = []
    for _ in range(2):
        viewing = watchlog.open_viewing(db, cast.member, recording, "test")
        watch(db, time, viewing, 0.0, 15.0)
        viewings.append(viewing)
    assert watchlog.verify(db) == watchlog.Proof(2, [])
    viewings[0].covered = [[0.0, 60.0]]
    db.flush()
    assert watchlog.verify(db).wrong == [viewings[0].id]


def test_viewings_of_one_person_that_overlap_are_found(db, cast, monkeypatch):
    time = Clock(monkeypatch)
    recording = keep_recording(db, conference(db, cast))
    first = watchlog.open_viewing(db, cast.member, recording, "test")
    time.wait(10)
    watchlog.open_viewing(db, cast.member, recording, "test")
    time.wait(10)
    first.ended_at = time.at
    db.flush()
    assert watchlog.verify(db).wrong == [first.id]


def test_a_changed_original_and_a_missing_one_are_found(db, cast):
    session = conference(db, cast)
    for content in (b"whole", b"changed"):
        recording = keep_recording(db, session)
        recording.source_sha256 = hashlib.sha256(content).hexdigest()
        recording.source_key = f"originals/{recording.source_sha256}"
        storage().put_bytes(recording.source_key, content)
    missing = keep_recording(db, session)
    missing.source_key = "originals/never"
    db.flush()
    assert fixity.verify(db).wrong == ["originals/never"]
    storage().put_bytes(f"originals/{hashlib.sha256(b'changed').hexdigest()}", b"something else")
    assert len(fixity.verify(db).wrong) == 2
    assert fixity.verify(db).checked == db.query(Recording).count()
