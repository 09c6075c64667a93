"""Cuts pages out of the recording itself: slides that are in no deck, or all of them where there is no deck.

A page is a picture that stands for some seconds but for a small inset, that is drawn rather than filmed, and that was
not there before. It is taken at the last moment, when a list that builds up is complete.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest import likeness, screens, timeline_samples, tracks
from ingest.content import Content, Motion
from ingest.likeness import Pictures
from ingest.pages import MOST_HEIGHT, THUMBNAIL_QUALITY, THUMBNAIL_WIDTH, WIDTH
from ingest.probe import MediaFacts
from ingest.timeline import Cue
from ingest.timeline_samples import Samples
from ingest.tracks import OnProgress

#: Cut from a video, a page has lost detail already: it is stored a little better than one that was drawn from a PDF.
QUALITY = 50
FPS = 2
SHORTEST_SECONDS = 3.0
#: Blocks whose pixels changed by more than this on average (of 255) since the sample before have changed.
CHANGED = 2.0
#: A block is busy when it changed in three of the five steps around: a face does, a line that comes up does not.
BUSY_STEPS, STEPS_AROUND = 3, 5
#: A pointer changes fewer blocks at once than this share; a line of text that comes up changes more.
TURNED_SHARE = 0.02
#: More than this is no inset: the picture is a film, a room, or a face.
MOST_BUSY = 0.3
#: Of a drawn picture this share is perfectly even, in squares of 8 pixels; of a filmed one, hardly any.
EVEN_SQUARE, EVEN_RANGE, LEAST_EVEN = 8, 4, 0.35
#: Drawn lines and letters jump by this much (of 255) from pixel to pixel, on at least this share of the picture.
JUMP, LEAST_JUMPS = 40, 0.005
#: When this share of a picture's jumps is on another picture too, all that it shows is there. Another page in the same
#: style had 0.88 at most, the same page with a line more, encoded anew, 0.99 at least.
KEPT = 0.95
#: What share of all blocks changes from look to look: on pages with a grained ground 0.01, in rooms 0.28 and more.
MOST_STIRRING = 0.02
#: Pictures this alike are the same page when one had to be fitted onto a part of the other.
SAME_ELSEWHERE, SAME_PLACE = 0.7, 0.02
#: Pages are compared at this size.
COMPARED = 256, 144
#: A cue this near to a picture's beginning speaks of that picture.
CUE_SLACK_SECONDS = 1.5
#: The page is the median of so many frames, a fifth of a second apart: a pointer and noise vanish from it.
FRAMES_OF_A_PAGE, FRAMES_FPS = 5, 5


@dataclass(frozen=True, slots=True)
class Extracted:
    """A page cut from the video: it is first seen at `at_seconds`. Files are WebP; sizes are in pixels."""

    at_seconds: float
    file: Path
    thumb_file: Path
    width: int
    height: int


@dataclass(frozen=True)
class _Stand:
    """A picture that stands from `start` to `end` seconds, at its end; `open_blocks` are those without an inset."""

    start: float
    end: float
    picture: NDArray[np.uint8]
    open_blocks: NDArray[np.bool_]

    @functools.cached_property
    def small(self) -> NDArray[np.uint8]:
        return np.asarray(Image.fromarray(self.picture).resize(COMPARED, Image.Resampling.BOX))

    @functools.cached_property
    def points(self) -> screens.Points:
        return screens.points_of(self.picture, screens.FRAME_POINTS)

    @functools.cached_property
    def page_points(self) -> screens.Points:
        """The points as those of a page: fewer, and their places as shares of width and height."""
        height, width = self.picture.shape
        at = self.points.at[: screens.PAGE_POINTS] / np.array([width, height], np.float32)
        return screens.Points(np.asarray(at, dtype=np.float32), self.points.around[: screens.PAGE_POINTS])


def extract_pages(
    source: Path,
    facts: MediaFacts,
    content: Content | None,
    known_cues: Sequence[Cue],
    out_dir: Path,
    on_progress: OnProgress | None = None,
) -> list[Extracted]:
    """Write the pages that the video shows and no deck holds into `out_dir`; list them in the order of time.

    `known_cues` say when pages of a deck come up; what is shown then is no new page. Where `content` knows that the
    picture moves, nothing stands. Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    if facts.video is None:
        return []
    tell = on_progress or tracks.nobody
    with TemporaryDirectory() as folder:
        stands: list[_Stand] = []
        for samples in timeline_samples.windows(source, facts, Path(folder), FPS, lambda share: tell(0.9 * share)):
            stands += _stands(samples)
        chosen = _new_pages([stand for stand in stands if not _moves(stand, content)], known_cues)
        return [_cut(source, facts, stand, number, Path(folder), out_dir) for number, stand in enumerate(chosen, 1)]


def _stands(samples: Samples) -> list[_Stand]:
    """Find the pictures of a window that stand, and look drawn."""
    changed = _changes(samples.frames)
    busy = _busy(changed)
    turned = (changed & ~busy).mean(axis=1) >= TURNED_SHARE
    edges = [0, *(np.flatnonzero(turned[1:]) + 1).tolist(), len(turned)]
    found = []
    for first, after in pairwise(edges):
        end = float(samples.at[after]) if after < len(samples.at) else samples.until
        # While the next picture comes up, the last sample may be a mixture of both.
        last = max(first, after - 2) if after < len(samples.at) else after - 1
        inset = busy[first : last + 1].mean(axis=0) > 0.2
        long_enough = end - samples.at[first] >= SHORTEST_SECONDS
        stirring = float(changed[first + 1 : last + 1].mean()) if last > first else 1.0
        if long_enough and inset.mean() <= MOST_BUSY and _is_drawn(samples.frames[last], inset, stirring):
            found.append(_Stand(float(samples.at[first]), end, np.array(samples.frames[last]), ~inset))
    return found


def _changes(frames: Pictures) -> NDArray[np.bool_]:
    """Tell which blocks of each frame differ from the frame before: frames x blocks."""
    across, down = likeness.ACROSS, likeness.DOWN
    height, width = frames.shape[1] // down * down, frames.shape[2] // across * across
    changed = np.zeros((len(frames), across * down), bool)
    for number in range(1, len(frames)):
        step = np.abs(frames[number].astype(np.int16) - frames[number - 1])[:height, :width]
        blocks = step.reshape(down, height // down, across, width // across).mean(axis=(1, 3))
        changed[number] = blocks.ravel() > CHANGED
    return changed


def _busy(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    sums = np.cumsum(np.pad(changed.astype(int), ((STEPS_AROUND // 2 + 1, STEPS_AROUND // 2), (0, 0))), axis=0)
    busy: NDArray[np.bool_] = sums[STEPS_AROUND:] - sums[:-STEPS_AROUND] >= BUSY_STEPS
    return busy


def _is_drawn(frame: NDArray[np.uint8], inset: NDArray[np.bool_], stirring: float) -> bool:
    """Tell a page from a room: it has even areas, or, on a textured ground, it does not stir at all."""
    even, jumps = _drawing(frame, inset)
    return jumps >= LEAST_JUMPS and (even >= LEAST_EVEN or stirring <= MOST_STIRRING)


def _drawing(frame: NDArray[np.uint8], inset: NDArray[np.bool_]) -> tuple[float, float]:
    """Measure, outside the inset, the share of even squares and that of jumps between neighbours."""
    height, width = (side // EVEN_SQUARE * EVEN_SQUARE for side in frame.shape)
    squares = frame[:height, :width].reshape(height // EVEN_SQUARE, EVEN_SQUARE, width // EVEN_SQUARE, EVEN_SQUARE)
    even = squares.max(axis=(1, 3)).astype(np.int16) - squares.min(axis=(1, 3))
    outside = _outside(~inset, (height, width))
    jumps = np.abs(np.diff(frame[:height, :width].astype(np.int16), axis=1)) >= JUMP
    square_outside = outside[::EVEN_SQUARE, ::EVEN_SQUARE]
    if not square_outside.any():
        return 0.0, 0.0
    return float((even <= EVEN_RANGE)[square_outside].mean()), float(jumps[outside[:, 1:]].mean())


def _outside(open_blocks: NDArray[np.bool_], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Draw the open blocks as pixels of a picture of this height and width."""
    blocks = Image.fromarray(open_blocks.reshape(likeness.DOWN, likeness.ACROSS))
    return np.asarray(blocks.resize((size[1], size[0]), Image.Resampling.NEAREST))


def _moves(stand: _Stand, content: Content | None) -> bool:
    middle = (stand.start + stand.end) / 2
    sections = content.sections if content else ()
    return any(one.start_seconds <= middle < one.end_seconds for one in sections if one.motion is Motion.MOVING)


def _new_pages(stands: Sequence[_Stand], cues: Sequence[Cue]) -> list[_Stand]:
    """Choose the pictures that are no page of a deck and were not there before; of a build, the last one."""
    known: list[_Stand] = []
    chosen: list[_Stand] = []
    for stand in stands:
        from_deck = any(
            stand.start - CUE_SLACK_SECONDS <= cue.at_seconds < stand.end - CUE_SLACK_SECONDS for cue in cues
        )
        if not from_deck and chosen and known[-1] is chosen[-1] and _shows_all_of(stand, chosen[-1]):
            known[-1] = chosen[-1] = replace(stand, start=chosen[-1].start)
        elif from_deck or not _was_there(stand, known):
            known.append(stand)
            chosen += [] if from_deck else [stand]
    return chosen


def _shows_all_of(stand: _Stand, other: _Stand) -> bool:
    """Tell whether all that is drawn on the other picture is on this one, in the same place, perhaps among more."""
    both = _outside(stand.open_blocks & other.open_blocks, stand.picture.shape)[:, 1:]
    drawn = (np.abs(np.diff(other.picture.astype(np.int16), axis=1)) >= JUMP) & both
    # What was just above the bound may be just below it in the next frame.
    kept = drawn & (np.abs(np.diff(stand.picture.astype(np.int16), axis=1)) >= JUMP // 2)
    return bool(drawn.any() and kept.sum() >= KEPT * drawn.sum())


def _was_there(stand: _Stand, known: Sequence[_Stand]) -> bool:
    if any(_shows_all_of(one, stand) for one in known):
        return True
    pages = [one.page_points for one in known]
    # It may be a part of this picture, or this one a part of it: what is shown beside heads is now shown alone.
    pairs = [(stand, known[page], screen) for page, screen in _found_on(stand, pages)]
    pairs += [(one, stand, screen) for one in known for _, screen in _found_on(one, [stand.page_points])]
    return any(
        _alike(screen.flatten(frame.picture[None], *COMPARED)[0], page.small) >= SAME_ELSEWHERE
        for frame, page, screen in pairs
    )


def _found_on(stand: _Stand, pages: Sequence[screens.Points]) -> list[tuple[int, screens.Screen]]:
    """Find pages on a part of a picture; that one in the same place is another has been seen before."""
    height, width = stand.picture.shape
    found = screens.candidates(stand.points, (height, width), pages, width / height)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    return [one for one in found if np.abs(one[1].corners() - corners).max() > SAME_PLACE * width]


def _alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Compare two pictures by what differs between them: a frame or a headline that both have says little."""
    return float(likeness.compare(one[None], likeness.prepare(np.stack([one, other])))[0, 1])


def _cut(source: Path, facts: MediaFacts, stand: _Stand, number: int, folder: Path, out_dir: Path) -> Extracted:
    """Write the picture and the thumbnail of a page, from the last frames on which it stands."""
    picture = _last_picture(source, facts, stand, folder)
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL_WIDTH, MOST_HEIGHT), Image.Resampling.LANCZOS)
    file, thumb_file = out_dir / f"seen-{number:04}.webp", out_dir / f"seen-{number:04}-thumb.webp"
    picture.save(file, "WEBP", quality=QUALITY, method=4)
    thumbnail.save(thumb_file, "WEBP", quality=THUMBNAIL_QUALITY, method=4)
    return Extracted(round(stand.start, 3), file, thumb_file, picture.width, picture.height)


def _last_picture(source: Path, facts: MediaFacts, stand: _Stand, folder: Path) -> Image.Image:
    assert facts.video is not None
    scale = min(1.0, WIDTH / facts.video.width, MOST_HEIGHT / facts.video.height)
    width, height = (max(1, round(side * scale)) for side in (facts.video.width, facts.video.height))
    start = max(stand.start, stand.end - (FRAMES_OF_A_PAGE + 3) / FRAMES_FPS)
    out = folder / "page"
    graph = (
        tracks.picture(source, facts, FRAMES_FPS, start_seconds=start, rounding="up")
        .filter("scale", width, height, flags="lanczos")
        .filter("format", "rgb24")
        .filter("trim", end_frame=FRAMES_OF_A_PAGE)
        .output(str(out), format="rawvideo")
    )
    tracks.run(graph, FRAMES_OF_A_PAGE / FRAMES_FPS)
    frames = np.fromfile(out, np.uint8).reshape(-1, height, width, 3)
    return Image.fromarray(np.median(frames, axis=0).astype(np.uint8))
