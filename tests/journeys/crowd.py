"""Many people before one replay at once, seated without the sign-ins and uploads that would take them an hour.

Their rows are the ones that entering, summoning, signing in and opening a replay leave behind; the slow part that is
left out is the hash of five hundred passwords. People, viewings and cookies are named by their place in the crowd.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import create_engine
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from api import login
from archive import axis
from archive.models import Recording, Viewing
from sessions import clock
from sessions.models import Account, Login, Person
from sessions.names import person_sort_key, search_key
from tests.journeys.site import Site
from tests.journeys.viewers import Watcher
from tests.journeys.walk import API, Walk


@dataclass(frozen=True)
class Seat:
    """One person of the crowd, signed in; their viewing, too, goes by their place."""

    place: int

    @property
    def id(self) -> UUID:
        return UUID(f"{self.place:032}")

    @property
    def token(self) -> str:
        return f"cho-ngoi-{self.place}"

    @property
    def cookie(self) -> str:
        return f"{login.COOKIE}={self.token}"


def seat(site: Site, walk: Walk, count: int) -> list[Seat]:
    """Enter so many people into the first commune, signed in and summoned to the walk's conference."""
    seats, now = [Seat(place) for place in range(1, count + 1)], clock.now()
    with Db(create_engine(site.database_url, poolclass=NullPool)) as db, db.begin():
        for each in seats:
            name = f"Người Xem {each.place}"
            db.add(
                Person(
                    id=each.id,
                    full_name=name,
                    unit_id=UUID(walk.communes[0]["id"]),
                    sort_key=person_sort_key(name),
                    search_key=search_key(name),
                    created_at=now,
                )
            )
        db.flush()
        for each in seats:
            # No password has this hash: nobody gets in by one.
            db.add(Account(person_id=each.id, username=each.token, password_hash="-", created_at=now))
            db.add(
                Login(
                    person_id=each.id,
                    token_sha256=login.digest(each.token),
                    created_at=now,
                    expires_at=now + timedelta(days=1),
                    user_agent="crowd",
                )
            )
    walk.staff.post(f"/sessions/{walk.session['id']}/summons", {"unit_ids": [walk.top["id"]], "exempt": []})
    return seats


def show(site: Site, walk: Walk, seconds: float) -> UUID:
    """A published recording of this length that nobody fetches media of."""
    now = clock.now()
    kept = Recording(
        id=uuid4(),
        session_id=UUID(walk.session["id"]),
        title="Bản ghi",
        duration_seconds=seconds,
        source_sha256="0" * 64,
        source_key="none",
        source_bytes=1,
        facts={},
        created_at=now,
        published_at=now,
    )
    with Db(create_engine(site.database_url, poolclass=NullPool), expire_on_commit=False) as db, db.begin():
        db.add(kept)
    return kept.id


@asynccontextmanager
async def watching(walk: Walk, seats: Sequence[Seat], recording_id: UUID) -> AsyncIterator[list[Watcher]]:
    """Each of them on a phone of their own, with its own connection."""
    # Every client would read all certificates of this machine otherwise.
    plain, session_id = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), walk.session["id"]
    phones = [
        httpx2.AsyncClient(base_url=walk.address + API, timeout=60, verify=plain, headers={"Cookie": each.cookie})
        for each in seats
    ]
    try:
        yield [
            Watcher(each.token, phone, str(each.id), str(recording_id), session_id, "")
            for each, phone in zip(seats, phones, strict=True)
        ]
    finally:
        await asyncio.gather(*(phone.aclose() for phone in phones))


def open_viewings(site: Site, seats: list[Seat], recording_id: UUID, ago: timedelta) -> None:
    """Let each of them have the replay open since so long ago, with nothing played yet."""
    with Db(create_engine(site.database_url, poolclass=NullPool)) as db, db.begin():
        recording = db.get_one(Recording, recording_id)
        version = axis.policy_of(db, recording).version
        for each in seats:
            viewing = Viewing(
                id=each.id,
                person_id=each.id,
                recording_id=recording_id,
                policy_version=version,
                opened_at=clock.now() - ago,
                user_agent="crowd",
                covered=[],
            )
            db.add(viewing)
            db.flush()
            axis.coverage_for(db, viewing)
