"""Speaking to a learning record store: one POST of statements, and what its answer means (xAPI 1.0.3, part 3)."""

import base64
import http.client
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from sessions.errors import Unavailable

#: Seconds until a store that says nothing counts as down.
_TIMEOUT: Final = 20.0
#: So much of an answer is kept to explain a trouble.
_SAID: Final = 500


class StoreDown(Unavailable):
    code = "xapi-store-down"
    vi = "Kho xAPI chưa nhận: {trouble}"
    en = "The learning record store took nothing: {trouble}"


@dataclass(frozen=True)
class Store:
    """A store, by the address that ends in front of `/statements`, and the account we have there."""

    endpoint: str
    username: str
    password: str


class Outcome(StrEnum):
    #: All of them are there now, or were before.
    TAKEN = "taken"
    #: One of them at least is there under the same id with other content.
    KNOWN = "known"
    #: The store will never take all of these together.
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    status: int
    text: str


_OUTCOMES: Final = {
    204: Outcome.TAKEN,
    409: Outcome.KNOWN,
    400: Outcome.REFUSED,
    413: Outcome.REFUSED,
    422: Outcome.REFUSED,
}


def send(store: Store, statements: Sequence[dict[str, Any]]) -> Answer:
    """Offer statements to the store, all or none of which it takes.

    Raises `StoreDown` when it is not there, lets us not in, redirects us, or answers like something else: whatever
    gives hope that the same statements will be taken later.
    """
    try:
        status, text = _post(store, json.dumps(statements, ensure_ascii=False).encode())
    except (OSError, http.client.HTTPException) as error:
        raise StoreDown(trouble=f"{type(error).__name__}: {error}") from error
    if status == 200 and _lists_ids(text, {statement["id"] for statement in statements}):
        return Answer(Outcome.TAKEN, status, "")
    if status not in _OUTCOMES:
        raise StoreDown(trouble=f"HTTP {status} {text[:_SAID]}".strip())
    return Answer(_OUTCOMES[status], status, text[:_SAID])


def _post(store: Store, body: bytes) -> tuple[int, str]:
    """Plain HTTP without redirects: a POST that is sent on as a GET would look as if it had been taken."""
    address = urlsplit(store.endpoint)
    account = base64.b64encode(f"{store.username}:{store.password}".encode()).decode()
    headers = {
        "Authorization": f"Basic {account}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
    }
    connection = _connect(address.scheme, address.hostname or "", address.port)
    try:
        connection.request("POST", f"{address.path.rstrip('/')}/statements", body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=context)
    return http.client.HTTPConnection(host, port, timeout=_TIMEOUT)


def _lists_ids(text: str, sent: set[str]) -> bool:
    """Whether this is a store's answer: the ids of what it took. A page that says "welcome" with 200 is none."""
    try:
        ids = json.loads(text)
    except ValueError:
        return False
    return isinstance(ids, list) and all(isinstance(number, str) for number in ids) and set(ids) <= sent
