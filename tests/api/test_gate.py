"""The gate over HTTP: who sees what was found and decides on it, incidents, rules, and words that are typed."""

import json

import pytest
from PIL import Image
from sqlalchemy import func, select

from ingest import sheets, verdicts
from ingest.inspection import Picture, Verdict
from ingest.markings import Certainty, Hit, Source
from ingest.models import Incident, IngestJob, JobState
from sessions.models import AuditEntry, ConferenceSession, Role
from tests.cast import sign_in
from tests.factories import entrust, problem
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician, waiting for its scan.

API = "/api/v1"
REASON = {"reason": "Đã xem từng trang, không có dấu mật."}
SEEN = Hit("toi-mat", Certainty.CERTAIN, Source.PICTURE, page=2, box=(0.5, 0.1, 0.2, 0.05))


@pytest.fixture
def pictures(tmp_path):
    for page in (1, 2):
        Image.new("RGB", (64, 36), (page, 0, 0)).save(tmp_path / f"{page}.png")
    return [Picture(tmp_path / f"{page}.png", page=page) for page in (1, 2)]


@pytest.fixture
def sealed(db, job, pictures):  # noqa: F811
    """Sealed for a stamp on the second of two pages, of which no one has read the first."""
    verdict = Verdict((SEEN,), tuple(pictures), unread=1)
    verdicts.keep(db, job, verdict, sheets.keep(job.id, pictures), "rules-1")
    db.commit()
    yield job
    sheets.drop(job.id)


def test_who_may_release_sees_what_was_found_and_where_and_nobody_else_does(db, client, cast, sealed):
    sign_in(db, client, cast.releaser)
    seen = client.get(f"{API}/jobs/{sealed.id}/inspection").json()
    assert (seen["result"], seen["unread"], seen["can_decide"]) == ("sealed", 1, True)
    assert seen["job"]["problem"]["code"] == "sealed"
    (hit,) = seen["hits"]
    assert (hit["rule"], hit["page"], hit["box"]) == ("toi-mat", 2, [0.5, 0.1, 0.2, 0.05])
    first, second = seen["pictures"]
    assert client.get(second["url"]).headers["content-type"] == "image/webp"
    problem(client.get(f"{API}/jobs/{sealed.id}/sheet/9"), 404, "picture-gone")
    entrust(db, cast.technician, Role.STAFF, cast.province)
    db.commit()
    for person, code in (
        (cast.technician, "own-decision"),
        (cast.stranger, "not-allowed"),
        (cast.member, "not-allowed"),
    ):
        sign_in(db, client, person)
        problem(client.get(f"{API}/jobs/{sealed.id}/inspection"), 403, code)
        problem(client.get(first["url"]), 403, code)
        problem(client.post(f"{API}/jobs/{sealed.id}/clear", json=REASON), 403, code)


def test_a_held_file_is_cleared_for_a_reason_and_scanned_on(db, client, cast, sealed):
    sign_in(db, client, cast.releaser)
    problem(client.post(f"{API}/jobs/{sealed.id}/release"), 409, "job-ended")
    problem(client.post(f"{API}/jobs/{sealed.id}/cancel"), 409, "held-by-the-gate")
    problem(client.post(f"{API}/jobs/{sealed.id}/clear", json={"reason": "không"}), 422, "malformed")
    assert client.post(f"{API}/jobs/{sealed.id}/clear", json=REASON).json()["state"] == "scanning"
    problem(client.post(f"{API}/jobs/{sealed.id}/clear", json=REASON), 409, "not-held")
    kept = db.scalars(select(AuditEntry.detail).where(AuditEntry.action == "gate.cleared")).one()
    assert kept["reason"] == REASON["reason"]


def test_a_held_file_is_refused_and_its_name_is_gone_from_every_answer(db, client, cast, sealed):
    sign_in(db, client, cast.releaser)
    refused = client.post(f"{API}/jobs/{sealed.id}/refuse", json=REASON).json()
    assert (refused["state"], refused["filename"]) == ("refused", "")
    assert "toi-mat" in refused["problem"]["detail"]
    problem(client.get(f"{API}/jobs/{sealed.id}/inspection"), 404, "job-not-found")
    problem(client.get(f"{API}/jobs/{sealed.id}/sheet/1"), 404, "job-not-found")
    problem(client.get(f"{API}/incidents"), 403, "not-allowed")
    entrust(db, cast.stranger, Role.SECURITY, cast.province)
    entrust(db, cast.member, Role.SECURITY, cast.neighbour)
    db.commit()
    sign_in(db, client, cast.stranger)
    (incident,) = client.get(f"{API}/incidents").json()["items"]
    assert (incident["rule"], incident["person"]["full_name"]) == ("marking:toi-mat", "Phạm Thị Duyệt")
    sign_in(db, client, cast.member)
    assert client.get(f"{API}/incidents").json()["total"] == 0


def test_a_release_names_every_unread_picture(db, client, cast, job, pictures):  # noqa: F811
    verdicts.keep(db, job, Verdict((), tuple(pictures), unread=2), sheets.keep(job.id, pictures), "rules-1")
    db.commit()
    sign_in(db, client, cast.releaser)
    told = problem(client.post(f"{API}/jobs/{job.id}/release", json={"looked": [2]}), 409, "look-first")
    assert told["facts"]["pictures"] == 2
    assert client.post(f"{API}/jobs/{job.id}/release", json={"looked": [1, 2]}).json()["released_by"]
    sheets.drop(job.id)


def test_administrators_add_rules_and_are_told_how_many_files_they_concern(db, client, cast, job):  # noqa: F811
    job.state = JobState.ENCODING
    db.commit()
    sign_in(db, client, cast.administrator)
    before = client.get(f"{API}/gate/rules").json()
    assert before["due"] == 1
    assert {"tuyet-mat", "toi-mat", "mat"} <= {rule["name"] for rule in before["built_in"]}
    after = client.post(f"{API}/gate/rules", json={"phrase": "hồ sơ A9", "certain": False})
    assert after.status_code == 201
    (added,) = after.json()["added"]
    assert after.json()["version"] != before["version"]
    problem(client.post(f"{API}/gate/rules", json={"phrase": "hồ sơ A9", "certain": True}), 409, "rule-held-already")
    problem(client.post(f"{API}/gate/rules", json={"phrase": "9 - 9", "certain": True}), 422, "bad-rule")
    assert client.delete(f"{API}/gate/rules/{added['id']}").json()["version"] == before["version"]
    sign_in(db, client, cast.staff)
    problem(client.get(f"{API}/gate/rules"), 403, "not-allowed")


@pytest.mark.parametrize("title", ["TỐI MẬT", "Độ mật: Tối mật", "TOI MAT"])
def test_words_that_bear_a_marking_are_not_kept_and_not_repeated(db, client, cast, title):
    before = db.scalar(select(func.count()).select_from(ConferenceSession))
    times = {"starts_at": "2026-11-01T01:00:00Z", "ends_at": "2026-11-01T03:00:00Z"}
    asked = {"unit_id": str(cast.province.id), **times, "title": title, "parts": [{"title": "Phần 1", **times}]}
    sign_in(db, client, cast.staff)
    refused = client.post(f"{API}/sessions", json=asked)
    problem(refused, 422, "marked-words")
    assert title not in refused.text
    assert db.scalar(select(func.count()).select_from(ConferenceSession)) == before
    incident = db.scalars(select(Incident)).one()
    assert incident.person_id == cast.staff.id
    assert title not in json.dumps([entry.detail for entry in db.scalars(select(AuditEntry))], ensure_ascii=False)


def test_words_about_state_secrets_are_words_like_others(db, client, cast):
    times = {"starts_at": "2026-11-01T01:00:00Z", "ends_at": "2026-11-01T03:00:00Z"}
    title = "Hội nghị quán triệt Luật Bảo vệ bí mật nhà nước"
    asked = {"unit_id": str(cast.province.id), **times, "title": title, "parts": [{"title": "Phần 1", **times}]}
    sign_in(db, client, cast.staff)
    assert client.post(f"{API}/sessions", json=asked).status_code == 201
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 0
