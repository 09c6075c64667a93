"""The code that a room shows while it watches together: six digits that change every five seconds (`sessions.codes`).

A photograph of it, sent to somebody at home, has to arrive and be used within that minute, at moments nobody knows
beforehand. Whoever types it from the back row has time enough.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sessions.codes import Code, Rotating

#: How often the shown code changes, and for how long one is taken from the moment it was first shown.
STEP: Final = timedelta(seconds=5)
LIFE: Final = timedelta(seconds=60)


def at(secret: str, opened_at: datetime, moment: datetime) -> str:
    """The code that the room shows at a moment."""
    return _of(secret, opened_at).at(moment)


def ahead(secret: str, opened_at: datetime, now: datetime, span: timedelta) -> Iterator[Code]:
    """The code of now, and those of the next while."""
    return _of(secret, opened_at).ahead(now, span)


def is_alive(secret: str, opened_at: datetime, code: str, now: datetime) -> bool:
    """Whether this code was shown within the last minute."""
    return _of(secret, opened_at).is_alive(code, now)


def _of(secret: str, opened_at: datetime) -> Rotating:
    return Rotating(secret, opened_at, STEP, LIFE)
