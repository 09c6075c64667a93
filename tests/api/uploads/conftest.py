"""What the tests of uploads over HTTP share: a real server, people signed in at it, and an empty quarantine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from sessions.db import Db
from sessions.models import ConferenceSession, Person
from tests.api.uploads.tus import quarantined
from tests.cast import Cast, conference, sign_in
from tests.servers import FrontDesk, front_desk


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
    """Before, since tests elsewhere leave what they uploaded; and after, for the sake of the disk."""

    def empty() -> None:
        for path in quarantined(home):
            path.unlink()

    empty()
    yield
    empty()
