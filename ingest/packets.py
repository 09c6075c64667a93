"""Walks over the packets of a recording to learn where its tracks really begin and end."""

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from ingest import graphs, runner

DEADLINE_SECONDS = 60.0
SLOWEST_DISK_BYTES_PER_SECOND = 5 * 2**20
MEMORY_BYTES = 2 * 2**30
PEAK_SECONDS = 24  # Two target durations of our playlists: no player may meet a heavier window than its link carries.
LONGEST_COUNTED_SECONDS = 24 * 3600  # A time beyond it is damage, and must not cost memory.
SHORTEST_GAP_SECONDS = 1.0
MOST_GAPS = 1000  # More gaps than this are the way of the recorder.
CORRUPT = 0x2  # ffmpeg's flag for a packet of which its container says that a part is missing.
BLANK = b"0x00000000"  # The checksum of nothing but zeros, as a failing disk or a broken download leaves them.
DISCARDED = 0x4  # ffmpeg's flag for a packet that is decoded but not shown, as an edit list says.
NO_TIME = b"-9223372036854775808"  # How ffmpeg writes a time it does not know; old MPEG gives every other frame none.


@dataclass(slots=True)
class Extent:
    """Where the packets of one track lie, in seconds on the container's clock, and what they weigh, in bytes."""

    start: float
    end: float = 0.0
    played: float = 0.0  # the lengths of all packets together: less than from start to end where there are gaps
    packets: int = 0
    size: int = 0
    hidden: bool = False  # whether some packets are there for the decoder alone, because an edit list cuts them off
    last_key: float | None = None
    key_gap: float = 0.0
    weights: list[int] = field(default_factory=list)  # bytes of each whole second from `start` on
    gaps: list[tuple[float, float]] = field(default_factory=list)  # from, to: where for 1 s or more there is no packet
    blanks: list[tuple[float, float]] = field(default_factory=list)  # from, to: where packets hold nothing but zeros

    def add(self, at: float, duration: float, size: int, *, key: bool, blank: bool = False) -> None:
        if at - self.end >= SHORTEST_GAP_SECONDS and self.packets and len(self.gaps) < MOST_GAPS:
            self.gaps.append((self.end, at))
        if blank:
            self._note_blank(at, at + duration)
        self.end, self.played = max(self.end, at + duration), self.played + duration
        self.packets, self.size = self.packets + 1, self.size + size
        self._weigh(int(max(at - self.start, 0.0)), size)
        if key:
            self.key_gap = max(self.key_gap, self._since_last_key(at))
            self.last_key = at

    @property
    def seconds(self) -> float:
        return max(self.end - self.start, 1e-3)

    @property
    def bit_rate(self) -> int:
        return round(self.size * 8 / self.seconds)

    @property
    def peak_bit_rate(self) -> int:
        """Bits per second in the heaviest window of PEAK_SECONDS; over all there is where that is shorter."""
        if self.seconds <= PEAK_SECONDS:
            return self.bit_rate
        weighed = np.cumsum(np.pad(np.asarray(self.weights, np.int64), (1, PEAK_SECONDS)))
        return round(int((weighed[PEAK_SECONDS:] - weighed[:-PEAK_SECONDS]).max()) * 8 / PEAK_SECONDS)

    @property
    def longest_key_gap(self) -> float:
        return max(self.key_gap, self._since_last_key(self.end))

    def _note_blank(self, begin: float, end: float) -> None:
        if self.blanks and begin - self.blanks[-1][1] < SHORTEST_GAP_SECONDS:
            self.blanks[-1] = (self.blanks[-1][0], max(end, self.blanks[-1][1]))
        elif len(self.blanks) < MOST_GAPS:
            self.blanks.append((begin, end))

    def _weigh(self, second: int, size: int) -> None:
        second = min(second, LONGEST_COUNTED_SECONDS)
        if second >= len(self.weights):
            self.weights.extend([0] * (second + 1 - len(self.weights)))
        self.weights[second] += size

    def _since_last_key(self, at: float) -> float:
        return at - (self.start if self.last_key is None else self.last_key)


@dataclass(frozen=True, slots=True)
class Weights:
    """The packets of one track in the order they are shown: when, in seconds on the container's clock, and how heavy.

    `late` says how long before a packet's own time the first one that was stored after it is shown: with B-frames, what
    is new on the screen may come first in one of those, though its bytes are all here.
    """

    at: NDArray[np.float64]
    size: NDArray[np.int64]
    key: NDArray[np.bool_]
    late: NDArray[np.float64]


def measure(path: Path, starts: dict[int, float]) -> dict[int, Extent]:
    """Measure the tracks of `starts` (stream number to where its header says it begins) without decoding any.

    Costs some 3 s of processor time for three hours. ffmpeg does it, not ffprobe, because ffprobe stops at the first
    damage, while ffmpeg reads on behind it as it will when it encodes. Tracks without a packet are left out.
    Raises ToolFailed.
    """
    extents = {index: Extent(start) for index, start in starts.items()}
    _read(path, extents)
    return {index: extent for index, extent in extents.items() if extent.packets}


def is_uniform(path: Path, index: int) -> bool:
    """Whether H.264 track `index` has one sequence parameter set (size, profile) throughout and no broken packet.

    Costs 2 s of processor time for three hours. It cannot see damage within a picture. Raises ToolTimedOut.
    """
    sets = {"c": "copy", "bsf:v": "h264_mp4toannexb,filter_units=pass_types=7", "fflags": "-autobsf"}
    graph = graphs.uploaded(path)[str(index)].output("pipe:", format="framecrc", **sets)
    try:
        finished = runner.run(
            graphs.command_of(graph), deadline_seconds=deadline(path), memory_bytes=MEMORY_BYTES, offline=True
        )
    except runner.ToolFailed:
        return False
    lines = [line for line in (finished.stdout or b"").splitlines() if not line.startswith(b"#")]
    return not finished.stderr_tail and len({tuple(line.split(b",")[4:6]) for line in lines}) == 1


def deadline(path: Path) -> float:
    return DEADLINE_SECONDS + path.stat().st_size / SLOWEST_DISK_BYTES_PER_SECOND


def weigh(path: Path, index: int, on_progress: Callable[[float], None] | None = None) -> Weights:
    """List the packets of track `index`, 20 bytes of memory each. Raises ToolFailed, and what `on_progress` raises."""
    collected = _Collected()
    _read(path, {index: collected}, on_progress)
    return collected.weights()


def _read(path: Path, tracks: Mapping[int, "_Track"], on_progress: Callable[[float], None] | None = None) -> None:
    reader = _PacketReader(list(tracks.values()))
    source = graphs.uploaded(path)
    # Every packet counts, also those before a keyframe and those that a bitstream filter could not take apart.
    how = {"format": "framecrc", "c": "copy", "copyinkf": None, "fflags": "-autobsf"}
    graph = ffmpeg.output(*(source[str(index)] for index in tracks), "pipe:", **how)
    runner.run(
        graphs.command_of(graph.global_args("-copyts")),
        each_line=reader.take,
        deadline_seconds=deadline(path),
        on_progress=on_progress,
        memory_bytes=MEMORY_BYTES,
        offline=True,
    )


class _Track(Protocol):
    start: float
    hidden: bool

    def add(self, at: float, duration: float, size: int, /, *, key: bool, blank: bool) -> None: ...


class _Collected:
    """Keeps every packet of a track."""

    start, hidden = -math.inf, False

    def __init__(self) -> None:
        self._at, self._size, self._key = array("d"), array("L"), array("b")

    def add(self, at: float, _duration: float, size: int, /, *, key: bool, blank: bool) -> None:  # noqa: ARG002
        self._at.append(at)
        self._size.append(size)
        self._key.append(key)

    def weights(self) -> Weights:
        stored = np.asarray(self._at, np.float64)
        # Going backwards through what is stored, the earliest time still to come.
        to_come = np.minimum.accumulate(stored[::-1])[::-1]
        order = np.argsort(stored, kind="stable")
        return Weights(
            at=stored[order],
            size=np.asarray(self._size, np.int64)[order],
            key=np.asarray(self._key, np.bool_)[order],
            late=(stored - to_come)[order],
        )


class _PacketReader:
    """Reads framecrc: `stream, dts, pts, duration, size, checksum[, F=flags…]` in time bases `#tb stream: num/den`.

    Flags are left out when they say "keyframe" and nothing else.
    """

    def __init__(self, tracks: Sequence[_Track]) -> None:
        self.tracks = tracks
        self._time_bases: dict[int, Fraction] = {}

    def take(self, line: bytes) -> None:
        if line.startswith(b"#tb"):
            stream, _, base = line[4:].partition(b":")
            self._time_bases[int(stream)] = Fraction(base.decode().strip())
        elif not line.startswith(b"#"):
            self._take_packet(*line.split(b","))

    def _take_packet(
        self, stream: bytes, decoded_at: bytes, shown_at: bytes, duration: bytes, size: bytes, sum_: bytes, *more: bytes
    ) -> None:
        track, unit = self.tracks[int(stream)], float(self._time_bases[int(stream)])
        at = int(decoded_at if shown_at.strip() == NO_TIME else shown_at) * unit
        flags = [int(word.partition(b"=")[2], 16) for word in more if b"F=" in word]
        early = at + int(duration) * unit <= track.start
        track.hidden = track.hidden or early or any(flag & DISCARDED for flag in flags)
        if not early:  # Else it only warms the decoder up, before the point where an edit list starts showing.
            blank = sum_.strip() == BLANK or any(flag & CORRUPT for flag in flags)
            track.add(at, int(duration) * unit, int(size), key=not flags, blank=blank)
