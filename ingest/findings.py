"""What whoever releases a recording should know of it first: what was lost, and where it is silent, black, and so on.

All of it is told from what the steps learn anyway: nothing is decoded for it once more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from archive.models import Recording
from ingest import loudness, oddities
from ingest.content import Content
from ingest.loudness import MOST_GAIN_DB, STEP_SECONDS, TARGET_LUFS
from ingest.oddities import Flags, Stretch
from ingest.probe import MediaFacts
from ingest.speech import Voice

#: Momentary loudness below this is a muted line; the quietest room that was measured hums at -58 LUFS.
SILENT_LUFS = -60.0
SHORTEST_SILENCE_SECONDS = 20.0
#: Speech below this stays too quiet, because no more gain than this is given.
FAINT_LUFS = TARGET_LUFS - MOST_GAIN_DB
SHORTEST_FAINT_SECONDS = 10.0
#: Tops are cut off in loud syllables; those of one speaker are told as one stretch.
SHORTEST_CLIPPED_SECONDS, JOINED_CLIPPED_SECONDS = 3.0, 10.0
#: More of a kind than this is told by its longest ones: nobody reads a list of hundreds.
MOST_OF_A_KIND = 30


#: What findings are learnt from: the packets, the look at the picture, and listening.
PARTS = ("source", "picture", "sound")


class Code(StrEnum):
    """What was found. The first is what is missing from the file; what cannot be decoded belongs to it."""

    LOST = "lost"
    NO_SOUND = "no-sound"
    SILENCE = "silence"
    LOW_LEVEL = "low-level"
    CLIPPING = "clipping"
    BLACK = "black"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Finding:
    """One stretch of a recording, in seconds on the media clock.

    What is lost at the end lies behind the recording's own length, and lasts as long as the file once promised.
    """

    code: Code
    start_seconds: float
    end_seconds: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Finding":
        return cls(Code(kept["code"]), kept["start_seconds"], kept["end_seconds"])


def of_source(facts: MediaFacts) -> list[Finding]:
    """Tell what the packets alone show: what is missing, and that there is no sound at all."""
    lost = _findings(Code.LOST, ((each.start_seconds, each.end_seconds) for each in facts.lost))
    return lost if facts.audio else [*lost, Finding(Code.NO_SOUND, 0.0, facts.duration_seconds)]


def of_picture(content: Content) -> list[Finding]:
    """Tell what the look at the picture showed."""
    return [
        *_findings(Code.LOST, content.unseen),
        *_findings(Code.BLACK, content.black),
        *_findings(Code.FROZEN, content.frozen),
    ]


def of_sound(voice: Voice) -> list[Finding]:
    """Tell what listening to the voice that was chosen showed."""
    levels = voice.levels
    rooms = loudness.rooms_of(levels.momentary)
    silent = _stretches(levels.momentary < SILENT_LUFS, STEP_SECONDS, SHORTEST_SILENCE_SECONDS)
    faint = _stretches(np.nan_to_num(rooms) < FAINT_LUFS, STEP_SECONDS, SHORTEST_FAINT_SECONDS)
    clipped = _stretches(levels.cut_off, 1.0, SHORTEST_CLIPPED_SECONDS, JOINED_CLIPPED_SECONDS)
    return [
        *_findings(Code.SILENCE, silent),
        *_findings(Code.LOW_LEVEL, faint),
        *_findings(Code.CLIPPING, clipped),
    ]


def keep(recording: Recording, learnt_from: str, found: Iterable[Finding]) -> None:
    """Keep what was learnt from one of the `PARTS` of a recording, in place of what was before."""
    recording.findings = {**(recording.findings or {}), learnt_from: [each.to_json() for each in found]}


def keep_voice(recording: Recording, voice: Voice) -> None:
    """Keep what listening showed, and which of the sound tracks was listened to."""
    keep(recording, "sound", of_sound(voice))
    recording.findings = {**(recording.findings or {}), "heard": voice.track}


def heard(recording: Recording) -> int | None:
    """Which sound track is heard, a place in its facts; None before it was listened to."""
    track: int | None = (recording.findings or {}).get("heard")
    return track


def of(recording: Recording) -> list[Finding]:
    """All that is known by now of a recording, in order."""
    known = recording.findings or {}
    return in_order(Finding.from_json(kept) for part in PARTS for kept in known.get(part, ()))


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Sort findings by when they begin, what is lost first."""
    places = list(Code)
    return sorted(found, key=lambda finding: (finding.start_seconds, places.index(finding.code)))


def _stretches(flags: Flags, step: float, least: float, join: float = 0.0) -> list[Stretch]:
    """Turn flags, one for each `step` seconds, into stretches; those less than `join` apart become one."""
    found: list[Stretch] = []
    for first, end in oddities.runs(flags):
        if found and first * step - found[-1][1] < join:
            found[-1] = (found[-1][0], end * step)
        else:
            found.append((first * step, end * step))
    return [stretch for stretch in found if stretch[1] - stretch[0] >= least]


def _findings(code: Code, found: Iterable[Stretch]) -> list[Finding]:
    longest: Sequence[Stretch] = sorted(found, key=lambda stretch: stretch[0] - stretch[1])[:MOST_OF_A_KIND]
    return [Finding(code, round(begin, 1), round(end, 1)) for begin, end in sorted(longest)]
