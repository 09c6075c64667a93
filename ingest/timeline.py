"""Finds when which page of a deck is on a recording's screen, from the picture alone.

It looks at the frames (keyframes for a first answer, five a second for the final one), says how much each shows each
page (`timeline_deck`), and then chooses the most plausible course of the talk: pages mostly go forward, stay for a
while, and may be off the screen (Viterbi's algorithm over pages and "none").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from ingest import timeline_deck, timeline_samples, tracks
from ingest.content import Motion, Section
from ingest.likeness import Floats
from ingest.probe import MediaFacts
from ingest.timeline_deck import Deck
from ingest.timeline_samples import Samples
from ingest.timeline_watch import Sightings, watch
from ingest.tracks import OnProgress

#: What a second of a page that is perfectly seen is worth, against leaving the screen empty.
WORTH = 10.0
#: What a change costs: a page must be seen for a second or so before anything else than the page before is believed.
TO_THE_NEXT, TO_ANOTHER, OFF_THE_SCREEN, ONTO_THE_SCREEN = 2.0, 3.0, 1.5, 1.5
#: A look for an unknown screen costs as much as comparing fifty frames.
LEAST_SEARCHES, SEARCHES_PER_HOUR = 14, 24
SEARCHES_PER_WINDOW, SEARCHES_AFTER_KEYFRAMES = 12, 2
LONG_ENOUGH_TO_GIVE_UP_SECONDS = 600.0
#: A keyframe that comes this much early did so because the picture changed: encoders put one where a scene begins.
EARLY = 0.9
#: A page on a clean recording has a likeness of 0.8 and more, the best of a wrong deck 0.5; the right one leads so far.
SURE, UNSURE, CLEAR_LEAD = 0.8, 0.5, 0.15
#: From this likeness on, a page on a known screen is more plausible than an empty one; over its turn it must do better.
PLAUSIBLE_LIKENESS, LEAST_MEAN_LIKENESS = 0.52, 0.58


@dataclass(frozen=True, slots=True)
class Cue:
    """From `at_seconds` on, `page` (1 for the first) is on the screen.

    `confidence` is how well the page fits the picture while it is shown: 1 is all of the time as well as on a clean
    recording and with no other page near, 0.5 is half of that, be it that a person stands before it, that the picture
    is poor, or that a page which looks the same could be meant and only the order of pages speaks for this one.
    """

    page: int
    at_seconds: float
    confidence: float


def match_roughly(
    source: Path, facts: MediaFacts, page_files: Sequence[Path], on_progress: OnProgress | None = None
) -> list[Cue]:
    """List the page changes from the recording's keyframes alone, for about a fifth of the cost of `match`.

    Times are between the keyframes around a change, or exact where the recorder put a keyframe at the change. Pages
    shown between two keyframes only are missed. Where keyframes are too far apart it looks once a second.
    Raises as `match` does.
    """
    if facts.video is None or not page_files:
        return []
    tell = on_progress or tracks.nobody
    deck = timeline_deck.open_deck(page_files, lambda: tell(0.0))
    with TemporaryDirectory() as folder:
        if _has_dense_keyframes(facts):
            seen = _watch_all(deck, timeline_samples.keyframes(source, facts, Path(folder), tell), 1, _searches(facts))
        else:
            seen = _watch_all(
                deck, timeline_samples.windows(source, facts, Path(folder), 1, tell), 1, SEARCHES_PER_WINDOW
            )
    return _cues(seen)


def match(
    source: Path,
    facts: MediaFacts,
    page_files: Sequence[Path],
    on_progress: OnProgress | None = None,
    rough: Sequence[Cue] | None = None,
) -> list[Cue]:
    """List the page changes of a recording in the order of time; none when the deck is not seen in it.

    Times are within 0.2 s of the change. Pages may be anywhere on the picture, seen straight on or filmed from the
    hall, and where they are may change. `rough` is what `match_roughly` found, if it was asked: where that is nothing
    in a recording with enough keyframes, there is nothing to refine. Raises ToolFailed, ToolTimedOut, and what
    `on_progress` raises.
    """
    if facts.video is None or not page_files or _is_hopeless(facts, rough):
        return []
    tell = on_progress or tracks.nobody
    deck = timeline_deck.open_deck(page_files, lambda: tell(0.0))
    with TemporaryDirectory() as folder:
        searches = SEARCHES_PER_WINDOW
        if _has_dense_keyframes(facts):
            # All screens are found on the keyframes, so that the first minutes are looked at with those of the last.
            early = timeline_samples.keyframes(source, facts, Path(folder), lambda _: tell(0.0))
            _watch_all(deck, early, 1, _searches(facts))
            searches = SEARCHES_AFTER_KEYFRAMES
        fps = timeline_samples.FPS
        seen = _watch_all(deck, timeline_samples.windows(source, facts, Path(folder), fps, tell), fps, searches)
    return _cues(seen)


def worth_video(sections: Sequence[Section], cues: Sequence[Cue]) -> list[tuple[float, float]]:
    """List from when to when (seconds) a talk shows what pages cannot: films and demos after its first page.

    People who move before any page is shown are no part of it. Neighbouring stretches are joined.
    """
    begin = cues[0].at_seconds if cues else 0.0
    joined: list[tuple[float, float]] = []
    for section in sections:
        start, end = max(section.start_seconds, begin), section.end_seconds
        if section.motion is not Motion.MOVING or end <= start:
            continue
        if joined and joined[-1][1] >= start:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _is_hopeless(facts: MediaFacts, rough: Sequence[Cue] | None) -> bool:
    """A deck of which hundreds of keyframes show no page is the deck of another talk: decoding all would be waste."""
    long_enough = facts.duration_seconds >= LONG_ENOUGH_TO_GIVE_UP_SECONDS
    return rough is not None and not rough and long_enough and _has_dense_keyframes(facts)


def _has_dense_keyframes(facts: MediaFacts) -> bool:
    return facts.video is not None and facts.video.keyframe_gap_seconds <= timeline_samples.LONGEST_KEYFRAME_GAP


def _searches(facts: MediaFacts) -> int:
    return LEAST_SEARCHES + round(SEARCHES_PER_HOUR * facts.duration_seconds / 3600)


def _watch_all(deck: Deck, taken: Iterator[Samples], stride: int, searches: int) -> Sightings:
    parts = [watch(deck, samples, stride, searches) for samples in taken]
    return Sightings.joined(parts, len(deck.pictures))


def _cues(seen: Sightings) -> list[Cue]:
    path = _course(seen)
    cues: list[Cue] = []
    for first, after in _stretches(path):
        page = int(path[first])
        if page < 0:
            continue
        mean = float(np.average(seen.scores[first:after, page], weights=seen.lasts[first:after]))
        if mean < LEAST_MEAN_LIKENESS or (cues and cues[-1].page == page + 1):
            continue
        confidence = _confidence(seen.scores[first:after], page, seen.lasts[first:after])
        cues.append(Cue(page + 1, round(_came_up(seen, first), 3), confidence))
    return cues


def _confidence(scores: Floats, page: int, lasts: NDArray[np.float64]) -> float:
    """Average over a page's turn how well it fits, counting little the moments in which another fits nearly as well."""
    fits = np.clip((scores[:, page] - UNSURE) / (SURE - UNSURE), 0, 1)
    rivals = np.delete(scores, page, axis=1).max(axis=1, initial=0.0)
    alone = np.clip((scores[:, page] - rivals) / CLEAR_LEAD, 0, 1)
    return round(float(np.average(fits * alone, weights=lasts)), 3)


def _course(seen: Sightings) -> NDArray[np.intp]:
    """Choose for every sighting the page, or -1 for none, so that all together are the most plausible talk."""
    gain = WORTH * seen.lasts[:, None] * (seen.scores.astype(np.float64) - PLAUSIBLE_LIKENESS)
    gain = np.hstack([gain, np.zeros((len(gain), 1))])  # The last state is that no page is shown.
    came_from = np.zeros(gain.shape, np.intp)
    best = gain[0] if len(gain) else np.zeros(gain.shape[1])
    for row in range(1, len(gain)):
        came_from[row], reached = _step(best)
        best = reached + gain[row]
    path = np.full(len(gain), int(best.argmax()), np.intp)
    for row in range(len(gain) - 1, 0, -1):
        path[row - 1] = came_from[row, path[row]]
    path[path == gain.shape[1] - 1] = -1
    return path


def _step(best: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For every state the one it is best reached from, and what that leaves: staying is free, changing costs."""
    none = len(best) - 1
    leader = int(best[:none].argmax())
    origin, reached = np.arange(len(best)), best.copy()

    def offer(states: slice, origins: NDArray[np.intp], values: NDArray[np.float64]) -> None:
        better = values > reached[states]
        origin[states] = np.where(better, origins, origin[states])
        reached[states] = np.where(better, values, reached[states])

    every, last, pages = slice(0, none), slice(none, none + 1), np.ones(none)
    offer(slice(1, none), np.arange(none - 1), best[: none - 1] - TO_THE_NEXT)
    offer(every, np.full(none, leader), (best[leader] - TO_ANOTHER) * pages)
    offer(every, np.full(none, none), (best[none] - ONTO_THE_SCREEN) * pages)
    offer(last, np.array([leader]), np.array([best[leader] - OFF_THE_SCREEN]))
    return origin, reached


def _stretches(path: NDArray[np.intp]) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [(first, after) for first, after in pairwise(edges) if after > first]


def _came_up(seen: Sightings, row: int) -> float:
    """Say when a page came up that is seen first in this row: between its frame and the frame before."""
    if row == 0:
        return 0.0
    at, before = float(seen.at[row]), float(seen.before[row])
    early = timeline_samples.KEYFRAME_SPACING < at - before < EARLY * seen.usual_gap
    return at if early else (at + before) / 2
