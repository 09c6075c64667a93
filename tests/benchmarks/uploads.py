"""How fast a large file comes in by tus, what fifty at once cost in memory, and whether twenty blows lose a byte."""

import base64
import hashlib
import os
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

import httpx2
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from api.embedded import runstate
from archive.disk import sha256_of
from ingest.models import Upload
from tests.benchmarks.row import Row
from tests.browser import chromium
from tests.browser.troubled import PAGE, SENDERS, deliver
from tests.cast import PASSWORD
from tests.journeys.site import Site, site
from tests.journeys.walk import Client, Walk
from tests.servers import front_desk

#: Less, for a try on a small machine: `UPLOAD_MIB=256 make bench ONLY=upload`.
SIZE = int(os.environ.get("UPLOAD_MIB", "2048")) * 2**20
#: What a client sends with one request.
CHUNK = 64 * 2**20
PIECE = 2**20
AT_ONCE, EACH = 50, 8 * 2**20
#: The median of so many pairs, since a disk has its moods.
ROUNDS = 3
BLOWS = 10
#: Small enough for a minute, large enough for twenty steps between blows.
TROUBLED = 24 * 2**20
API = "/api/v1/uploads"


def measure() -> Row:
    pairs = []
    with site() as running:
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        for number in range(ROUNDS):
            content = os.urandom(PIECE)
            bound = _written(running.home, content)
            pairs.append((_sent(walk, content, f"lon-{number}.mp4"), bound))
        before, most = _memory_of_many(running, walk)
        walk.close()
    ours, bound = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return Row(
        name="upload",
        what=f"{SIZE >> 20} MiB by tus on loopback, against writing them with SHA-256 and fsync",
        ours=ours / 1e6,
        bound=bound / 1e6,
        unit="MB/s",
        side=">=",
        goal=0.6,
        details={
            "ratios": [round(one / other, 2) for one, other in pairs],
            "rss_mb_before": before,
            f"rss_mb_with_{AT_ONCE}_at_once": most,
            "growth_mb": most - before,
        },
    )


def measure_troubles() -> Row:
    """tuspy, aiotus and the page, each with a file of its own; the suite strikes three times of each kind."""
    with site() as running, ExitStack() as stack:
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="diemcau-troubles-")))
        files = {name: folder / f"{name}.mp4" for name in (PAGE, *SENDERS)}
        for file in files.values():
            file.write_bytes(os.urandom(TROUBLED))
        browser = stack.enter_context(chromium.launched())
        # A second server of the site, which no supervisor starts again at its own pace, and which sends the clients
        # nowhere but to the line by which they came: it has no public address.
        others = runstate.servers_of(running.home) | {"DIEMCAU_PUBLIC_URL": "", "DIEMCAU_DATA_DIR": str(running.home)}
        desk = stack.enter_context(front_desk(**others))

        def kill() -> None:
            desk.kill()
            desk.start()

        account = ("kythuat", "kythuat-2026")
        deliver(files, walk.session["id"], browser, desk.address, account, kill=kill, blows=BLOWS, seed=1000)
        with Db(create_engine(running.database_url, poolclass=NullPool)) as db:
            arrived = {upload.filename: upload.sha256 for upload in db.scalars(select(Upload))}
        whole = sum(arrived.get(file.name) == sha256_of(file) for file in files.values())
        walk.close()
    return Row(
        name="uploads-kills",
        what=f"files whole after {BLOWS} kills of the server and {BLOWS} cuts of the line",
        ours=whole,
        bound=len(files),
        unit="files",
        side=">=",
        goal=1.0,
        details={"clients": list(files), "bytes_each": TROUBLED},
    )


def _written(folder: Path, content: bytes) -> float:
    """Bytes a second of writing, hashing and flushing them, in one thread, to the same disk."""
    digest, began = hashlib.sha256(), time.monotonic()
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(SIZE // PIECE):
            file.write(content)
            digest.update(content)
        file.flush()
        os.fsync(file.fileno())
        return SIZE / (time.monotonic() - began)


def _sent(walk: Walk, content: bytes, name: str) -> float:
    """Bytes a second from the first request of an upload to the answer to its last."""
    began = time.monotonic()
    url = _begun(walk.technician, walk, SIZE, name)
    for at in range(0, SIZE, CHUNK):
        pieces = repeat(content, min(CHUNK, SIZE - at) // PIECE)
        _patch(walk.technician, url, at, pieces, min(CHUNK, SIZE - at))
    return SIZE / (time.monotonic() - began)


def _memory_of_many(running: Site, walk: Walk) -> tuple[int, int]:
    """The server's resident megabytes before, and at most while, fifty files come in at once."""
    people = [_another(walk, number) for number in range(3)]
    content = os.urandom(PIECE)
    senders = [people[number % len(people)] for number in range(AT_ONCE)]
    urls = [(person, _begun(person, walk, EACH, f"nho-{n}.mp4")) for n, person in enumerate(senders)]
    (server,) = running.children("api.cli serve")
    before = most = _resident(server)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # All but the last byte: what follows is the workers' business.
        sending = [
            pool.submit(_patch, person, url, 0, _slowly(content, EACH // PIECE - 1), EACH - PIECE)
            for person, url in urls
        ]
        while not all(each.done() for each in sending):
            most = max(most, _resident(server))
            time.sleep(0.05)
        for each in sending:
            each.result()
    for person in people:
        person.http.close()
    return before, most


def _slowly(content: bytes, pieces: int):
    for _ in range(pieces):
        yield content
        time.sleep(0.2)


def _another(walk: Walk, number: int) -> Client:
    """One person has only so many uploads open at once."""
    name = f"kythuat{number}"
    person = walk.administrator.post("/people", {"full_name": f"Kỹ thuật {number}", "unit_id": walk.top["id"]})
    base = f"/people/{person['id']}"
    walk.administrator.post(f"{base}/account", {"username": name, "password": PASSWORD})
    walk.administrator.post(f"{base}/roles", {"role": "technician", "unit_id": walk.top["id"]})
    return Client(walk.address, name, PASSWORD)


def _said(walk: Walk, name: str) -> dict[str, str]:
    return {
        "session_id": walk.session["id"],
        "kind": "recording",
        "filename": name,
        "classification": "not-classified",
    }


def _begun(person: Client, walk: Walk, length: int, name: str) -> str:
    said = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in _said(walk, name).items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": said}
    answer = person.http.post("/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def _patch(person: Client, url: str, at: int, pieces, length: int) -> None:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(at),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(length),
    }
    answer: httpx2.Response = person.http.patch(url, content=pieces, headers=headers, timeout=600)
    assert answer.status_code == 204, answer.text


def _resident(pid: int) -> int:
    found = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found.group(1)) // 1024 if found else 0
