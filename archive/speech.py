"""Where the sound of a speech begins: told with the answer that opens a replay, it saves a phone one way and back.

A WebM file of ours begins with how its sound is coded, then come the cues, ten thousand bytes for three hours, then the
sound. Who begins at 0:00 needs no cues.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from archive.objects import ObjectMissing
from archive.storage import storage

#: Enough for what comes before the cues, and the beginning of them.
_HEAD_BYTES = 512
#: Numbers of elements (RFC 9559).
_SEGMENT, _CUES = 0x18538067, 0x1C53BB6B


@dataclass(frozen=True)
class Beginning:
    """How the sound is coded: the bytes before the cues; and the place of the first byte after them."""

    head: bytes
    sound_at: int


@lru_cache(maxsize=4096)
def beginning_of(key: str) -> Beginning | None:
    """The beginning of a file in the storage; nothing where cues don't come before the sound, or it is another kind.

    A key's bytes never change, so they are read once in a process.
    """
    try:
        head = b"".join(storage().open(key, 0, _HEAD_BYTES))
    except ObjectMissing:
        return None
    for number, _, start, _ in _elements(head, 0):
        if number == _SEGMENT:
            found = next((each for each in _elements(head, start) if each[0] == _CUES), None)
            return Beginning(head[: found[1]], found[3]) if found else None
    return None


def _elements(data: bytes, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Each element whose head is there: its number, its first byte, the first of what it holds, the first after it."""
    while at < len(data):
        id_length = _length(data[at])
        size_at = at + id_length
        if size_at >= len(data):
            return
        size_length = _length(data[size_at])
        start = size_at + size_length
        if start > len(data) or max(id_length, size_length) > 8:
            return
        # The first bit that is set tells how long a size is, and is no part of it.
        size = int.from_bytes(data[size_at:start]) - (1 << 7 * size_length)
        yield int.from_bytes(data[at:size_at]), at, start, start + size
        at = start + size


def _length(first: int) -> int:
    """How many bytes a number takes that begins with this one."""
    return 9 - first.bit_length()
