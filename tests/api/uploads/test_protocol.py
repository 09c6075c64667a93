"""The tus protocol, line by line, over real connections to a real server."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.routes.uploads import PIECE
from api.settings import api_settings
from ingest import uploads
from ingest.models import Upload
from ingest.settings import workshop_settings
from sessions.db import Db
from sessions.models import ConferenceSession
from tests.api.uploads.tus import (
    API,
    CONTENT,
    begin,
    declare,
    finished,
    offset,
    patch,
    post,
    problem,
    quarantined,
    sha256,
)
from tests.cast import Cast, sign_in


def test_says_what_it_can_do(staff: httpx.Client) -> None:
    answer = staff.options(API)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer.headers["Tus-Max-Size"]) == workshop_settings().upload_max_bytes


def test_another_version_of_the_protocol_is_refused(staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session)
    staff.headers["Tus-Resumable"] = "0.2.2"
    for answer in (post(staff, session, 9), patch(staff, url, 0, b"x"), staff.delete(url)):
        assert problem(answer) == (412, "tus-version-unknown")
        assert answer.headers["Tus-Version"] == "1.0.0"
    assert staff.head(url).status_code == 412


def test_another_content_type_is_refused(staff: httpx.Client, session: ConferenceSession, home: Path) -> None:
    url = begin(staff, session)
    assert problem(patch(staff, url, 0, b"x", Content_Type="video/mp4")) == (415, "not-a-piece")
    assert quarantined(home) == []


def test_tells_all_that_a_client_needs_to_go_on(staff: httpx.Client, session: ConferenceSession) -> None:
    created = post(staff, session, 1000)
    url = created.headers["Location"]
    assert url.startswith(str(staff.base_url))
    assert created.headers["Upload-Expires"].endswith("GMT")
    answer = patch(staff, url, 0, CONTENT[:400])
    assert answer.status_code == 204
    assert (answer.headers["Upload-Offset"], answer.headers["Tus-Resumable"]) == ("400", "1.0.0")
    head = staff.head(url)
    assert (head.headers["Upload-Length"], head.headers["Upload-Offset"]) == ("1000", "400")
    assert set(head.headers["Upload-Metadata"].split(",")) == set(declare(session).split(","))
    (listed,) = staff.get(API, params={"session_id": str(session.id)}).json()
    assert (listed["id"], listed["kind"], listed["filename"]) == (url.split("/")[-1], "recording", "Hội nghị sáng.mp4")
    assert (listed["length"], listed["offset"], listed["finished_at"]) == (1000, 400, None)


def test_a_small_file_comes_with_its_declaration(db: Db, staff: httpx.Client, session: ConferenceSession) -> None:
    content = CONTENT[:70_000]
    headers = {"Upload-Length": str(len(content)), "Upload-Metadata": declare(session), "Content-Type": PIECE}
    answer = staff.post(API, headers=headers, content=content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(content)))
    assert finished(db) == sha256(content)
    assert staff.get(API).json() == []


def test_pieces_come_by_post_where_a_proxy_stops_patch(db: Db, staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session, 1000)
    headers = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": PIECE}
    assert staff.post(url, headers=headers, content=CONTENT[:1000]).status_code == 204
    assert finished(db) == sha256(CONTENT[:1000])
    assert problem(staff.post(url, content=b"x")) == (405, "method-not-allowed")


def test_a_terminated_upload_is_gone_with_its_bytes(
    db: Db, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session)
    patch(staff, url, 0, CONTENT[:1000])
    assert staff.delete(url).status_code == 204
    assert staff.head(url).status_code == 404
    assert problem(patch(staff, url, 1000, b"x")) == (404, "upload-not-found")
    assert quarantined(home) == []


def test_a_finished_upload_stays(db: Db, staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session, 1000)
    patch(staff, url, 0, CONTENT[:1000])
    assert problem(patch(staff, url, 1000, b"x")) == (409, "upload-finished")
    assert problem(staff.delete(url)) == (409, "upload-finished")
    assert offset(staff, url) == 1000
    assert finished(db) == sha256(CONTENT[:1000])


def test_asking_for_the_offset_completes_what_a_killed_server_left_whole(
    db: Db, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session, 1000)
    # As a server leaves it that is killed between the last byte and its answer.
    (home / "quarantine").mkdir(exist_ok=True)
    (home / "quarantine" / url.split("/")[-1]).write_bytes(CONTENT[:1000])
    assert offset(staff, url) == 1000
    assert finished(db) == sha256(CONTENT[:1000])


def test_a_person_has_only_so_many_uploads_open(staff: httpx.Client, session: ConferenceSession) -> None:
    for _ in range(uploads.OPEN_PER_PERSON):
        begin(staff, session, 9)
    assert problem(post(staff, session, 9)) == (409, "too-many-uploads")


def test_says_what_it_can_do_at_every_address(staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session)
    assert staff.options(url).headers["Tus-Extension"] == staff.options(API).headers["Tus-Extension"]


def test_an_upload_waits_anew_from_its_latest_byte_and_a_whole_one_expires_no_more(
    db: Db, staff: httpx.Client, session: ConferenceSession
) -> None:
    url = begin(staff, session, 1000)
    row = db.scalars(select(Upload)).one()
    row.expires_at -= timedelta(days=6)
    db.commit()
    soon = staff.head(url).headers["Upload-Expires"]
    patch(staff, url, 0, CONTENT[:10])
    assert parsedate_to_datetime(staff.head(url).headers["Upload-Expires"]) > parsedate_to_datetime(soon)
    assert "Upload-Expires" not in patch(staff, url, 10, CONTENT[10:1000]).headers
    assert "Upload-Expires" not in staff.head(url).headers


def test_every_method_comes_by_post_where_a_proxy_lets_nothing_else_through(
    staff: httpx.Client, session: ConferenceSession
) -> None:
    url = begin(staff, session, 1000)
    patch(staff, url, 0, CONTENT[:10])
    assert staff.post(url, headers={"X-HTTP-Method-Override": "HEAD"}).headers["Upload-Offset"] == "10"
    assert staff.post(url, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert staff.head(url).status_code == 404


def test_the_location_is_the_one_by_which_the_site_is_known_outside(
    db: Db, client: TestClient, cast: Cast, session: ConferenceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(db, client, cast.staff)
    client.headers["Tus-Resumable"] = "1.0.0"
    assert begin(client, session).startswith(f"http://testserver{API}/")
    monkeypatch.setattr(api_settings(), "public_url", "https://diemcau.example.vn/")
    assert begin(client, session).startswith(f"https://diemcau.example.vn{API}/")


def test_shows_the_beginning_by_which_a_page_knows_the_file_again(
    staff: httpx.Client, session: ConferenceSession
) -> None:
    url = begin(staff, session)
    for length, compared in ((0, 0), (1000, 1000), (200_000, uploads.HEAD_BYTES)):
        at = offset(staff, url)
        if length:
            patch(staff, url, at, CONTENT[at:length])
        (listed,) = staff.get(API).json()
        assert (listed["head_bytes"], listed["head_sha256"]) == (compared, sha256(CONTENT[:compared]))


def test_the_hash_of_the_whole_may_come_with_any_piece_and_is_compared(
    db: Db, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session, 1000)
    assert problem(patch(staff, url, 0, CONTENT[:10], Upload_Whole_Sha256="abc")) == (422, "malformed")
    assert patch(staff, url, 0, CONTENT[:10]).status_code == 204
    whole = sha256(CONTENT[:1000])
    assert patch(staff, url, 10, CONTENT[10:20], Upload_Whole_Sha256=whole.upper()).status_code == 204
    assert patch(staff, url, 20, CONTENT[20:1000]).status_code == 204
    assert finished(db) == whole


def test_a_file_that_differs_from_the_hash_sent_along_is_thrown_away(
    staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session, 1000)
    wrong = {"Upload_Whole_Sha256": sha256(b"another file")}
    assert problem(patch(staff, url, 0, CONTENT[:1000], **wrong)) == (460, "hash-mismatch")
    assert staff.head(url).status_code == 404
    assert quarantined(home) == []


def test_a_file_that_turns_out_to_be_held_is_not_sent_to_its_end(
    staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    assert patch(staff, begin(staff, session, 1000), 0, CONTENT[:1000]).status_code == 204
    again = begin(staff, session, 1000)
    known = {"Upload_Whole_Sha256": sha256(CONTENT[:1000])}
    assert problem(patch(staff, again, 0, CONTENT[:10], **known)) == (409, "already-held")
    assert staff.head(again).status_code == 404
    assert len(quarantined(home)) == 1
