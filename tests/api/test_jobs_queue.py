"""The queue over HTTP: what each form of a file does, when it will be there, and what others may not read of it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete

from archive.models import Recording
from ingest.models import JobState, JobStep, StepKind, StepState
from sessions import clock
from tests.cast import sign_in
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician, waiting for its scan.

API = "/api/v1"
WAITING, RUNNING, DONE, FAILED = StepState.WAITING, StepState.RUNNING, StepState.DONE, StepState.FAILED
NOISE = {"code": "rendition-defective", "vi": "Tiếng lệch hình.", "en": "Sound and picture differ."}


@pytest.fixture(autouse=True)
def still(monkeypatch):
    """Time stands still, so that a busy machine changes no figure."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def plan(db, job):  # noqa: F811
    """Gives the job a recording of 480 s, and the steps named: (kind, number, weight, state), with more columns."""

    def put(state, *steps):
        recording = Recording(
            id=uuid4(),
            session_id=job.session_id,
            title="",
            duration_seconds=480.0,
            source_sha256="0" * 64,
            source_key="originals/none",
            source_bytes=1,
            facts={},
            created_at=clock.now(),
        )
        db.add(recording)
        db.flush()
        job.state, job.recording_id = state, recording.id
        db.execute(delete(JobStep))
        for kind, number, weight, of_step, *more in steps:
            columns = {"progress": 0.0, "attempts": 1, **(more[0] if more else {})}
            db.add(JobStep(job_id=job.id, kind=kind, number=number, weight=weight, state=of_step, **columns))
        db.commit()
        return job

    return put


def ago(seconds):
    return {"started_at": clock.now() - timedelta(seconds=seconds)}


def took(began, seconds):
    return ago(began) | {"finished_at": clock.now() - timedelta(seconds=began - seconds)}


def encoding():
    """A recording that can be heard and seen as it was; one of its rungs failed, another is on its way."""
    return [
        (StepKind.SCAN, 0, 1.0, DONE),
        (StepKind.SPEECH, 0, 10.0, DONE, took(100, 10)),
        (StepKind.CHUNK, 0, 20.0, DONE, took(80, 40)),
        (StepKind.CHUNK, 1, 20.0, RUNNING, ago(20) | {"progress": 0.5}),
        (StepKind.CHUNK, 2, 20.0, WAITING),
        (StepKind.PACKAGE, 0, 4.0, WAITING, {"rung": "a360"}),
        (StepKind.PACKAGE, 1, 5.0, FAILED, {"rung": "v360", "problem": NOISE}),
        (StepKind.PACKAGE, 2, 4.0, DONE, took(30, 8) | {"rung": "copy"}),
    ]


def minutes_until(moment):
    return (datetime.fromisoformat(moment) - clock.now()).total_seconds() / 60


def test_says_of_every_form_where_it_stands_and_why_one_failed(db, client, cast, plan):
    mine = plan(JobState.READY, *encoding())
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{mine.id}").json()
    assert [(rung["name"], rung["kind"], rung["state"]) for rung in seen["rungs"]] == [
        ("speech", "speech", "done"),
        ("a360", "video", "running"),
        ("v360", "video", "failed"),
        ("copy", "video", "done"),
    ]
    assert seen["rungs"][2]["problem"] == {"code": "rendition-defective", "detail": "Tiếng lệch hình."}
    assert (seen["stage"], seen["complete"], seen["first_look_at"]) == ("chunk", False, None)
    assert (seen["can_retry"], seen["can_cancel"]) == (True, True)
    assert 0 < seen["progress"] < 1


def test_tells_the_speed_of_what_is_being_encoded_and_when_all_will_be_done(db, client, cast, plan):
    mine = plan(JobState.READY, *encoding())
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{mine.id}").json()
    # 160 s each: one whole in 40 s, half of one in 20 s.
    assert seen["speed"] == pytest.approx(4.0)
    # Two workers; a second of weight takes two: 20 s and, beside it, 40 s for the chunks, then 8 s for the package.
    assert minutes_until(seen["complete_by"]) == pytest.approx(48 / 60, abs=0.01)


def test_before_the_plan_is_known_there_is_no_percentage_and_no_time(db, client, cast, plan):
    look = (StepKind.LOOK, 0, 5.0, RUNNING, ago(2) | {"progress": 0.9})
    mine = plan(JobState.ENCODING, (StepKind.SCAN, 0, 1.0, DONE), (StepKind.SPEECH, 0, 30.0, WAITING), look)
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{mine.id}").json()
    assert (seen["stage"], seen["progress"], seen["complete_by"]) == ("look", 0.0, None)
    assert minutes_until(seen["first_look_at"]) > 0


def test_a_finished_file_is_complete_and_asks_for_nothing(db, client, cast, plan):
    mine = plan(JobState.PUBLISHED, (StepKind.SCAN, 0, 1.0, DONE), (StepKind.SPEECH, 0, 10.0, DONE))
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{mine.id}").json()
    assert (seen["progress"], seen["complete"], seen["stage"], seen["complete_by"]) == (1.0, True, None, None)
    assert (seen["can_retry"], seen["can_cancel"]) == (False, False)
    assert client.get(f"{API}/queue").json() == {"workers": 2, "items": [], "failed": []}


def test_the_queue_names_ones_own_files_and_hides_the_names_of_others(db, client, cast, plan):
    mine = plan(JobState.READY, *encoding())
    sign_in(db, client, cast.releaser)
    (item,) = client.get(f"{API}/queue").json()["items"]
    assert item["job"]["filename"] == "hoi-nghi.mp4"
    assert item["complete_by"] == item["job"]["complete_by"]
    sign_in(db, client, cast.technician)
    seen = client.get(f"{API}/queue").json()
    assert [each["job"] for each in seen["items"]] == [None]
    assert seen["items"][0]["complete_by"]
    assert str(mine.id) not in str(seen)
    assert "hoi-nghi.mp4" not in str(seen)


def test_what_failed_stays_in_view_until_it_is_tried_again(db, client, cast, plan):
    failed = (StepKind.PACKAGE, 0, 4.0, FAILED, {"rung": "v360", "problem": NOISE})
    mine = plan(JobState.PUBLISHED, (StepKind.SPEECH, 0, 10.0, DONE), failed)
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/queue").json()
    assert [each["id"] for each in seen["failed"]] == [str(mine.id)]
    assert seen["failed"][0]["can_retry"]
    assert seen["items"] == []
