"""Check-ins as requests bring them, taken for many technicians in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api import login
from api.gathering import Gathering
from archive.group import shares
from sessions import checkins, points, register, ticking
from sessions.db import transaction
from sessions.errors import NotSignedIn
from sessions.models import CheckInMethod
from sessions.ticking import Ticks


@dataclass(frozen=True)
class Brought:
    """What one request brings; `token` is its cookie."""

    token: str
    point_id: UUID
    part_id: UUID
    person_ids: Sequence[UUID]
    checked_at: datetime
    client_key: UUID
    method: CheckInMethod


def take_together(crowd: Sequence[Brought]) -> list[int | None]:
    """Take all that are plain, and say how many people of each are new; None for each that has to go alone."""
    with transaction() as db:
        people = login.ids_of(db, {each.token for each in crowd})
        known = [each for each in crowd if each.token in people]
        added = ticking.tick_together(db, [_ticks(people[each.token], each) for each in known])
        shares.settle_again(db, [person_id for each in added for person_id in each or ()])
        counts = {id(each): None if names is None else len(names) for each, names in zip(known, added, strict=True)}
        return [counts.get(id(each)) for each in crowd]


def _ticks(by_id: UUID, each: Brought) -> Ticks:
    return Ticks(by_id, each.point_id, each.part_id, each.person_ids, each.checked_at, each.client_key, each.method)


def take_alone(brought: Brought) -> int:
    """Take whatever it is. Raises what is wrong with it."""
    with transaction() as db:
        by = login.person_of(db, brought.token)
        if by is None:
            raise NotSignedIn
        point, session = points.see(db, by, brought.point_id)
        part = register.part_of(db, session.id, brought.part_id)
        added = checkins.tick(
            db, by, point, part, brought.person_ids, brought.checked_at, brought.client_key, brought.method
        )
        # Nobody was in two places: what a room that replays had shown them at that time no longer counts for them.
        shares.settle_again(db, [one.person_id for one in added])
        return len(added)


gathering = Gathering(take_together, take_alone)
