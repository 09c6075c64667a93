"""What `diemcau verify` finds: a viewing that holds more than its beats say, and a file that is not what arrived."""

import hashlib

from archive import axis, fixity, watchlog
from archive.models import Beat, Recording, Viewing
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


def test_content_beyond_the_hours_in_which_it_was_heard_is_found(db, cast, monkeypatch):
    time = Clock(monkeypatch)
    recording = keep_recording(db, conference(db, cast))
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    watch(db, time, viewing, 0.0, 15.0)
    # A second log of the same quarter of a minute, as if it had been slipped in beside.
    twin = Viewing(
        person_id=cast.member.id,
        recording_id=recording.id,
        policy_version=1,
        opened_at=viewing.opened_at,
        ended_at=time.at,
        user_agent="",
        covered=[],
    )
    db.add(twin)
    db.flush()
    beat = dict.fromkeys(("hidden_seconds", "muted_seconds"), 0.0) | {"received_at": time.at, "seq": 0}
    db.add(Beat(viewing_id=twin.id, span_start=0.0, span_end=15.0, played=[[30.0, 52.5, 1.5]], **beat))
    db.flush()
    axis.rebuild(db, viewing, recording)
    assert cast.member.id in watchlog.verify(db).wrong


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
