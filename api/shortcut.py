"""The short way of a beat to its answer: what it asks of the framework costs more than all that is done with it.

Only what is sent as our own player sends it, and is taken, is answered here. Everything else, whatever is wrong with
it, goes on to the route with its body unread, so there is one place that refuses. The answers are the same bytes.
"""

import asyncio
import re
from types import SimpleNamespace
from uuid import UUID

from fastapi import Request
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import beats, login
from api.errors import language_of
from api.pressed import press
from api.routes import viewings
from sessions.errors import DomainError

_ADDRESS = "/viewings/{viewing_id}/beats"
_HEX = "[0-9a-f]"


class Shortcut:
    """An ASGI layer, the last before the routes."""

    def __init__(self, app: ASGIApp, api: str) -> None:
        """`api` is where the addresses of the interface begin."""
        self._app = app
        self._address = re.compile(rf"{api}/viewings/({_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}})/beats")
        self._route = SimpleNamespace(path=f"{api}{_ADDRESS}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._address.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        messages = await _whole(receive)
        request = Request(scope)
        answer = await _answer(request, UUID(found[1]), b"".join(each.get("body", b"") for each in messages))
        if answer is None:
            await self._app(scope, _again(messages, receive), send)
            return
        scope["route"] = self._route  # What the figures of all requests are counted by.
        body, headers = press(answer, request.headers.get("accept-encoding", ""))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _answer(request: Request, viewing_id: UUID, body: bytes) -> bytes | None:
    """What the route would answer; nothing where it might refuse."""
    token = request.cookies.get(login.COOKIE)
    if not token or request.headers.get("content-type") != "application/json":
        return None
    try:
        asked = viewings.BeatsIn.model_validate_json(body)
        progress = await asyncio.wrap_future(beats.gathering.bring(viewings.brought(token, viewing_id, asked)))
    except (ValidationError, DomainError):
        return None
    viewing = request.url.path.rsplit("/beats", 1)[0]
    return viewings.progress_view(progress, viewing, language_of(request)).model_dump_json().encode()


async def _whole(receive: Receive) -> list[Message]:
    """The messages of the body, the last of which is its end or that the player has gone."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Gives these once more, and then what comes after them."""
    ahead = iter(messages)

    async def give() -> Message:
        for message in ahead:
            return message
        return await receive()

    return give
