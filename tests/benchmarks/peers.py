"""What other systems would run on a recording, by the settings that they ship, each rung in its own process as theirs.

PeerTube: `ffmpeg-default-transcoding-profile.ts`, `ffmpeg-vod.ts` and `bitrate.ts`; its HLS in one file per rung, one
thread, AAC sound copied, every resolution up to the source's own. MediaCMS: `files/helpers.py` and
`encoding_profiles.json`, the encoding only. Opencast: the profile `adaptive-parallel.http`. BigBlueButton: the "video"
format of `edl/video.rb`, for a recording that needs no compositing. All read in their sources in November 2026.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest import binaries, probe, runner
from tests.benchmarks.inputs import CACHE, Input

DEADLINE_SECONDS = 3600.0
BIGGEST_DOWN = (144, 240, 360, 480, 720, 1080)
#: PeerTube allows each size so many bits per pixel, and never more than 1.3 times what the source has.
PEERTUBE_BITS_PER_PIXEL = {144: 0.19, 240: 0.17, 360: 0.15, 480: 0.12, 720: 0.11, 1080: 0.10}
PEERTUBE_OVER_SOURCE = 1.3
MEDIACMS_KBIT = {144: 150, 240: 300, 360: 500, 480: 1000, 720: 2500, 1080: 4500}
#: width: level, kbit/s, kbit/s of sound
OPENCAST_RUNGS = {854: ("4.0", 800, 64), 1280: ("4.0", 1200, 96)}
OPENCAST_LARGE = {1920: ("4.0", 4000, 96)}


@dataclass(frozen=True, slots=True)
class Encoded:
    """What one process of a peer made. `files` lie in the cache."""

    command: str
    cpu_seconds: float
    bytes: int
    files: tuple[str, ...]
    cached: bool = False

    @property
    def main_file(self) -> Path:
        """The file with the picture."""
        return Path(next(file for file in self.files if file.endswith(".mp4")))


Command = Callable[[Path, Path], list[str]]


def peertube(source: Input) -> dict[str, Encoded]:
    """Every rung of PeerTube up to the source's size, each from its own decode."""
    heights = [height for height in BIGGEST_DOWN if height <= _shape(source)[1]]
    return {f"{height}p": peertube_rung(source, height) for height in heights}


def peertube_rung(source: Input, height: int) -> Encoded:
    """One rung of PeerTube."""
    video = _video(source)
    fps = min(30, round(video.fps))
    pixels = height * round(height * video.width / video.height)
    most = round(min(pixels * fps * PEERTUBE_BITS_PER_PIXEL[height], PEERTUBE_OVER_SOURCE * _picture_bit_rate(source)))

    def command(path: Path, folder: Path) -> list[str]:
        return [
            *_input(path, "-threads", "1"),
            *("-max_muxing_queue_size", "1024", "-map_metadata", "-1", "-pix_fmt", "yuv420p", "-c:v", "libx264"),
            *("-vf", f"scale=w=-2:h={height}", "-preset", "veryfast", "-maxrate:v", str(most)),
            *("-bufsize:v", str(2 * most), "-b_strategy", "1", "-bf", "16", "-r", str(fps), "-g:v", str(2 * fps)),
            *("-c:a", "copy", "-threads", "1"),
            *("-hls_time", "4", "-hls_list_size", "0", "-hls_playlist_type", "vod"),
            *("-hls_segment_filename", f"{folder}/v.mp4", "-hls_segment_type", "fmp4"),
            *("-f", "hls", "-hls_flags", "single_file", f"{folder}/v.m3u8"),
        ]

    return _encode(source, command)


def mediacms(source: Input) -> dict[str, Encoded]:
    """Every H.264 profile that is active by default, up to the source's size."""
    fps = min(60, round(_video(source).fps))

    def command_of(height: int) -> Command:
        most = f"{1.5 * MEDIACMS_KBIT[height]:.0f}k"
        size = rf"if(lt(iw\,ih)\,{height}\,-2):if(lt(iw\,ih)\,-2\,{height})"

        def command(path: Path, folder: Path) -> list[str]:
            return [
                *_input(path),
                *("-c:v", "libx264", "-filter:v", f"scale={size}:flags=lanczos,fps=fps={fps}", "-pix_fmt", "yuv420p"),
                *("-crf", "23", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-maxrate", most, "-bufsize", most),
                *(
                    "-force_key_frames",
                    "expr:gte(t,n_forced*4)",
                    "-x264-params",
                    f"keyint={8 * fps}:keyint_min={4 * fps}",
                ),
                *("-preset", "faster" if height >= 720 else "medium", "-profile:v", "main", "-level", "4.2"),
                f"{folder}/v.mp4",
            ]

        return command

    return {f"{height}p": _encode(source, command_of(height)) for height in BIGGEST_DOWN if height <= _shape(source)[1]}


def opencast(source: Input) -> dict[str, Encoded]:
    """All rungs from one process."""
    wide = max(_shape(source)) >= 1600
    rungs = OPENCAST_RUNGS | (OPENCAST_LARGE if wide else {})

    def command(path: Path, folder: Path) -> list[str]:
        words = _input(path)
        for width, (level, most, sound) in rungs.items():
            size = f"scale={width}:{width}:force_original_aspect_ratio=decrease:force_divisible_by=2"
            words += [
                *("-filter:v", f"{size},fps=25", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "high"),
                *("-level", level, "-crf", "22", "-force_key_frames", "expr:gte(t,n_forced*4)"),
                *("-maxrate", f"{most}k", "-bufsize", f"{2 * most}k", "-c:a", "aac", "-b:a", f"{sound}k", "-ac", "2"),
                *("-movflags", "faststart", f"{folder}/{width}.mp4"),
            ]
        return words

    return {"all": _encode(source, command)}


def bigbluebutton(source: Input) -> dict[str, Encoded]:
    """The one rung of the "video" format."""

    def command(path: Path, folder: Path) -> list[str]:
        fitted = "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1"
        return [
            *_input(path),
            *("-vf", f"fps=24,{fitted}", "-codec:v", "libx264", "-preset", "veryfast", "-crf", "30"),
            *("-force_key_frames", "expr:gte(t,n_forced*10)", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "128K", "-f", "mp4", f"{folder}/v.mp4"),
        ]

    return {"video": _encode(source, command)}


def cpu_seconds(rungs: dict[str, Encoded]) -> float:
    return sum(rung.cpu_seconds for rung in rungs.values())


def fresh() -> bool:
    """Whether peers are to be run again although their results are known: FULL=1."""
    return os.environ.get("FULL") == "1"


def kept(name: str, *keys: str) -> Path:
    """A folder of the cache for whatever follows from `keys` and the ffmpeg in use."""
    tools = binaries.find()
    key = json.dumps([tools.version, tools.ffmpeg.stat().st_size, *keys])
    return CACHE / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def _encode(source: Input, command: Command) -> Encoded:
    """Run a peer's command, or take what it gave when it was run on the same input by the same ffmpeg."""
    shown = " ".join(["ffmpeg", *command(Path("IN"), Path("OUT"))])
    folder = kept("peer", shown, source.digest)
    result = folder / "result.json"
    if result.exists() and not fresh():
        known = json.loads(result.read_text(encoding="utf-8"))
        return Encoded(**known | {"files": tuple(known["files"]), "cached": True})
    folder.mkdir(parents=True, exist_ok=True)
    words = [
        str(binaries.find().ffmpeg),
        "-hide_banner",
        "-v",
        "error",
        "-nostdin",
        "-y",
        *command(source.path, folder),
    ]
    finished = runner.run(words, deadline_seconds=DEADLINE_SECONDS)
    files = [file for file in sorted(folder.iterdir()) if file != result]
    made = Encoded(shown, finished.cpu_seconds, sum(file.stat().st_size for file in files), tuple(map(str, files)))
    result.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def _input(path: Path, *options: str) -> list[str]:
    return [*options, "-i", str(path)]


def _video(source: Input) -> probe.VideoFacts:
    video = probe.inspect(source.path).video
    assert video is not None
    return video


def _shape(source: Input) -> tuple[int, int]:
    video = _video(source)
    return video.width, video.height


def _picture_bit_rate(source: Input) -> int:
    return _video(source).bit_rate
