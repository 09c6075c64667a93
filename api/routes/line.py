"""The line between a browser and this server, measured: bytes to fetch and bytes to send, and nothing kept."""

import os
from random import randrange
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import login
from api.allowance import Allowance
from api.deps import Signed, TokenDep
from api.limits import MOST_MEASURED_BYTES, BodyTooLarge
from api.schemas import PROBLEMS, Problem
from sessions.db import transaction
from sessions.errors import NotSignedIn

router = APIRouter(tags=["line"], responses=PROBLEMS)

#: Random bytes, so that no proxy on the way makes them smaller.
_NOISE = os.urandom(2 * MOST_MEASURED_BYTES)
#: A measuring takes up to 2 MB; twenty within ten minutes is more than anybody needs to believe it.
_allowance = Allowance(most_bytes=40 * 2**20, seconds=600)

_TOO_MANY: dict[int | str, dict[str, Any]] = {429: {"model": Problem, "description": "Measured too often"}}


class BytesTaken(BaseModel):
    """How many bytes have arrived."""

    bytes: int


@router.get("/line", responses=_TOO_MANY, response_class=Response)
def give_bytes(person: Signed, size: Annotated[int, Query(ge=0, le=MOST_MEASURED_BYTES)] = 0) -> Response:
    """So many random bytes; none at all for the time there and back."""
    _allowance.demand(person.id, size)
    begin = randrange(MOST_MEASURED_BYTES)  # noqa: S311 - Only so that two answers differ.
    return Response(_NOISE[begin : begin + size], media_type="application/octet-stream")


@router.post("/line", responses=_TOO_MANY)
async def take_bytes(request: Request, token: TokenDep) -> BytesTaken:
    """Take up to a megabyte and forget it. Who sends is asked before the first byte is read."""
    person_id = await run_in_threadpool(_demand_signed, token)
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > MOST_MEASURED_BYTES:
            raise BodyTooLarge
        _allowance.demand(person_id, len(piece))
    return BytesTaken(bytes=taken)


def _demand_signed(token: str) -> UUID:
    with transaction() as db:
        person = login.person_of(db, token)
        if person is None:
            raise NotSignedIn
        return person.id
