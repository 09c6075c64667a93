"""Where bytes wait until the gate has looked at them: a folder that nothing serves, versions or backs up.

One file per upload, named by the upload's id. How much of an upload has arrived is the length of its file.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from archive.disk import make_folder, opened, sync_folder
from ingest.files import landing
from ingest.models import Upload
from ingest.settings import workshop_settings
from sessions.settings import register_settings


def path_of(upload: Upload) -> Path:
    """Where the upload's bytes are, or would be."""
    return _folder() / str(upload.id)


def size_of(upload: Upload) -> int:
    """How many bytes have arrived; 0 when none ever did."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def safe_size_of(upload: Upload) -> int:
    """How many bytes have arrived that not even a power cut takes away."""
    try:
        with opened(path_of(upload)) as handle:
            size = os.fstat(handle).st_size
            os.fsync(handle)  # After measuring: only what was measured is promised.
            return size
    except FileNotFoundError:
        return 0


def first_bytes_of(upload: Upload, most: int) -> bytes:
    """What arrived of the file's beginning; empty when nothing did."""
    try:
        with path_of(upload).open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return b""


@contextmanager
def replacing(upload: Upload) -> Iterator[Path]:
    """Give a name to write the upload's bytes anew under; after a good end they take the place of the old ones."""
    with landing(path_of(upload)) as partial:
        yield partial


def drop(upload: Upload) -> None:
    """Destroy what arrived, and what was being written in its place; no error when there is nothing."""
    for path in _folder().glob(f"*{upload.id}*"):
        path.unlink(missing_ok=True)
    if _folder().is_dir():
        sync_folder(_folder())


def ids() -> Iterator[UUID]:
    """The uploads that have a file here. What somebody else put beside them is left out."""
    if _folder().is_dir():
        for path in _folder().iterdir():
            with suppress(ValueError):
                if str(upload_id := UUID(path.name)) == path.name:
                    yield upload_id


def open_file(upload: Upload) -> int:
    """A handle for appending to the upload's file, which is made when there is none."""
    make_folder(_folder())
    return os.open(path_of(upload), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)


def sync_names() -> None:
    """Return once the files made here would be found again after a power cut."""
    sync_folder(_folder())


def free_bytes() -> int:
    """Room that uploads may still take: the free disk without the reserve that encoding needs."""
    make_folder(_folder())
    return shutil.disk_usage(_folder()).free - workshop_settings().disk_reserve_bytes


def _folder() -> Path:
    return register_settings().data_dir / "quarantine"
