"""Resumable uploads when the line is bad: cut, crossed, slow, damaged, and with clients that others wrote."""

import base64
import hashlib
import os
import resource
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from sqlalchemy import func, select
from tusclient.client import TusClient

from api import login
from api.routes.uploads import PIECE
from ingest.models import IngestJob, JobState
from sessions.db import Db
from sessions.models import ConferenceSession, Person
from sessions.settings import register_settings
from tests.api.uploads.tus import (
    API,
    CONTENT,
    begin,
    finished,
    offset,
    patch,
    post,
    problem,
    quarantined,
    sha256,
    slowly,
    wait_for,
)
from tests.cast import Cast, conference
from tests.servers import FrontDesk


def test_tuspy_uploads_in_checked_pieces(
    db: Db, desk: FrontDesk, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    uploader = tuspy(desk, staff).uploader(
        file_stream=BytesIO(CONTENT),
        chunk_size=5 * 2**20,
        metadata=metadata(session, sha256=sha256(CONTENT)),
        upload_checksum=True,
    )
    uploader.upload()
    assert finished(db) == sha256(CONTENT)
    assert [path.read_bytes() for path in quarantined(home)] == [CONTENT]
    assert offset(staff, uploader.url) == len(CONTENT)


def tuspy(desk: FrontDesk, client: httpx.Client) -> TusClient:
    cookie = f"{login.COOKIE}={client.cookies[login.COOKIE]}"
    return TusClient(desk.address + API, headers={"Cookie": cookie})


def metadata(session: ConferenceSession, **more: str) -> dict[str, str]:
    return {
        "session_id": str(session.id),
        "kind": "recording",
        "filename": "Hội nghị sáng.mp4",
        "classification": "not-classified",
        **more,
    }


def test_a_connection_that_is_cut_keeps_what_arrived(
    db: Db, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session)
    cut_off(staff, url, CONTENT[:3_000_000])
    wait_for(lambda: offset(staff, url) == 3_000_000)
    wait_for(lambda: patch(staff, url, 3_000_000, CONTENT[3_000_000:]).status_code == 204)
    assert finished(db) == sha256(CONTENT)


def cut_off(client: httpx.Client, url: str, content: bytes) -> None:
    """Announce the whole file, send the beginning, and vanish as a phone does that leaves its cell."""
    at = urlsplit(url)
    with socket.create_connection((at.hostname, at.port)) as line:
        head = (
            f"PATCH {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            f"Cookie: {login.COOKIE}={client.cookies[login.COOKIE]}\r\n"
            f"Content-Type: {PIECE}\r\nContent-Length: {len(CONTENT)}\r\n\r\n"
        )
        line.sendall(head.encode() + content)
        time.sleep(0.2)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset, not a goodbye.


def test_a_second_connection_waits_its_turn_and_the_bytes_never_mix(
    db: Db, at_the_desk: Callable[[Person], httpx.Client], cast: Cast, session: ConferenceSession, home: Path
) -> None:
    first, second = at_the_desk(cast.staff), at_the_desk(cast.staff)
    url = begin(first, session)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(patch, first, url, 0, slowly(CONTENT, 20, 1.0))
        wait_for(lambda: any(path.stat().st_size for path in quarantined(home)))
        assert problem(patch(second, url, 0, os.urandom(1000))) == (423, "upload-busy")
        assert problem(second.delete(url)) == (423, "upload-busy")
        assert slow.result().status_code == 204
    assert finished(db) == sha256(CONTENT)


def test_of_many_connections_at_once_exactly_one_writes(
    db: Db, at_the_desk: Callable[[Person], httpx.Client], cast: Cast, session: ConferenceSession
) -> None:
    clients = [at_the_desk(cast.staff) for _ in range(6)]
    url = begin(clients[0], session)
    half = len(CONTENT) // 2
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: patch(client, url, 0, CONTENT[:half]), clients))
    assert sorted(answer.status_code for answer in answers)[0] == 204
    assert {problem(answer) for answer in answers if answer.status_code != 204} <= {
        (423, "upload-busy"),
        (409, "offset-mismatch"),
    }
    assert sum(answer.status_code == 204 for answer in answers) == 1
    assert patch(clients[0], url, half, CONTENT[half:]).status_code == 204
    assert finished(db) == sha256(CONTENT)


def test_others_are_served_at_once_while_slow_uploads_run(
    at_the_desk: Callable[[Person], httpx.Client], cast: Cast, session: ConferenceSession, desk: FrontDesk, home: Path
) -> None:
    # More of them than a process has connections to its database.
    clients = [at_the_desk(person) for person in (cast.staff, cast.releaser) for _ in range(12)]
    assert len(clients) > 2 * register_settings().database_pool
    urls = [begin(client, session) for client in clients]
    with ThreadPoolExecutor(len(clients)) as pool:
        running = [
            pool.submit(patch, client, url, 0, slowly(CONTENT[: 2**19], 20, 2.0))
            for client, url in zip(clients, urls, strict=True)
        ]
        wait_for(lambda: sum(path.stat().st_size > 0 for path in quarantined(home)) == len(clients))
        served = 0
        while not any(each.done() for each in running):
            assert httpx.get(f"{desk.address}/readyz", trust_env=False).status_code == 200
            served += not any(each.done() for each in running)
        assert {each.result().status_code for each in running} == {204}
    assert served, "Nobody was served before an upload ended."


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_damaged_piece_is_refused_and_taken_when_sent_again(
    db: Db, staff: httpx.Client, session: ConferenceSession, algorithm: str
) -> None:
    content = CONTENT[:500_000]
    url = begin(staff, session, len(content))
    checksum = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"
    damaged = content[:-1] + bytes([content[-1] ^ 1])
    assert problem(patch(staff, url, 0, damaged, Upload_Checksum=checksum)) == (460, "checksum-mismatch")
    assert offset(staff, url) == 0
    assert patch(staff, url, 0, content, Upload_Checksum=checksum).status_code == 204
    assert finished(db) == sha256(content)


def test_a_checksum_of_another_kind_is_refused(staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session, 1000)
    for checksum in ("md5 CY9rzUYh03PK3k6DJie09g==", "sha1 not-base64", "sha1 YWJj", "sha256"):
        assert problem(patch(staff, url, 0, b"x", Upload_Checksum=checksum)) == (400, "checksum-unknown"), checksum
    assert offset(staff, url) == 0


def test_more_than_declared_is_refused_whether_announced_or_not(
    staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session, 1_000_000)
    assert patch(staff, url, 0, CONTENT[:400_000]).status_code == 204
    assert problem(patch(staff, url, 400_000, CONTENT[:600_001])) == (413, "too-many-bytes")
    assert problem(patch(staff, url, 400_000, slowly(CONTENT[:3_000_000], 10, 0.1))) == (413, "too-many-bytes")
    assert offset(staff, url) == 400_000
    assert [path.read_bytes() for path in quarantined(home)] == [CONTENT[:400_000]]


def test_a_wrong_offset_is_refused_with_the_right_one(staff: httpx.Client, session: ConferenceSession) -> None:
    url = begin(staff, session)
    for at in (1, len(CONTENT), 2**62):
        answer = patch(staff, url, at, b"x")
        assert problem(answer) in {(409, "offset-mismatch"), (413, "too-many-bytes")}
    assert patch(staff, url, 5, b"x").json()["facts"]["offset"] == 0
    assert problem(patch(staff, url, -1, b"x")) == (422, "malformed")
    assert offset(staff, url) == 0


def test_a_file_that_is_not_the_one_declared_is_thrown_away(
    db: Db, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session, 1000, sha256=sha256(b"another file"))
    assert problem(patch(staff, url, 0, CONTENT[:1000])) == (460, "hash-mismatch")
    assert staff.head(url).status_code == 404
    assert quarantined(home) == []
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 0


def test_a_file_that_the_conference_has_is_not_taken_twice(
    db: Db, cast: Cast, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    content, digest = CONTENT[:1000], sha256(CONTENT[:1000])
    assert patch(staff, begin(staff, session, 1000), 0, content).status_code == 204
    job_id = str(db.scalars(select(IngestJob.id)).one())

    told = post(staff, session, 1000, sha256=digest.upper())
    assert problem(told) == (409, "already-held")
    assert told.json()["facts"]["job_id"] == job_id
    not_told = begin(staff, session, 1000)
    assert problem(patch(staff, not_told, 0, content)) == (409, "already-held")
    assert staff.head(not_told).status_code == 404
    assert len(quarantined(home)) == 1

    elsewhere = begin(staff, conference(db, cast), 1000, sha256=digest)
    assert patch(staff, elsewhere, 0, content).status_code == 204


def test_a_file_whose_work_failed_may_be_sent_again_and_takes_its_place(
    db: Db, staff: httpx.Client, session: ConferenceSession
) -> None:
    assert patch(staff, begin(staff, session, 1000), 0, CONTENT[:1000]).status_code == 204
    failed = db.scalars(select(IngestJob)).one()
    failed.state = JobState.FAILED
    db.commit()
    again = begin(staff, session, 1000, sha256=sha256(CONTENT[:1000]))
    assert patch(staff, again, 0, CONTENT[:1000]).status_code == 204
    db.expire_all()
    assert sorted(db.scalars(select(IngestJob.state))) == [JobState.CANCELLED, JobState.RECEIVED]


def test_a_disk_that_fills_up_in_the_middle_is_said_and_no_byte_of_it_is_lost(
    db: Db, desk: FrontDesk, staff: httpx.Client, session: ConferenceSession
) -> None:
    url = begin(staff, session)
    soft, hard = resource.prlimit(desk.pid, resource.RLIMIT_FSIZE)
    # The kernel refuses longer files of that process, in the middle of a write, as a full disk does.
    resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, (3_000_000, hard))
    try:
        assert problem(patch(staff, url, 0, CONTENT)) == (507, "disk-full")
    finally:
        resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert offset(staff, url) == 3_000_000
    assert patch(staff, url, 3_000_000, CONTENT[3_000_000:]).status_code == 204
    assert finished(db) == sha256(CONTENT)
