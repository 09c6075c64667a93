"""Tells what a damaged recording has lost, from its header and its packets alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.packets import Extent

#: Where a header says how long the recording is; elsewhere ffprobe guesses by bit rate or by the last packet it sees.
PROMISING_CONTAINERS = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "avi", "asf"})
#: Where a picture has a frame for each instant; elsewhere a still screen may leave gaps that are no loss.
STEADY_CONTAINERS = frozenset({"mpegts", "mpeg"})
#: Headers round, and count what an edit list cuts off; what is shorter than this is no loss worth a word.
SHORTEST_SECONDS, SHORTEST_SHARE = 1.0, 0.005


class Way(StrEnum):
    """How something was lost: the file ends too early, nothing is there, or what is there was overwritten."""

    CUT_OFF = "cut-off"
    GAP = "gap"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Lost:
    """A stretch that is missing, on the media clock. What was cut off lies behind the end of what there is."""

    start_seconds: float
    end_seconds: float
    way: Way


def find(
    container: str, promised_seconds: float, pictures: Sequence[Extent], sounds: Sequence[Extent], origin: float
) -> tuple[Lost, ...]:
    """List what is missing; the clock of the container stands at `origin` when the media clock starts.

    `promised_seconds` is the length by the header, 0 where it says none. A gap counts where nothing goes on: neither
    sound, nor a picture.
    """
    everything = [*pictures, *sounds]
    end = max(extent.end for extent in everything)
    telling = sounds or (pictures if container in STEADY_CONTAINERS else [])
    holes = _common([_holes(extent, origin, end) for extent in [*telling, *(pictures if sounds else [])]])
    blanks = [blank for extent in everything for blank in extent.blanks]
    found = [Lost(begin - origin, until - origin, Way.GAP) for begin, until in holes]
    found += [Lost(begin - origin, until - origin, Way.BLANK) for begin, until in _joined(blanks)]
    if container in PROMISING_CONTAINERS:
        found.append(Lost(end - origin, promised_seconds, Way.CUT_OFF))
    least = max(SHORTEST_SECONDS, SHORTEST_SHARE * (end - origin))
    return tuple(
        Lost(round(lost.start_seconds, 1), round(lost.end_seconds, 1), lost.way)
        for lost in sorted(found, key=lambda lost: lost.start_seconds)
        if lost.end_seconds - lost.start_seconds >= least
    )


def _holes(extent: Extent, origin: float, end: float) -> list[tuple[float, float]]:
    return [(origin, extent.start), *extent.gaps, (extent.end, end)]


def _common(each: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Give what lies in a hole of every track; nothing where there are no tracks to tell."""
    if not each:
        return []
    common = list(each[0])
    for holes in each[1:]:
        both = ((max(a, c), min(b, d)) for a, b in common for c, d in holes)
        common = [(begin, end) for begin, end in both if begin < end]
    return common


def _joined(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for begin, end in sorted(stretches):
        if joined and begin <= joined[-1][1] + 1.0:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
