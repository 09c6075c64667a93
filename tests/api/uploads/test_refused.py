"""Who may upload, and what is never taken."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest
from sqlalchemy import func, select

from ingest import uploads
from ingest.models import Incident, Upload
from sessions.db import Db
from sessions.models import AuditEntry, ConferenceSession, ConnectionPoint, Person, PointState, SessionPoint
from tests.api.uploads.tus import API, CONTENT, begin, declare, patch, post, problem, quarantined, sha256
from tests.cast import Cast
from tests.servers import FrontDesk


def test_nothing_is_written_for_those_who_may_not_upload(
    db: Db,
    desk: FrontDesk,
    at_the_desk: Callable[[Person], httpx.Client],
    cast: Cast,
    session: ConferenceSession,
    home: Path,
) -> None:
    url = begin(at_the_desk(cast.staff), session)
    nobody = httpx.Client(base_url=desk.address, headers={"Tus-Resumable": "1.0.0"}, trust_env=False)
    with nobody:
        assert problem(post(nobody, session, 1000)) == (401, "not-signed-in")
        assert problem(patch(nobody, url, 0, CONTENT[:1000])) == (401, "not-signed-in")
    assert problem(post(at_the_desk(cast.member), session, 1000)) == (403, "upload-not-allowed")
    assert problem(post(at_the_desk(cast.stranger), session, 1000)) == (404, "session-not-found")
    for other in (cast.member, cast.releaser, cast.administrator):
        client = at_the_desk(other)
        assert problem(patch(client, url, 0, CONTENT[:1000])) == (404, "upload-not-found")
        assert client.head(url).status_code == 404
        assert problem(client.delete(url)) == (404, "upload-not-found")
        assert client.get(API).json() == []
    assert quarantined(home) == []
    assert db.scalar(select(func.count()).select_from(Upload)) == 1


def test_a_technician_uploads_for_a_conference_joined_by_their_point(
    db: Db, at_the_desk: Callable[[Person], httpx.Client], cast: Cast, session: ConferenceSession
) -> None:
    technician = at_the_desk(cast.technician)
    assert problem(post(technician, session, 1000)) == (403, "upload-not-allowed")
    join(db, cast, session)
    begin(technician, session, 1000)


def join(db: Db, cast: Cast, session: ConferenceSession) -> None:
    """The technician's commune takes part with a room of its own."""
    point = ConnectionPoint(
        unit_id=cast.commune.id,
        name="Hội trường UBND xã",
        address="Sìn Hồ",
        equipment="",
        line="4G",
        search_key="hoi truong ubnd xa",
        created_at=session.created_at,
    )
    db.add(point)
    db.flush()
    joined = SessionPoint(
        session_id=session.id,
        connection_point_id=point.id,
        unit_id=cast.commune.id,
        state=PointState.INVITED,
        state_at=session.created_at,
    )
    db.add(joined)
    db.commit()


def test_declared_classified_is_refused_and_remembered_without_its_name(
    db: Db, staff: httpx.Client, cast: Cast, session: ConferenceSession, home: Path
) -> None:
    levels = {"mat", "toi-mat", "tuyet-mat"}
    for level in levels:
        answer = post(staff, session, 1000, classification=level, filename="kế hoạch mật.pdf", sha256=sha256(b"x"))
        assert problem(answer) == (422, "classified-declared")
    assert db.scalar(select(func.count()).select_from(Upload)) == 0
    assert quarantined(home) == []
    incidents = db.scalars(select(Incident)).all()
    assert {incident.rule for incident in incidents} == {f"declared:{level}" for level in levels}
    assert {(incident.person_id, incident.session_id) for incident in incidents} == {(cast.staff.id, session.id)}
    entries = db.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "incident")).all()
    assert {entry.subject_id for entry in entries} == {incident.id for incident in incidents}
    assert "kế hoạch" not in str([entry.detail for entry in entries])


def test_a_declaration_that_cannot_be_right_is_refused(db: Db, staff: httpx.Client, session: ConferenceSession) -> None:
    nobodys = "00000000-0000-4000-8000-000000000000"
    cases = {
        "an empty file": ("0", {}, (422, "empty-upload")),
        "less than nothing": ("-5", {}, (422, "malformed")),
        "a length in words": ("many", {}, (422, "malformed")),
        "a length that no disk has": (str(10**30), {}, (422, "malformed")),
        "a file that is too large": (str(2**62), {}, (413, "upload-too-large")),
        "no declared level": ("9", {"classification": ""}, (422, "malformed")),
        "an unknown level": ("9", {"classification": "unsure"}, (422, "malformed")),
        "an unknown kind": ("9", {"kind": "podcast"}, (422, "malformed")),
        "half a hash": ("9", {"sha256": "abc"}, (422, "malformed")),
        "no name": ("9", {"filename": ""}, (422, "malformed")),
        "no conference": ("9", {"session_id": "17"}, (422, "malformed")),
        "an unknown conference": ("9", {"session_id": nobodys}, (404, "session-not-found")),
        "a part of another conference": ("9", {"part_id": nobodys}, (422, "part-of-another-session")),
    }
    for case, (length, changed, refusal) in cases.items():
        headers = {"Upload-Length": length, "Upload-Metadata": declare(session, **changed)}
        assert problem(staff.post(API, headers=headers)) == refusal, case
    assert db.scalar(select(func.count()).select_from(Upload)) == 0


def test_says_which_field_of_a_declaration_is_wrong(staff: httpx.Client, session: ConferenceSession) -> None:
    errors = post(staff, session, 9, classification="", kind="podcast").json()["errors"]
    assert {error["field"] for error in errors} == {"classification", "kind"}
    (error,) = staff.post(API, headers={"Upload-Metadata": declare(session)}).json()["errors"]
    assert error["field"] == "Upload-Length"
    garbled = {"Upload-Length": b"9", "Upload-Metadata": b"kind ///,,filename, =,session_id \xff,classification aGk"}
    assert problem(staff.post(API, headers=garbled)) == (422, "malformed")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ế" * 83 + ".mp4", id="three bytes a letter, 253 in all"),
        pytest.param("😀" * 62 + ".mp4", id="beyond the basic plane"),
        pytest.param(unicodedata.normalize("NFD", "ệ") * 40 + ".mp4", id="decomposed"),
        pytest.param("ملف" * 40 + ".mp4", id="from right to left"),
        pytest.param("a\u202e4pm.exe\u200b\ufeff" * 9, id="turned round and invisible"),
        pytest.param("".join(map(chr, range(1, 32))) + '/\\:*?"<>|.mp4', id="what other systems forbid"),
        pytest.param("\u0301" * 127, id="accents on nothing"),
    ],
)
def test_a_name_of_every_kind_is_taken_and_fits_any_disk(
    db: Db, staff: httpx.Client, session: ConferenceSession, name: str
) -> None:
    url = begin(staff, session, 9, filename=name)
    kept = db.scalars(select(Upload.filename)).one()
    assert 0 < len(kept.encode()) <= 255
    assert kept.isprintable()
    assert "/" not in kept
    assert staff.head(url).status_code == 200


def test_stray_files_in_quarantine_stop_nothing(db: Db, session: ConferenceSession, home: Path) -> None:
    stray = home / "quarantine" / "ai-do-de-quen.txt"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"put there by hand")
    uploads.sweep()
    assert stray.exists()
