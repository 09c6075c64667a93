"""Says what a recording's picture does before any of it is encoded: where it moves, where it turns over, how it hisses.

It is cheap because little is decoded: the keyframes alone where they come often enough, else two pictures a second.
What lies between two looks is told by the weight of the packets, which an encoder makes heavy where the picture is new.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest import graphs, packets, runner, tracks
from ingest.packets import Weights
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: The picture is compared at this size, in blocks of 10 by 10 pixels: a line of text still shows, grain does not.
WIDTH, HEIGHT = 160, 90
ACROSS, DOWN = 16, 9
#: A block whose pixels differ by more than this on average (of 255) has changed.
CHANGED = 1.5
#: Differences are written with this gain, because a mean of whole numbers would lose its fraction in 8 bits.
GAIN = 8
#: A block moves where it changed in 4 of 5 looks: a page that turns changes once, and is voted out.
VOTES, VOTERS = 4, 5
#: Moving shares of the picture. Up to the first it is still (a pointer); up to the second it is a speaker's inset.
STILL_SHARE, INSET_SHARE = 0.012, 0.26
SHORTEST_SECTION_SECONDS = 12.0
#: Keyframes are looked at alone where they come at least this often for 95 % of the time, but not oftener than that.
KEYFRAMES_SECONDS, OFTENEST_SECONDS = 10.5, 1.0
FALLBACK_FPS = 2
#: A cut gives a new picture to this share of what does not move anyway.
CUT_SHARE = 0.1
#: Where less than this share stands still, packets alone can tell of a cut.
STANDING_SHARE = 0.3
#: What is gone again within a second is not worth a keyframe.
SHORTEST_SHOT_SECONDS = 1.0
#: A packet tells where the picture turned over if it weighs this much of a keyframe; it tells by itself that it did if
#: it weighs that much, and so many times what is usual for heavy packets around it.
TELLING_SHARE, HEAVY_SHARE, RISE = 0.1, 0.5, 3.0
#: So many frames are decoded, from a keyframe on, to see which of a few it was; beyond, the heaviest packet is believed.
MOST_DECODED = 300
#: Frames that a decoder still holds back are let out by packets read this long after them.
READ_ON_SECONDS = 0.5
CLOCK_STEP = 1e-3  # No two frames are nearer to each other.
#: An encoder that sets a keyframe this much before its time is due has seen the picture turn over.
EARLY_SHARE = 0.9
NOISE_SAMPLES = 12
#: Noise in blocks of so many pixels; the quietest quarter of them tells, since the rest may be text or leaves.
NOISE_BLOCK, NOISE_PERCENTILE = 16, 25
#: Above this, denoising pays.
NOISY = 1.5
#: How much of the work is done when the packets are listed, and when the picture is sampled.
LISTED, SAMPLED = 0.1, 0.8


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
    change, sorted and at least 1 s apart. `noise` is the RMS of the luma noise in flat areas, of 255. All are empty or
    0 where there is no picture or none of it decodes.
    """

    sections: tuple[Section, ...] = ()
    cuts: tuple[float, ...] = ()
    noise: float = 0.0

    @property
    def kind(self) -> Kind:
        total = sum(section.end_seconds - section.start_seconds for section in self.sections)
        if not total:
            return Kind.NO_PICTURE
        moving = sum(s.end_seconds - s.start_seconds for s in self.sections if s.motion is Motion.MOVING) / total
        return Kind.SLIDES if moving <= 0.1 else Kind.MOVING if moving >= 0.9 else Kind.MIXED

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Content":
        sections = (Section(**{**section, "motion": Motion(section["motion"])}) for section in content["sections"])
        return cls(tuple(sections), tuple(content["cuts"]), content["noise"])


@dataclass(frozen=True, slots=True)
class _Looks:
    """What changed between looks: `share[i]` is for each block how far it differs from the look before, at `at[i]`."""

    at: Floats
    blocks: Floats  # looks x blocks, mean difference of 255


def look(source: Path, facts: MediaFacts, on_progress: OnProgress | None = None) -> Content:
    """Look at the picture of a recording. Raises ToolFailed, ToolTimedOut, and what `on_progress` raises."""
    if facts.video is None:
        return Content()
    tell = on_progress or tracks.nobody
    weights = packets.weigh(source, facts.video.index, lambda _: tell(0.0))
    with TemporaryDirectory() as folder:
        looks = _sample(source, facts, weights, Path(folder), lambda share: tell(LISTED + share * (SAMPLED - LISTED)))
        noise = _noise(sorted(Path(folder).glob("*.pgm")))
    if not len(looks.at):
        return Content(noise=noise)
    moving = _moving(looks.blocks > CHANGED)
    search = _search(source, facts, weights)
    cuts = _cuts(search, looks, moving, lambda share: tell(SAMPLED + share * (1 - SAMPLED)))
    return Content(_sections(looks.at, moving, cuts, facts.duration_seconds), cuts, noise)


def _sample(source: Path, facts: MediaFacts, weights: Weights, folder: Path, tell: OnProgress) -> _Looks:
    """Compare the whole recording's looks, and leave a dozen of them in `folder` at full size, as .pgm files."""
    if _keyframes_tell_enough(weights):
        frames = _frames(source, facts, skip_frame="nokey").filter(
            "select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{OFTENEST_SECONDS})"
        )
    else:
        frames = tracks.picture(source, facts, FALLBACK_FPS, rounding="up", skip_frame="noref")
        frames = frames.filter("trim", end=facts.duration_seconds)
    both = frames.filter_multi_output("split")
    spacing = facts.duration_seconds / NOISE_SAMPLES
    whole = (
        both[1]
        .filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{spacing})")
        .filter("scale", "iw", "ih")  # Sizes that follow are brought to the first one, which the file format asks for.
        .filter("format", "gray")
        .output(str(folder / "%02d.pgm"), fps_mode="passthrough", **{"c:v": "pgm"})
    )
    return _compare(both[0], folder / "blocks", facts.duration_seconds, tell, whole)


def _frames(source: Path, facts: MediaFacts, **options: object) -> Any:
    """Take what decodes, each frame at its own time on the media clock."""
    assert facts.video is not None
    picture = graphs.uploaded(source, threads=1, reinit_filter=0, **options)[str(facts.video.index)]
    return picture.filter("setpts", f"PTS-({facts.origin_seconds})/TB")


def _compare(frames: Any, out: Path, seconds: float, tell: OnProgress, *beside: Any) -> _Looks:
    """Tell how far each frame differs from the one before; 144 bytes for each are all that is kept."""
    both = (
        frames.filter("scale", WIDTH, HEIGHT, flags="area")
        .filter("format", "gray")
        .filter("tblend", all_mode="difference")
        .filter("lut", y=f"val*{GAIN}")
        .filter("scale", ACROSS, DOWN, flags="area")
        .filter_multi_output("split")
    )
    how = {"fps_mode": "passthrough", "enc_time_base": "1/90000"}
    times = _Times()
    graph = ffmpeg.merge_outputs(
        both[0].output(str(out), format="rawvideo", **how), both[1].output("pipe:", format="framecrc", **how), *beside
    )
    runner.run(
        graphs.command_of(graph.global_args("-copyts", "-max_error_rate", "1")),
        each_line=times.take,
        deadline_seconds=tracks.START_UP_SECONDS + 10 * seconds,
        on_progress=lambda _: tell(min(1.0, times.last / seconds)),
        memory_bytes=tracks.MEMORY_BYTES,
    )
    blocks = np.frombuffer(out.read_bytes(), np.uint8).reshape(-1, ACROSS * DOWN)
    count = min(len(blocks), len(times.at))
    return _Looks(np.asarray(times.at[:count]), blocks[:count] / GAIN)


class _Times:
    """Reads the times of framecrc's lines in 1/90000 s."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.last = 0.0

    def take(self, line: bytes) -> None:
        if not line.startswith(b"#"):
            self.last = int(line.split(b",")[2]) / 90_000
            self.at.append(self.last)


def _keyframes_tell_enough(weights: Weights) -> bool:
    keys = weights.at[weights.key]
    gaps = np.diff(np.append(keys, weights.at[-1:]))
    return bool(gaps.sum()) and float(gaps[gaps <= KEYFRAMES_SECONDS].sum() / gaps.sum()) >= 0.95


def _moving(changed: Flags) -> Flags:
    """Tell for each look which blocks move: they changed in most of the looks around it."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(changed, ((2, 2), (0, 0)), mode="edge"), VOTERS, axis=0)
    return np.asarray(around.sum(axis=-1) >= VOTES)


def _noise(pictures: Sequence[Path]) -> float:
    """Estimate the noise as the median over some pictures."""
    return round(float(np.median([_noise_of(picture) for picture in pictures])), 2) if pictures else 0.0


def _noise_of(picture: Path) -> float:
    """Estimate noise by what a Laplacian mask leaves of a smooth surface (Immerkær 1996), block by block."""
    with Image.open(picture) as opened:
        y = np.asarray(opened, np.float32)
    across = y[:, :-2] - 2 * y[:, 1:-1] + y[:, 2:]
    left = np.abs(across[:-2] - 2 * across[1:-1] + across[2:])
    down, wide = (side // NOISE_BLOCK for side in left.shape)
    if not down or not wide:
        return 0.0
    blocks = left[: down * NOISE_BLOCK, : wide * NOISE_BLOCK].reshape(down, NOISE_BLOCK, wide, NOISE_BLOCK)
    sigma = blocks.mean(axis=(1, 3)) * math.sqrt(math.pi / 2) / 6
    return float(np.percentile(sigma, NOISE_PERCENTILE))


def _sections(at: Floats, moving: Flags, cuts: Sequence[float], seconds: float) -> tuple[Section, ...]:
    """Join looks of one motion; what lasts too shortly becomes part of the longer neighbour."""
    shares = moving.mean(axis=1)
    motions = [
        Motion.STILL if share < STILL_SHARE else Motion.INSET if share < INSET_SHARE else Motion.MOVING
        for share in shares
    ]
    ends = [*at[:-1].tolist(), seconds]
    runs: list[tuple[Motion, float]] = []  # what it does, until when
    for motion, looks in groupby(zip(motions, ends, strict=True), key=lambda look: look[0]):
        runs.append((motion, list(looks)[-1][1]))
    runs = _steady(runs)
    runs = [*((motion, _snapped(end, at, cuts)) for motion, end in runs[:-1]), *runs[-1:]]
    starts = [0.0, *(end for _, end in runs[:-1])]
    return tuple(
        Section(round(start, 3), round(end, 3), motion) for start, (motion, end) in zip(starts, runs, strict=True)
    )


def _snapped(end: float, at: Floats, cuts: Sequence[float]) -> float:
    """A section ends with the cut beside the look that ended it, if there is one: votes are a look early or late."""
    look = int(np.searchsorted(at, end))
    first, last = at[max(look - 1, 0)], at[min(look + 1, len(at) - 1)]
    near = [cut for cut in cuts if first <= cut <= last]
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


@dataclass(frozen=True, slots=True)
class _Search:
    """All that is needed to find when, between two looks, the picture turned over. Times are on the media clock."""

    source: Path
    facts: MediaFacts
    weights: Weights
    at: Floats  # of packets
    early: Flags  # keyframes before their time
    key_size: Floats  # for each packet, the weight of the heavier keyframe of the two around it


def _search(source: Path, facts: MediaFacts, weights: Weights) -> _Search:
    keys = np.flatnonzero(weights.key)
    early = np.zeros(len(weights.at), np.bool_)
    gaps = np.diff(weights.at[keys])
    early[keys[1:]] = gaps < EARLY_SHARE * gaps.max(initial=0.0)
    sizes = weights.size[keys] if len(keys) else weights.size.max(initial=1, keepdims=True)
    after = np.searchsorted(keys, np.arange(len(weights.at)))
    key_size = np.maximum(sizes.take(after, mode="clip"), sizes.take(after - 1, mode="clip"))
    return _Search(source, facts, weights, weights.at - facts.origin_seconds, early, key_size.astype(np.float64))


def _cuts(search: _Search, looks: _Looks, moving: Flags, tell: OnProgress) -> tuple[float, ...]:
    """Find the cuts: looks say between which two of them the picture turned over, packets say when."""
    new = (looks.blocks > CHANGED) & ~moving
    standing = (~moving).mean(axis=1)
    turned = new.mean(axis=1) >= CUT_SHARE * standing
    starts = np.append(search.at[0], looks.at[:-1])
    # A pointer or a speaker who stops or starts moving just now is no new page either.
    quiet = ~(moving | np.roll(moving, 1, axis=0) | np.roll(moving, -1, axis=0))
    found: list[float] = []
    for number in range(len(looks.at)):
        between = np.flatnonzero(
            (search.at > starts[number] + CLOCK_STEP / 2) & (search.at <= looks.at[number] + CLOCK_STEP / 2)
        )
        if standing[number] < STANDING_SHARE:
            found += [float(search.at[packet]) for packet in between if _tells(search, int(packet), HEAVY_SHARE)]
        elif turned[number]:
            found += _located(search, between, quiet[number])
        tell((number + 1) / len(looks.at))
    return tuple(_lasting(sorted(found)))


def _lasting(found: Sequence[float]) -> list[float]:
    nexts = [*found[1:], math.inf]
    return [round(at, 6) for at, after in zip(found, nexts, strict=True) if after - at >= SHORTEST_SHOT_SECONDS]


def _tells(search: _Search, packet: int, share: float) -> bool:
    """Say whether a packet tells of a new picture: a keyframe before its time, or a weight out of the ordinary."""
    weights, size = search.weights, search.weights.size[packet]
    if weights.key[packet]:
        return bool(search.early[packet])
    if size < share * search.key_size[packet]:
        return False
    near = slice(*np.searchsorted(search.at, (search.at[packet] - 2, search.at[packet] + 2)))
    others = np.delete(weights.size[near], packet - near.start)[~np.delete(weights.key[near], packet - near.start)]
    return len(others) > 0 and bool(size >= RISE * np.percentile(others, 90))


def _located(search: _Search, between: NDArray[np.intp], standing: Flags) -> list[float]:
    """Say when the picture turned over, known that it did somewhere in these packets."""
    weights = search.weights
    telling = [int(packet) for packet in between if _tells(search, int(packet), TELLING_SHARE)]
    heaviest = max((weights.size[packet] for packet in telling), default=0)
    found: list[float] = []
    for packet in telling:
        first = int(np.searchsorted(weights.at, weights.at[packet] - weights.late[packet] - CLOCK_STEP / 2))
        if weights.key[packet] or first == packet:
            found.append(float(search.at[packet]))
        elif weights.size[packet] >= heaviest / 2:
            found += _seen(search, np.arange(first, packet + 1), standing)
    return found or _seen(search, between, standing)


def _seen(search: _Search, between: NDArray[np.intp], standing: Flags) -> list[float]:
    """Decode these packets' frames to see where the picture turned over, if it did at once."""
    if len(between) < 2:
        return search.at[between].tolist()  # type: ignore[no-any-return]
    if between[-1] - _key_before(search, int(between[0]) - 1) > MOST_DECODED:
        heaviest = int(between[search.weights.size[between].argmax()])
        telling = search.weights.size[heaviest] >= TELLING_SHARE * search.key_size[heaviest]
        return [float(search.at[heaviest])] if telling else []
    before, end = search.at[max(between[0] - 1, 0)], search.at[between[-1]]
    frames = _frames(search.source, search.facts, **_span(search, before, end))
    frames = frames.filter("trim", start=before - CLOCK_STEP, end=end + CLOCK_STEP)
    with TemporaryDirectory() as folder:
        looks = _compare(frames, Path(folder) / "blocks", end, tracks.nobody)
    if not len(looks.at) or not standing.any():
        return []
    changed = (looks.blocks[:, standing] > CHANGED).mean(axis=1)
    if changed.max() < CUT_SHARE:
        return []
    differences = looks.blocks[:, standing].mean(axis=1)
    # A page that is faded in has come when the last large step is done.
    return [float(looks.at[np.flatnonzero(differences >= differences.max() / 2)[-1]])]


def _span(search: _Search, start: float, end: float) -> dict[str, object]:
    """Read from the last keyframe before `start` until `end`: a trimmed graph alone would have all the rest decoded."""
    facts = search.facts
    assert facts.video is not None
    key = search.at[_key_before(search, int(np.searchsorted(search.at, start)))]
    early = facts.video.keyframe_gap_seconds if facts.container in tracks.UNINDEXED_CONTAINERS else 0.0
    entry = key + facts.origin_seconds + CLOCK_STEP - early
    seek = {"ss": entry, "seek_timestamp": 1, "noaccurate_seek": None} if entry > CLOCK_STEP else {}
    return {**seek, "t": end - key + early + READ_ON_SECONDS}


def _key_before(search: _Search, packet: int) -> int:
    keys = np.flatnonzero(search.weights.key[: packet + 1])
    return int(keys[-1]) if len(keys) else 0
