"""Beats as requests bring them, taken for many people in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api import login
from api.gathering import Gathering
from archive import plain, watchlog
from archive.plain import Delivery
from archive.watchlog import Progress, Report
from sessions.db import Db, transaction
from sessions.errors import NotSignedIn


@dataclass(frozen=True)
class Brought:
    """What one request brings; `token` is its cookie, `prompt_shown` the question that the player has on its screen."""

    token: str
    viewing_id: UUID
    reports: Sequence[Report]
    prompt_shown: UUID | None = None


def take_together(crowd: Sequence[Brought]) -> list[Progress | None]:
    """Take all that are plain; None for each that has to go alone."""
    with transaction() as db:
        return take(db, crowd)


def take(db: Db, crowd: Sequence[Brought]) -> list[Progress | None]:
    """The same within a transaction: the first of each person, if it is plain."""
    people = login.ids_of(db, {each.token for each in crowd})
    first = {people[each.token]: each for each in reversed(crowd) if each.token in people}
    deliveries = [
        Delivery(person_id, each.viewing_id, each.reports, each.prompt_shown) for person_id, each in first.items()
    ]
    taken = dict(zip(map(id, first.values()), plain.record(db, deliveries), strict=True))
    return [taken.get(id(each)) for each in crowd]


def take_alone(brought: Brought) -> Progress:
    """Take whatever it is. Raises what is wrong with it."""
    with transaction() as db:
        return _take(db, brought)


def _take(db: Db, brought: Brought) -> Progress:
    person = login.person_of(db, brought.token)
    if person is None:
        raise NotSignedIn
    viewing = watchlog.find_own(db, person, brought.viewing_id)
    return watchlog.record(db, viewing, brought.reports, prompt_shown=brought.prompt_shown)


gathering = Gathering(take_together, take_alone)
