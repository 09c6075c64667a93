"""Bytes coming in: one writer at a time, on the disk before they are counted, and never in the event loop's way."""

import errno
import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import anyio
import anyio.to_thread

from archive.disk import hold, sha256_of
from ingest import quarantine
from ingest.models import Upload
from sessions.errors import Conflict, DomainError, Invalid

#: A sender that is silent for so long has lost its line; the file is freed for the connection that comes after it.
SILENCE_SECONDS = 20
#: What arrives goes to disk when there is so much of it, or when the oldest of it has waited so long. All uploads of a
#: process share one allowance of memory: a lone one makes few visits to the disk, fifty at once keep little each.
_GATHER_MOST, _GATHER_LEAST, _GATHER_TOGETHER = 2**20, 64 * 1024, 4 * 2**20
_GATHER_SECONDS = 1.0

#: The checksums that a piece may be sent with, by their names in the protocol.
CHECKSUMS = ("sha1", "sha256")

#: Uploads whose hash so far is remembered between two requests; of others the file is read again at its end.
_REMEMBERED = 256

#: Threads that write, shared by all uploads of the process.
_writers = anyio.CapacityLimiter(8)


class UploadBusy(DomainError):
    status = 423
    code = "upload-busy"
    vi = "Tệp này đang được gửi lên từ một kết nối khác. Hãy chờ ít giây rồi thử lại."
    en = "This file is being sent over another connection. Wait a few seconds and try again."


class OffsetMismatch(Conflict):
    code = "offset-mismatch"
    vi = "Máy chủ đã nhận {offset} byte; hãy gửi tiếp từ chỗ đó."
    en = "The server has {offset} bytes; go on from there."


class TooManyBytes(DomainError):
    status = 413
    code = "too-many-bytes"
    vi = "Dữ liệu gửi lên dài hơn {length} byte đã khai báo. Phần gửi thừa không được nhận."
    en = "More was sent than the {length} bytes declared. What came with this request was not taken."


class ChecksumMismatch(DomainError):
    """Status 460 is the tus protocol's own."""

    status = 460
    code = "checksum-mismatch"
    vi = "Đoạn dữ liệu bị sai lệch trên đường truyền và chưa được nhận. Hãy gửi lại đoạn này."
    en = "This piece was damaged on its way and was not taken. Send it again."


class ChecksumUnknown(Invalid):
    """Status 400 is what the tus protocol asks for."""

    status = 400
    code = "checksum-unknown"
    vi = "Mã kiểm tra không đúng dạng; máy chủ dùng được {known}."
    en = "The checksum is not of a kind that is understood; these are: {known}."


class DiskFull(DomainError):
    status = 507
    code = "disk-full"
    vi = "Máy chủ không còn đủ chỗ cho tệp này. Phần đã gửi vẫn an toàn; hãy báo người quản trị rồi gửi tiếp sau."
    en = "The server has no room for this file. What was sent is safe; tell the administrator and go on later."


class UploadInterrupted(DomainError):
    status = 408
    code = "upload-interrupted"
    vi = "Đường truyền bị gián đoạn. Phần đã gửi vẫn an toàn, hãy gửi tiếp."
    en = "The connection was interrupted. What was sent is safe; go on from there."


@dataclass(frozen=True)
class Checksum:
    """What the sender says that one piece hashes to."""

    algorithm: str
    digest: bytes


class _Hashes:
    """SHA-256 of what has arrived, kept from one request to the next, so that no file need be read again at its end.

    Only whoever holds an upload's file may take its hash or leave it here.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[UUID, tuple[int, hashlib._Hash]] = OrderedDict()

    def take(self, upload_id: UUID, size: int) -> "hashlib._Hash | None":
        """The hash of the first `size` bytes, or nothing when this process didn't see all of them arrive."""
        left, digest = self._left.pop(upload_id, (0, hashlib.sha256()))
        return digest if left == size else None

    def leave(self, upload_id: UUID, size: int, digest: "hashlib._Hash") -> None:
        self._left[upload_id] = size, digest
        while len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)


_hashes = _Hashes()


class Arrival:
    """The file of one upload in the hands of one writer.

    Its methods block on the disk. What was written counts from the moment it is in the file, so a process that is
    killed loses only what it had not written yet.
    """

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.offset = 0
        self._start = 0
        self._handle = -1
        self._checksum: Checksum | None = None
        self._digest = hashlib.sha256()
        self._whole: hashlib._Hash | None = None
        self._whole_before: hashlib._Hash | None = None

    def take(self) -> None:
        """Hold the file until `close`; raises `UploadBusy` while another writer, of whatever process, does."""
        self._handle = quarantine.open_file(self.upload)
        if not hold(self._handle):
            raise UploadBusy
        self._start = self.offset = os.fstat(self._handle).st_size
        self._whole = _hashes.take(self.upload.id, self._start)
        self._whole_before = self._whole.copy() if self._whole else None

    def expect(self, offset: int, announced: int, checksum: Checksum | None) -> None:
        """Prepare for a piece of `announced` bytes (0 when the sender doesn't say) at the sender's `offset`.

        Raises `OffsetMismatch` when the file ends elsewhere, `TooManyBytes` when the piece would not fit.
        """
        if offset != self.offset:
            raise OffsetMismatch(offset=self.offset)
        if offset + announced > self.upload.length:
            raise TooManyBytes(length=self.upload.length)
        if checksum:
            self._checksum, self._digest = checksum, hashlib.new(checksum.algorithm, usedforsecurity=False)

    def sha256(self) -> str:
        """SHA-256 of everything that has arrived, in hex; reads the file where it was not hashed on its way in."""
        return self._whole.hexdigest() if self._whole else sha256_of(quarantine.path_of(self.upload))

    def write(self, piece: bytes | bytearray) -> None:
        """Append; raises `TooManyBytes` when more comes than was declared, `DiskFull` when there is no room."""
        if self.offset + len(piece) > self.upload.length:
            raise TooManyBytes(length=self.upload.length)
        if quarantine.free_bytes() < len(piece):
            raise DiskFull
        if self._checksum:
            self._digest.update(piece)
        left = memoryview(piece)
        while left:
            written = self._write_some(left)
            if self._whole:
                self._whole.update(left[:written])
            self.offset, left = self.offset + written, left[written:]

    def settle(self) -> None:
        """Flush to the disk itself what came; raises `ChecksumMismatch` when it is not what the sender meant."""
        if self._checksum and self._digest.digest() != self._checksum.digest:
            raise ChecksumMismatch
        self.keep()

    def keep(self) -> None:
        """Flush to the disk itself whatever came, also of a piece that broke off."""
        os.fsync(self._handle)
        if self._start == 0:
            quarantine.sync_names()

    def roll_back(self) -> None:
        """Forget what came with this writer."""
        os.ftruncate(self._handle, self._start)
        self.offset, self._whole = self._start, self._whole_before
        self.keep()

    def close(self) -> None:
        """Free the file for others; doing so twice is no error."""
        if self._handle >= 0:
            if self._whole and self.offset < self.upload.length:
                _hashes.leave(self.upload.id, self.offset, self._whole)
            os.close(self._handle)
            self._handle = -1

    def _write_some(self, piece: memoryview) -> int:
        try:
            return os.write(self._handle, piece)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise DiskFull from error
            raise


@contextmanager
def held(upload: Upload) -> Iterator[Arrival]:
    """The upload's file, held while the block runs; raises `UploadBusy`."""
    arrival = Arrival(upload)
    try:
        arrival.take()
        yield arrival
    finally:
        arrival.close()


#: What this process is receiving now; only the event loop touches it.
_coming: set[Arrival] = set()


async def receive(arrival: Arrival, stream: AsyncIterator[bytes]) -> None:
    """Write what comes to the held file.

    A sender that breaks off (`UploadInterrupted`) or a full disk (`DiskFull`) leaves what had arrived: on a bad line
    every byte was dear. Too many bytes or damaged ones leave the file as it was before.
    """
    _coming.add(arrival)
    try:
        async for piece in _gathered(stream):
            await in_thread(arrival.write, piece)
        await in_thread(arrival.settle)
    except (TooManyBytes, ChecksumMismatch):
        await in_thread(arrival.roll_back)
        raise
    except (UploadInterrupted, DiskFull):
        await in_thread(arrival.keep)
        raise
    finally:
        _coming.discard(arrival)


async def in_thread(work: Callable[..., None], *arguments: object) -> None:
    """Do what blocks where it holds up nobody but other writers."""
    await anyio.to_thread.run_sync(work, *arguments, limiter=_writers)


async def _gathered(stream: AsyncIterator[bytes]) -> AsyncIterator[bytearray]:
    """The bytes in pieces worth a visit to the disk; the last of them also when the sender breaks off."""
    waiting, since = bytearray(), time.monotonic()
    try:
        while (piece := await _next(stream)) is not None:
            waiting += piece
            if len(waiting) >= _worth_a_visit() or time.monotonic() - since > _GATHER_SECONDS:
                yield waiting
                waiting, since = bytearray(), time.monotonic()
    except UploadInterrupted:
        yield waiting
        raise
    yield waiting


def _worth_a_visit() -> int:
    return min(_GATHER_MOST, max(_GATHER_LEAST, _GATHER_TOGETHER // len(_coming)))


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    try:
        with anyio.fail_after(SILENCE_SECONDS):
            return await anext(stream, None)
    except TimeoutError:
        raise UploadInterrupted from None
