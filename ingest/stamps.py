"""Finds what looks like letters in a picture at any angle and in any colour, and sets it upright on one sheet.

Pure picture arithmetic. Letters are spots of ink of like size in a row; three of them make "MẬT".
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Color = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, width, height in pixels

#: A letter's larger side, in pixels of a page of 1800 px, and as a share of the page's height.
LEAST_LETTER, MOST_LETTER_SHARE = 12, 0.4
#: A letter fills its box at least so far, and is no longer than so many times its width.
LEAST_FILL, MOST_SLENDER = 0.12, 6.0
#: Letters of a row: as many, of sizes no more different, and no further apart in sizes.
FEWEST, MOST = 3, 30
SIZE_RATIO, REACH = 1.9, 1.9
#: Rows leave the line through their middles by no more than this, in letter sizes.
MOST_WAVE = 0.35
#: A stamp counts as read when so much of it lies in words that were read well.
READ_SHARE = 0.5
#: What stands at a steeper angle, in degrees, was hardly read right with the page.
UPRIGHT = 6.0
#: On the sheet, letters are so high, and no more strips than this are read.
SHEET_LETTER, MOST_STRIPS, STRIP_GAP, MOST_STRIP_WIDTH = 44, 32, 40, 1500


@dataclass(frozen=True, slots=True)
class Stamp:
    """A row of letters that was found: where, and its picture, upright, black on white."""

    box: Box
    strip: Gray


@dataclass(frozen=True, slots=True)
class _Spot:
    """A spot of ink that may be a letter."""

    label: int
    box: Box

    @property
    def size(self) -> int:
        return max(self.box[2:])

    @property
    def middle(self) -> tuple[float, float]:
        left, top, width, height = self.box
        return left + width / 2, top + height / 2


def gray_of(page: Color) -> Gray:
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)


def find(page: Color, read: Sequence[Box]) -> list[Stamp]:
    """Find rows of letters outside of what was read already, the largest letters first."""
    found: list[tuple[int, Stamp]] = []
    known = np.zeros(page.shape[:2], np.uint8)
    for left, top, width, height in read:
        known[top : top + height, left : left + width] = 1
    for ink in _inks(page):
        for size, stamps in _rows_in(ink, known):
            if not any(_is_same(stamps[0].box, other.box) for _, other in found):
                found += [(size, stamp) for stamp in stamps]
    found.sort(key=lambda one: -one[0])
    return [stamp for _, stamp in found[:MOST_STRIPS]]


def sheet_of(stamps: Sequence[Stamp]) -> tuple[Gray, list[tuple[int, int]]]:
    """Put strips under each other; give the sheet, and for each strip where it begins and ends."""
    width = max(stamp.strip.shape[1] for stamp in stamps) + 2 * STRIP_GAP
    height = sum(stamp.strip.shape[0] + STRIP_GAP for stamp in stamps) + STRIP_GAP
    sheet = np.full((height, width), 255, np.uint8)
    strips, top = [], STRIP_GAP
    for stamp in stamps:
        down, across = stamp.strip.shape
        sheet[top : top + down, STRIP_GAP : STRIP_GAP + across] = stamp.strip
        strips.append((top - STRIP_GAP // 2, top + down + STRIP_GAP // 2))
        top += down + STRIP_GAP
    return sheet, strips


def _inks(page: Color) -> Iterator[Gray]:
    """Take the page for ink in several ways: dark on light, light on dark, faint, and by colour alone."""
    gray = gray_of(page)
    colour = np.asarray(page.max(axis=2) - page.min(axis=2), np.uint8)
    dark = _local(255 - gray, 12)
    yield dark
    yield _local(gray, 12)
    if int(colour.max()) >= 40:
        coloured = _local(colour, 18)
        yield coloured
        yield _thinned(coloured)
    yield _thinned(dark)
    yield _local(np.asarray(cv2.GaussianBlur(255 - gray, (0, 0), 1.5), np.uint8), 4)


def _thinned(ink: Gray) -> Gray:
    """Part letters that touch."""
    return np.asarray(cv2.erode(ink, np.ones((3, 3), np.uint8)), np.uint8)


def _local(bright: Gray, above: int) -> Gray:
    """Mark what is brighter than its surroundings, which are wider than the strokes of a large letter."""
    return np.asarray(
        cv2.adaptiveThreshold(bright, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 91, -above), np.uint8
    )


def _rows_in(ink: Gray, known: Gray) -> Iterator[tuple[int, list[Stamp]]]:
    """Find the rows of an ink that were not read: how large their letters are, and each in the ways it may stand."""
    _, labelled, counted, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    labels, stats = np.asarray(labelled, np.int32), np.asarray(counted, np.int32)
    spots = list(_spots(stats, ink.shape[0]))
    for row in _rows_of(spots):
        angle, wave = _direction(row)
        if wave <= MOST_WAVE and not (abs(angle) < UPRIGHT and _is_known(_box_around(row), known)):
            size = round(float(np.median([spot.size for spot in row])))
            whole = _extended(row, spots)
            stamps = [Stamp(_box_around(whole), strip) for strip in _strips_of(whole, size, labels, stats)]
            if stamps:
                yield size, stamps


def _is_known(box: Box, known: Gray) -> bool:
    left, top, width, height = box
    return float(known[top : top + height, left : left + width].mean()) >= READ_SHARE


def _extended(row: Sequence[_Spot], spots: Sequence[_Spot]) -> list[_Spot]:
    """Add what stands at the ends of a row: letters that touch are one spot, too large to be taken for a letter."""
    angle, _ = _direction(row)
    size = float(np.median([spot.size for spot in row]))
    along = np.array((math.cos(math.radians(angle)), math.sin(math.radians(angle))))
    across = np.array((-along[1], along[0]))
    middle = np.mean([spot.middle for spot in row], axis=0)
    whole = list(row)
    for spot in sorted(set(spots) - set(row), key=lambda spot: math.dist(spot.middle, middle)):
        places = [float((np.array(each.middle) - middle) @ along) for each in whole]
        here, away = (float((np.array(spot.middle) - middle) @ axis) for axis in (along, across))
        reach = max(min(places) - here, here - max(places)) - spot.size / 2
        is_in_row = abs(away) <= 0.4 * size and 0.6 * size <= min(spot.box[2:]) <= 1.8 * size
        if is_in_row and spot.size <= 5 * size and reach <= size:
            whole.append(spot)
    return whole


def _spots(stats: NDArray[np.int32], height: int) -> Iterator[_Spot]:
    for label in range(1, len(stats)):
        left, top, width, tall, area = (int(number) for number in stats[label])
        large, small = max(width, tall), min(width, tall)
        if not LEAST_LETTER <= large <= MOST_LETTER_SHARE * height:
            continue
        if area >= LEAST_FILL * width * tall and large <= MOST_SLENDER * small:
            yield _Spot(label, (left, top, width, tall))


def _rows_of(spots: Sequence[_Spot]) -> Iterator[list[_Spot]]:
    """Join spots of like size that are near each other."""
    if not spots:
        return
    middles = np.array([spot.middle for spot in spots])
    sizes = np.array([spot.size for spot in spots], float)
    group = np.arange(len(spots))
    for at in np.argsort(-sizes).tolist():
        near = np.hypot(*(middles - middles[at]).T) <= REACH * np.minimum(sizes, sizes[at])
        alike = np.maximum(sizes, sizes[at]) <= SIZE_RATIO * np.minimum(sizes, sizes[at])
        for other in np.flatnonzero(near & alike):
            group[group == group[other]] = group[at]
    for number in np.unique(group):
        members = [spots[at] for at in np.flatnonzero(group == number).tolist()]
        if FEWEST <= len(members) <= MOST:
            yield members


def _direction(row: Sequence[_Spot]) -> tuple[float, float]:
    """Fit a line through the middles: its angle in degrees, within ±90, and how far spots leave it, in sizes."""
    middles = np.array([spot.middle for spot in row])
    centred = middles - middles.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    away = float(np.sqrt(np.mean((centred @ axes[1]) ** 2))) / float(np.median([spot.size for spot in row]))
    angle = math.degrees(math.atan2(axes[0][1], axes[0][0]))
    return (angle + 90) % 180 - 90, away


def _strips_of(
    row: Sequence[_Spot], size: float, labels: NDArray[np.int32], stats: NDArray[np.int32]
) -> Iterator[Gray]:
    """Turn a row upright, with the marks above and below its letters and nothing else; steep ones both ways round."""
    angle, _ = _direction(row)
    left, top, width, height = _box_around(row)
    margin = round(size)
    left, top = max(0, left - margin), max(0, top - margin)
    piece = labels[top : top + height + 2 * margin, left : left + width + 2 * margin]
    wanted = np.isin(piece, [spot.label for spot in row])
    kept = wanted | _marks_near(piece, wanted, stats, size)
    picture = np.where(kept, 0, 255).astype(np.uint8)
    turns = (angle,) if abs(angle) < 70 else (angle, angle + 180)
    for turn in turns:
        upright = _turned(picture, turn)
        if upright is not None:
            scale = SHEET_LETTER / size
            wide, high = round(upright.shape[1] * scale), round(upright.shape[0] * scale)
            if 0 < wide <= MOST_STRIP_WIDTH and high > 0:
                resized = cv2.resize(
                    upright, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                )
                yield np.asarray(resized, np.uint8)


def _marks_near(
    piece: NDArray[np.int32], wanted: NDArray[np.bool_], stats: NDArray[np.int32], size: float
) -> NDArray[np.bool_]:
    """Keep small spots close to the letters: circumflexes, tones and dots."""
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(0.4 * size)))
    labels = [
        int(label) for label in np.unique(piece[near.astype(bool)]) if label and max(stats[label][2:4]) <= 0.75 * size
    ]
    return np.isin(piece, labels)


def _turned(picture: Gray, angle: float) -> Gray | None:
    """Rotate by an angle in degrees, and cut off what is white around."""
    height, width = picture.shape
    side = math.ceil(math.hypot(height, width)) + 4
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[:, 2] += side / 2 - width / 2, side / 2 - height / 2
    turned = np.asarray(
        cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=255), np.uint8
    )
    rows, columns = np.flatnonzero((turned < 128).any(axis=1)), np.flatnonzero((turned < 128).any(axis=0))
    if not len(rows):
        return None
    return turned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _box_around(row: Sequence[_Spot]) -> Box:
    left, top = min(spot.box[0] for spot in row), min(spot.box[1] for spot in row)
    right = max(spot.box[0] + spot.box[2] for spot in row)
    bottom = max(spot.box[1] + spot.box[3] for spot in row)
    return left, top, right - left, bottom - top


def _is_same(one: Box, other: Box) -> bool:
    """Whether two boxes share most of their areas."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across > 0 and down > 0 and across * down >= 0.8 * max(one[2] * one[3], other[2] * other[3])
