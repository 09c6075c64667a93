"""Finds when which page of a deck is on a recording's screen, from the picture alone.

The picture is sampled once a second and every sample compared with every page; what is ambiguous is dropped. The second
in which a page appears is then looked at again, at 8 frames a second.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ingest import likeness, tracks
from ingest.likeness import Floats, Pictures
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

#: Frames and pages are compared at this many pixels along the frame's longer side: a line of text is still a line.
LONG_SIDE = 160
FINE_FPS = 8
#: A page must be this like the frame, and leave at least a quarter less of it unexplained than any other page does.
LEAST_LIKENESS = 0.65
MOST_RIVALRY = 0.75
#: Pages this alike are one page to the eye; which of them is meant follows from the order.
TWINS = 0.97
#: What is seen in one sample only was paged through, or is a mixture on the way from one page to another.
LEAST_SAMPLES = 2
#: Shapes of screens that a page may be fitted into before the screen is fitted into the frame.
SCREENS = (4 / 3, 16 / 9, 16 / 10)
LAYOUT_SAMPLES = 120
BATCH = 256
#: How much of the work is done after each part; the rest is refining.
SAMPLED, COMPARED = 0.7, 0.9


@dataclass(frozen=True, slots=True)
class Cue:
    """From `at_seconds` on, `page` (1 for the first) is on the screen. `confidence` is its mean likeness, 0..1."""

    page: int
    at_seconds: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The screen within the frame, in sampled pixels; pages are `stretched` over it, or fitted into it."""

    left: int
    top: int
    width: int
    height: int
    stretched: bool

    def cut(self, frames: Pictures) -> Pictures:
        return frames[:, self.top : self.top + self.height, self.left : self.left + self.width]

    def place(self, pages: Sequence[Image.Image]) -> Pictures:
        size = (self.width, self.height)
        fit = Image.Image.resize if self.stretched else ImageOps.pad
        return np.stack([np.asarray(fit(page, size, Image.Resampling.BOX)) for page in pages])


@dataclass(frozen=True, slots=True)
class _Run:
    """A page that is shown from sample `first` until another is; `likeness` is the mean over its samples."""

    page: int
    first: int
    likeness: float


def match(
    source: Path, facts: MediaFacts, page_files: Sequence[Path], on_progress: OnProgress | None = None
) -> list[Cue]:
    """List the page changes of a recording in the order of time; none when the deck is not seen in it.

    Times are within 0.1 s of the change. Pages must fill the screen or stand between bars on it; a small picture of the
    speaker may lie over them. Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    if facts.video is None or not page_files:
        return []
    tell = on_progress or tracks.nobody
    pages = [_opened(file) for file in page_files]
    with TemporaryDirectory() as folder:
        frames = _sample(source, facts, Path(folder) / "frames", on_progress=_part(tell, 0, SAMPLED))
        layout = _choose_layout(frames, pages, _part(tell, SAMPLED, SAMPLED))
        if layout is None:
            return []

        def look_closely(start_seconds: float) -> Pictures:
            out = Path(folder) / "fine"
            return layout.cut(_sample(source, facts, out, start_seconds=start_seconds, fps=FINE_FPS, count=FINE_FPS))

        deck = likeness.prepare(layout.place(pages))
        twins = _twins(deck)
        runs = _runs(*_clear(_compare(layout.cut(frames), deck, _part(tell, SAMPLED, COMPARED)), twins))
        times = _refine(runs, deck, look_closely, _part(tell, COMPARED, 1.0))
    return _cues(runs, times, twins)


def _sample(
    source: Path,
    facts: MediaFacts,
    out: Path,
    *,
    start_seconds: float = 0.0,
    fps: int = 1,
    count: int | None = None,
    on_progress: OnProgress | None = None,
) -> Pictures:
    """Take `count` small grey frames: what is on the screen at `start_seconds` and every 1/fps after it.

    They lie in the file `out`, not in memory, since three hours of them are 155 MB. There are none at all where nothing
    can be decoded.
    """
    assert facts.video is not None
    scale = LONG_SIDE / max(facts.video.width, facts.video.height)
    width, height = (max(likeness.ACROSS, round(side * scale)) for side in (facts.video.width, facts.video.height))
    count = count or math.ceil(facts.duration_seconds * fps)
    graph = (
        tracks.picture(source, facts, fps, start_seconds=start_seconds, rounding="up")
        .filter("scale", width, height, flags="area")
        .filter("format", "gray")
        .filter("trim", end_frame=count)
        .output(str(out), format="rawvideo")
    )
    tracks.run(graph, count / fps, on_progress)
    if out.stat().st_size == 0:
        return np.empty((0, height, width), np.uint8)
    return np.memmap(out, np.uint8, "r").reshape(-1, height, width)


def _opened(file: Path) -> Image.Image:
    """Read a page as grey, and no larger than comparing needs: a deck may have thousands."""
    with Image.open(file) as page:
        grey = page.convert("L")
    grey.thumbnail((2 * LONG_SIDE, 2 * LONG_SIDE), Image.Resampling.BOX)
    return grey


def _choose_layout(frames: Pictures, pages: Sequence[Image.Image], beat: OnProgress) -> Layout | None:
    """Try the ways pages may stand on the frame on some samples; choose the one with most clear matches, if any."""
    some = frames[:: max(1, len(frames) // LAYOUT_SAMPLES)]
    best, most = None, 0.0
    for layout in _layouts(frames.shape[2], frames.shape[1]):
        beat(0.0)
        deck = likeness.prepare(layout.place(pages))
        _, strength = _clear(likeness.compare(layout.cut(some), deck), _twins(deck))
        if strength.sum() > most:
            best, most = layout, float(strength.sum())
    return best


def _layouts(width: int, height: int) -> Iterator[Layout]:
    yield Layout(0, 0, width, height, stretched=False)
    yield Layout(0, 0, width, height, stretched=True)
    for shape in SCREENS:
        across, down = min(width, round(height * shape)), min(height, round(width / shape))
        large_enough = across >= likeness.ACROSS and down >= likeness.DOWN
        if large_enough and (across, down) != (width, height):
            yield Layout((width - across) // 2, (height - down) // 2, across, down, stretched=False)


def _compare(frames: Pictures, deck: likeness.Deck, tell: OnProgress) -> Floats:
    """Compare all frames with all pages, a batch at a time."""
    scores = []
    for start in range(0, len(frames), BATCH):
        scores.append(likeness.compare(frames[start : start + BATCH], deck))
        tell(min(1.0, (start + BATCH) / len(frames)))
    return np.concatenate(scores)


def _twins(deck: likeness.Deck) -> NDArray[np.intp]:
    """For each page the first one that looks the same, mostly itself; that one is always its own."""
    first = np.arange(len(deck.likeness))
    for page in first:
        alike = np.flatnonzero((deck.likeness[page, :page] > TWINS) & (first[:page] == np.arange(page)))
        if len(alike):
            first[page] = alike[0]
    return first


def _clear(scores: Floats, twins: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
    """For each frame the page that it clearly shows and how like it is; -1 and 0 where none or several may be meant."""
    distinct = np.flatnonzero(twins == np.arange(len(twins)))
    among = scores[:, distinct]
    winner = among.argmax(axis=1)
    rows = np.arange(len(among))
    best = among[rows, winner].copy()
    among[rows, winner] = 0
    clear = (best >= LEAST_LIKENESS) & (1 - best <= MOST_RIVALRY * (1 - among.max(axis=1)))
    return np.where(clear, distinct[winner], -1), np.where(clear, best, 0).astype(np.float32)


def _runs(pages: NDArray[np.intp], strength: Floats) -> list[_Run]:
    """Join clear samples of one page to runs, across unclear ones; leave out what was seen too shortly."""
    seen = [sample for sample in range(len(pages)) if pages[sample] >= 0]
    stretches = [list(samples) for _, samples in groupby(seen, key=lambda sample: pages[sample])]
    lasting = [sample for samples in stretches if len(samples) >= LEAST_SAMPLES for sample in samples]
    joined = [list(samples) for _, samples in groupby(lasting, key=lambda sample: pages[sample])]
    return [_Run(int(pages[samples[0]]), samples[0], float(strength[samples].mean())) for samples in joined]


def _refine(
    runs: Sequence[_Run], deck: likeness.Deck, look_closely: Callable[[float], Pictures], tell: OnProgress
) -> list[float]:
    """Find for each run when, in the second before its first sample, its page came up and stayed."""
    times = []
    for number, run in enumerate(runs):
        before = runs[number - 1].page if number else None
        times.append(_came_up(run, before, deck, look_closely) if run.first else 0.0)
        tell((number + 1) / len(runs))
    return times


def _came_up(run: _Run, before: int | None, deck: likeness.Deck, look_closely: Callable[[float], Pictures]) -> float:
    start = run.first - 1 + 1 / FINE_FPS
    scores = likeness.compare(look_closely(start), deck)
    shown = scores[:, run.page] >= LEAST_LIKENESS
    if before is not None:
        shown &= scores[:, run.page] > scores[:, before]
    absent = np.flatnonzero(~shown)
    came = int(absent[-1]) + 1 if len(absent) else 0
    # The page came up between two looks: their middle is at most a sixteenth of a second off.
    return start + (came - 0.5) / FINE_FPS


def _cues(runs: Sequence[_Run], times: Sequence[float], twins: NDArray[np.intp]) -> list[Cue]:
    cues: list[Cue] = []
    for run, at in zip(runs, times, strict=True):
        previous = cues[-1].page if cues else 0
        cues.append(Cue(_in_order(run.page, twins, previous), at, round(run.likeness, 3)))
    return cues


def _in_order(page: int, twins: NDArray[np.intp], previous: int) -> int:
    """Choose among pages that look the same: the next after the one before, or the nearest when none comes after."""
    alike = [int(twin) + 1 for twin in np.flatnonzero(twins == page)]
    return min(alike, key=lambda number: (number <= previous, abs(number - previous)))


def _part(tell: OnProgress, begin: float, end: float) -> OnProgress:
    """Report a part of the work as what it is of the whole."""
    return lambda share: tell(begin + share * (end - begin))
