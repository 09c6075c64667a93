"""Packages encoded chunks and speech as HLS in fragmented MP4, and checks what was packaged by decoding all of it.

The chunks are stitched by ffmpeg's concat and hls muxers with `-c copy`. B-frames make a decoder run ahead of what it
shows by two frames, 0.4 s at 5 frames a second, and the muxer would start the picture that much later than the sound.
`negative_cts_offsets` lets frames be shown from 0.0 without an edit list, which players treat differently. ffmpeg's own
reader adds the delay again when it reads the picture alone, so times are checked in the segments' `sidx` boxes.
"""

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import ffmpeg

from ingest import graphs, probe, runner, tracks
from ingest.files import landing
from ingest.ladder import VideoRung
from ingest.tracks import OnProgress, nobody

MASTER = "master.m3u8"
MEDIA_PLAYLIST = "index.m3u8"
AUDIO_FOLDER = "audio"
AAC_LC = "mp4a.40.2"
COPYING_SECONDS = 900.0  # The deadline; three hours take a few seconds.
MEMORY_BYTES = 2 * 2**30
#: Times in playlists have microseconds, those in boxes the ticks of a frame's clock.
CLOCK_SLACK_SECONDS = 0.001
#: A rendition may be longer or shorter than its source by one frame of the slowest rung.
FRAME_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Packaged:
    """A finished HLS tree. `files` are all of it; rates are in bits per second, for picture and sound together."""

    master: Path
    files: tuple[Path, ...]
    bytes: int
    bit_rate: int  # mean: AVERAGE-BANDWIDTH
    peak_bit_rate: int  # of the heaviest segment: BANDWIDTH


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a media playlist."""

    path: Path
    seconds: float

    @property
    def bit_rate(self) -> float:
        return self.path.stat().st_size * 8 / self.seconds


def package(
    chunks: Sequence[Path], speech: Path | None, out_dir: Path, rung: VideoRung, pulse: OnProgress | None = None
) -> Packaged:
    """Stitch `chunks`, in order, and the AAC `speech` into `out_dir`: master.m3u8, <rung>/… and audio/….

    The master playlist comes last, so where it stands the rest is complete. What lay there before is replaced.
    Raises ToolFailed, ToolTimedOut, and what `pulse` raises.
    """
    beat = pulse or nobody
    folders = [_stitch(chunks, out_dir / rung.name, rung, beat)]
    if speech:
        sound = ffmpeg.input(f"file:{speech}")
        folders.append(_cut(sound, out_dir / AUDIO_FOLDER, rung, beat, hls_segment_options="use_editlist=0"))
    tracks = [read_segments(folder / MEDIA_PLAYLIST) for folder in folders]
    mean, peak = sum(_mean_rate(track) for track in tracks), sum(_peak_rate(track) for track in tracks)
    with landing(out_dir / MASTER) as master:
        master.write_text(_master_playlist(folders, rung, mean, peak), encoding="utf-8")
    files = (out_dir / MASTER, *(file for folder in folders for file in sorted(folder.iterdir())))
    beat(1.0)
    return Packaged(out_dir / MASTER, files, sum(file.stat().st_size for file in files), mean, peak)


def read_segments(playlist: Path) -> list[Segment]:
    """List the segments of a media playlist as ffmpeg writes it: each name on the line after its #EXTINF."""
    lines = playlist.read_text(encoding="utf-8").splitlines()
    return [
        Segment(playlist.with_name(name), float(line.removeprefix("#EXTINF:").rstrip(",")))
        for line, name in pairwise(lines)
        if line.startswith("#EXTINF:")
    ]


def verify(made: Path, expected_seconds: float, pulse: OnProgress | None = None) -> list[str]:
    """Decode all of a rendition (a master playlist, or one file) and list what is wrong with it; empty when sound.

    Every warning of the decoder counts. In HLS, each track must last as long as expected, to a frame at the rung's
    5 frames a second, start at zero, and have every segment begin where the one before it ends.
    Raises ToolTimedOut, and what `pulse` raises.
    """
    beat = pulse or nobody
    if made.suffix != ".m3u8":
        return _faults_of_length(made.name, probe.inspect(made).duration_seconds, expected_seconds) + _decode(
            made, expected_seconds, beat
        )
    playlists = _media_playlists(made)
    faults: list[str] = []
    for number, playlist in enumerate(playlists):
        segments, name = read_segments(playlist), playlist.parent.name
        faults += _faults_of_length(name, sum(segment.seconds for segment in segments), expected_seconds)
        faults += _faults_of_clock(name, segments)
        faults += _decode(playlist, expected_seconds, lambda share, done=number: beat((done + share) / len(playlists)))  # type: ignore[misc]
    return faults


def _stitch(chunks: Sequence[Path], folder: Path, rung: VideoRung, beat: OnProgress) -> Path:
    with NamedTemporaryFile("w", suffix=".ffconcat", encoding="utf-8") as listing:
        listing.writelines(f"file '{_quoted(chunk)}'\n" for chunk in chunks)
        listing.flush()
        picture = ffmpeg.input(listing.name, format="concat", safe=0, protocol_whitelist="file")
        options = "movflags=+negative_cts_offsets:use_editlist=0"
        # Decoding starts before zero by the B-frame delay, which is no fault to be put right by shifting everything.
        return _cut(picture, folder, rung, beat, hls_segment_options=options, avoid_negative_ts="disabled")


def _quoted(path: Path) -> str:
    """Write a path for ffmpeg's concat list, where a quote ends the quoting."""
    return str(path.absolute()).replace("'", r"'\''")


def _cut(stream: Any, folder: Path, rung: VideoRung, beat: OnProgress, **options: str) -> Path:
    """Copy a stream into segments in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    graph = stream.output(
        str(folder / MEDIA_PLAYLIST),
        format="hls",
        c="copy",
        hls_time=rung.segment_seconds,
        hls_playlist_type="vod",
        hls_flags="independent_segments",
        hls_segment_type="fmp4",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=str(folder / "%05d.m4s"),
        **{"fflags": "+bitexact"},
        **options,
    )
    runner.run(
        graphs.command_of(graph),
        deadline_seconds=COPYING_SECONDS,
        on_progress=lambda _: beat(0.0),
        memory_bytes=MEMORY_BYTES,
    )
    return folder


def _master_playlist(folders: list[Path], rung: VideoRung, mean: int, peak: int) -> str:
    picture, *sound = folders
    codecs = ",".join([_avc_codec(picture / "init.mp4"), *(AAC_LC for _ in sound)])
    variant = (
        f'#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={mean},CODECS="{codecs}",'
        f"RESOLUTION={rung.width}x{rung.height},FRAME-RATE={rung.fps:.3f}"
    )
    group = [
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="Âm thanh",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",'
        f'URI="{folder.name}/{MEDIA_PLAYLIST}"'
        for folder in sound
    ]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", *group]
    return "\n".join([*lines, variant + ',AUDIO="aac"' * len(sound), f"{picture.name}/{MEDIA_PLAYLIST}"]) + "\n"


def _avc_codec(init: Path) -> str:
    """Name the codec as RFC 6381 does, from profile, constraints and level: three bytes after avcC's version."""
    data = init.read_bytes()
    place = data.index(b"avcC") + len(b"avcC") + 1
    return f"avc1.{data[place : place + 3].hex()}"


def _mean_rate(segments: list[Segment]) -> int:
    return round(sum(segment.path.stat().st_size for segment in segments) * 8 / sum(s.seconds for s in segments))


def _peak_rate(segments: list[Segment]) -> int:
    """The rate of the heaviest segment; RFC 8216 leaves out those shorter than half the target, such as a last one."""
    longest = max(segment.seconds for segment in segments)
    return round(max(segment.bit_rate for segment in segments if segment.seconds >= longest / 2))


def _media_playlists(master: Path) -> list[Path]:
    lines = master.read_text(encoding="utf-8").splitlines()
    named = [line.rpartition('URI="')[2].rstrip('"') if "URI=" in line else line for line in lines if "m3u8" in line]
    return [master.parent / name for name in named]


def _faults_of_length(name: str, seconds: float, expected_seconds: float) -> list[str]:
    if abs(seconds - expected_seconds) <= FRAME_SECONDS:
        return []
    return [f"{name}: lasts {seconds:.3f} s instead of {expected_seconds:.3f} s"]


def _faults_of_clock(name: str, segments: list[Segment]) -> list[str]:
    """Compare where each segment says it begins with where the playlist puts it."""
    faults, due = [], 0.0
    for segment in segments:
        try:
            begins = earliest_seconds(segment.path)
        except (OSError, ValueError) as error:
            faults.append(f"{name}/{segment.path.name}: {error}")
        else:
            if abs(begins - due) > CLOCK_SLACK_SECONDS:
                faults.append(f"{name}/{segment.path.name}: begins at {begins:.3f} s instead of {due:.3f} s")
        due += segment.seconds
    return faults


def earliest_seconds(segment: Path) -> float:
    """Read from a segment's `sidx` box (ISO 14496-12, 8.16.3, version 1) when its first frame is shown.

    Raises ValueError where there is no such box.
    """
    with segment.open("rb") as file:
        data = file.read(4096)
    place = data.index(b"sidx") + len(b"sidx")
    _version, _track, timescale, earliest = struct.unpack_from(">IIIQ", data, place)
    return float(earliest / timescale)


def _decode(made: Path, seconds: float, beat: OnProgress) -> list[str]:
    """Decode everything and give back what the decoder says."""
    graph = ffmpeg.input(str(made), protocol_whitelist="file").output("pipe:", format="null")
    try:
        finished = runner.run(
            graphs.command_of(graph, log_level="warning"),
            media_seconds=seconds,
            deadline_seconds=tracks.START_UP_SECONDS + seconds,
            on_progress=beat,
            memory_bytes=MEMORY_BYTES,
        )
    except runner.ToolFailed as error:
        return [f"{made.parent.name}/{made.name}: cannot be decoded", *error.stderr_tail.splitlines()]
    return [f"{made.parent.name}/{made.name}: {line}" for line in finished.stderr_tail.splitlines() if line.strip()]
