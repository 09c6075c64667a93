"""Resumable uploads over real connections to a real server: cut, killed, crossed, damaged, refused."""

import base64
import hashlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from sqlalchemy import func, select
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from api import login
from api.routes.uploads import PIECE
from ingest import uploads
from ingest.models import Incident, IngestJob, Upload
from ingest.settings import workshop_settings
from sessions.db import Db
from sessions.models import AuditEntry, ConferenceSession, ConnectionPoint, Person, PointState, SessionPoint
from sessions.settings import register_settings
from tests.cast import Cast, conference, sign_in
from tests.servers import FrontDesk, front_desk

API = "/api/v1/uploads"
#: Some sixty visits to the disk long, and different in every place.
CONTENT = os.urandom(16 * 2**20)


@pytest.fixture(scope="module")
def desk(database: str) -> Iterator[FrontDesk]:
    with front_desk() as opened:
        yield opened


@pytest.fixture
def session(db: Db, cast: Cast) -> ConferenceSession:
    return conference(db, cast)


@pytest.fixture
def at_the_desk(db: Db, desk: FrontDesk) -> Iterator[Callable[[Person], httpx.Client]]:
    """A real client of the real server, signed in as this person and speaking tus."""
    opened: list[httpx.Client] = []

    def sit_down(person: Person) -> httpx.Client:
        client = httpx.Client(base_url=desk.address, headers={"Tus-Resumable": "1.0.0"}, timeout=30, trust_env=False)
        opened.append(client)
        sign_in(db, client, person)
        return client

    yield sit_down
    for client in opened:
        client.close()


@pytest.fixture
def staff(at_the_desk: Callable[[Person], httpx.Client], cast: Cast) -> httpx.Client:
    return at_the_desk(cast.staff)


@pytest.fixture(autouse=True)
def empty_quarantine(home: Path) -> Iterator[None]:
    yield
    for path in quarantined(home):
        path.unlink()


def quarantined(home: Path) -> list[Path]:
    return list((home / "quarantine").glob("*"))


def declare(session: ConferenceSession, **changed: str) -> str:
    said = {
        "session_id": str(session.id),
        "kind": "recording",
        "filename": "Hội nghị sáng.mp4",
        "classification": "not-classified",
        **changed,
    }
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items() if value)


def post(client: httpx.Client, session: ConferenceSession, length: int, **changed: str) -> httpx.Response:
    headers = {"Upload-Length": str(length), "Upload-Metadata": declare(session, **changed)}
    return client.post(API, headers=headers)


def begin(client: httpx.Client, session: ConferenceSession, length: int = len(CONTENT), **changed: str) -> str:
    answer = post(client, session, length, **changed)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def patch(client: httpx.Client, url: str, at: int, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(url, content=content, headers={"Upload-Offset": str(at), "Content-Type": PIECE, **named})


def offset(client: httpx.Client, url: str) -> int:
    answer = client.head(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


def finished(db: Db) -> str:
    """The hash of the one upload that was finished, for which there is one job."""
    upload = db.scalars(select(Upload)).one()
    assert upload.finished_at
    assert db.scalars(select(IngestJob.upload_id)).all() == [upload.id]
    return upload.sha256


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.005)


def slowly(content: bytes, pieces: int, seconds: float) -> Iterator[bytes]:
    size = -(-len(content) // pieces)
    for start in range(0, len(content), size):
        yield content[start : start + size]
        time.sleep(seconds / pieces)


# It works, with a client that others wrote.


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


def test_tuspy_goes_on_after_the_server_was_killed_three_times(
    db: Db, desk: FrontDesk, staff: httpx.Client, session: ConferenceSession, home: Path
) -> None:
    url = begin(staff, session)
    for share in (0.1, 0.4, 0.8):
        reached = len(CONTENT) * share
        killer = threading.Thread(target=lambda least=reached: kill_at(desk, home, least))
        killer.start()
        with pytest.raises((TusCommunicationError, TusUploadFailed)):
            tuspy(desk, staff).uploader(file_stream=BytesIO(CONTENT), url=url).upload()
        killer.join()
        desk.start()
        assert reached <= offset(staff, url) < len(CONTENT), "The kill came too late to prove anything."
    tuspy(desk, staff).uploader(file_stream=BytesIO(CONTENT), url=url).upload()
    assert finished(db) == sha256(CONTENT)


def kill_at(desk: FrontDesk, home: Path, least: float) -> None:
    wait_for(lambda: any(path.stat().st_size >= least for path in quarantined(home)))
    desk.kill()


# What a bad line does.


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
        waited = []
        while not any(each.done() for each in running):
            began = time.monotonic()
            assert httpx.get(f"{desk.address}/readyz", trust_env=False).status_code == 200
            waited.append(time.monotonic() - began)
        assert {each.result().status_code for each in running} == {204}
    assert len(waited) > 3
    assert max(waited) < 1.0


# What is damaged or does not fit.


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


# Who may, and what is never taken.


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


# The protocol.


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
