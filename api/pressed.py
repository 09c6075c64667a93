"""Answers that go out pressed, for people who pay for every kilobyte and wait for it."""

import gzip
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

#: Below it, a packet is a packet.
_LEAST_BYTES = 1_000
#: Two milliseconds for the answer that opens three hours with a hundred pages; more effort gains next to nothing.
_EFFORT = 6


class Pressed(APIRoute):
    """A route whose JSON is pressed where the browser takes it. Media are pressed by their own coding already."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_and_press(request: Request) -> Response:
            response = await handle(request)
            if response.headers.get("content-type", "").startswith("application/json"):
                response.body, headers = press(bytes(response.body), request.headers.get("accept-encoding", ""))
                for name, value in headers:
                    response.headers[name.decode()] = value.decode()
            return response

        return handle_and_press


def press(content: bytes, taken: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The body of an answer in JSON, and the headers that say what it is; `taken` are the codings that are accepted."""
    headers = [(b"content-type", b"application/json"), (b"vary", b"Accept-Encoding")]
    if len(content) >= _LEAST_BYTES and "gzip" in taken:
        # Without the time in it, the same answer is the same bytes.
        content = gzip.compress(content, _EFFORT, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    return content, [*headers, (b"content-length", str(len(content)).encode())]
