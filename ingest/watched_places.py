"""Where others lay down files for us: a folder of this machine, or a prefix of an S3 bucket.

Both are seen as names like `CONFERENCE/file` with slashes. A move is atomic in a folder; in a bucket it is a copy and
then a deletion, so what is killed in between is found twice, and taken once, since the gate knows it by its hash.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from archive.disk import borrowed_folder, make_folder, sync_file, sync_folder
from archive.storage import ObjectMissing
from sessions import clock

if TYPE_CHECKING:
    from archive.s3storage import S3Storage

log = logging.getLogger("ingest.watched_places")

#: Folders of ours in a watched place.
TAKEN, DONE, FAILED = "taken", "done", "failed"
_OURS = frozenset({TAKEN, DONE, FAILED})
#: How programs call a file that they have not finished; a leading dot says the same.
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download", "~")


class Place(Protocol):
    def at_rest(self, seconds: float) -> Iterator[str]:
        """What lies here and has not changed for so long: files, and folders of which all files are at rest."""

    def lent(self, name: str) -> AbstractContextManager[Path]:
        """The file or folder as a real path, to be read only."""

    def exists(self, name: str) -> bool: ...

    def below(self, name: str) -> list[str]:
        """The names directly below a folder of ours."""

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, content: bytes) -> None:
        """Put a small file there, whole or not at all."""

    def move(self, name: str, to: str) -> None:
        """Move a file or folder; what killed moves left is moved by the next."""

    def destroy(self, name: str) -> None:
        """Remove a file or folder; no error when there is none."""


class WatchedFolder:
    """A folder of this machine, or one that is mounted here."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def at_rest(self, seconds: float) -> Iterator[str]:
        busy = _open_files()
        for path in sorted(self._items(self._root, depth=0)):
            # A file that vanishes under our eyes is still in somebody's hands.
            if _is_at_rest(path, seconds, busy):
                yield path.relative_to(self._root).as_posix()

    @contextmanager
    def lent(self, name: str) -> Iterator[Path]:
        yield self._root / name

    def exists(self, name: str) -> bool:
        return (self._root / name).exists()

    def below(self, name: str) -> list[str]:
        folder = self._root / name
        return sorted(f"{name}/{path.name}" for path in folder.iterdir()) if folder.is_dir() else []

    def read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        path = self._root / name
        make_folder(path.parent)
        partial = path.with_name(".diemcau.part")  # A name of its own could be too long.
        partial.write_bytes(content)
        sync_file(partial)
        partial.replace(path)
        sync_folder(path.parent)

    def move(self, name: str, to: str) -> None:
        source, target = self._root / name, self._root / to
        make_folder(target.parent)
        source.rename(target)
        sync_folder(target.parent)
        sync_folder(source.parent)

    def destroy(self, name: str) -> None:
        path = self._root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def _items(self, folder: Path, depth: int) -> Iterator[Path]:
        """What lies in the folders of conferences and of their parts, and what lies in the root by mistake."""
        for path in folder.iterdir():
            if path.name.startswith(".") or path.name.endswith(_UNFINISHED) or path.is_symlink():
                continue
            if depth == 0 and path.name in _OURS:
                continue
            if path.is_dir() and depth < 2 and ends_with_id(path.name):
                yield from self._items(path, depth + 1)
            else:
                yield path


class WatchedBucket:
    """Objects below a prefix. One that has its name is whole, yet it may be replaced while it is new."""

    def __init__(self, bucket: "S3Storage", prefix: str, lent_dir: Path) -> None:
        self._bucket, self._prefix, self._lent_dir = bucket, prefix, lent_dir

    def at_rest(self, seconds: float) -> Iterator[str]:
        for key in list(self._bucket.list(self._prefix)):
            name = key.removeprefix(f"{self._prefix}/")
            if name.endswith("/") or name.split("/")[0] in _OURS or "/." in f"/{name}":
                continue
            try:
                age = clock.now() - self._bucket.stat(key).modified_at
            except ObjectMissing:
                log.warning("An object in the watched bucket is gone, or has a key that is not plain NFC: %r", key)
                continue
            if age.total_seconds() >= seconds:
                yield name

    @contextmanager
    def lent(self, name: str) -> Iterator[Path]:
        with borrowed_folder(self._lent_dir) as folder:
            path = folder / PurePosixPath(name).name
            self._bucket.fetch(self._key(name), path)
            yield path

    def exists(self, name: str) -> bool:
        return self._bucket.exists(self._key(name))

    def below(self, name: str) -> list[str]:
        keys = self._bucket.list(self._key(name))
        begin = len(self._prefix) + 1
        return sorted({"/".join(key[begin:].split("/")[: name.count("/") + 2]) for key in keys})

    def read(self, name: str) -> bytes:
        return b"".join(self._bucket.open(self._key(name)))

    def write(self, name: str, content: bytes) -> None:
        self._bucket.put_bytes(self._key(name), content)

    def move(self, name: str, to: str) -> None:
        self._bucket.rename(self._key(name), self._key(to))

    def destroy(self, name: str) -> None:
        self._bucket.delete(self._key(name))
        self._bucket.delete_prefix(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"


def ends_with_id(name: str) -> bool:
    """Whether a folder's name ends with the id of a conference or of its part; people may write a title before it."""
    return len(name) >= 36 and name[-36:].count("-") == 4 and all(c in "0123456789abcdefABCDEF-" for c in name[-36:])


def _is_at_rest(path: Path, seconds: float, busy: set[tuple[int, int]]) -> bool:
    try:
        facts = [each.lstat() for each in (path, *path.rglob("*"))] if path.is_dir() else [path.lstat()]
    except FileNotFoundError:
        return False
    # A copy that keeps the times of its original sets them at its end, but no program sets when a file was changed.
    changed = max(max(each.st_mtime, each.st_ctime) for each in facts)
    return time.time() - changed >= seconds and not any((each.st_dev, each.st_ino) in busy for each in facts)


def _open_files() -> set[tuple[int, int]]:
    """The files that processes hold open, as far as this account may see into them (Linux tells it in /proc)."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            facts = link.stat()
        except OSError:  # It was closed meanwhile, or is another account's.
            continue
        found.add((facts.st_dev, facts.st_ino))
    return found
