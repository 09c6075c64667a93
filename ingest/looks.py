"""Looks at a recording's picture now and then, and keeps no more of it than how far each look differs from the last.

It is cheap because little is decoded: the keyframes alone where they come often enough, else two pictures a second.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest import graphs, runner, tracks
from ingest.packets import Weights
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

Floats = NDArray[np.float64]

#: The picture is compared at this size, in blocks of 10 by 10 pixels: a line of text still shows, grain does not.
WIDTH, HEIGHT = 160, 90
ACROSS, DOWN = 16, 9
#: Differences are written with this gain, because a mean of whole numbers would lose its fraction in 8 bits.
GAIN = 8
#: Keyframes are looked at alone where they come at least this often for 95 % of the time, but not oftener than that.
KEYFRAMES_SECONDS, OFTENEST_SECONDS = 6.0, 1.0
#: With fewer keyframes than this, there is nothing to compare them with.
FEWEST_KEYFRAMES = 5
FALLBACK_FPS = 2
NOISE_SAMPLES = 12
#: Noise is measured in blocks of so many pixels; the quietest quarter of them tells, since the rest may be text.
NOISE_BLOCK, NOISE_PERCENTILE = 16, 25
STEP = 1 / 90_000  # seconds; times are told in these


@dataclass(frozen=True, slots=True)
class Looks:
    """What changed from look to look: `blocks[i]` is for each block how far it differs at `at[i]` from the look before.

    Times are seconds on the media clock, differences means over a block's pixels, of 255. `light` is the mean
    brightness of every block, 0 to 255.
    """

    at: Floats
    blocks: NDArray[np.float32]  # looks x 144 blocks
    light: NDArray[np.uint8]  # the same


def take(source: Path, facts: MediaFacts, weights: Weights, folder: Path, on_progress: OnProgress) -> Looks:
    """Look over a whole recording, and leave a dozen of its pictures in `folder`, at full size, as .pgm files.

    Raises ToolFailed, also where nothing decodes; ToolTimedOut, and what `on_progress` raises.
    """
    if _keyframes_tell_enough(weights):
        pictures = frames(source, facts, skip_frame="nokey")
        pictures = pictures.filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{OFTENEST_SECONDS})")
    else:
        pictures = tracks.picture(source, facts, FALLBACK_FPS, rounding="up", skip_frame="noref")
        pictures = pictures.filter("trim", end=facts.duration_seconds)
    both = pictures.filter_multi_output("split")
    spacing = facts.duration_seconds / NOISE_SAMPLES
    whole = (
        both[1]
        .filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{spacing})")
        .filter("scale", "iw", "ih")  # Sizes that follow are brought to the first one, which the file format asks for.
        .filter("format", "gray")
        .output(str(folder / "%02d.pgm"), fps_mode="passthrough", **{"c:v": "pgm"})
    )
    return compare(both[0], folder, facts.duration_seconds, on_progress, whole)


def frames(source: Path, facts: MediaFacts, **options: object) -> Any:
    """Take what decodes, each frame at its own time on the media clock."""
    assert facts.video is not None
    picture = graphs.uploaded(source, threads=1, reinit_filter=0, **options)[str(facts.video.index)]
    return picture.filter("setpts", f"PTS-({facts.origin_seconds})/TB")


def compare(pictures: Any, folder: Path, seconds: float, on_progress: OnProgress, *beside: Any) -> Looks:
    """Tell how far each frame differs from the one before, and how bright it is; no more than 288 bytes of it are kept.

    Scratch files go to `folder`; `seconds` is the time of the last frame, `beside` other outputs of the same graph.
    """
    small = (
        pictures.filter("scale", WIDTH, HEIGHT, flags="area")
        .filter("format", "gray")
        .filter("tpad", stop=1, stop_mode="clone")  # A single frame has to leave a difference behind, too.
        .filter_multi_output("split")
    )
    both = (
        small[0]
        .filter("tblend", all_mode="difference")
        .filter("lut", y=f"val*{GAIN}")
        .filter("scale", ACROSS, DOWN, flags="area")
        .filter_multi_output("split")
    )
    how = {"fps_mode": "passthrough", "enc_time_base": "1/90000"}
    times, changes, light = _Times(), folder / "changes", folder / "light"
    graph = ffmpeg.merge_outputs(
        both[0].output(str(changes), format="rawvideo", **how),
        both[1].output("pipe:", format="framecrc", **how),
        small[1].filter("scale", ACROSS, DOWN, flags="area").output(str(light), format="rawvideo", **how),
        *beside,
    )
    runner.run(
        # However much of a damaged source fails to decode, what does decode is wanted.
        graphs.command_of(graph.global_args("-copyts", "-max_error_rate", "1")),
        each_line=times.take,
        deadline_seconds=tracks.START_UP_SECONDS + 10 * seconds,
        on_progress=lambda _: on_progress(min(1.0, max(0.0, times.last / seconds))),
        memory_bytes=tracks.MEMORY_BYTES,
        offline=True,
    )
    blocks, bright = (
        np.frombuffer(scratch.read_bytes(), np.uint8).reshape(-1, ACROSS * DOWN) for scratch in (changes, light)
    )
    # Without the padding; and the first frame has none before it.
    return Looks(
        np.asarray(times.at[:-1]), blocks[:-1].astype(np.float32) / np.float32(GAIN), bright[-len(blocks) : -1]
    )


def noise(folder: Path) -> float:
    """Estimate the RMS of the luma noise in flat areas, of 255, as the median over the .pgm files of a folder."""
    pictures = sorted(folder.glob("*.pgm"))
    return round(float(np.median([_noise_of(picture) for picture in pictures])), 2) if pictures else 0.0


class _Times:
    """Reads the times in framecrc's lines."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.last = 0.0

    def take(self, line: bytes) -> None:
        if not line.startswith(b"#"):
            self.last = int(line.split(b",")[2]) * STEP
            self.at.append(self.last)


def _keyframes_tell_enough(weights: Weights) -> bool:
    keys = weights.at[weights.key]
    gaps = np.diff(np.append(keys, weights.at[-1:]))
    often = gaps[gaps <= KEYFRAMES_SECONDS].sum()
    return len(keys) >= FEWEST_KEYFRAMES and float(often / gaps.sum()) >= 0.95


def _noise_of(picture: Path) -> float:
    """Estimate noise by what a Laplacian mask leaves of a smooth surface (Immerkær 1996), block by block."""
    with Image.open(picture) as opened:
        y = np.asarray(opened, np.float32)
    across = y[:, :-2] - 2 * y[:, 1:-1] + y[:, 2:]
    left = np.abs(across[:-2] - 2 * across[1:-1] + across[2:])
    down, wide = (side // NOISE_BLOCK for side in left.shape)
    if not down or not wide:
        return 0.0
    blocks = left[: down * NOISE_BLOCK, : wide * NOISE_BLOCK].reshape(down, NOISE_BLOCK, wide, NOISE_BLOCK)
    sigma = blocks.mean(axis=(1, 3)) * math.sqrt(math.pi / 2) / 6
    return float(np.percentile(sigma, NOISE_PERCENTILE))
