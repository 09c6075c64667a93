"""What routes ask for: a transaction, the person at the door, their roles, their language."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from api import login
from api.errors import language_of
from sessions import roles
from sessions.db import Db, engine
from sessions.errors import Language, NotAllowed, NotSignedIn
from sessions.models import Person, Role


def get_db() -> Iterator[Db]:
    """One transaction per request: committed before the answer leaves, rolled back when anything was refused."""
    with Db(engine(), expire_on_commit=False) as db, db.begin():
        yield db


#: With the default scope the commit would come after the answer, and a failing one would still have said 200.
DbDep = Annotated[Db, Depends(get_db, scope="function")]
LanguageDep = Annotated[Language, Depends(language_of)]


def get_person(request: Request, db: DbDep) -> Person:
    """The signed-in person, or `NotSignedIn`."""
    person = login.person_of(db, request.cookies.get(login.COOKIE))
    if person is None:
        raise NotSignedIn
    return person


async def get_token(request: Request) -> str:
    """The cookie of who says they are signed in, or `NotSignedIn`; for routes that look up many people at once.

    Such a route asks `login.people_of` itself whose it is, in the transaction in which it serves them.
    """
    token = request.cookies.get(login.COOKIE)
    if not token:
        raise NotSignedIn
    return token


TokenDep = Annotated[str, Depends(get_token)]
PersonDep = Annotated[Person, Depends(get_person)]


class Require:
    """Names who may call a route: `Require(Role.STAFF)`; with no role, anybody who is signed in.

    It answers "is this person such a one anywhere at all?"; whether in this unit is the domain's question.
    A test walks all routes and fails on one that has neither this nor a place in the short public list.
    """

    def __init__(self, *wanted: Role) -> None:
        self.wanted = frozenset(wanted)

    def __call__(self, person: PersonDep, db: DbDep) -> Person:
        if self.wanted and not roles.scopes(db, person.id, self.wanted):
            raise NotAllowed
        return person


Signed = Annotated[Person, Depends(Require())]
Technician = Annotated[Person, Depends(Require(Role.TECHNICIAN, Role.STAFF, Role.ADMINISTRATOR))]
Staff = Annotated[Person, Depends(Require(Role.STAFF, Role.ADMINISTRATOR))]
#: Whoever reads what the gate turned away; staff and administrators do so only when that is entrusted to them, too.
Security = Annotated[Person, Depends(Require(Role.SECURITY))]
Administrator = Annotated[Person, Depends(Require(Role.ADMINISTRATOR))]


@dataclass(frozen=True)
class Paging:
    """Which stretch of a long list is wanted."""

    offset: int
    limit: int


def get_paging(
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Paging:
    """Fifty rows unless asked otherwise: nothing may load more than it shows."""
    return Paging(offset, limit)


PageDep = Annotated[Paging, Depends(get_paging)]
