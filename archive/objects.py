"""What the storage keeps and how it is asked: objects under keys, the interface, and what can be wrong with either."""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sessions.errors import DomainError, NotFound, Unavailable

#: How much is held in memory at a time while bytes pass through.
PIECE_BYTES = 256 * 1024

#: Longest key that every S3 service takes, and longest name that every file system takes, in bytes of UTF-8.
_KEY_BYTES, _NAME_BYTES = 1024, 255


class ObjectMissing(NotFound):
    """Nothing lies under this key, or it is no key at all."""

    code = "object-missing"
    vi = "Không tìm thấy tệp này trong kho lưu trữ."
    en = "This file is not in the storage."


class ObjectDamaged(DomainError):
    """What lies under this key is not what was put there."""

    status = 500
    code = "object-damaged"
    vi = "Tệp trong kho lưu trữ đã bị hỏng. Hãy báo cho người quản trị hệ thống."
    en = "A file in the storage is damaged. Please tell the administrator."


class StorageDown(Unavailable):
    code = "storage-down"
    vi = "Kho lưu trữ đang tạm ngừng. Dữ liệu đã có vẫn an toàn, hãy thử lại sau ít phút."
    en = "The storage is down. What was saved is safe; try again in a few minutes."


@dataclass(frozen=True)
class StoredObject:
    """What was put: its key, its length and the SHA-256 (hex) of the bytes as they arrived."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ObjectFacts:
    """What is known of an object without reading it."""

    bytes: int
    modified_at: datetime


def demand_key(key: str) -> str:
    """The key itself, or `ObjectMissing` for what could lead out of the storage or be spelt in two ways.

    A key is a relative path of printable NFC text. Names that begin with a dot are kept for our own use, which also
    rules out `.` and `..`.
    """
    plain = key.isprintable() and "\\" not in key and unicodedata.is_normalized("NFC", key)
    if not plain or len(os.fsencode(key)) > _KEY_BYTES:
        raise ObjectMissing(key=key)
    if any(not name or name.startswith(".") or len(os.fsencode(name)) > _NAME_BYTES for name in key.split("/")):
        raise ObjectMissing(key=key)
    return key


class Storage(Protocol):
    """Every method that names an existing object raises `ObjectMissing` when there is none, also for what is no key."""

    def put(self, key: str, path: Path, *, move: bool = False) -> StoredObject:
        """Keep a copy of the file, replacing what lay there. With `move` the file goes, once its copy was verified."""

    def put_bytes(self, key: str, content: bytes) -> StoredObject:
        """Keep a few bytes: a manifest, a page of text."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to but without `end` (to the last one when empty), in small pieces.

        Past the end there are none. Raises `ObjectDamaged` when fewer come than were there at the beginning.
        """

    def local_path(self, key: str, sha256: str | None = None) -> AbstractContextManager[Path]:
        """A real file for programs that need one, to be read only, and gone after the block if it had to be fetched.

        Raises `ObjectDamaged` when its SHA-256 is not the given one; what came over a network is always checked.
        """

    def url(self, key: str, seconds: int) -> str | None:
        """An address that serves the object to anybody for so long; empty where only we can serve it."""

    def stat(self, key: str) -> ObjectFacts: ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove the object; no error when it is already gone, so that a task may run twice."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below this folder: `a/b` takes `a/b/c` along, and leaves `a/bc`."""

    def list(self, prefix: str) -> Iterator[str]:
        """The keys below this folder, in the order of their bytes."""

    def checksum(self, key: str) -> str:
        """Read the object again, whole, and give its SHA-256 (hex)."""


class Readable(Protocol):
    """What both an open file and the body of an S3 answer are."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def pieces(key: str, body: Readable, length: int) -> Iterator[bytes]:
    """The next `length` bytes of `body`, which is closed behind them; `ObjectDamaged` when there are not so many."""
    with closing(body):
        while length > 0:
            piece = body.read(min(PIECE_BYTES, length))
            if not piece:
                raise ObjectDamaged(key=key)
            length -= len(piece)
            yield piece


def remove_original(kept_in: Storage, stored: StoredObject, path: Path) -> None:
    """An original goes only after its copy was read back and found equal."""
    if kept_in.checksum(stored.key) != stored.sha256:
        raise ObjectDamaged(key=stored.key)
    path.unlink()
