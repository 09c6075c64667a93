"""Reads what fragmented MP4 says of itself: the coding of its track, and when and how big its frames are.

Only what ffmpeg writes for one track is looked for: ISO 14496-12 for the boxes, 14496-14 and -15, the AV1 and the Opus
binding for the codings. Nothing here writes a byte.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Boxes that are looked into, with how many bytes stand before the first box inside.
_BEFORE_CHILDREN = {b"stsd": 8, b"avc1": 78, b"av01": 78, b"mp4a": 28, b"Opus": 28}
#: Which words of `tfhd` and of each sample in `trun` are there, by their flags, in their order (14496-12, 8.8.7-8.8.8).
_BASE_OFFSET, _DESCRIPTION, _DEFAULT_DURATION, _DEFAULT_SIZE = 0x1, 0x2, 0x8, 0x10
_DATA_OFFSET, _FIRST_FLAGS, _DURATION, _SIZE, _FLAGS, _SHOWN_LATER = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800
#: The tags that lead from `esds` to an AAC track's own description (14496-1, 7.2.6).
_DECODER_CONFIG, _DECODER_SPECIFIC = 0x04, 0x05
_SPECIFIC_AFTER = 13  # bytes of a decoder configuration before the description inside


class Malformed(ValueError):
    """The bytes are not what we write: cut off, or no fragmented MP4 of one track."""


@dataclass(frozen=True, slots=True)
class Track:
    """What an initialisation segment says. `codec` is a name by RFC 6381, as browsers want it."""

    codec: str
    timescale: int  # ticks per second


@dataclass(frozen=True, slots=True)
class Fragment:
    """One media segment. Times are in seconds; `entry_bytes` lie from `entry_offset` to its first frame's end."""

    begins: float  # when its first frame is shown
    ends: float
    frames: int
    longest_frame: float
    entry_offset: int
    entry_bytes: int


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Sample:
    duration: int
    size: int
    shown_later: int  # than it is decoded, in ticks; may be negative


def read_track(init: Path) -> Track:
    """Read an initialisation segment. Raises OSError, Malformed."""
    data = init.read_bytes()
    try:
        header = _find(data, b"moov", b"trak", b"mdia", b"mdhd")
        # Version 1 has two dates of 8 bytes before the timescale, version 0 two of 4.
        (timescale,) = struct.unpack_from(">I", data, header.body + (20 if data[header.body] else 12))
        entry = next(_children(data, _find(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")))
        return Track(_codec(data, entry), timescale)
    except (struct.error, IndexError, StopIteration) as error:
        raise Malformed(f"{init.name} is no initialisation segment") from error


def read_fragment(segment: Path, track: Track) -> Fragment:
    """Read a media segment of `track`. Raises OSError, Malformed."""
    data = segment.read_bytes()
    try:
        moof, mdat = _find(data, b"moof"), _find(data, b"mdat")
        samples = list(_samples(data, _find_in(data, moof, b"traf")))
        decoded = _decode_time(data, _find_in(data, moof, b"traf", b"tfdt"))
    except (struct.error, IndexError) as error:
        raise Malformed(f"{segment.name} is cut off") from error
    if not samples or mdat.body + sum(sample.size for sample in samples) > len(data):
        raise Malformed(f"{segment.name} is cut off")
    shown = []
    for sample in samples:
        shown.append((decoded + sample.shown_later, sample.duration))
        decoded += sample.duration
    return Fragment(
        begins=min(at for at, _ in shown) / track.timescale,
        ends=max(at + duration for at, duration in shown) / track.timescale,
        frames=len(samples),
        longest_frame=max(duration for _, duration in shown) / track.timescale,
        entry_offset=moof.start,
        entry_bytes=mdat.body + samples[0].size - moof.start,
    )


def _children(data: bytes, parent: _Box | None = None) -> Iterator[_Box]:
    """List the boxes inside another, or those of the file. Raises Malformed where one ends outside."""
    place, end = 0, len(data)
    if parent:
        place, end = parent.body + _BEFORE_CHILDREN.get(parent.kind, 0), parent.end
    while place < end:
        size, kind = struct.unpack_from(">I4s", data, place)
        if size < 8 or place + size > end:
            raise Malformed(f"The box at byte {place} does not end where it should")
        yield _Box(kind, place, place + 8, place + size)
        place += size


def _find(data: bytes, *path: bytes) -> _Box:
    return _find_in(data, None, *path)


def _find_in(data: bytes, parent: _Box | None, *path: bytes) -> _Box:
    for kind in path:
        parent = next((box for box in _children(data, parent) if box.kind == kind), None)
        if parent is None:
            raise Malformed(f"There is no {kind.decode()} box")
    assert parent is not None
    return parent


def _decode_time(data: bytes, tfdt: _Box) -> int:
    # Unsigned by the book, but a picture that begins before zero shows as one that does, not as a huge number.
    wide = data[tfdt.body] == 1
    (ticks,) = struct.unpack_from(">q" if wide else ">i", data, tfdt.body + 4)
    return int(ticks)


def _samples(data: bytes, traf: _Box) -> Iterator[_Sample]:
    """List the frames of a fragment, in the order they are decoded."""
    duration, size = _defaults(data, _find_in(data, traf, b"tfhd"))
    for run in (box for box in _children(data, traf) if box.kind == b"trun"):
        flags, count = struct.unpack_from(">II", data, run.body)
        flags &= 0xFFFFFF  # The byte above is the version.
        place = run.body + 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
        words = [word for word in (_DURATION, _SIZE, _FLAGS, _SHOWN_LATER) if flags & word]
        # ffmpeg writes the delay as a signed number in both versions of the box.
        layout = struct.Struct(">" + "".join("i" if word == _SHOWN_LATER else "I" for word in words))
        for number in range(count):  # A run that says nothing of its frames leaves all to the defaults.
            said = dict(zip(words, layout.unpack_from(data, place + number * layout.size), strict=True))
            yield _Sample(said.get(_DURATION, duration), said.get(_SIZE, size), said.get(_SHOWN_LATER, 0))


def _defaults(data: bytes, tfhd: _Box) -> tuple[int, int]:
    """Read how long and how big a frame is that does not say so itself."""
    flags, _track = struct.unpack_from(">II", data, tfhd.body)
    place = tfhd.body + 8 + 8 * bool(flags & _BASE_OFFSET) + 4 * bool(flags & _DESCRIPTION)
    duration = size = 0
    if flags & _DEFAULT_DURATION:
        (duration,) = struct.unpack_from(">I", data, place)
        place += 4
    if flags & _DEFAULT_SIZE:
        (size,) = struct.unpack_from(">I", data, place)
    return duration, size


def _codec(data: bytes, entry: _Box) -> str:
    """Name a coding as RFC 6381 does, from the box that tells decoders the same."""
    match entry.kind:
        case b"avc1":
            # Profile, constraints and level, after a version (14496-15, 5.3.3).
            body = _find_in(data, entry, b"avcC").body
            return f"avc1.{data[body + 1 : body + 4].hex()}"
        case b"av01":
            return _av1_codec(data, _find_in(data, entry, b"av1C"))
        case b"mp4a":
            return f"mp4a.40.{_aac_kind(data, _find_in(data, entry, b'esds'))}"
        case b"Opus":
            return "opus"
        case kind:
            raise Malformed(f"{kind!r} is none of our codings")


def _av1_codec(data: bytes, av1c: _Box) -> str:
    """Profile, level with tier, and bit depth (AV1 codec ISO media file format binding, section 5)."""
    profile_and_level, rest = data[av1c.body + 1], data[av1c.body + 2]
    tier = "H" if rest & 0x80 else "M"
    depth = 8 + 2 * bool(rest & 0x40) + 2 * bool(rest & 0x20)
    return f"av01.{profile_and_level >> 5}.{profile_and_level & 0x1F:02}{tier}.{depth:02}"


def _aac_kind(data: bytes, esds: _Box) -> int:
    """Walk the descriptors of `esds` to the audio object type: 2 for AAC-LC."""
    place = esds.body + 4  # after version and flags
    while place < esds.end:
        tag, place = data[place], place + 1
        while data[place] & 0x80:  # A length of up to four bytes, each saying whether another follows.
            place += 1
        place += 1
        if tag == _DECODER_SPECIFIC:
            return data[place] >> 3
        place += _SPECIFIC_AFTER if tag == _DECODER_CONFIG else 3
    raise Malformed("The sound does not say which AAC it is")
