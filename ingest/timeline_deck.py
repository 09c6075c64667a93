"""Says which page of a deck a frame shows, wherever on the frame the slides are."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ingest import likeness, screens
from ingest.likeness import Floats, Pictures
from ingest.screens import Screen

#: Pages and screens are compared at about this many pixels, shaped as the deck is. Long decks at fewer.
AREA, AREA_OF_LONG_DECK = 256 * 144, 160 * 90
LONG_DECK = 400
#: A page must be this like the frame to be seen at all, and this like it to make a place on the frame a screen.
LEAST_LIKENESS, SCREEN_LIKENESS = 0.6, 0.65
#: A screen is believed when its best page leaves at least a quarter less of the frame unexplained than any other does.
MOST_RIVALRY = 0.75
#: Between two pages that both fit, what differs between them decides: this many of the best are set against each other.
RIVALS = 4
RIVAL_RANGE = 0.25
#: How far a page falls behind a rival that has all of the difference on its side.
DECIDED = 0.3
#: A lead of this much in correlation, over hundreds of pixels, is all that noise and loss leave of it at times.
CLEAR_MARGIN = 0.4
#: Where the detail of two pages is this far apart (of 255), they differ: ink against paper, not shades of a drawing.
DIFFERENT = 25
#: A place this good is worth moving about a little; one that is that good needs no rival.
WORTH_NUDGING, FITS_WELL = 0.4, 0.85
#: Blocks that agree this little with what they should show are covered; a screen of which more is covered is none.
COVERED, MOST_COVERED = 0.3, 0.4
BATCH = 64


@dataclass
class Deck:
    """The pages of a deck, ready to be looked for, and the screens on which they were found so far."""

    pictures: Pictures
    prepared: likeness.Deck
    page_files: Sequence[Path]
    places: list[Screen] = field(default_factory=list)
    differences: dict[tuple[int, int], "_Difference"] = field(default_factory=dict)

    @functools.cached_property
    def points(self) -> list[screens.Points]:
        """What stands out on each page: needed only where the screen isn't in one of the usual places."""
        return [_points(_opened(file), self.shape) for file in self.page_files]

    @property
    def shape(self) -> float:
        return float(self.pictures.shape[2] / self.pictures.shape[1])


@dataclass(frozen=True, slots=True)
class _Difference:
    """Where two pages differ, and how: the details of both there."""

    where: NDArray[np.intp]
    one: Floats
    other: Floats


def open_deck(files: Sequence[Path], beat: Callable[[], None]) -> Deck:
    """Read the pictures of a deck's pages. A page of another shape than most stands between bars, as on a screen."""
    pages = []
    for file in files:
        beat()
        pages.append(_opened(file))
    shape = float(np.median([page.width / page.height for page in pages]))
    area = AREA_OF_LONG_DECK if len(pages) > LONG_DECK else AREA
    size = round((area * shape) ** 0.5), round((area / shape) ** 0.5)
    pictures = np.stack([np.asarray(ImageOps.pad(page, size, Image.Resampling.BOX)) for page in pages])
    return Deck(pictures, likeness.prepare(pictures), files)


def _opened(file: Path) -> Image.Image:
    with Image.open(file) as page:
        grey = page.convert("L")
    grey.thumbnail((screens.POINTS_WIDTH, screens.POINTS_WIDTH), Image.Resampling.BOX)
    return grey


def _points(page: Image.Image, shape: float) -> screens.Points:
    width = max(page.width, page.height * shape)
    size = round(width), round(width / shape)
    whole = ImageOps.pad(page, size, Image.Resampling.BOX)
    return screens.points_of(np.asarray(whole), screens.PAGE_POINTS, (whole.width, whole.height))


def see(deck: Deck, frames: Pictures, screen: Screen) -> Floats:
    """Say how much each frame shows each page on this screen: frames x pages, 0..1."""
    height, width = deck.pictures.shape[1:]
    scores = []
    for start in range(0, len(frames), BATCH):
        straight = screen.flatten(frames[start : start + BATCH], width, height)
        alike = likeness.compare(straight, deck.prepared, screen.open_blocks)
        scores.append(_decide(deck, straight, alike))
    return np.concatenate(scores)


def find_screen(deck: Deck, frame: NDArray[np.uint8]) -> Screen | None:
    """Look for the screen anywhere on the frame; None unless a page then fits it, and no unlike page as well."""
    best, most = None, WORTH_NUDGING
    seen = screens.points_of(frame, screens.FRAME_POINTS)
    for _, screen in screens.candidates(seen, frame.shape, deck.points, deck.shape):
        fits, page = _fit_of(deck, frame, screen)
        if fits > most:
            best, most, winner = screen, fits, page
        if most > FITS_WELL:
            break
    if best is None:
        return None
    nudged = screens.nudged(best, frame, deck.pictures[winner])
    better = _fit_of(deck, frame, nudged)[0]
    if better > most:
        best, most = nudged, better
    return best if most > SCREEN_LIKENESS else None


def _fit_of(deck: Deck, frame: NDArray[np.uint8], screen: Screen) -> tuple[float, int]:
    fits, winners = _fits(deck, frame[None], screen)
    return float(fits[0]), int(winners[0])


def learn_cover(deck: Deck, frames: Pictures, pages: NDArray[np.intp], screen: Screen) -> Screen:
    """Learn from frames whose pages are known what always lies over them on this screen, say a speaker's picture."""
    height, width = deck.pictures.shape[1:]
    found, weights = likeness.agreement(screen.flatten(frames, width, height), deck.prepared, pages)
    mean = (found * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-6)
    covered = (mean < COVERED) & (weights.mean(axis=0) > likeness.EMPTY)
    if covered.sum() > MOST_COVERED * len(covered):
        return screen
    return Screen(screen.matrix, ~covered)


def usual_screen(deck: Deck, frames: Pictures) -> Screen | None:
    """Try the usual layouts on some frames; choose the one with most clear matches, if any."""
    best, most = None, 0.0
    for screen in screens.usual(frames.shape[2], frames.shape[1], deck.shape):
        fits, _ = _fits(deck, frames, screen)
        strength = float(fits[fits > SCREEN_LIKENESS].sum())
        if strength > most:
            best, most = screen, strength
    return best


def _fits(deck: Deck, frames: Pictures, screen: Screen) -> tuple[Floats, NDArray[np.intp]]:
    """How like the frames are to their best page on this screen; 0 where an unlike page would do nearly as well."""
    height, width = deck.pictures.shape[1:]
    scores = likeness.compare(screen.flatten(frames, width, height), deck.prepared)
    winner = scores.argmax(axis=1)
    best = scores.max(axis=1)
    unlike = deck.prepared.likeness[winner] < 1 - 1.5 * (1 - best[:, None])
    second = np.where(unlike, scores, 0).max(axis=1)
    return np.where(1 - best <= MOST_RIVALRY * (1 - second), best, 0).astype(np.float32), winner


def _decide(deck: Deck, straight: Pictures, alike: Floats) -> Floats:
    """Set the best pages of each frame against each other on what differs between them: a line more, other figures."""
    details = likeness.detail(straight).reshape(len(straight), -1)
    decided = alike.copy()
    for number, scores in enumerate(alike):
        leaders = np.argsort(-scores)[:RIVALS]
        if scores[leaders[0]] < LEAST_LIKENESS - 0.1:
            continue
        leaders = leaders[scores[leaders] > scores[leaders[0]] - RIVAL_RANGE]
        behind = np.zeros(len(leaders), np.float32)
        for place, page in enumerate(leaders):
            for rival_place in range(place + 1, len(leaders)):
                margin = _margin(deck, details[number], int(page), int(leaders[rival_place]))
                loser = rival_place if margin > 0 else place
                behind[loser] = max(behind[loser], abs(margin))
        decided[number, leaders] = scores[leaders[0]] - behind * DECIDED
    return decided


def _margin(deck: Deck, detail: Floats, page: int, rival: int) -> float:
    """Say on whose side the frame is where two pages differ: 1 all on the page's, -1 all on the rival's, 0 neither."""
    difference = _difference(deck, page, rival)
    seen = detail[difference.where]
    lead = _correlation(seen, difference.one) - _correlation(seen, difference.other)
    return float(np.clip(lead / CLEAR_MARGIN, -1, 1))


def _correlation(one: Floats, other: Floats) -> float:
    lengths = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / lengths if lengths else 0.0


def _difference(deck: Deck, page: int, rival: int) -> _Difference:
    known = deck.differences.get((page, rival))
    if known is None:
        one, other = likeness.detail(deck.pictures[[page, rival]]).reshape(2, -1)
        where = np.flatnonzero(np.abs(one - other) > DIFFERENT)
        known = deck.differences[page, rival] = _Difference(where, one[where], other[where])
    return known
