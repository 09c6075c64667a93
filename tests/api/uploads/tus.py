"""The words of the tus protocol, as a client says them and a test reads them."""

import base64
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import select

from api.routes.uploads import PIECE
from ingest.models import IngestJob, Upload
from sessions.db import Db
from sessions.models import ConferenceSession

API = "/api/v1/uploads"
#: Some sixty visits to the disk long, and different in every place.
CONTENT = os.urandom(16 * 2**20)


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
