"""Secrets made once and kept in files that only their owner may read."""

import os
import secrets
from pathlib import Path


def read_or_make(path: Path) -> str:
    """The secret kept at `path`; on the first call 256 random bits, URL-safe, safely on disk when this returns."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text()


def write_private(path: Path, text: str, *, outlives_power: bool = True) -> None:
    """Write a file of mode 0600 as a whole: a reader meets the old text or the new, also after a power cut.

    What means nothing after the next boot need not wait for the disk, which may take seconds on a busy machine.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        if outlives_power:
            os.fsync(file.fileno())
    fresh.replace(path)
