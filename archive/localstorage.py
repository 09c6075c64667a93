"""The storage as a directory of this machine."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from archive.disk import clear_abandoned, hold, make_folder, sha256_of, sync_file, sync_folder
from archive.objects import (
    PIECE_BYTES,
    ObjectDamaged,
    ObjectFacts,
    ObjectMissing,
    StoredObject,
    demand_key,
    pieces,
    remove_original,
)


class LocalStorage:
    """Objects as files below one directory, each written under another name and renamed once it is safely on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._arriving = root / ".arriving"

    def put(self, key: str, path: Path, *, move: bool = False) -> StoredObject:
        if move and (stored := self._take(key, path)):
            return stored
        with path.open("rb") as source:
            stored = self._write(key, iter(lambda: source.read(PIECE_BYTES), b""))
        if move:
            remove_original(self, stored, path)
        return stored

    def put_bytes(self, key: str, content: bytes) -> StoredObject:
        return self._write(key, iter([content]))

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        file = self._existing(key).open("rb")
        size = os.fstat(file.fileno()).st_size
        file.seek(start)
        return pieces(key, file, min(size, size if end is None else end) - start)

    @contextmanager
    def local_path(self, key: str, sha256: str | None = None) -> Iterator[Path]:
        path = self._existing(key)
        if sha256 and sha256 != sha256_of(path):
            raise ObjectDamaged(key=key)
        yield path

    def url(self, key: str, seconds: int) -> str | None:  # noqa: ARG002 - The interface's shape.
        return None  # A file here is served by us, to whom we choose.

    def stat(self, key: str) -> ObjectFacts:
        facts = self._existing(key).stat()
        return ObjectFacts(facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def exists(self, key: str) -> bool:
        try:
            self._existing(key)
        except ObjectMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        path = self._path(key)
        if path.is_file():
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def delete_prefix(self, prefix: str) -> None:
        folder = self._path(prefix)
        if folder.is_dir():
            shutil.rmtree(folder)
            sync_folder(folder.parent)

    def list(self, prefix: str) -> Iterator[str]:
        found = (path for path in self._path(prefix).rglob("*") if path.is_file())
        return iter(sorted(path.relative_to(self._root).as_posix() for path in found))

    def checksum(self, key: str) -> str:
        return sha256_of(self._existing(key))

    def _path(self, key: str) -> Path:
        return self._root / demand_key(key)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise ObjectMissing(key=key)
        return path

    def _take(self, key: str, path: Path) -> StoredObject | None:
        """Rename the file into its place; nothing happens where it lies on another disk."""
        target = self._path(key)
        make_folder(target.parent)
        stored = StoredObject(key, path.stat().st_size, sha256_of(path))
        sync_file(path)
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return None
        sync_folder(target.parent)
        return stored

    def _write(self, key: str, arriving: Iterator[bytes]) -> StoredObject:
        target, temporary = self._path(key), self._arriving / uuid4().hex
        make_folder(target.parent)
        make_folder(self._arriving)
        clear_abandoned(self._arriving)
        digest = hashlib.sha256()
        try:
            with temporary.open("xb") as file:
                hold(file.fileno())
                for piece in arriving:
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(target.parent)
        return StoredObject(key, size, digest.hexdigest())
