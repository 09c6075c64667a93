"""Finds where on a frame the screen with the slides is, and takes its picture as if seen straight on.

The ways in which pages fill a frame or stand between bars on it are tried blindly. For all others (beside a row of
heads, in a window, filmed from the hall) points of the frame are matched with points of the pages (SIFT), and a
projective map is fitted to them (RANSAC). What is found is believed only when the whole picture agrees (`likeness`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.likeness import Floats, Pictures, detail, opencv

Matrix = NDArray[np.float64]
Picture = NDArray[np.uint8]

#: Pages are drawn at this many pixels of width to find points on them, and have at most so many.
POINTS_WIDTH = 640
PAGE_POINTS, FRAME_POINTS = 300, 1200
#: They are chosen out of so many, evenly from 8 x 8 parts of the picture.
MOST_POINTS, PARTS = 3000, 8
#: By so many of their points pages are chosen of which all points are then looked for.
STRONGEST, MOST_PROMISING, LEAST_VOTES = 150, 8, 3
#: SIFT's own 0.04 is for photographs in good light; a projector in a lit hall has a third of a page's contrast.
LEAST_CONTRAST = 0.015
#: A point's best match on a page must be this much nearer than its second best.
RATIO = 0.85
LEAST_INLIERS = 9
INLIER_PIXELS = 3.0
#: No one sets up a camera so that the slides fill less of its picture, or a layout in which nobody could read them.
LEAST_AREA = 0.06
#: How far the sides of a screen may be from the page's shape, seen from the side or stretched.
MOST_SKEW = 1.7
#: Shapes of screens that a page may be fitted into before the screen is fitted into the frame.
SHAPES = (4 / 3, 16 / 9, 16 / 10)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a page lies on a frame: `matrix` maps the page, one unit wide and high, to pixels of the frame."""

    matrix: Matrix
    #: Which of the blocks of `likeness` a page can be seen in; None until that is known.
    open_blocks: NDArray[np.bool_] | None = None

    def flatten(self, frames: Pictures, width: int, height: int) -> Pictures:
        """Take the screen's part of each frame, stretched to `width` x `height`."""
        cv2 = opencv()
        onto = self.matrix @ np.diag([1 / width, 1 / height, 1]) @ _half_pixel(0.5)
        straight = np.empty((len(frames), height, width), np.uint8)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for number, frame in enumerate(frames):
            straight[number] = cv2.warpPerspective(
                self._softened(frame, width),
                _half_pixel(-0.5) @ onto,
                (width, height),
                flags=how,
                borderMode=cv2.BORDER_REPLICATE,
            )
        return straight

    def _softened(self, frame: Picture, width: int) -> Picture:
        """Blur a frame that will be shrunk much, or thin lines would come and go."""
        corners = self.corners()
        across = float(np.linalg.norm(corners[1] - corners[0]))
        soft: Picture = opencv().blur(frame, (2, 2)) if across > 1.8 * width else frame
        return soft

    def corners(self) -> NDArray[np.float64]:
        """Give the four corners on the frame, clockwise from the top left: 4 x 2 pixels."""
        return _project(self.matrix, np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64))


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a picture and what is around each of them, at unit length."""

    # The strongest come first.
    at: NDArray[np.float32]  # n x 2; of a page as shares of its width and height, of a frame in pixels
    around: Floats  # n x 128


def usual(width: int, height: int, page_shape: float) -> Iterator[Screen]:
    """List how a page of this shape (width ÷ height) fills a frame or stands between bars on it."""
    boxes = [(float(width), float(height)), fitted(page_shape, width, height)]
    boxes += [fitted(page_shape, *fitted(shape, width, height)) for shape in SHAPES]
    for across, down in dict.fromkeys((round(across, 1), round(down, 1)) for across, down in boxes):
        yield _upright((width - across) / 2, (height - down) / 2, across, down)


def fitted(shape: float, width: float, height: float) -> tuple[float, float]:
    """Give the largest size of this shape that fits into a width and a height."""
    return min(width, height * shape), min(height, width / shape)


def _upright(left: float, top: float, width: float, height: float) -> Screen:
    return Screen(np.array([[width, 0, left], [0, height, top], [0, 0, 1]], np.float64))


def nudged(screen: Screen, frame: Picture, page: Picture) -> Screen:
    """Move a screen that is about right to where the page's picture fits the frame best, to a fraction of a pixel."""
    cv2 = opencv()
    height, width = page.shape
    straight = screen.flatten(frame[None], width, height)[0]
    template, seen = (cv2.GaussianBlur(_flattened_light(picture), (5, 5), 0) for picture in (page, straight))
    try:
        _, warp = cv2.findTransformECC(
            template,
            seen,
            np.eye(3, dtype=np.float32),
            cv2.MOTION_HOMOGRAPHY,
            (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4),
        )
    except cv2.error:  # It does not converge where the pictures have too little in common.
        return screen
    to_pixels = np.diag([width, height, 1.0])
    to_page = np.diag([1 / width, 1 / height, 1.0])
    matrix = screen.matrix @ to_page @ _half_pixel(0.5) @ warp.astype(np.float64) @ _half_pixel(-0.5) @ to_pixels
    return Screen(matrix / matrix[2, 2])


def _flattened_light(picture: Picture) -> Floats:
    flat: Floats = detail(picture[None])[0]
    return flat


def points_of(picture: Picture, most: int, scale: tuple[float, float] = (1.0, 1.0)) -> Points:
    """Find what stands out in a picture; `scale` divides the places."""
    finder = opencv().SIFT_create(nfeatures=MOST_POINTS, contrastThreshold=LEAST_CONTRAST)
    found, around = finder.detectAndCompute(picture, None)
    if around is None:
        return Points(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    kept = _spread([point.pt for point in found], [point.response for point in found], picture.shape, most)
    found, around = [found[number] for number in kept], around[kept]
    at = np.array([(point.pt[0] + 0.5, point.pt[1] + 0.5) for point in found]) / np.array(scale)
    # Square roots of the histograms (RootSIFT) compare better than the histograms themselves.
    around = np.sqrt(around / np.maximum(around.sum(axis=1, keepdims=True), 1e-6))
    return Points(at.astype(np.float32), np.asarray(around, dtype=np.float32))


def _spread(
    at: Sequence[tuple[float, float]], strength: Sequence[float], size: tuple[int, ...], most: int
) -> list[int]:
    """Choose points from all over the picture, strongest of each part first: a lively wall must not have all."""
    part = (np.array(at) / np.array([size[1], size[0]]) * PARTS).astype(int) @ np.array([1, PARTS])
    order = np.argsort(-np.array(strength), kind="stable")
    taken: dict[int, int] = {}
    turn = np.empty(len(order), int)
    for number in order:
        turn[number] = taken[part[number]] = taken.get(part[number], 0) + 1
    return [int(number) for number in order[np.argsort(turn[order], kind="stable")][:most]]


def candidates(
    seen: Points, frame_size: tuple[int, ...], deck: Sequence[Points], page_shape: float, most: int = 4
) -> Iterator[tuple[int, Screen]]:
    """Give which page may lie where on a frame (its points, its height and width), the best supported first.

    For each there is an upright screen, where that fits, and one in perspective.
    """
    promising = _promising(seen, deck)
    fits = [(page, fit) for page in promising if (fit := _fit(seen, deck[page], frame_size, page_shape)) is not None]
    for page, (_, matrix, at, page_at) in sorted(fits, key=lambda one: -one[1][0])[:most]:
        for screen in _straightened(at, page_at):
            yield page, screen
        yield page, Screen(matrix)


def _promising(seen: Points, deck: Sequence[Points]) -> list[int]:
    """Choose the pages whose strongest points are met on the frame most often."""
    if len(seen.at) < 2:
        return []
    votes = []
    for page in deck:
        alike = page.around[:STRONGEST] @ seen.around.T
        top = np.partition(alike, -2, axis=1)[:, -2:]
        votes.append(int(np.count_nonzero((1 - top[:, 1]) <= RATIO**2 * (1 - top[:, 0]))))
    order = np.argsort(-np.array(votes), kind="stable")[:MOST_PROMISING]
    return [int(page) for page in order if votes[page] >= LEAST_VOTES]


_Fit = tuple[int, Matrix, NDArray[np.float32], NDArray[np.float32]]


def _fit(seen: Points, page: Points, frame_size: tuple[int, ...], page_shape: float) -> _Fit | None:
    cv2 = opencv()
    at, page_at = _pairs(seen, page)
    if len(at) < LEAST_INLIERS:
        return None
    cv2.setRNGSeed(1)
    matrix, mask = cv2.findHomography(page_at, at, cv2.USAC_MAGSAC, INLIER_PIXELS, maxIters=1000, confidence=0.995)
    if matrix is None or not _sensible(Screen(matrix), frame_size, page_shape):
        return None
    fits = mask.ravel() > 0
    if np.count_nonzero(fits) < LEAST_INLIERS:
        return None
    return int(fits.sum()), matrix, at[fits], page_at[fits]


def _pairs(seen: Points, page: Points) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Match points that are each other's nearest, and clearly nearer than the second nearest."""
    if len(seen.at) < 2 or len(page.at) < 2:
        return seen.at[:0], page.at[:0]
    alike = page.around @ seen.around.T
    best = alike.argmax(axis=1)
    rows = np.arange(len(alike))
    top = alike[rows, best]
    mutual = alike.argmax(axis=0)[best] == rows
    alike[rows, best] = -1
    # Between unit vectors the square of the distance is 2 - 2 x the product.
    clear = (1 - top) <= RATIO**2 * (1 - alike.max(axis=1))
    kept = mutual & clear
    return seen.at[best[kept]], page.at[kept]


def _sensible(screen: Screen, frame_size: tuple[int, ...], page_shape: float) -> bool:
    """Tell whether the corners make a screen: convex, not mirrored, large enough, of about the page's shape."""
    height, width = frame_size[:2]
    bottom = screen.matrix[2] @ np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], np.float64).T
    if np.any(bottom * bottom[0] <= 0):
        return False
    corners = screen.corners()
    sides = np.roll(corners, -1, axis=0) - corners
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    lengths = np.linalg.norm(sides, axis=1)
    if turns.min() <= 0 or lengths.min() < LEAST_SIDE:
        return False
    x, y = corners.T
    area = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
    shape = (lengths[0] + lengths[2]) / (lengths[1] + lengths[3]) / page_shape
    even = max(lengths[0] / lengths[2], lengths[2] / lengths[0], lengths[1] / lengths[3], lengths[3] / lengths[1])
    inside = corners.min() > -0.25 * width and x.max() < 1.25 * width and y.max() < 1.25 * height
    return bool(
        area >= LEAST_AREA * width * height and max(shape, 1 / shape) < MOST_SKEW and even < MOST_SKEW and inside
    )


LEAST_SIDE = 24.0


def _straightened(at: NDArray[np.float32], page_at: NDArray[np.float32]) -> Iterator[Screen]:
    """Fit an upright screen, which four numbers describe where a map in perspective has eight to be wrong in."""
    spread = page_at.std(axis=0)
    if spread.min() < 0.02:
        return
    (width, left), (height, top) = (np.polyfit(page_at[:, axis], at[:, axis], 1) for axis in (0, 1))
    if width > LEAST_SIDE and height > LEAST_SIDE:
        screen = _upright(float(left), float(top), float(width), float(height))
        missed = np.linalg.norm(_project(screen.matrix, page_at.astype(np.float64)) - at, axis=1)
        if np.median(missed) < INLIER_PIXELS / 2:
            yield screen


def _project(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    flat: NDArray[np.float64] = mapped[:, :2] / mapped[:, 2:]
    return flat


def _half_pixel(by: float) -> Matrix:
    """Shift between counting pixels by their centres and measuring from the picture's edge."""
    return np.array([[1, 0, by], [0, 1, by], [0, 0, 1]], np.float64)
