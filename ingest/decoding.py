"""Proves that a packaged stream decodes from its first frame to its last, without a word from the decoder."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import ffmpeg

from archive import playlists
from archive.playlists import MEDIA_PLAYLIST, Media
from ingest import graphs, runner, tracks
from ingest.boxes import Fragment
from ingest.tracks import OnProgress

COPYING_SECONDS = 900.0  # The deadline for reading packets; three hours take a few seconds.
MEMORY_BYTES = 2 * 2**30
#: AV1 is decoded so many segments at a time, since all that is decoded at once has to be in memory.
SEGMENTS_AT_ONCE = 25
#: Makes the same of a picture whatever container it lay in: parameter sets and delimiters come and go on the way.
BARE_H264 = "h264_mp4toannexb,filter_units=remove_types=7-9"


@dataclass(frozen=True, slots=True)
class Original:
    """A recording whose picture, stream `index` of its file, has been decoded without a single warning.

    Encoders stop reading within half a second of the end, so what is copied of the very end is decoded once more.
    """

    path: Path
    index: int


def decode(folder: Path, seconds: float, beat: OnProgress) -> list[str]:
    """Decode a stream with ffmpeg, and give back whatever it says. Raises ToolTimedOut, and what `beat` raises."""
    return _decode(folder / MEDIA_PLAYLIST, seconds, beat)


def decode_end(folder: Path, media: Media) -> list[str]:
    """Do the same with the last segment alone. Raises ToolTimedOut."""
    last = media.pieces[-1]
    with NamedTemporaryFile("w", dir=folder, suffix=".m3u8", encoding="utf-8") as playlist:
        playlist.write(playlists.media([last], init=media.init))
        playlist.flush()
        return _decode(Path(playlist.name), last.seconds, tracks.nobody)


def _decode(listed: Path, seconds: float, beat: OnProgress) -> list[str]:
    playlist = ffmpeg.input(str(listed), protocol_whitelist="file", threads=1)
    try:
        finished = runner.run(
            graphs.command_of(playlist.output("pipe:", format="null"), log_level="warning"),
            media_seconds=seconds,
            deadline_seconds=tracks.START_UP_SECONDS + seconds,
            on_progress=beat,
            memory_bytes=MEMORY_BYTES,
        )
    except runner.ToolFailed as error:
        return ["It cannot be decoded.", *_said(error.stderr_tail)]
    return _said(finished.stderr_tail)


def _said(log: str) -> list[str]:
    return [f"The decoder says: {line.strip()}" for line in log.splitlines() if line.strip()]


def decode_av1(folder: Path, media: Media, fragments: Sequence[Fragment], beat: OnProgress) -> list[str]:
    """Decode a stream with PyAV, since the ffmpeg of the wheel leaves AV1 to graphics cards."""
    faults, done, total = [], 0, sum(fragment.frames for fragment in fragments)
    for first in range(0, len(fragments), SEGMENTS_AT_ONCE):
        batch = slice(first, first + SEGMENTS_AT_ONCE)
        expected = sum(fragment.frames for fragment in fragments[batch])
        names = [piece.name for piece in media.pieces[batch]]
        film = b"".join((folder / name).read_bytes() for name in (media.init, *names))
        try:
            decoded = _count_frames(film, lambda frames, before=done: beat((before + frames) / total))  # type: ignore[misc]
        except av.FFmpegError as error:
            faults.append(f"Frames in {names[0]} to {names[-1]} cannot be decoded: {error}.")
        else:
            if decoded != expected:
                faults.append(f"{names[0]} to {names[-1]} show {decoded} frames instead of {expected}.")
        done += expected
    return faults


def _count_frames(film: bytes, on_frames: Callable[[int], None]) -> int:
    """Decode every frame of a film. Raises av.FFmpegError at one that cannot be, and what `on_frames` raises."""
    frames = 0
    with av.open(io.BytesIO(film), "r") as opened:
        track = opened.streams.video[0]
        track.codec_context.thread_count = 1
        for packet in opened.demux(track):
            frames += len(packet.decode())
            on_frames(frames)
    return frames


def compare(folder: Path, original: Original, beat: OnProgress) -> list[str]:
    """Prove that a copied picture holds the packets of its original, which has been decoded already.

    It costs a twentieth of decoding it again. Raises ToolFailed, ToolTimedOut, and what `beat` raises.
    """
    copied = _checksums(ffmpeg.input(str(folder / MEDIA_PLAYLIST), protocol_whitelist="file")["0"], beat)
    kept = _checksums(graphs.uploaded(original.path)[str(original.index)], beat)
    if copied == kept:
        return []
    same = next((place for place, (ours, theirs) in enumerate(zip(copied, kept, strict=False)) if ours != theirs), None)
    if same is None:
        return [f"It holds {len(copied)} frames, and the recording {len(kept)}."]
    return [f"Frame {same} is not the recording's."]


def _checksums(stream: Any, beat: OnProgress) -> list[bytes]:
    """List (size, checksum) of every packet, in the order they are decoded."""
    found: list[bytes] = []

    def take(line: bytes) -> None:
        if not line.startswith(b"#"):
            found.append(b",".join(line.split(b",")[4:6]))

    graph = stream.output("pipe:", format="framecrc", c="copy", **{"bsf:v": BARE_H264})
    runner.run(
        graphs.command_of(graph),
        each_line=take,
        on_progress=lambda _: beat(0.0),
        deadline_seconds=COPYING_SECONDS,
        memory_bytes=MEMORY_BYTES,
    )
    return found
