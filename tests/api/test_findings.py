"""What is amiss with a recording, and its sound tracks, over HTTP."""

import pytest

from archive.models import Recording
from ingest import findings
from ingest.findings import Code, Finding
from ingest.models import JobState, JobStep, StepKind, StepState
from ingest.probe import AudioFacts, MediaFacts
from sessions import clock
from tests.cast import sign_in
from tests.factories import problem
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician, waiting for its scan.

API = "/api/v1"


def track(index, language):
    return AudioFacts(index, "aac", 2, 48_000, 64_000, 0.0, 600.0, language)


@pytest.fixture
def recorded(db, job):  # noqa: F811
    """A recording of two languages of which the end is missing, encoded and waiting for its release."""
    facts = MediaFacts("matroska,webm", 0.0, 600.0, 10**6, None, (track(0, "vie"), track(1, "und")))
    recording = Recording(
        session_id=job.session_id,
        title="Hội nghị",
        duration_seconds=600.0,
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=10**6,
        facts=facts.to_json(),
        findings={"heard": 0},
        created_at=clock.now(),
    )
    findings.keep(recording, "source", [Finding(Code.LOST, 600.0, 780.0)])
    findings.keep(recording, "sound", [Finding(Code.SILENCE, 30.0, 95.5)])
    db.add(recording)
    db.flush()
    job.recording_id, job.state = recording.id, JobState.READY
    db.commit()
    return job


def test_findings_come_in_order_with_what_was_lost(db, client, cast, recorded):
    sign_in(db, client, cast.releaser)
    said = client.get(f"{API}/jobs/{recorded.id}/findings").json()
    assert (said["duration_seconds"], said["lost_seconds"], said["can_choose"]) == (600.0, 180.0, True)
    assert [(each["code"], each["start_seconds"], each["end_seconds"]) for each in said["items"]] == [
        ("silence", 30.0, 95.5),
        ("lost", 600.0, 780.0),
    ]
    assert [(each["track"], each["language"], each["heard"]) for each in said["tracks"]] == [
        (0, "vie", True),
        (1, "", False),
    ]


def test_another_track_is_chosen_once_there_is_one_and_before_it_is_out(db, client, cast, recorded):
    sign_in(db, client, cast.releaser)
    asked = f"{API}/jobs/{recorded.id}/sound-track"
    problem(client.post(asked, json={"track": 2}), 422, "no-such-track")
    assert client.post(asked, json={"track": 1}).status_code == 200
    speech = db.query(JobStep).filter_by(job_id=recorded.id, kind=StepKind.SPEECH).one()
    assert speech.state is StepState.WAITING
    assert [each["heard"] for each in client.get(f"{API}/jobs/{recorded.id}/findings").json()["tracks"]] == [
        False,
        True,
    ]
    recorded.state = JobState.PUBLISHED
    db.commit()
    problem(client.post(asked, json={"track": 0}), 409, "job-ended")


def test_a_file_that_was_not_looked_at_yet_has_none(db, client, cast, job):  # noqa: F811
    sign_in(db, client, cast.releaser)
    said = client.get(f"{API}/jobs/{job.id}/findings").json()
    assert (said["items"], said["tracks"], said["can_choose"]) == ([], [], False)


def test_members_and_strangers_learn_nothing(db, client, cast, recorded):
    for person in (cast.member, cast.stranger):
        sign_in(db, client, person)
        problem(client.get(f"{API}/jobs/{recorded.id}/findings"), 403, "not-allowed")
        problem(client.post(f"{API}/jobs/{recorded.id}/sound-track", json={"track": 1}), 403, "not-allowed")
