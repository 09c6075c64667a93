"""The code that a room shows: six digits that change every few seconds and die within a minute.

A photograph of it, sent to somebody at home, has to arrive and be used within that minute, at moments nobody knows
beforehand. Whoever types it from the back row has time enough.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: How often the shown code changes, and for how long one is taken from the moment it was first shown.
STEP: Final = timedelta(seconds=5)
LIFE: Final = timedelta(seconds=60)
DIGITS: Final = 6


@dataclass(frozen=True)
class Code:
    """A code with the seconds from now after which the screen is to show it."""

    code: str
    in_seconds: float


def at(secret: str, opened_at: datetime, moment: datetime) -> str:
    """The code that the room shows at a moment."""
    return _of_step(secret, _step(opened_at, moment))


def ahead(secret: str, opened_at: datetime, now: datetime, span: timedelta) -> Iterator[Code]:
    """The code of now, and those of the next while: the screen goes on through a short break of its link."""
    first, last = _step(opened_at, now), _step(opened_at, now + span)
    for step in range(first, last + 1):
        starts = opened_at + step * STEP
        yield Code(_of_step(secret, step), max(0.0, (starts - now).total_seconds()))


def is_alive(secret: str, opened_at: datetime, code: str, now: datetime) -> bool:
    """Whether this code was shown within the last minute."""
    newest, oldest = _step(opened_at, now), _step(opened_at, now - LIFE) + 1
    steps = range(max(0, oldest), newest + 1)
    return any(hmac.compare_digest(_of_step(secret, step).encode(), code.encode()) for step in steps)


def _step(opened_at: datetime, moment: datetime) -> int:
    return (moment - opened_at) // STEP


def _of_step(secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), f"code/{step}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
