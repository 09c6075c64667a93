"""Takes pictures of a recording from end to end, each different from the one before: for OCR and for people.

Only keyframes are decoded where there are enough of them: that costs 1/20 of decoding everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest import graphs, tracks
from ingest.probe import MediaFacts, VideoFacts
from ingest.timeline_samples import LONGEST_KEYFRAME_GAP, read_times
from ingest.tracks import OnProgress

#: A stamp that is 3 % of a full-HD frame high is read at this width as surely as at the frame's own.
LONG_SIDE = 1600
#: Candidates are at least this far apart, and in long recordings no more than so many.
LEAST_SPACING_SECONDS, MOST_CANDIDATES = 2.0, 1500
#: OCR takes about a second a picture, and nobody looks through more.
MOST_FRAMES = 200
#: Frames are compared at this size. A stamp is a few dozen of its pixels, grain and a pointer are fewer.
COMPARED = 160, 90
CHANGED_LEVELS, LEAST_CHANGED = 24, 30
#: A tile of so many of these pixels in which this share of the steps around brings a change belongs to a film, such
#: as the speaker's face in a corner. Five minutes of a lecture with 16 pages and a face give 34 pictures, else 66.
TILE, STEPS_AROUND, BUSY_SHARE = 10, 5, 0.6
#: What changes in a film alone is looked at so often in the whole recording, and at least once in so many seconds.
LOOKS_AT_FILM, FILM_SECONDS = 30, 60.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the recording as a JPEG file, and when it is on the screen."""

    file: Path
    at_seconds: float


def sample(source: Path, facts: MediaFacts, folder: Path, on_progress: OnProgress = tracks.nobody) -> list[Frame]:
    """Write the frames that differ into `folder`, at most `MOST_FRAMES`, in the order of time.

    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises. A recording without a picture has none.
    """
    if facts.video is None:
        return []
    candidates = _take(source, facts, facts.video, folder, on_progress)
    chosen = _thinned(_different(candidates))
    for frame in set(candidates) - set(chosen):
        frame.file.unlink()
    return chosen


def _take(source: Path, facts: MediaFacts, video: VideoFacts, folder: Path, on_progress: OnProgress) -> list[Frame]:
    """Decode a frame every few seconds, with the exact times at which they are shown."""
    spacing = max(LEAST_SPACING_SECONDS, facts.duration_seconds / MOST_CANDIDATES)
    sparse = video.keyframe_gap_seconds > LONGEST_KEYFRAME_GAP
    decoder = {"skip_frame": "noref" if sparse else "nokey"} if video.has_b_frames or not sparse else {}
    scale = min(1.0, LONG_SIDE / max(video.width, video.height))
    taken = (
        graphs.uploaded(source, threads=1, reinit_filter=0, **decoder)[str(video.index)]
        .filter("setpts", f"PTS-({facts.origin_seconds})/TB")
        .filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{spacing})")
        .filter("scale", max(2, round(video.width * scale)), max(2, round(video.height * scale)), flags="area")
        .filter_multi_output("split")
    )
    times, passed = folder / "frames.txt", {"fps_mode": "passthrough"}
    graph = ffmpeg.merge_outputs(
        taken[0].output(str(folder / "%05d.jpg"), format="image2", vcodec="mjpeg", **{"q:v": 3}, **passed),
        # As in `timeline_samples`: the leanest way to have ffmpeg write down the time of every frame.
        taken[1].output(str(times), format="framecrc", **passed),
    )
    tracks.run(graph, facts.duration_seconds, on_progress)
    files = sorted(folder.glob("?????.jpg"))
    return [Frame(file, float(at)) for file, at in zip(files, read_times(times), strict=False)]


def _different(candidates: Sequence[Frame]) -> list[Frame]:
    """Leave out what looks like the picture kept before it: a page that stands for minutes is read once."""
    if len(candidates) < 2:
        return list(candidates)
    seen = np.stack([_small(frame.file) for frame in candidates])
    still = _still_parts(np.abs(np.diff(seen, axis=0)) > CHANGED_LEVELS)
    kept, film_seconds = [0], min(FILM_SECONDS, candidates[-1].at_seconds / LOOKS_AT_FILM)
    for number, frame in enumerate(candidates[1:], 1):
        changed = np.abs(seen[number] - seen[kept[-1]]) > CHANGED_LEVELS
        due = frame.at_seconds - candidates[kept[-1]].at_seconds >= film_seconds
        if np.count_nonzero(changed if due else changed & still[number]) >= LEAST_CHANGED:
            kept.append(number)
    return [candidates[number] for number in kept]


def _still_parts(changing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where no film runs at each candidate, given which pixels changed from each to the next (n x 90 x 160)."""
    steps, height, width = changing.shape
    tiles = changing.reshape(steps, height // TILE, TILE, width // TILE, TILE).any(axis=(2, 4))
    # A head that leans out of its corner now and then: the tiles around are part of the film.
    around = np.pad(tiles, ((0, 0), (1, 1), (1, 1)))
    near = np.asarray(np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(1, 2)).any(axis=(3, 4)))
    still = np.ones((steps + 1, height, width), np.bool_)
    for number in range(steps + 1):
        share = near[max(0, number - STEPS_AROUND) : number + STEPS_AROUND].mean(axis=0)
        still[number] = np.less(share, BUSY_SHARE).repeat(TILE, axis=0).repeat(TILE, axis=1)
    return still


def _small(file: Path) -> NDArray[np.int16]:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("L").resize(COMPARED, Image.Resampling.BOX), np.int16)


def _thinned(frames: Sequence[Frame]) -> list[Frame]:
    """At most `MOST_FRAMES` of them, spread evenly: of a filmed hall every frame differs from every other."""
    count = min(len(frames), MOST_FRAMES)
    return [frames[place] for place in np.linspace(0, len(frames) - 1, count).round().astype(int)] if count else []
