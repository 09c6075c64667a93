"""Codes that change by themselves and die soon: what a room shows, so that a photograph of one is soon worth nothing.

The server alone knows the secret; whoever shows codes is told those of the next while. Six digits are for typing; the
mark is what a QR code carries, and tells the server which code it was, and so when it was shown.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DIGITS: Final = 6
#: Hexadecimal digits of a mark: 48 bits, which nobody guesses in the minute that it lives.
MARK_LENGTH: Final = 12
#: Without letters and digits that are taken for one another on paper.
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Code:
    """A code with the seconds from now after which the screen is to show it."""

    step: int
    code: str
    mark: str
    in_seconds: float


@dataclass(frozen=True)
class Rotating:
    """The codes of one secret: the first is shown at `begins`, the next one `step` later, each is taken for `life`."""

    secret: str
    begins: datetime
    step: timedelta
    life: timedelta

    def step_at(self, moment: datetime) -> int:
        """Which code is shown at a moment, 0 for the first."""
        return (moment - self.begins) // self.step

    def shown_at(self, step: int) -> datetime:
        """When a code was first shown."""
        return self.begins + step * self.step

    def at(self, moment: datetime) -> str:
        """The digits that are shown at a moment."""
        return digits_of(self.secret, self.step_at(moment))

    def ahead(self, now: datetime, span: timedelta) -> Iterator[Code]:
        """The code of now, and those of the next while: the screen goes on through a short break of its link."""
        for step in range(self.step_at(now), self.step_at(now + span) + 1):
            seconds = max(0.0, (self.shown_at(step) - now).total_seconds())
            yield Code(step, digits_of(self.secret, step), mark_of(self.secret, step), seconds)

    def is_fresh(self, step: int, now: datetime) -> bool:
        """Whether this code was first shown within its life before now, and not after now."""
        return self.shown_at(step) <= now < self.shown_at(step) + self.life

    def is_alive(self, code: str, now: datetime) -> bool:
        """Whether these digits were shown within the life of a code."""
        newest, oldest = self.step_at(now), self.step_at(now - self.life) + 1
        steps = range(max(0, oldest), newest + 1)
        return any(hmac.compare_digest(digits_of(self.secret, step).encode(), code.encode()) for step in steps)


def digits_of(secret: str, step: int) -> str:
    """The six digits of one step."""
    return f"{int.from_bytes(_hash(secret, f'code/{step}')[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def mark_of(secret: str, step: int) -> str:
    """What proves that a QR code of this step was made by who knows the secret."""
    return _hash(secret, f"mark/{step}").hex()[:MARK_LENGTH]


def bears_mark(secret: str, step: int, mark: str) -> bool:
    """Whether this is the mark of that step."""
    return hmac.compare_digest(mark_of(secret, step).encode(), mark.encode())


def new_secret() -> str:
    """What codes are drawn from; never shown to anyone but the one who shows them."""
    return secrets.token_urlsafe(24)


def new_slug(length: int = 8) -> str:
    """A short name that can be read aloud, typed and printed; 30 letters for each place."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def plain(typed: str) -> str:
    """A short name as it was made, however it was typed."""
    return "".join(typed.split()).replace("-", "").upper()


def _hash(secret: str, message: str) -> bytes:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
