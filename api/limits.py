"""How much one process takes on at once, and how large a request may be, before anything of it is read.

A request holds a database connection from its first dependency to its last; were there more requests than connections,
they would wait for one another in threads that nobody can free. So they queue here, before they hold anything.
"""

import anyio
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from sessions.errors import DomainError
from sessions.settings import register_settings
from sessions.tables import MOST_BYTES

#: A body that is no upload is a form or a batch of beats; a week of beats off line stays below this.
MOST_BODY_BYTES = 2 * 2**20
#: A log of a day's meeting comes whole, in base64: what `sessions.tables` reads at most, and a third more.
MOST_LOG_BYTES = 44 * 2**20
#: By the end of the path; a list of people comes as the file that it is.
_LARGER = {"/meeting-logs": MOST_LOG_BYTES, "/rosters": MOST_BYTES}
#: What one request may carry to measure a line: at 8 Mbit/s a second's worth.
MOST_MEASURED_BYTES = 2**20


class BodyTooLarge(DomainError):
    status = 413
    code = "body-too-large"
    vi = "Nội dung gửi lên quá lớn. Hãy gửi thành nhiều phần nhỏ hơn."
    en = "What was sent is too large. Send it in smaller pieces."


class Limits:
    """An ASGI layer: bounded bodies, and as many requests at a time as there are connections to spare."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # The pool may double; the other half is for side transactions, such as remembering a failed sign-in.
        self._turns = anyio.Semaphore(register_settings().database_pool)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = "/uploads" in scope["path"]
        # Beats gather behind one connection, however many come (`api.beats`); bytes that measure a line need none.
        is_light = is_upload or scope["path"].endswith(("/beats", "/line", "/rosters"))
        if not is_upload and _is_too_large(scope):
            await problem(Request(scope), BodyTooLarge())(scope, receive, send)
            return
        turn = _Turn(self._turns)
        await turn.take()
        try:
            # A slow body, sent or received, must not keep others waiting: its database work is done by then.
            await self._app(scope, turn.until_called(receive) if is_light else receive, turn.until_answered(send))
        finally:
            turn.give_back()


class _Turn:
    def __init__(self, turns: anyio.Semaphore) -> None:
        self._turns = turns
        self._held = False

    async def take(self) -> None:
        await self._turns.acquire()
        self._held = True

    def give_back(self) -> None:
        if self._held:
            self._held = False
            self._turns.release()

    def until_called(self, receive: Receive) -> Receive:
        async def called() -> Message:
            self.give_back()
            return await receive()

        return called

    def until_answered(self, send: Send) -> Send:
        async def answered(message: Message) -> None:
            self.give_back()
            await send(message)

        return answered


def _is_too_large(scope: Scope) -> bool:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    # A body of unknown length could be of any length; only uploads are sent so.
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return True
    length = headers.get(b"content-length", b"0")
    most = next((most for end, most in _LARGER.items() if scope["path"].endswith(end)), MOST_BODY_BYTES)
    return not length.isdigit() or int(length) > most
