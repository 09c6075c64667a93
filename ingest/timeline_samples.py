"""Takes small grey pictures of a recording, a file at a time: the slide timeline looks at nothing larger."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from ingest import graphs, tracks
from ingest.likeness import Pictures
from ingest.probe import MediaFacts, VideoFacts
from ingest.tracks import OnProgress

#: A line of text is still a line when a page fills half of a frame of this many pixels along its longer side.
LONG_SIDE = 640
LEAST_SIDE = 16
FPS = 5
#: Five minutes at 5 frames a second are 350 MB on disk: a recording of seven hours must not need more.
WINDOW_SECONDS = 300.0
#: Among keyframes this far apart no page of a talk is overlooked that matters for a first, rough timeline.
LONGEST_KEYFRAME_GAP = 10.0
#: Some recorders make every frame a keyframe; two a second are enough.
KEYFRAME_SPACING = 0.5
#: Pictures that nothing refers to may stay undecoded where enough others are left between two samples.
LEAST_FPS_TO_THIN = 15.0


@dataclass(frozen=True, slots=True)
class Samples:
    """Frames and when they were on the screen, in seconds. `until` is when the last one's time is over."""

    at: NDArray[np.float64]
    frames: Pictures
    until: float


def keyframes(source: Path, facts: MediaFacts, folder: Path, on_progress: OnProgress) -> Iterator[Samples]:
    """Give the recording's keyframes, with their exact times: decoding nothing else costs 1/20 of decoding all."""
    video = _picture_of(facts)
    frames, times = folder / "keyframes", folder / "keyframes.txt"
    chosen = (
        graphs.uploaded(source, threads=1, reinit_filter=0, skip_frame="nokey")[str(video.index)]
        .filter("setpts", f"PTS-({facts.origin_seconds})/TB")
        .filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{KEYFRAME_SPACING})")
    )
    both = _shrunk(chosen, video).filter_multi_output("split")
    passed = {"fps_mode": "passthrough"}
    graph = ffmpeg.merge_outputs(
        both[0].output(str(frames), format="rawvideo", **passed),
        # The checksums are not wanted: this is the leanest way to have ffmpeg write down the time of every frame.
        both[1].output(str(times), format="framecrc", **passed),
    )
    tracks.run(graph, facts.duration_seconds, on_progress)
    at = read_times(times)
    shown = _mapped(frames, video)
    count = min(len(at), len(shown))
    if count:
        yield Samples(at[:count], shown[:count], facts.duration_seconds)


def windows(source: Path, facts: MediaFacts, folder: Path, fps: int, on_progress: OnProgress) -> Iterator[Samples]:
    """Give the picture at every 1/fps of a second, what is on the screen at that very time, some minutes at once.

    The frames lie in a file that the next window overwrites.
    """
    video = _picture_of(facts)
    thin = {"skip_frame": "noref"} if video.has_b_frames and video.fps >= LEAST_FPS_TO_THIN else {}
    starts = np.arange(0.0, facts.duration_seconds, WINDOW_SECONDS)
    for number, start in enumerate(starts):
        seconds = min(WINDOW_SECONDS, facts.duration_seconds - start)
        count = math.ceil(seconds * fps)
        taken = tracks.picture(source, facts, fps, start_seconds=float(start), rounding="up", **thin)
        out = folder / "window"
        graph = _shrunk(taken, video).filter("trim", end_frame=count).output(str(out), format="rawvideo")
        tracks.run(graph, count / fps, _part(on_progress, number / len(starts), (number + 1) / len(starts)))
        frames = _mapped(out, video)
        if len(frames):
            yield Samples(start + np.arange(len(frames)) / fps, frames, float(start) + seconds)


def _part(tell: OnProgress, begin: float, end: float) -> OnProgress:
    """Report a part of the work as what it is of the whole."""
    return lambda share: tell(begin + share * (end - begin))


def _picture_of(facts: MediaFacts) -> VideoFacts:
    assert facts.video is not None
    return facts.video


def _size(video: VideoFacts) -> tuple[int, int]:
    scale = min(1.0, LONG_SIDE / max(video.width, video.height))
    return max(LEAST_SIDE, round(video.width * scale)), max(LEAST_SIDE, round(video.height * scale))


def _shrunk(stream: ffmpeg.Stream, video: VideoFacts) -> ffmpeg.Stream:
    width, height = _size(video)
    return stream.filter("scale", width, height, flags="area").filter("format", "gray")


def _mapped(file: Path, video: VideoFacts) -> Pictures:
    width, height = _size(video)
    if file.stat().st_size < width * height:
        return np.empty((0, height, width), np.uint8)
    return np.memmap(file, np.uint8, "r", shape=(file.stat().st_size // (width * height), height, width))


def read_times(file: Path) -> NDArray[np.float64]:
    """Every frame's time in seconds, from `#tb 0: 1/1000` and then lines of `stream, dts, pts, duration, size, sum`."""
    base, at = 1.0, []
    for line in file.read_text().splitlines():
        if line.startswith("#tb"):
            up, down = line.split()[-1].split("/")
            base = int(up) / int(down)
        elif not line.startswith("#"):
            at.append(int(line.split(",")[2]) * base)
    return np.maximum(np.asarray(at, np.float64), 0.0)
