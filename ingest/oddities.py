"""What is amiss with a picture, told from the looks that were taken of it: black, frozen, or not to be decoded.

Each answers with stretches, (from, to) in seconds on the media clock, in order.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.looks import KEYFRAMES_SECONDS, OFTENEST_SECONDS, Floats, Looks

Stretch = tuple[float, float]
Flags = NDArray[np.bool_]

#: A picture is black where no block of it is brighter than this, of 255: one line of text lifts its blocks above.
DARKEST = 24
SHORTEST_BLACK_SECONDS = 5.0
#: A block whose pixels differ by less than this on average (of 255) shows the same; keyframes of one page differ by 1.
SAME = 1.5
#: A camera that freezes stops without a cut, and no room is so still for so long; a page may well be, for longer.
SHORTEST_FROZEN_SECONDS, LONGEST_PAGE_SECONDS = 30.0, 900.0
#: A picture that was never seen to move is worth a word when it stays the same from here on to the end.
SHORTEST_SINGLE_PAGE_SECONDS = 120.0
#: What is missing for less than this was hardly noticed.
SHORTEST_UNSEEN_SECONDS = 5.0


def black(seen: Looks, seconds: float) -> tuple[Stretch, ...]:
    """Find where the whole picture is black for 5 s or more; `seconds` is how long the recording lasts."""
    dark = _is_dark(seen)
    found = [
        (0.0 if first == 0 else float(seen.at[first]), float(seen.at[end]) if end < len(seen.at) else seconds)
        for first, end in runs(dark)
    ]
    return _long_enough(found, SHORTEST_BLACK_SECONDS)


def frozen(seen: Looks, cuts: Sequence[float], moving: Flags, seconds: float) -> tuple[Stretch, ...]:
    """Find where a moving picture stops without a cut for 30 s or more, or one page stands for 15 minutes or more.

    `moving` says for each look whether any part of the picture moves. The black is no frozen picture.
    """
    same: Flags = np.asarray((seen.blocks <= SAME).all(axis=1)) & ~_is_dark(seen)
    at = np.append(seen.at, seconds)
    return tuple(
        (_before(seen, first), float(at[end]))
        for first, end in runs(same)
        if _is_odd(_before(seen, first), float(at[end]), cuts, was_moving=bool(moving[:first].any()), seconds=seconds)
    )


def _is_odd(begin: float, end: float, cuts: Sequence[float], *, was_moving: bool, seconds: float) -> bool:
    if end - begin >= LONGEST_PAGE_SECONDS:
        return True
    if not was_moving:
        return begin == 0.0 and end == seconds and seconds >= SHORTEST_SINGLE_PAGE_SECONDS
    stopped_by_itself = not any(abs(cut - begin) <= KEYFRAMES_SECONDS for cut in cuts)
    return stopped_by_itself and end - begin >= SHORTEST_FROZEN_SECONDS


def unseen(seen: Looks, keyframes: Floats, seconds: float) -> tuple[Stretch, ...]:
    """Find where there are keyframes (times on the media clock), and not one of them decodes, for 5 s or more."""
    found = []
    for before, after in pairwise([*seen.at.tolist(), seconds]):
        undecoded = (keyframes > before + OFTENEST_SECONDS) & (keyframes < after - OFTENEST_SECONDS)
        if undecoded.any():
            found.append((before, after))
    return _long_enough(found, SHORTEST_UNSEEN_SECONDS)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """List (first, end) of the places where flags are set one after the other."""
    edges = np.flatnonzero(np.diff(np.pad(flags.astype(np.int8), 1)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _is_dark(seen: Looks) -> Flags:
    return np.asarray((seen.light <= DARKEST).all(axis=1))


def _before(seen: Looks, look: int) -> float:
    """When the look before was taken; the time of the very first one is not kept, and is the beginning."""
    return float(seen.at[look - 1]) if look else 0.0


def _long_enough(found: Sequence[Stretch], least: float) -> tuple[Stretch, ...]:
    return tuple((round(begin, 3), round(end, 3)) for begin, end in found if end - begin >= least)
