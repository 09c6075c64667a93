"""Pictures of counts: announced once, through the gate like every file, shown only then, and to whom it concerns."""

import base64
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from ingest import ocr, pipeline, quarantine
from ingest.models import Incident, IngestJob, JobState, Upload
from sessions import clock
from sessions.models import AuditEntry, CountPhoto
from tests import factories, media
from tests.cast import sign_in
from tests.factories import problem

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def session(db, cast):
    session = factories.open_session(db, cast)
    factories.summon(db, cast, session)
    return session


@pytest.fixture
def point(db, cast, session):
    point = factories.join(db, cast, session)
    db.commit()
    return point


@pytest.fixture(autouse=True)
def _nothing_left_waiting():
    yield
    for upload_id in list(quarantine.ids()):
        quarantine.drop(Upload(id=upload_id))


def picture(seed: int = 0) -> bytes:
    """A picture as a phone's page would shrink it."""
    return as_jpeg(Image.new("RGB", (320, 240), (200, 210 + seed, 190)))


def as_jpeg(drawn: Image.Image) -> bytes:
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def stamped(folder: Path) -> bytes:
    """A picture of a page with a stamp, which is only to be seen."""
    page = pypdfium2.PdfDocument(media.deck(folder / "page.pdf", ["TUYỆT MẬT"]))[0]
    return as_jpeg(page.render(scale=3).to_pil().convert("RGB"))


@pytest.fixture
def announce(client, db, session, point):
    def sent(content: bytes, **changes):
        asked = {
            "part_id": str(factories.first_part(db, session).id),
            "moment": "start",
            "headcount_key": str(uuid4()),
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "taken_at": (clock.now() - timedelta(minutes=5)).isoformat(),
            "client_key": str(uuid4()),
            **changes,
        }
        return client.post(f"/api/v1/session-points/{point.id}/photos", json=asked)

    return sent


def upload(client, session, content: bytes, *, classification: str = "not-classified", pieces: int = 2):
    """Send a picture as the page does: by tus, in pieces; gives the last answer."""
    said = {"session_id": str(session.id), "kind": "photo", "filename": "anh.jpg", "classification": classification}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
    headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    begun = client.post("/api/v1/uploads", headers=headers)
    if begun.status_code != 201:
        return begun
    address = f"/api/v1/uploads/{begun.headers['Location'].rsplit('/', 1)[1]}"
    size = -(-len(content) // pieces)
    for at in range(0, len(content), size):
        headers = {**TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        begun = client.patch(address, content=content[at : at + size], headers=headers)
    return begun


def work() -> None:
    while pipeline.run("tests"):
        pass


def shown(client, point):
    return client.get(f"/api/v1/session-points/{point.id}/photos").json()


def test_a_picture_is_on_record_with_its_hash_before_its_bytes_and_shown_once_the_gate_let_it_in(
    client, db, cast, session, point, announce
):
    sign_in(db, client, cast.technician)
    content, key = picture(), str(uuid4())
    first, again = announce(content, client_key=key), announce(content, client_key=key)
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    assert (first.json()["state"], first.json()["url"]) == ("awaited", None)
    assert upload(client, session, content).status_code == 204
    assert [each["state"] for each in shown(client, point)] == ["checking"]
    problem(client.get(f"/api/v1/photos/{first.json()['id']}"), 409, "photo-not-let-in")
    work()
    (kept,) = shown(client, point)
    assert (kept["state"], kept["sha256"]) == ("kept", hashlib.sha256(content).hexdigest())
    read = client.get(kept["url"])
    assert (read.content, read.headers["content-type"]) == (content, "image/jpeg")
    # The same bytes once more are told to be there, which is all that a second delivery needs to know.
    problem(upload(client, session, content), 409, "already-held")
    assert announce(content, client_key=str(uuid4())).json()["state"] == "kept"
    noted = db.scalars(select(AuditEntry).where(AuditEntry.action == "photo.announced")).all()
    assert [each.detail["sha256"] for each in noted] == [kept["sha256"]] * 2
    _only_who_counts_there_sees_it(client, db, cast, session, point, announce, kept["id"])


def _only_who_counts_there_sees_it(client, db, cast, session, point, announce, photo_id):
    sign_in(db, client, cast.staff)
    assert client.get(f"/api/v1/photos/{photo_id}").status_code == 200
    # Among the conference's files there is nothing to release: a picture is evidence, and published to nobody.
    assert client.get(f"/api/v1/jobs?session_id={session.id}").json()["items"] == []
    sign_in(db, client, cast.member)
    problem(client.get(f"/api/v1/photos/{photo_id}"), 403, "outside-scope")
    problem(client.get(f"/api/v1/session-points/{point.id}/photos"), 403, "outside-scope")
    problem(announce(b"x"), 403, "outside-scope")
    sign_in(db, client, cast.stranger)
    problem(client.get(f"/api/v1/photos/{photo_id}"), 404, "session-not-found")
    problem(client.get(f"/api/v1/photos/{uuid4()}"), 404, "photo-not-found")


@pytest.mark.skipif(not ocr.is_available(), reason="There is no Tesseract on this machine.")
def test_a_picture_that_shows_a_stamp_waits_for_a_person_and_is_destroyed_by_their_word(
    client, db, cast, session, point, announce, tmp_path
):
    sign_in(db, client, cast.technician)
    content = stamped(tmp_path)
    announce(content)
    upload(client, session, content)
    work()
    assert [each["state"] for each in shown(client, point)] == ["held"]
    sign_in(db, client, cast.releaser)
    (job,) = client.get(f"/api/v1/jobs?session_id={session.id}").json()["items"]
    assert (job["state"], job["kind"]) == ("held", "photo")
    refused = client.post(f"/api/v1/jobs/{job['id']}/refuse", json={"reason": "Ảnh chụp tài liệu có dấu mật"})
    assert refused.json()["state"] == "refused"
    (left,) = shown(client, point)
    assert (left["state"], left["url"]) == ("refused", None)
    assert left["sha256"] == hashlib.sha256(content).hexdigest()
    assert db.scalars(select(Incident.sha256)).all() == [left["sha256"]]
    sign_in(db, client, cast.technician)
    problem(upload(client, session, content), 422, "refused-before")


def test_a_picture_that_nobody_can_read_waits_for_a_look_and_is_kept_once_cleared(
    client, db, cast, session, point, announce, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))  # No Tesseract here; what we run otherwise comes from the wheels.
    sign_in(db, client, cast.technician)
    content = picture(seed=2)
    announce(content)
    upload(client, session, content)
    work()
    assert [each["state"] for each in shown(client, point)] == ["held"]
    sign_in(db, client, cast.releaser)
    (job,) = client.get(f"/api/v1/jobs?session_id={session.id}").json()["items"]
    cleared = client.post(f"/api/v1/jobs/{job['id']}/clear", json={"reason": "Chỉ là ảnh hội trường"})
    assert cleared.status_code == 200
    work()
    assert [each["state"] for each in shown(client, point)] == ["kept"]


def test_what_is_no_picture_is_refused(client, db, cast, session, point, announce):
    sign_in(db, client, cast.technician)
    content = b"%PDF-1.7 not a picture"
    announce(content)
    upload(client, session, content)
    work()
    job = db.scalars(select(IngestJob).join(Upload).where(Upload.session_id == session.id)).one()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, "not-a-photo")
    assert [each["state"] for each in shown(client, point)] == ["refused"]


def test_a_picture_is_declared_small_and_of_today(client, db, cast, session, announce):
    sign_in(db, client, cast.technician)
    problem(announce(b"", bytes=0), 422, "photo-too-large")
    problem(announce(b"x", bytes=10 * 2**20 + 1), 422, "photo-too-large")
    problem(announce(b"x", taken_at=(clock.now() + timedelta(hours=1)).isoformat()), 422, "time-ahead")
    problem(announce(b"x", sha256="x"), 422, "malformed")
    problem(upload(client, session, picture(), classification="mat"), 422, "classified-declared")
    assert db.scalars(select(CountPhoto)).all() == []
    fast = announce(b"x", taken_at=(clock.now() + timedelta(days=1)).isoformat(), clock_ahead=86_400)
    assert fast.status_code == 201
