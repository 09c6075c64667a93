"""Looks at a recording's frames, as few as needed, and notes how much each of them shows each page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import timeline_deck
from ingest.likeness import Floats, Pictures
from ingest.screens import Screen
from ingest.timeline_deck import Deck
from ingest.timeline_samples import Samples

MOST_SCREENS = 8
#: A look for an unknown screen is not worth less than this.
SHORTEST_UNEXPLAINED_SECONDS = 2.0
#: From so many frames one can tell what always lies over a screen.
ENOUGH_TO_LEARN, LEARN_FROM = 3, 30
USUAL_LOOKS = 16
#: Frames that differ by no more than this, in any of every fourth pixel, show the same.
UNCHANGED, THIN = 5, 4
#: A frame stands for what follows it, but for no longer than this.
LONGEST_GLANCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Sightings:
    """How much frames show pages: `scores` (frames x pages, 0..1), each for `lasts` seconds from `at` on.

    `before` is when the frame before was taken, which showed what the row before says.
    """

    at: NDArray[np.float64]
    before: NDArray[np.float64]
    lasts: NDArray[np.float64]
    scores: Floats

    @property
    def usual_gap(self) -> float:
        return float((self.at - self.before).max(initial=0.0))

    @staticmethod
    def joined(parts: Sequence["Sightings"], pages: int) -> "Sightings":
        if not parts:
            return Sightings(np.empty(0), np.empty(0), np.empty(0), np.empty((0, pages), np.float32))
        return Sightings(
            np.concatenate([part.at for part in parts]),
            np.concatenate([part.before for part in parts]),
            np.concatenate([part.lasts for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )


def watch(deck: Deck, samples: Samples, stride: int, searches: int) -> Sightings:
    """Compare every `stride`-th frame with the deck, and those in between where what is shown changes.

    Up to `searches` times an unknown screen is looked for. Those that are found stay with the deck.
    """
    notes = _look(deck, samples.frames, np.arange(0, len(samples.frames), stride))
    _search(deck, samples, notes, searches)
    rows, scores = (notes.rows, notes.scores) if stride == 1 else _close_up(deck, samples.frames, notes)
    at = samples.at[rows]
    lasts = np.minimum(np.diff(at, append=samples.until), LONGEST_GLANCE_SECONDS)
    return Sightings(at, samples.at[np.maximum(rows - 1, 0)], lasts, scores)


@dataclass(slots=True)
class _Notes:
    """What is known of the frames `rows`: their scores, and on which screen they were best; -1 where on none."""

    rows: NDArray[np.intp]
    scores: Floats
    screens: NDArray[np.intp]


def _look(deck: Deck, frames: Pictures, rows: NDArray[np.intp]) -> _Notes:
    """Compare frames with the deck on every known screen until one explains them, and on the usual ones."""
    notes = _Notes(rows, np.zeros((len(rows), len(deck.pictures)), np.float32), np.full(len(rows), -1))
    same = _unchanged(frames, rows)
    for number in range(len(deck.places)):
        _explain(deck, frames, notes, number, ~same)
    while (place := _another_usual_place(deck, frames, notes.rows[(notes.screens < 0) & ~same])) is not None:
        deck.places.append(place)
        _explain(deck, frames, notes, len(deck.places) - 1, ~same)
    for number in np.flatnonzero(same).tolist():
        notes.scores[number], notes.screens[number] = notes.scores[number - 1], notes.screens[number - 1]
    return notes


def _another_usual_place(deck: Deck, frames: Pictures, left: NDArray[np.intp]) -> Screen | None:
    if not len(left) or len(deck.places) >= MOST_SCREENS:
        return None
    some = frames[left[:: max(1, len(left) // USUAL_LOOKS)]]
    place = timeline_deck.usual_screen(deck, some)
    known = place is not None and any(np.allclose(place.matrix, one.matrix) for one in deck.places)
    return None if known else place


def _unchanged(frames: Pictures, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which frames show what the last one shows that did not."""
    same = np.zeros(len(rows), bool)
    last: NDArray[np.int16] | None = None
    for number, row in enumerate(rows):
        thin = frames[row, ::THIN, ::THIN].astype(np.int16)
        same[number] = last is not None and int(np.abs(thin - last).max()) <= UNCHANGED
        if not same[number]:
            last = thin
    return same


def _explain(deck: Deck, frames: Pictures, notes: "_Notes", number: int, among: NDArray[np.bool_]) -> None:
    """Try one screen on those frames that no other explains."""
    open_notes = np.flatnonzero((notes.screens < 0) & among)
    if not len(open_notes):
        return
    looked = frames[notes.rows[open_notes]]
    seen = timeline_deck.see(deck, looked, deck.places[number])
    if deck.places[number].open_blocks is None and _learn_cover(deck, looked, seen, number):
        seen = timeline_deck.see(deck, looked, deck.places[number])
    better = seen.max(axis=1) > notes.scores[open_notes].max(axis=1)
    notes.scores[open_notes[better]] = seen[better]
    notes.screens[open_notes[seen.max(axis=1) >= timeline_deck.SCREEN_LIKENESS]] = number


def _learn_cover(deck: Deck, frames: Pictures, seen: Floats, number: int) -> bool:
    good = np.flatnonzero(seen.max(axis=1) >= timeline_deck.SCREEN_LIKENESS)
    if len(good) < ENOUGH_TO_LEARN:
        return False
    some = good[:: max(1, len(good) // LEARN_FROM)]
    pages = seen[some].argmax(axis=1)
    deck.places[number] = timeline_deck.learn_cover(deck, frames[some], pages, deck.places[number])
    return True


def _search(deck: Deck, samples: Samples, notes: "_Notes", searches: int) -> None:
    """Look for unknown screens in the middle of the longest stretches that are not explained."""
    tried: set[int] = set()
    while len(tried) < searches and len(deck.places) < MOST_SCREENS:
        middle = _middle_of_longest(samples, notes, tried)
        if middle is None:
            return
        tried.add(middle)
        screen = timeline_deck.find_screen(deck, samples.frames[notes.rows[middle]])
        if screen is not None:
            deck.places.append(screen)
            _explain(deck, samples.frames, notes, len(deck.places) - 1, np.ones(len(notes.rows), bool))


def _middle_of_longest(samples: Samples, notes: "_Notes", tried: set[int]) -> int | None:
    """Find the longest stretch that no screen explains, between places that were tried; None where all are short."""
    known = notes.screens >= 0
    known[list(tried)] = True
    edges = np.concatenate([[-1], np.flatnonzero(known), [len(known)]])
    at = np.append(samples.at[notes.rows], samples.until)
    seconds = at[edges[1:]] - at[np.minimum(edges[:-1] + 1, len(known))]
    longest = int(seconds.argmax())
    if seconds[longest] < SHORTEST_UNEXPLAINED_SECONDS:
        return None
    return int((edges[longest] + edges[longest + 1]) // 2)


def _close_up(deck: Deck, frames: Pictures, notes: "_Notes") -> tuple[NDArray[np.intp], Floats]:
    """Look at the frames between two neighbours that do not show the same page too; give rows and their scores."""
    pages = np.where(notes.screens >= 0, notes.scores.argmax(axis=1), -1)
    rows, scores = [], []
    for number, row in enumerate(notes.rows):
        rows.append(np.array([row]))
        scores.append(notes.scores[number : number + 1])
        following = min(number + 1, len(pages) - 1)
        between = np.arange(row + 1, notes.rows[following] if following > number else len(frames))
        around = {int(notes.screens[number]), int(notes.screens[following])} - {-1}
        steady = following > number and pages[number] == pages[following]
        if len(between) and around and not steady:
            seen = np.stack([timeline_deck.see(deck, frames[between], deck.places[one]) for one in sorted(around)])
            rows.append(between)
            scores.append(seen[seen.max(axis=2).argmax(axis=0), np.arange(len(between))])
    return np.concatenate(rows), np.concatenate(scores)
