"""A recording made from pages and speech: each page is shown while its words are spoken.

The demo makes its recording with it, so that the walk from an upload to a replay starts from a real file.
"""

import math
import wave
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg
from PIL import Image, ImageOps

from ingest import binaries, runner

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 5  # Pages stand still; more frames would only cost time.
LEAD_SECONDS = 0.3  # The eye gets the new page a moment before the ear gets its words,
REST_SECONDS = 0.5  # and keeps it for a moment after the last one.
DEADLINE_SECONDS = 120.0


def compose_talk(pages: Sequence[Path], speeches: Sequence[Path], out: Path) -> list[float]:
    """Write an MP4 (H.264 1280x720 at 5 frames/s, AAC mono) of `pages` (images), each with its speech (a WAV file).

    Returns the second at which each page appears, the first at 0.0; all lie on the frame grid.
    Raises ValueError when there is not exactly one speech for every page.
    """
    if not pages or len(pages) != len(speeches):
        raise ValueError(f"{len(pages)} pages need as many speeches, not {len(speeches)}.")
    frames = [_frames_for(speech) for speech in speeches]
    with TemporaryDirectory() as folder:
        streams: list[Any] = []
        for page, speech, count in zip(pages, speeches, frames, strict=True):
            picture = _fitted(page, Path(folder) / f"{len(streams)}.bmp")
            streams += [_shown(picture, count), _spoken(speech, count / FRAMES_PER_SECOND)]
        command: list[str] = _encoded(streams, out).compile(cmd=str(binaries.find().ffmpeg), overwrite_output=True)
        runner.run(command, media_seconds=sum(frames) / FRAMES_PER_SECOND, deadline_seconds=DEADLINE_SECONDS)
    return [sum(frames[:index]) / FRAMES_PER_SECOND for index in range(len(frames))]


def _frames_for(speech: Path) -> int:
    with wave.open(str(speech), "rb") as wav:
        spoken_seconds = wav.getnframes() / wav.getframerate()
    return math.ceil((LEAD_SECONDS + spoken_seconds + REST_SECONDS) * FRAMES_PER_SECOND)


def _fitted(page: Path, out: Path) -> Path:
    """Write the page as a picture of the video's size; as BMP, since an ffmpeg built without zlib reads no PNG."""
    with Image.open(page) as picture:
        ImageOps.pad(picture.convert("RGB"), (WIDTH, HEIGHT)).save(out)
    return out


def _shown(picture: Path, frames: int) -> Any:
    """One picture, decoded once and held for `frames` frames."""
    return (
        ffmpeg.input(str(picture), framerate=FRAMES_PER_SECOND)
        .video.filter("scale", out_color_matrix="bt709", out_range="tv")
        .filter("format", "yuv420p")
        .filter("tpad", stop_mode="clone", stop=frames - 1)
    )


def _spoken(speech: Path, seconds: float) -> Any:
    """The words, with silence before and after them, exactly `seconds` long."""
    return (
        ffmpeg.input(str(speech))
        .audio.filter("aresample", 48000)
        .filter("adelay", f"{LEAD_SECONDS * 1000:.0f}", all=1)
        .filter("apad", whole_dur=seconds)
        .filter("atrim", end=seconds)
    )


def _encoded(streams: list[Any], out: Path) -> Any:
    joined = ffmpeg.concat(*streams, v=1, a=1).node
    return ffmpeg.output(
        joined[0],
        joined[1],
        str(out),
        **{"c:v": "libx264", "preset": "superfast", "tune": "stillimage", "crf": 23, "colorspace": "bt709"},
        **{"c:a": "aac", "b:a": "96k", "ac": 1, "aac_coder": "fast", "movflags": "+faststart"},
    )
