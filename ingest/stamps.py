"""Finds what looks like letters in a picture at any angle and in any colour, and sets each row of them upright.

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
#: Letters of a row: as many, of sizes no more different, no further apart in sizes, and as light within so many of 255.
FEWEST, MOST = 3, 30
SIZE_RATIO, REACH, MOST_LIGHTER = 1.9, 1.9, 50
#: So many letters may be hidden in a stamp, in sizes.
HIDDEN = 4.0
#: Capitals of one line are as high as each other, where small letters are not.
CAPITALS_RATIO = 1.2
#: Rows leave the line through their middles by no more than this, in letter sizes.
MOST_WAVE = 0.35
#: Colour counts from this distance, of 255; black is no lighter and no more coloured than this, and its letters have
#: soft edges of half so many pixels.
LEAST_COLOUR, BLACK, MOST_COLOUR_OF_BLACK, EDGE = 12, 110, 30, 7
#: A stamp counts as read when so much of it lies in words that were read well, no so many times higher or lower.
READ_SHARE, READ_RATIO = 0.5, 1.8
#: What stands at a steeper angle, in degrees, was hardly read right with the page.
UPRIGHT = 6.0
#: On a strip, letters are so high, with so much white around; no more strips than this are read.
STRIP_LETTER, STRIP_MARGIN, MOST_STRIPS, MOST_STRIP_WIDTH = 44, 20, 32, 1500


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
    light: float  # 0 for black to 255

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
    known = np.zeros(page.shape[:2], np.int16)
    for left, top, width, height in read:
        known[top : top + height, left : left + width] = height
    gray = gray_of(page)
    colour = _colour_of(page)
    black = _black_of(gray, colour)
    for inks in (_inks_by_colour(colour, black), [_faint_of(gray, black)], _inks_of(gray)):
        here: list[tuple[int, Stamp]] = []
        for ink in inks:
            for size, stamps in _rows_in(ink, gray, known):
                if not any(_is_same(stamps[0].box, other.box) for _, other in here):
                    here += [(size, stamp) for stamp in stamps]
        found += here
    found.sort(key=lambda one: -one[0])
    return [stamp for _, stamp in found[:MOST_STRIPS]]


def _inks_of(gray: Gray) -> Iterator[Gray]:
    """Take for ink what is dark on light, light on dark, or faint."""
    dark = _local(255 - gray, 12)
    yield dark
    yield _local(gray, 12)
    yield _thinned(dark)
    yield _local(np.asarray(cv2.GaussianBlur(255 - gray, (0, 0), 1.5), np.uint8), 4)


def _inks_by_colour(colour: Gray, black: Gray) -> Iterator[Gray]:
    """Take for ink what has another colour than the page's ground, also under or over black letters."""
    if int(colour.max()) >= 2 * LEAST_COLOUR:
        coloured = _local(_uncovered(colour, black), LEAST_COLOUR)
        yield coloured
        yield _thinned(coloured)


def _faint_of(gray: Gray, black: Gray) -> Gray:
    """Take for ink what is a little darker than the page's ground once its black letters are wiped out."""
    ink = _local(255 - _uncovered(gray, black), 10)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def _colour_of(page: Color) -> Gray:
    """How far each pixel's colour is from that of the page's ground, however light or dark both are."""
    lab = cv2.cvtColor(page, cv2.COLOR_RGB2LAB)[:, :, 1:].astype(np.int16)
    ground = np.median(lab[::8, ::8].reshape(-1, 2), axis=0)
    return np.asarray(np.clip(np.hypot(*np.moveaxis(lab - ground, 2, 0)) * 2, 0, 255), np.uint8)


def _black_of(gray: Gray, colour: Gray) -> Gray:
    """Mark black letters with their soft edges; where most of a page is black, that is its ground."""
    black = ((gray < BLACK) & (colour < MOST_COLOUR_OF_BLACK)).astype(np.uint8)
    if float(black.mean()) > 0.5:
        return np.zeros_like(black)
    return np.asarray(cv2.dilate(black, np.ones((EDGE, EDGE), np.uint8)), np.uint8)


def _uncovered(shades: Gray, black: Gray) -> Gray:
    """Wipe out black letters: there is what lies nearest to them, ground or a stamp."""
    _, nearest = cv2.distanceTransformWithLabels(black, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    shade_of = np.zeros(int(nearest.max()) + 1, np.uint8)
    shade_of[nearest[black == 0]] = shades[black == 0]
    return np.asarray(shade_of[nearest], np.uint8)


def _thinned(ink: Gray) -> Gray:
    """Part letters that touch."""
    return np.asarray(cv2.erode(ink, np.ones((3, 3), np.uint8)), np.uint8)


def _local(bright: Gray, above: int) -> Gray:
    """Mark what is brighter than its surroundings, which are wider than the strokes of a large letter."""
    return np.asarray(
        cv2.adaptiveThreshold(bright, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 91, -above), np.uint8
    )


def _rows_in(ink: Gray, gray: Gray, known: NDArray[np.int16]) -> Iterator[tuple[int, list[Stamp]]]:
    """Find the rows of an ink that were not read: how large their letters are, and each in the ways it may stand."""
    _, labelled, counted, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    labels, stats = np.asarray(labelled, np.int32), np.asarray(counted, np.int32)
    lights = np.bincount(labels.ravel(), gray.ravel(), len(stats)) / np.maximum(1, stats[:, cv2.CC_STAT_AREA])
    spots = list(_spots(stats, lights, ink.shape[0]))
    for row in _straight_rows_of(spots):
        angle, _ = _direction(row)
        if not (abs(angle) < UPRIGHT and _is_known(_box_around(row), known)):
            size = round(float(np.median([spot.size for spot in row])))
            whole = _extended(row, spots)
            near = _Near(labels, stats, np.abs(lights - float(np.median([spot.light for spot in row]))) <= MOST_LIGHTER)
            stamps = [Stamp(_box_around(whole), strip) for strip in _strips_of(whole, size, near)]
            if stamps:
                yield size, stamps


def _straight_rows_of(spots: Sequence[_Spot]) -> Iterator[list[_Spot]]:
    """Find the rows that are straight, and of the others those capitals that are."""
    for row in _rows_of(spots):
        if _direction(row)[1] <= MOST_WAVE:
            yield row
        else:
            for part in _rows_of(row, CAPITALS_RATIO):
                if _direction(part)[1] <= MOST_WAVE:
                    yield part


def _is_known(box: Box, known: NDArray[np.int16]) -> bool:
    """Whether most of a box was read, in words about as high: a stamp under a text was not read with it."""
    left, top, width, height = box
    words = known[top : top + height, left : left + width]
    return float(((words * READ_RATIO >= height) & (words <= height * READ_RATIO)).mean()) >= READ_SHARE


def _extended(row: Sequence[_Spot], spots: Sequence[_Spot]) -> list[_Spot]:
    """Add what stands at the ends of a row: letters that touch are one spot, too large to be taken for a letter.

    At an angle, where there is no line of the page that it could go on from, also what stands beyond hidden letters.
    """
    angle, _ = _direction(row)
    size = float(np.median([spot.size for spot in row]))
    light = float(np.median([spot.light for spot in row]))
    along = np.array((math.cos(math.radians(angle)), math.sin(math.radians(angle))))
    across = np.array((-along[1], along[0]))
    middle = np.mean([spot.middle for spot in row], axis=0)
    furthest = size if abs(angle) < UPRIGHT else HIDDEN * size
    whole = list(row)
    for spot in sorted(set(spots) - set(row), key=lambda spot: math.dist(spot.middle, middle)):
        places = [float((np.array(each.middle) - middle) @ along) for each in whole]
        here, away = (float((np.array(spot.middle) - middle) @ axis) for axis in (along, across))
        reach = max(min(places) - here, here - max(places)) - spot.size / 2
        is_in_row = abs(away) <= 0.4 * size and 0.6 * size <= min(spot.box[2:]) <= 1.8 * size
        is_alike = abs(spot.light - light) <= MOST_LIGHTER
        if is_in_row and spot.size <= 5 * size and reach <= (furthest if is_alike else size):
            whole.append(spot)
    return whole


def _spots(stats: NDArray[np.int32], lights: NDArray[np.float64], height: int) -> Iterator[_Spot]:
    for label in range(1, len(stats)):
        left, top, width, tall, area = (int(number) for number in stats[label])
        large, small = max(width, tall), min(width, tall)
        if not LEAST_LETTER <= large <= MOST_LETTER_SHARE * height:
            continue
        if area >= LEAST_FILL * width * tall and large <= MOST_SLENDER * small:
            yield _Spot(label, (left, top, width, tall), float(lights[label]))


def _rows_of(spots: Sequence[_Spot], ratio: float = SIZE_RATIO) -> Iterator[list[_Spot]]:
    """Join spots of like size and lightness that are near each other."""
    if not spots:
        return
    middles = np.array([spot.middle for spot in spots])
    sizes = np.array([spot.size for spot in spots], float)
    lights = np.array([spot.light for spot in spots])
    group = np.arange(len(spots))
    for at in np.argsort(-sizes).tolist():
        near = np.hypot(*(middles - middles[at]).T) <= REACH * np.minimum(sizes, sizes[at])
        alike = np.maximum(sizes, sizes[at]) <= ratio * np.minimum(sizes, sizes[at])
        for other in np.flatnonzero(near & alike & (np.abs(lights - lights[at]) <= MOST_LIGHTER)):
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


@dataclass(frozen=True, slots=True)
class _Near:
    """All spots of an ink by their numbers, and which of them are as light as a row is."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    is_alike: NDArray[np.bool_]


def _strips_of(row: Sequence[_Spot], size: float, near: _Near) -> Iterator[Gray]:
    """Turn a row upright, with the marks above and below its letters and nothing else; steep ones both ways round."""
    angle, _ = _direction(row)
    left, top, width, height = _box_around(row)
    margin = round(size)
    left, top = max(0, left - margin), max(0, top - margin)
    piece = near.labels[top : top + height + 2 * margin, left : left + width + 2 * margin]
    wanted = np.isin(piece, [spot.label for spot in row])
    kept = wanted | _marks_near(piece, wanted, near, size)
    picture = np.where(kept, 0, 255).astype(np.uint8)
    turns = (angle,) if abs(angle) < 70 else (angle, angle + 180)
    for turn in turns:
        upright = _turned(picture, turn)
        if upright is not None:
            scale = STRIP_LETTER / size
            wide, high = round(upright.shape[1] * scale), round(upright.shape[0] * scale)
            if 0 < wide <= MOST_STRIP_WIDTH and high > 0:
                resized = cv2.resize(
                    upright, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                )
                yield np.pad(np.asarray(resized, np.uint8), STRIP_MARGIN, constant_values=255)


def _marks_near(piece: NDArray[np.int32], wanted: NDArray[np.bool_], near: _Near, size: float) -> NDArray[np.bool_]:
    """Keep small spots close to the letters: circumflexes, tones and dots, and strokes as thin as an I."""
    around = cv2.dilate(wanted.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(0.4 * size)))
    labels = [
        int(label)
        for label in np.unique(piece[around.astype(bool)])
        if label and near.is_alike[label] and _is_mark_or_stroke(near.stats[label], size)
    ]
    return np.isin(piece, labels)


def _is_mark_or_stroke(stat: NDArray[np.int32], size: float) -> bool:
    longest, area = max(stat[cv2.CC_STAT_WIDTH], stat[cv2.CC_STAT_HEIGHT]), stat[cv2.CC_STAT_AREA]
    return bool(longest <= 0.75 * size or (longest <= 1.2 * size and area <= 0.25 * size * size))


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
