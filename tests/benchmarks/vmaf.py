"""Scores a rendition against its original with VMAF, sampled so that no frame rate is flattered.

Where a rendition of 5 frames a second is compared at 25, every frame of it stands for five. A sample at every fifth
frame would only ever see one of the five, always the best or always the worst; at every seventh it sees all in turn.
"""

import json
import math
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import numpy as np

FPS = 25
EVERY = 7  # Shares no factor with how long a frame of 5, 10 or 12.5 frames a second stands.
DEFAULT, NEG = "vmaf_v0.6.1", "vmaf_v0.6.1neg"


@dataclass(frozen=True, slots=True)
class Score:
    """VMAF over the sampled frames, 0..100."""

    mean: float
    low: float  # the 5th percentile

    def __str__(self) -> str:
        return f"{self.mean:.1f}/{self.low:.1f}"


def version() -> str:
    return f"imageio-ffmpeg {imageio_ffmpeg.__version__}, ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"


def score(
    rendition: Path, original: Path, *, model: str = DEFAULT, start_seconds: float = 0.0, seconds: float = math.inf
) -> Score:
    """Compare a rendition, enlarged to the original's size, frame by frame at 25 a second, over a stretch of both.

    The rendition is copied into a plain MP4 first: ffmpeg finds wrong moments in fragments of few frames.
    """
    with TemporaryDirectory(prefix="vmaf-") as scratch:
        plain, log = Path(scratch) / "plain.mp4", Path(scratch) / "log.json"
        _run("-i", rendition, "-map", "0:v:0", "-c", "copy", plain)
        # Where only one of the two says what its colours mean, ffmpeg would convert the other and spoil its luma.
        stretch = (
            "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,"
            f"settb=AVTB,setpts=PTS-STARTPTS,fps={FPS},trim=start={start_seconds}:duration={min(seconds, 1e6)}"
        )
        _run(
            *("-i", plain, "-i", original, "-filter_complex"),
            f"[0:v]{stretch}[small];[1:v]{stretch},format=yuv420p,split[whole][due];"
            "[small][whole]scale=rw:rh:flags=bicubic,format=yuv420p[shown];"
            f"[shown][due]libvmaf=model=version={model}:n_subsample={EVERY}:n_threads=2:shortest=1"
            f":log_fmt=json:log_path={log}",
            *("-f", "null", "-"),
        )
        frames = json.loads(log.read_text())["frames"]
    values = [frame["metrics"]["vmaf"] for frame in frames]
    return Score(float(np.mean(values)), float(np.percentile(values, 5)))


def _run(*words: object) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-v", "error", "-nostdin", "-y", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
