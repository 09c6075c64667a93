"""Walks over the packets of a recording to learn where its tracks really begin and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import ffmpeg

from ingest import graphs, runner

DEADLINE_SECONDS = 60.0
SLOWEST_DISK_BYTES_PER_SECOND = 5 * 2**20
MEMORY_BYTES = 2 * 2**30
NO_TIME = b"-9223372036854775808"  # How ffmpeg writes a time it does not know; old MPEG gives every other frame none.


@dataclass(slots=True)
class Extent:
    """Where the packets of one track lie, in seconds on the container's clock, and what they weigh, in bytes."""

    start: float
    end: float = 0.0
    played: float = 0.0  # the lengths of all packets together: less than from start to end where there are gaps
    packets: int = 0
    size: int = 0
    last_key: float | None = None
    key_gap: float = 0.0

    def add(self, at: float, duration: float, size: int, *, key: bool) -> None:
        self.end, self.played = max(self.end, at + duration), self.played + duration
        self.packets, self.size = self.packets + 1, self.size + size
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
    def longest_key_gap(self) -> float:
        return max(self.key_gap, self._since_last_key(self.end))

    def _since_last_key(self, at: float) -> float:
        return at - (self.start if self.last_key is None else self.last_key)


def measure(path: Path, starts: dict[int, float]) -> dict[int, Extent]:
    """Measure the tracks of `starts` (stream number to where its header says it begins) without decoding any.

    Costs some 3 s of processor time for three hours. ffmpeg does it, not ffprobe, because ffprobe stops at the first
    damage, while ffmpeg reads on behind it as it will when it encodes. Tracks without a packet are left out.
    Raises ToolFailed.
    """
    reader = _PacketReader(list(starts.values()))
    source = graphs.uploaded(path)
    # Every packet counts, also those before a keyframe and those that a bitstream filter could not take apart.
    how = {"format": "framecrc", "c": "copy", "copyinkf": None, "fflags": "-autobsf"}
    graph = ffmpeg.output(*(source[str(index)] for index in starts), "pipe:", **how)
    runner.run(
        graphs.command_of(graph.global_args("-copyts")),
        each_line=reader.take,
        deadline_seconds=DEADLINE_SECONDS + path.stat().st_size / SLOWEST_DISK_BYTES_PER_SECOND,
        memory_bytes=MEMORY_BYTES,
    )
    return {index: extent for index, extent in zip(starts, reader.extents, strict=True) if extent.packets}


class _PacketReader:
    """Reads framecrc: `stream, dts, pts, duration, size, checksum[, F=flags…]` in time bases `#tb stream: num/den`.

    Flags are left out when they say "keyframe" and nothing else.
    """

    def __init__(self, starts: Sequence[float]) -> None:
        self.extents = [Extent(start) for start in starts]
        self._time_bases: dict[int, Fraction] = {}

    def take(self, line: bytes) -> None:
        if line.startswith(b"#tb"):
            stream, _, base = line[4:].partition(b":")
            self._time_bases[int(stream)] = Fraction(base.decode().strip())
        elif not line.startswith(b"#"):
            self._take_packet(*line.split(b","))

    def _take_packet(
        self, stream: bytes, decoded_at: bytes, shown_at: bytes, duration: bytes, size: bytes, _: bytes, *more: bytes
    ) -> None:
        extent, unit = self.extents[int(stream)], float(self._time_bases[int(stream)])
        at = int(decoded_at if shown_at.strip() == NO_TIME else shown_at) * unit
        if at + int(duration) * unit <= extent.start:
            return  # It only warms the decoder up, before the point where an edit list starts showing.
        extent.add(at, int(duration) * unit, int(size), key=not any(b"F=" in word for word in more))
