"""Says what a recording's picture does, before it is encoded: where it moves, when it turns over, how noisy it is.

From it follow the frame rates, the keyframes, whether to denoise, and which stretches are worth more than their pages.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import cuts, looks, oddities, packets, tracks
from ingest.looks import Floats
from ingest.oddities import Stretch
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

Flags = NDArray[np.bool_]

#: A block whose pixels differ by more than this on average (of 255) has changed since the look before.
CHANGED = 1.5
#: A block moves where it changed in 4 of 5 looks: a page that turns changes once, and is voted out.
VOTES, VOTERS = 4, 5
#: Moving shares of the picture. Up to the first it is still (a pointer); up to the second it is a speaker's inset.
STILL_SHARE, INSET_SHARE = 0.012, 0.26
SHORTEST_SECTION_SECONDS = 12.0
#: Above this, denoising pays. Measured: screens 0, well-lit real cameras 0 to 1.0; a clean clip to which a standard
#: deviation of about 2.3, 4.6 and 9.2 was added 1.7, 3.9 and 8.2 (crf 18) or 0.3, 3.0 and 7.7 (crf 23 leaves no 2.3).
NOISY = 1.5
#: How much of the work is done when the packets are listed, and when the picture is looked over.
LISTED, LOOKED = 0.1, 0.8


class Motion(StrEnum):
    STILL = "still"
    INSET = "inset"
    MOVING = "moving"


class Kind(StrEnum):
    """What most of the picture is: pages, with or without a small speaker; rooms and people; or some of each."""

    NO_PICTURE = "no-picture"
    SLIDES = "slides"
    MIXED = "mixed"
    MOVING = "moving"


@dataclass(frozen=True, slots=True)
class Section:
    start_seconds: float
    end_seconds: float
    motion: Motion


@dataclass(frozen=True, slots=True)
class Content:
    """What the picture does, on the media clock.

    `sections` cover the whole length, each at least 12 s unless it is alone. `cuts` are the moments of whole-picture
    change, sorted, at least 1 s apart and after the start. `noise` is the RMS of the luma noise in flat areas, of 255.
    `black`, `frozen` and `unseen` (not to be decoded) are the stretches that `ingest.oddities` tells.
    All are empty or 0 where there is no picture.
    """

    sections: tuple[Section, ...] = ()
    cuts: tuple[float, ...] = ()
    noise: float = 0.0
    black: tuple[Stretch, ...] = ()
    frozen: tuple[Stretch, ...] = ()
    unseen: tuple[Stretch, ...] = ()

    @property
    def kind(self) -> Kind:
        total = sum(section.end_seconds - section.start_seconds for section in self.sections)
        if not total:
            return Kind.NO_PICTURE
        moving = sum(s.end_seconds - s.start_seconds for s in self.sections if s.motion is Motion.MOVING) / total
        return Kind.SLIDES if moving <= 0.1 else Kind.MOVING if moving >= 0.9 else Kind.MIXED

    def moving(self, start_seconds: float, end_seconds: float) -> tuple[tuple[float, float], ...]:
        """The parts of a stretch in which most of the picture moves, in seconds from its beginning."""
        overlaps = (
            (max(section.start_seconds, start_seconds), min(section.end_seconds, end_seconds))
            for section in self.sections
            if section.motion is Motion.MOVING
        )
        return tuple(
            (round(begin - start_seconds, 3), round(end - start_seconds, 3)) for begin, end in overlaps if begin < end
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Content":
        sections = (Section(**{**section, "motion": Motion(section["motion"])}) for section in content["sections"])
        # What was looked at before oddities were looked for has none.
        odd = ([(begin, end) for begin, end in content.get(name, ())] for name in ("black", "frozen", "unseen"))
        return cls(tuple(sections), tuple(content["cuts"]), content["noise"], *map(tuple, odd))


def look(source: Path, facts: MediaFacts, on_progress: OnProgress | None = None) -> Content:
    """Look at the picture of a recording. Raises ToolFailed, ToolTimedOut, and what `on_progress` raises."""
    if facts.video is None:
        return Content()
    tell = on_progress or tracks.nobody
    weights = packets.weigh(source, facts.video.index, lambda _: tell(0.0))
    with TemporaryDirectory() as folder:
        seen = looks.take(source, facts, weights, Path(folder), _part(tell, LISTED, LOOKED))
        noise = looks.noise(Path(folder))
    if not len(seen.at):
        return Content((Section(0.0, facts.duration_seconds, Motion.STILL),), (), noise)
    search = cuts.prepare(source, facts, weights)
    moving = _moving(seen.blocks > CHANGED, cuts.turning(search, seen))
    found = cuts.find(search, seen, moving, _part(tell, LOOKED, 1.0))
    seconds = facts.duration_seconds
    return Content(
        _sections(seen.at, moving, found, seconds),
        found,
        noise,
        oddities.black(seen, seconds),
        oddities.frozen(seen, found, moving.mean(axis=1) >= STILL_SHARE, seconds),
        oddities.unseen(seen, weights.at[weights.key] - facts.origin_seconds, seconds),
    )


def _moving(changed: Flags, turning: Flags) -> Flags:
    """Say for each look which blocks move: they changed in most of the looks around it.

    Looks since which the picture may have turned over have no vote, and go by the look before. Someone who pages on
    quickly would else be taken for a film.
    """
    voters = np.flatnonzero(~turning)
    if len(voters) < VOTERS:
        voters = np.arange(len(changed))
    padded = np.pad(changed[voters], ((VOTERS // 2, VOTERS // 2), (0, 0)), mode="edge")
    votes = np.lib.stride_tricks.sliding_window_view(padded, VOTERS, axis=0).sum(axis=-1)
    latest = np.searchsorted(voters, np.arange(len(changed)), side="right") - 1
    return np.asarray(votes[np.maximum(latest, 0)] >= VOTES)


def _sections(at: Floats, moving: Flags, found: Sequence[float], seconds: float) -> tuple[Section, ...]:
    """Join looks of one motion; what lasts too shortly becomes part of the longer neighbour."""
    shares = moving.mean(axis=1)
    motions = [
        Motion.STILL if share < STILL_SHARE else Motion.INSET if share < INSET_SHARE else Motion.MOVING
        for share in shares
    ]
    ends = [*at[:-1].tolist(), seconds]
    runs: list[tuple[Motion, float]] = []  # what it does, until when
    for motion, same in groupby(zip(motions, ends, strict=True), key=lambda look: look[0]):
        runs.append((motion, list(same)[-1][1]))
    runs = _steady(runs)
    runs = [*((motion, _snapped(end, at, found)) for motion, end in runs[:-1]), *runs[-1:]]
    starts = [0.0, *(end for _, end in runs[:-1])]
    return tuple(
        Section(round(start, 3), round(end, 3), motion) for start, (motion, end) in zip(starts, runs, strict=True)
    )


def _snapped(end: float, at: Floats, found: Sequence[float]) -> float:
    """End a section with a cut near the look that ended it, if there is one: votes are up to two looks off."""
    look = int(np.searchsorted(at, end))
    first, last = at[max(look - VOTERS // 2, 0)], at[min(look + VOTERS // 2, len(at) - 1)]
    near = [cut for cut in found if first <= cut <= last]
    return min(near, key=lambda cut: abs(cut - end), default=end)


def _steady(runs: list[tuple[Motion, float]]) -> list[tuple[Motion, float]]:
    """Give the shortest run to its longer neighbour until all are long enough."""
    while len(runs) > 1:
        lengths = np.diff([0.0, *(end for _, end in runs)])
        shortest = int(lengths.argmin())
        if lengths[shortest] >= SHORTEST_SECTION_SECONDS:
            break
        padded = np.pad(lengths, 1)
        taker = shortest + (1 if padded[shortest + 2] > padded[shortest] else -1)
        runs[shortest] = (runs[taker][0], runs[shortest][1])
        runs = [(motion, list(same)[-1][1]) for motion, same in groupby(runs, key=lambda run: run[0])]
    return runs


def _part(tell: OnProgress, begin: float, end: float) -> OnProgress:
    """Report a part of the work as what it is of the whole."""
    return lambda share: tell(begin + share * (end - begin))
