"""The front desk by a clock that a journey moves: `uvicorn --factory tests.journeys.clocked:create_app`.

The served application has no such clock; only a test may put one in its place, in a process of its own.
"""

import mmap
import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from api.app import create_app as create_real_app
from sessions import clock

#: Names the file that holds what time it is: seconds since 1970, as a double.
VARIABLE = "TESTS_CLOCK"


@dataclass
class Clock:
    """The hand of the clock, for whoever moves it."""

    file: Path

    def set(self, moment: datetime) -> None:
        with self.file.open("r+b") as opened:
            opened.write(struct.pack("d", moment.timestamp()))


@contextmanager
def clock_in(folder: Path):
    """A clock and the settings by which a front desk goes by it."""
    file = folder / "clock"
    file.write_bytes(struct.pack("d", datetime.now(UTC).timestamp()))
    yield Clock(file), {"app": "tests.journeys.clocked:create_app", VARIABLE: str(file)}


def create_app() -> FastAPI:
    with Path(os.environ[VARIABLE]).open("rb") as opened:
        hand = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
    clock.now = lambda: datetime.fromtimestamp(struct.unpack("d", hand[:8])[0], UTC)
    return create_real_app()
