"""A conference with a published replay and as many members as are asked for, each signed in on a phone of their own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from tests import media
from tests.journeys.viewers import Watcher
from tests.journeys.walk import API, Walk

_PASSWORD = "mat-khau-nguoi-xem"
#: A page stays this long in the talk that the audience watches.
_PAGE_SECONDS = 6


def publish(walk: Walk, folder: Path, seconds: int) -> str:
    """Hold the conference and publish a talk of about so many seconds with its deck; gives the recording's id."""
    deck = media.deck(folder / "slides.pdf")
    # The first three pages in turn, so that a question can be drawn from any minute.
    shown = [(1 + turn % 3, _PAGE_SECONDS) for turn in range(max(3, seconds // _PAGE_SECONDS))]
    media.talk(folder / "hoi-nghi.mp4", deck, shown)
    walk.set_up()
    walk.register()
    jobs = [walk.upload(folder / "hoi-nghi.mp4", "recording"), walk.upload(deck, "deck")]
    walk.wait_for(jobs, {"ready"})
    for job in jobs:
        walk.release(job)
    walk.wait_for(jobs, {"published"})
    walk.wait_until_complete(jobs)
    (recording,) = walk.staff.get("/recordings")["items"]
    return str(recording["id"])


def enrol(walk: Walk, names: Sequence[str]) -> dict[str, str]:
    """Enter and summon these members; gives each one's id. They sign in with their name."""
    ids = {}
    for name in names:
        person = walk.administrator.post("/people", {"full_name": name, "unit_id": walk.communes[0]["id"]})
        account = {"username": name, "password": _PASSWORD}
        walk.administrator.post(f"/people/{person['id']}/account", account)
        ids[name] = person["id"]
    walk.staff.post(f"/sessions/{walk.session['id']}/summons", {"unit_ids": [walk.top["id"]], "exempt": []})
    return ids


@asynccontextmanager
async def seated(walk: Walk, recording_id: str, ids: dict[str, str]) -> AsyncIterator[dict[str, Watcher]]:
    """These members, signed in."""
    plain = ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT
    )  # Every client would read all certificates of this machine otherwise.
    watchers = {
        name: Watcher(
            name,
            httpx2.AsyncClient(base_url=walk.address + API, timeout=60, verify=plain),
            person_id,
            recording_id,
            walk.session["id"],
            _PASSWORD,
        )
        for name, person_id in ids.items()
    }
    # A few at a time: the hash of a password is made to be slow.
    gate = asyncio.Semaphore(4)

    async def sign_in(watcher: Watcher) -> None:
        async with gate:
            answer = await watcher.ask("POST", "/login", {"username": watcher.name, "password": _PASSWORD})
            assert answer.is_success, answer.text

    try:
        await asyncio.gather(*map(sign_in, watchers.values()))
        yield watchers
    finally:
        await asyncio.gather(*(watcher.http.aclose() for watcher in watchers.values()))
