"""Takes pictures of a recording from end to end, each different from those before: for OCR and for people.

Only keyframes are decoded where there are enough of them: that costs 1/20 of decoding everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
#: Every so many of them, both ways, are compared first: most pictures differ there already.
COARSELY = 4
#: A tile of so many of these pixels in which this share of the steps around brings a change belongs to a film, such
#: as the speaker's face in a corner.
TILE, STEPS_AROUND, BUSY_SHARE = 10, 5, 0.6
#: What changes in a film alone is looked at so often in the whole recording, and at least once in so many seconds.
LOOKS_AT_FILM, FILM_SECONDS = 30, 60.0
#: A film that takes less of the picture is read by itself, the pages around it having been read before.
SMALL_FILM = 0.5

#: Left, top, width and height, in shares of the picture's.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the recording as a JPEG file, and when it is on the screen.

    Only its `film` is new, where that is told: what stands around it was on an earlier frame.
    """

    file: Path
    at_seconds: float
    film: Box | None = None


def sample(source: Path, facts: MediaFacts, folder: Path, on_progress: OnProgress = tracks.nobody) -> list[Frame]:
    """Write the frames that differ into `folder`, at most `MOST_FRAMES`, in the order of time.

    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises. A recording without a picture has none.
    """
    if facts.video is None:
        return []
    candidates = _take(source, facts, facts.video, folder, on_progress)
    chosen = _thinned(_new(candidates))
    for file in {frame.file for frame in candidates} - {frame.file for frame in chosen}:
        file.unlink()
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


def _new(candidates: Sequence[Frame]) -> list[Frame]:
    """Leave out what was seen before: a page that stands for minutes, or that comes back, is read once.

    Of an hour that shows a lecture of five minutes again and again, with 16 pages and a face in the corner, 72 frames
    are left, 33 of them for the face alone; compared with the frame before only, there were 264.
    """
    if len(candidates) < 2:
        return list(candidates)
    seen = np.stack([_small(frame.file) for frame in candidates])
    still = _still_parts(np.abs(np.diff(seen, axis=0)) > CHANGED_LEVELS)
    film_seconds = min(FILM_SECONDS, candidates[-1].at_seconds / LOOKS_AT_FILM)
    pages, new, looked = [0], [candidates[0]], 0
    for number, frame in enumerate(candidates[1:], 1):
        due = frame.at_seconds - candidates[looked].at_seconds >= film_seconds
        if not _is_among(seen, pages, number, still[number]):
            pages.append(number)
            new.append(frame)
        elif due and not _is_among(seen, [looked], number, ~still[number]):
            new.append(replace(frame, film=_small_film(still[number])))
        else:
            continue
        looked = number
    return new


def _is_among(seen: NDArray[np.int16], pages: Sequence[int], number: int, where: NDArray[np.bool_]) -> bool:
    """Whether the picture looks like one of the pages, all of them places in `seen` (n x 90 x 160), `where` is true."""
    coarse = np.s_[..., ::COARSELY, ::COARSELY]
    apart = np.abs(seen[coarse][pages] - seen[number][coarse]) > CHANGED_LEVELS
    near = np.count_nonzero(apart & where[coarse], axis=(1, 2)) < LEAST_CHANGED
    return any(
        np.count_nonzero((np.abs(seen[page] - seen[number]) > CHANGED_LEVELS) & where) < LEAST_CHANGED
        for page in np.asarray(pages)[near]
    )


def _small_film(still: NDArray[np.bool_]) -> Box | None:
    """The box around all that is not still (90 x 160), unless that is most of the picture."""
    (height, width), (rows, columns) = still.shape, np.nonzero(~still)
    if not rows.size:
        return None
    left, top = float(columns.min()) / width, float(rows.min()) / height
    across, down = float(columns.max() + 1) / width - left, float(rows.max() + 1) / height - top
    return (left, top, across, down) if across * down < SMALL_FILM else None


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
        picture.draft("L", (2 * COMPARED[0], 2 * COMPARED[1]))  # Leaves out of the JPEG what is too fine to matter.
        return np.asarray(picture.convert("L").resize(COMPARED, Image.Resampling.BOX), np.int16)


def _thinned(frames: Sequence[Frame]) -> list[Frame]:
    """At most `MOST_FRAMES` of them, spread evenly: of a filmed hall every frame differs from every other.

    Pages go before looks at a small film.
    """
    pages = _spread([frame for frame in frames if frame.film is None], MOST_FRAMES)
    films = _spread([frame for frame in frames if frame.film is not None], MOST_FRAMES - len(pages))
    return sorted([*pages, *films], key=lambda frame: frame.at_seconds)


def _spread(frames: Sequence[Frame], most: int) -> list[Frame]:
    count = min(len(frames), most)
    return [frames[place] for place in np.linspace(0, len(frames) - 1, count).round().astype(int)] if count else []
