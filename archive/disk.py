"""Files that outlast a power cut, and temporary ones that don't outlast the process that made them.

What was written is only safe once the file and its folder were flushed. What is temporary is held by a lock that the
kernel takes back from a process that dies, so that the next one can tell what is still in use.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: A process that has just made a file needs a moment to take hold of it.
_GRACE_SECONDS = 60


def sync_file(path: Path) -> None:
    """Return once the file's bytes are on the disk itself."""
    with opened(path) as handle:
        os.fsync(handle)


def sync_folder(folder: Path) -> None:
    """Return once the names in this folder (made, renamed, removed) are on the disk itself."""
    sync_file(folder)


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


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A handle on a file or folder, for the calls that ask for one."""
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def hold(handle: int) -> bool:
    """Take an open file or folder for this handle alone, until it is closed; false when another one has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def borrowed_folder(parent: Path) -> Iterator[Path]:
    """An empty folder below `parent`, held and then removed."""
    make_folder(parent)
    clear_abandoned(parent)
    with tempfile.TemporaryDirectory(dir=parent) as name, opened(Path(name)) as handle:
        hold(handle)
        yield Path(name)


def clear_abandoned(folder: Path) -> None:
    """Remove what killed processes left lying here: whatever is a minute old and held by nobody."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError), opened(left) as handle:  # Its owner may finish meanwhile.
            if time.time() - os.fstat(handle).st_mtime > _GRACE_SECONDS and hold(handle):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
