"""Files that outlast a power cut: what was written is only safe once the file and its folder were flushed."""

import hashlib
import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Return once the file's bytes are on the disk itself."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Return once the names in this folder (made, renamed, removed) are on the disk itself."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(folder: Path) -> None:
    """Make sure the folder is there and stays there, its parents included."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)  # Another process may have been quicker.
        sync_folder(folder.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of the whole file, in hex; reads it piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
