"""Measures how much a frame of a recording looks like a page of a deck.

Both are cut into small blocks, and each block's structure (light against its surroundings, so that neither exposure nor
video range matters) is compared with the same block of the page. Blocks count by the structure they hold, and by how
much they tell this page from the others: what a whole deck shares, such as a header, a logo, or the empty corner where
a camera picture lies over it, says little. So a sparse page does not match every bright screen, and a deck in the house
style of another does not match at all. On real recordings the right page had 0.86 to 0.99, any page of a wrong deck at
most 0.44, and of a wrong deck in the same style 0.59.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]  # n x height x width, luma
Floats = NDArray[np.float32]

ACROSS, DOWN = 16, 12
BLUR_SHARE = 1 / 20  # Of the width, to either side: wider than a line of text, narrower than a paragraph.
#: A block whose luma varies less than this (RMS, of 255) is empty as far as an encoder at low rates can be trusted.
EMPTY = 4.0
#: What the whole deck shares still counts a little, or a deck of two like pages would have nothing to go by.
LEAST_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class _Block:
    """One place on all pages: what stands there at unit length, how strong it is, and what it tells."""

    structure: Floats  # pages x pixels
    strength: Floats  # pages
    weight: Floats  # pages


@dataclass(frozen=True, slots=True)
class Deck:
    """Pages made ready for comparing."""

    blocks: tuple[_Block, ...]
    likeness: Floats  # of every page to every page; 1 to itself


def prepare(pages: Pictures) -> Deck:
    """Make pages ready to be compared with frames of the same size."""
    cut = [(structure, strength, _telling(structure, strength)) for structure, strength in _blocks(pages)]
    blocks = tuple(_Block(*block) for block in cut)
    alike = _compare([(block.structure, block.strength) for block in blocks], blocks)
    np.fill_diagonal(alike, 1)  # An empty page has nothing in common even with itself.
    return Deck(blocks, alike)


def compare(frames: Pictures, deck: Deck, open_blocks: NDArray[np.bool_] | None = None) -> Floats:
    """Say how much each frame looks like each page: frames x pages, from 0 (nothing in common) to 1.

    With `open_blocks` only those count; the others are covered, say by a picture of the speaker.
    """
    return _compare(list(_blocks(frames)), deck.blocks, open_blocks)


def agreement(frames: Pictures, deck: Deck, pages: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Say how far each block of each frame agrees with the page named for that frame, -1..1, and what it weighs.

    Both are frames x blocks.
    """
    found, weights = [], []
    for (structure, strength), block in zip(_blocks(frames), deck.blocks, strict=True):
        found.append((structure * block.structure[pages]).sum(axis=1))
        weight = np.maximum(strength, block.strength[pages])
        weights.append(np.where(weight < EMPTY, 0, weight))
    return np.stack(found, axis=1), np.stack(weights, axis=1)


def _compare(
    frames: Sequence[tuple[Floats, Floats]], blocks: tuple[_Block, ...], open_blocks: NDArray[np.bool_] | None = None
) -> Floats:
    shape = len(frames[0][1]), len(blocks[0].strength)
    alike, total = np.zeros(shape, np.float32), np.full(shape, 1e-6, np.float32)
    for number, ((structure, strength), block) in enumerate(zip(frames, blocks, strict=True)):
        if open_blocks is not None and not open_blocks[number]:
            continue
        # Structure on either side counts: text that is missing as much as text that should not be there.
        weight = np.maximum(strength[:, None], block.strength)
        weight = np.where(weight < EMPTY, 0, weight) * block.weight
        alike += weight * np.clip(structure @ block.structure.T, 0, 1)
        total += weight
    likeness: Floats = alike / total
    return likeness


def _telling(structure: Floats, strength: Floats) -> Floats:
    """Weigh a place on each page by how unlike it is to the same place on the other pages."""
    alike = np.clip(structure @ structure.T, 0, 1)
    alike[np.maximum(strength[:, None], strength) < EMPTY] = 1
    np.fill_diagonal(alike, 0)
    mean = alike.sum(axis=1) / max(len(alike) - 1, 1)
    weight: Floats = np.clip(1 - mean, LEAST_WEIGHT, 1).astype(np.float32)
    return weight


def _blocks(pictures: Pictures) -> Iterator[tuple[Floats, Floats]]:
    """Cut pictures into blocks; give each one's structure at unit length (less where it is faint), and its strength."""
    count, height, width = pictures.shape
    light = detail(pictures)
    rows, columns = np.linspace(0, height, DOWN + 1).astype(int), np.linspace(0, width, ACROSS + 1).astype(int)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            block = light[:, top:bottom, left:right].reshape(count, -1)
            block = block - block.mean(axis=1, keepdims=True)
            strength = np.sqrt((block**2).mean(axis=1))
            scale = np.maximum(strength, EMPTY) * np.sqrt(block.shape[1])
            yield block / scale[:, None], strength


def detail(pictures: Pictures) -> Floats:
    """Take from pictures what changes slowly from place to place: light, shadow, glare."""
    light = pictures.astype(np.float32)
    return light - _blurred(light, max(1, round(BLUR_SHARE * pictures.shape[2])))


def _blurred(light: Floats, reach: int) -> Floats:
    """Average over a square around each pixel."""
    cv2, side = opencv(), (2 * reach + 1, 2 * reach + 1)
    blurred = np.empty_like(light)
    for picture, into in zip(light, blurred, strict=True):
        cv2.blur(picture, side, into, borderType=cv2.BORDER_REPLICATE)
    return blurred


@functools.cache
def opencv() -> ModuleType:
    """Load OpenCV, for one thread: a quarter of a second and 60 MB, which only those pay who match slides."""
    import cv2

    cv2.setNumThreads(1)
    return cv2
