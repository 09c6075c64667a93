"""A file that takes its time, and how much of it has come."""

import os
import time

from tests import media
from tests.journeys.walk import Client

BYTES = 3_000_000
#: What a server says to somebody whose line was held up for long, or whose earlier connection it still waits for.
HELD_UP = (408, 409, 423)
_PATIENCE_SECONDS = 120


def big_clip(path):
    """A second of video, and megabytes that a player skips: a box named free (ISO/IEC 14496-12, section 8.1.2)."""
    media.clip(path, seconds=1)
    filler = BYTES - path.stat().st_size
    with path.open("ab") as film:
        film.write(filler.to_bytes(4) + b"free" + os.urandom(filler - 8))
    return path


def wait_until_kept(sender: Client, conference: str, share: float) -> dict:
    """The sender's one unfinished upload, once this share of its bytes is safely with the server."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := sender.get("/uploads", session_id=conference)) or found[0]["offset"] < share * BYTES:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found[0]
