"""Finds the moments at which the whole picture changes: looks say between which two of them, packets say when.

An encoder makes a packet heavy where the picture is new, or sets a keyframe there. Where packets leave a doubt, or
B-frames are stored behind a frame that they are shown before, the few frames in question are decoded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from ingest import looks as looking
from ingest import tracks
from ingest.looks import Floats, Looks
from ingest.packets import Weights
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

Flags = NDArray[np.bool_]
Indexes = NDArray[np.intp]

#: A block whose pixels differ by more than this on average (of 255) shows something new; less is an encoder breathing.
NEW = 3.0
#: A cut gives a new picture to this share of what does not move anyway.
CUT_SHARE = 0.08
#: Where less than this share stands still, packets alone can tell of a cut.
STANDING_SHARE = 0.3
#: What is gone again within a second is not worth a keyframe.
SHORTEST_SHOT_SECONDS = 1.0
#: A packet tells of a cut if it weighs this much of a keyframe and so many times the fifth heaviest of ten around it.
TELLING_SHARE, RISE, USUAL_PERCENTILE, AROUND_SECONDS = 0.1, 3.0, 80, 3
#: Some encoders (VP8) set a poor keyframe and mend it with the next packets, which therefore tell nothing.
MENDING_PACKETS = 2
#: It tells even where everything moves if it weighs half a keyframe.
HEAVY_SHARE = 0.5
#: An encoder that sets a keyframe this much before its time is due has seen the picture turn over.
EARLY_SHARE = 0.9
#: So many frames are decoded at most to see which of a few it was; beyond that, the heaviest packet is believed.
MOST_DECODED = 300
#: In so many frames, one that changes at once must stand out.
MANY_FRAMES = 10
#: Frames that a decoder still holds back are let out by packets read this long after them.
READ_ON_SECONDS = 0.5
CLOCK_STEP = 1e-3  # No two frames are nearer to each other.
#: Where only some packets carry a time, those of the others are guesses.
UNTIMED_CONTAINERS = frozenset({"mpeg"})


@dataclass(frozen=True, slots=True)
class Search:
    """The packets of a picture, weighed against each other. Times are on the media clock."""

    source: Path
    facts: MediaFacts
    weights: Weights
    at: Floats
    share: Floats  # of the heavier keyframe of the two around it; 1 for a keyframe before its time, 0 for any other
    telling: Flags

    def between(self, start: float, end: float) -> Indexes:
        """Find the packets shown after `start`, up to `end`."""
        return np.arange(*np.searchsorted(self.at, (start + CLOCK_STEP / 2, end + CLOCK_STEP / 2)))


def prepare(source: Path, facts: MediaFacts, weights: Weights) -> Search:
    """Find the packets that stand out."""
    keys, at = np.flatnonzero(weights.key), weights.at - facts.origin_seconds
    sizes = weights.size[keys] if len(keys) else weights.size.max(initial=1, keepdims=True)
    after = np.searchsorted(keys, np.arange(len(at)))
    share = weights.size / np.maximum(sizes.take(after, mode="clip"), sizes.take(after - 1, mode="clip"))
    gaps = np.diff(at[keys])
    share[keys] = np.append(0.0, gaps < EARLY_SHARE * gaps.max(initial=0.0))[: len(keys)]
    telling = (share >= TELLING_SHARE) & (weights.key | (weights.size >= RISE * _usual(at, weights)))
    for behind in range(1, MENDING_PACKETS + 1):
        telling[np.minimum(keys + behind, len(at) - 1)] = False
    return Search(source, facts, weights, at, share, telling)


def _usual(at: Floats, weights: Weights) -> Floats:
    """Say for each packet what is heavy around it, keyframes left aside."""
    seconds = np.floor(at).astype(np.int64)
    others, sizes = at[~weights.key], weights.size[~weights.key]
    usual = np.zeros(len(at))
    for second in np.unique(seconds):
        near = slice(*np.searchsorted(others, (second - AROUND_SECONDS, second + 1 + AROUND_SECONDS)))
        usual[seconds == second] = np.percentile(sizes[near], USUAL_PERCENTILE) if near.stop > near.start else 0.0
    return usual


def turning(search: Search, looks: Looks) -> Flags:
    """Say for each look whether it shows much that is new and a packet since the look before tells of a cut."""
    told = np.append(0, np.cumsum(search.telling))
    until = np.searchsorted(search.at, looks.at + CLOCK_STEP / 2)
    return np.asarray((np.diff(told[until], prepend=0) > 0) & ((looks.blocks > NEW).mean(axis=1) >= CUT_SHARE))


def find(search: Search, looks: Looks, moving: Flags, on_progress: OnProgress) -> tuple[float, ...]:
    """List the cuts, sorted, at least a second apart and after the start. `moving` says of each look what blocks move.

    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    # What begins or ends moving just now is new, too.
    standing = ~(moving & np.roll(moving, -1, axis=0))
    turned = ((looks.blocks > NEW) & standing).mean(axis=1) >= CUT_SHARE * standing.mean(axis=1)
    found: list[float] = []
    start = float(search.at[0])
    for number, end in enumerate(looks.at.tolist()):
        packets = search.between(start, end)
        if standing[number].mean() < STANDING_SHARE:
            found += _alone(search, packets)
        elif turned[number]:
            found += _locate(search, packets, standing[number])
        start = end
        on_progress((number + 1) / len(looks.at))
    return tuple(_lasting(sorted(found)))


def _alone(search: Search, packets: Indexes) -> list[float]:
    """Say which packets tell of a cut without a look at the picture."""
    sure = search.telling[packets] & (search.share[packets] >= HEAVY_SHARE)
    return search.at[packets[sure]].tolist()  # type: ignore[no-any-return]


def _lasting(found: Sequence[float]) -> list[float]:
    """Leave out what another cut follows too soon, and what follows the start too soon, where a keyframe is anyway."""
    late = [at for at in found if at >= SHORTEST_SHOT_SECONDS]
    nexts = [*late[1:], math.inf]
    return [round(at, 6) for at, after in zip(late, nexts, strict=False) if after - at >= SHORTEST_SHOT_SECONDS]


def _locate(search: Search, packets: Indexes, standing: Flags) -> list[float]:
    """Say when the picture turned over, known that it did somewhere in these packets."""
    share = search.share[packets]
    heavy = packets[share >= share.max(initial=0.0) / 2]
    # A recorder that holds its rate spreads a new page over many packets, and the first need not be the heaviest.
    if search.facts.container in UNTIMED_CONTAINERS or not len(heavy) or not search.telling[heavy].all():
        return _see(search, packets, standing)
    found: list[float] = []
    for packet in heavy:
        first = int(np.searchsorted(search.weights.at, _first_shown(search.weights, packet)))
        held_back = not search.weights.key[packet] and first < packet
        found += _see(search, np.arange(first, packet + 1), standing) if held_back else [float(search.at[packet])]
    return found or _see(search, packets, standing)


def _first_shown(weights: Weights, packet: np.intp) -> float:
    return float(weights.at[packet] - weights.late[packet] - CLOCK_STEP / 2)


def _see(search: Search, packets: Indexes, standing: Flags) -> list[float]:
    """Decode the frames of these packets to see at which the picture turned over, if it did so at once."""
    if len(packets) < 2:
        return search.at[packets].tolist()  # type: ignore[no-any-return]
    if packets[-1] - _key_before(search, int(packets[0]) - 1) > MOST_DECODED:
        heaviest = packets[search.weights.size[packets].argmax()]
        return [float(search.at[heaviest])] if search.share[heaviest] >= TELLING_SHARE else []
    before, end = search.at[max(packets[0] - 1, 0)], search.at[packets[-1]]
    frames = looking.frames(search.source, search.facts, **_span(search, before, end))
    frames = frames.filter("trim", start=before - CLOCK_STEP, end=end + CLOCK_STEP)
    with TemporaryDirectory() as folder:
        seen = looking.compare(frames, Path(folder), end, tracks.nobody)
    return _turned_at(Looks(seen.at, seen.blocks[:, standing], seen.light[:, standing]))


def _turned_at(seen: Looks) -> list[float]:
    new, step = (seen.blocks > NEW).mean(axis=1), seen.blocks.mean(axis=1)
    if len(step) >= MANY_FRAMES and step.max() < RISE * np.percentile(step, USUAL_PERCENTILE):
        return []
    found: list[float] = []
    # A recorder that holds its rate mends a new page in several steps, each smaller than the cut itself.
    for number in np.argsort(-step):
        at = float(seen.at[number])
        clear = new[number] >= CUT_SHARE and step[number] >= step.max() / 2
        if clear and all(abs(at - other) >= SHORTEST_SHOT_SECONDS for other in found):
            found.append(at)
    return found


def _span(search: Search, start: float, end: float) -> dict[str, object]:
    """Read from the last keyframe before `start` until `end`: a trimmed graph alone would have all the rest decoded."""
    facts = search.facts
    assert facts.video is not None
    key = search.at[_key_before(search, int(np.searchsorted(search.at, start)))]
    early = facts.video.keyframe_gap_seconds if facts.container in tracks.UNINDEXED_CONTAINERS else 0.0
    entry = key + facts.origin_seconds + CLOCK_STEP - early
    seek = {"ss": entry, "seek_timestamp": 1, "noaccurate_seek": None} if entry > CLOCK_STEP else {}
    return {**seek, "t": end - key + early + READ_ON_SECONDS}


def _key_before(search: Search, packet: int) -> int:
    keys = np.flatnonzero(search.weights.key[: max(packet, 0) + 1])
    return int(keys[-1]) if len(keys) else 0
