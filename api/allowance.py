"""So many bytes for each person within a while: what is given away freely must not become a pump."""

import time
from math import ceil
from threading import Lock
from uuid import UUID

from sessions.errors import TooMany


class Allowance:
    """Counts by person, in this process alone, from the first byte of a window on."""

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._most, self._seconds = most_bytes, seconds
        self._lock = Lock()
        self._used: dict[UUID, tuple[float, int]] = {}

    def demand(self, person_id: UUID, count: int) -> None:
        """Take `count` bytes off what the person may still use; raises `TooMany` when it is more than is left."""
        now = time.monotonic()
        with self._lock:
            began, used = self._used.get(person_id, (now, 0))
            if now - began >= self._seconds:
                self._forget(now)
                began, used = now, 0
            if used + count > self._most:
                raise TooMany(wait_seconds=max(1, ceil(began + self._seconds - now)))
            self._used[person_id] = began, used + count

    def _forget(self, now: float) -> None:
        self._used = {each: kept for each, kept in self._used.items() if now - kept[0] < self._seconds}
