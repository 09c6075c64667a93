"""Patience with wrong codes: whoever guesses waits, wherever they guess."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from sessions import clock
from sessions.db import Db, transaction
from sessions.errors import TooMany
from sessions.models import Person, WrongCode

#: A dozen codes of a million live at any time: with five tries in five minutes nobody guesses one in a year.
_TRIES: Final = 5
_TRIES_WITHIN: Final = timedelta(minutes=5)


def demand(db: Db, person: Person) -> None:
    """Raise `TooMany` for whoever typed five wrong codes within five minutes."""
    since = clock.now() - _TRIES_WITHIN
    wrong = select(func.count(), func.min(WrongCode.at)).where(WrongCode.person_id == person.id, WrongCode.at > since)
    count, first = db.execute(wrong).one()
    if count >= _TRIES:
        raise TooMany(wait_seconds=max(1, round((first - since).total_seconds())))


def remember_wrong(person: Person, about: UUID) -> None:
    """Note a code that opened nothing."""
    # In a transaction of its own: the refusal that follows rolls back the request's.
    with transaction() as apart:
        apart.add(WrongCode(person_id=person.id, about=about, at=clock.now()))
