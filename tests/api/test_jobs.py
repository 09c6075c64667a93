"""Work on uploads over HTTP: who sees it, who may let it out, and what is said when it went wrong."""

import pytest

from ingest import jobs
from ingest.models import JobState, Upload
from sessions.errors import Unavailable
from tests.cast import sign_in
from tests.factories import problem
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician, waiting for its scan.

API = "/api/v1"


def test_the_technician_sees_their_upload_with_its_progress_but_may_not_release_it(db, client, cast, job):  # noqa: F811
    sign_in(db, client, cast.administrator)
    (seen,) = client.get(f"{API}/jobs", params={"session_id": str(job.session_id)}).json()["items"]
    assert (seen["state"], seen["filename"], seen["progress"]) == ("received", "hoi-nghi.mp4", 0.0)
    assert seen["uploaded_by"]["full_name"] == "Lò Văn Kỹ"
    sign_in(db, client, cast.technician)
    problem(client.post(f"{API}/jobs/{job.id}/release"), 403, "not-allowed")


def test_staff_release_it_once_and_the_uploader_never_even_as_staff(db, client, cast, job):  # noqa: F811
    sign_in(db, client, cast.releaser)
    assert client.get(f"{API}/jobs/{job.id}").json()["can_release"]
    released = client.post(f"{API}/jobs/{job.id}/release").json()
    assert released["released_by"]["full_name"] == "Phạm Thị Duyệt"
    assert not released["can_release"]
    db.expire_all()
    job.released_by = job.released_at = None
    db.get_one(Upload, job.upload_id).uploaded_by = cast.staff.id
    db.commit()
    sign_in(db, client, cast.staff)
    assert not client.get(f"{API}/jobs/{job.id}").json()["can_release"]
    problem(client.post(f"{API}/jobs/{job.id}/release"), 403, "own-release")


def test_members_and_strangers_see_no_work_at_all(db, client, cast, job):  # noqa: F811
    for person in (cast.member, cast.stranger):
        sign_in(db, client, person)
        problem(client.get(f"{API}/jobs/{job.id}"), 403, "not-allowed")


@pytest.mark.parametrize(("language", "words"), [("vi", "tạm ngừng"), ("en", "is down")])
def test_a_failure_is_said_in_the_readers_language_and_can_be_retried(db, client, cast, job, language, words):  # noqa: F811
    jobs.fail(db, jobs.claim(db, "worker"), Unavailable())
    db.commit()
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{job.id}", headers={"Accept-Language": language}).json()
    assert (seen["state"], seen["can_retry"]) == ("failed", True)
    assert words in seen["problem"]["detail"]
    assert client.post(f"{API}/jobs/{job.id}/retry").json()["state"] == "received"
    problem(client.post(f"{API}/jobs/{job.id}/retry"), 409, "job-ended")


def test_work_can_be_cancelled_and_nothing_can_be_done_after(db, client, cast, job):  # noqa: F811
    sign_in(db, client, cast.releaser)
    assert client.post(f"{API}/jobs/{job.id}/cancel").json()["state"] == JobState.CANCELLED
    problem(client.post(f"{API}/jobs/{job.id}/cancel"), 409, "job-ended")
    problem(client.post(f"{API}/jobs/{job.id}/retract"), 409, "job-ended")
    problem(client.post(f"{API}/jobs/{job.id}/release"), 409, "job-ended")
