"""Encodes the picture of a recording in chunks that any worker may take, every rung of a chunk from one decode.

Keyframes stand where the picture changes as a whole, because a page that comes up in the middle of a segment is paid
for twice, once as a change and once more as the next keyframe; that saved 19-24 % of the bits on slides.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from ingest import coding, packets, soundness, tracks
from ingest.content import NOISY, Content
from ingest.files import landing
from ingest.ladder import FASTEST_FPS, GRID_SECONDS, LONGEST_SEGMENT_SECONDS, SLOWEST_FPS, Codec, VideoRung
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

CHUNK_SECONDS = 120.0
#: A stretch that moves, or one that does not, is worth a chunk of its own from here on.
LEAST_PACED_SECONDS = 2 * LONGEST_SEGMENT_SECONDS
#: A player can start when the first segment is there, so it is short: 4 s are 29 KB of the low rung.
FIRST_SEGMENT_SECONDS = 4.0
#: Keyframes nearer to each other than this cost more than a change between them saves.
SHORTEST_SEGMENT_SECONDS = 1.0
#: How much more coarsely a chunk is coded again that overran its ceiling, up to about the coarsest there is: 51 and 63.
COARSER = {Codec.H264: (7, 13, 18), Codec.AV1: (4, 9, 13)}
#: The grid of the rungs with twice the frames, on which a change may come up one frame before the shared grid has one.
_FINE = 2

_GRID = round(1 / GRID_SECONDS)
_FIRST, _LONGEST, _SHORTEST = (
    round(seconds * _GRID) for seconds in (FIRST_SEGMENT_SECONDS, LONGEST_SEGMENT_SECONDS, SHORTEST_SEGMENT_SECONDS)
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the picture that becomes one file for each rung, in steps of the grid that all rungs share.

    It lasts from `first` up to `end`; `keyframes` count from its own beginning, where the first one stands.
    """

    index: int
    first: int
    end: int
    keyframes: tuple[int, ...]

    @property
    def start_seconds(self) -> float:
        """When it begins, on the media clock."""
        return self.first / _GRID

    @property
    def end_seconds(self) -> float:
        return self.end / _GRID

    @property
    def seconds(self) -> float:
        return (self.end - self.first) / _GRID

    def frames(self, rung: VideoRung) -> int:
        """How many frames of a rung it has at an even rate."""
        return (self.end - self.first) * rung.fps // _GRID


def plan_chunks(facts: MediaFacts, content: Content, chunk_seconds: float = CHUNK_SECONDS) -> list[Chunk]:
    """Divide the picture into chunks of whole segments, about `chunk_seconds` each; none when there is no picture.

    One also ends where most of the picture begins to move or comes to rest, since that is coded in another way.
    Together they last as long as the recording, to the nearest step of the grid. A tail shorter than the longest
    segment joins the chunk before it, since starting an encoder for it would cost more than the tail.
    """
    if facts.video is None:
        return []
    end = max(1, round(facts.duration_seconds * _GRID))
    keyframes = _plan_keyframes(end, content.cuts)
    starts, before = [0], None
    for keyframe, after in pairwise([*keyframes, end]):
        lively = _is_lively(content, keyframe / _GRID, after / _GRID)
        due = round((chunk_seconds if lively == before else min(LEAST_PACED_SECONDS, chunk_seconds)) * _GRID)
        if keyframe - starts[-1] >= due and end - keyframe >= _LONGEST:
            starts.append(keyframe)
        before = lively
    return [
        Chunk(index, first, after, tuple(each - first for each in keyframes if first <= each < after))
        for index, (first, after) in enumerate(pairwise([*starts, end]))
    ]


def _is_lively(content: Content, start_seconds: float, end_seconds: float) -> bool:
    """Whether most of the picture moves in a stretch, for longer than it takes to turn a page."""
    moving = sum(end - begin for begin, end in content.moving(start_seconds, end_seconds))
    return not content.sections or moving >= SHORTEST_SEGMENT_SECONDS


def _plan_keyframes(end: int, cuts: Sequence[float]) -> list[int]:
    """Place keyframes at the changes of the picture, and between them where the next one is too far away."""
    wanted = [0]
    for cut in cuts:
        place = _shown_everywhere(cut)
        if place - wanted[-1] >= _SHORTEST and end - place >= _SHORTEST:
            wanted.append(place)
    placed: list[int] = []
    for start, after in pairwise([*wanted, end]):
        pieces = math.ceil((after - start) / _LONGEST)
        placed += [start + round(number * (after - start) / pieces) for number in range(pieces)]
    if (len(placed) > 1 and placed[1] - _FIRST >= _SHORTEST) or (len(placed) == 1 and end - _FIRST >= _SHORTEST):
        placed.insert(1, _FIRST)
    return placed


def _shown_everywhere(cut: float) -> int:
    """The first step of the grid at which a change is on every rung, each of which shows it on its nearest frame."""
    coarse, fine = (math.floor(cut * rate + 0.5) for rate in (_GRID, _FINE * _GRID))
    return max(coarse, math.ceil(fine / _FINE))


def recipe(content: Content, chunk: Chunk) -> tuple[object, ...]:
    """All that is known of the picture's content and decides the bytes of a chunk."""
    return (content.noise > NOISY, bool(content.sections), content.moving(chunk.start_seconds, chunk.end_seconds))


def encode_chunk(
    source: Path,
    facts: MediaFacts,
    content: Content,
    chunk: Chunk,
    outs: Mapping[VideoRung, Path],
    on_progress: OnProgress | None = None,
    *,
    whole: bool = False,
) -> bool:
    """Encode one chunk to a plain MP4 without sound for each rung; the same chunk always gives the same bytes.

    Each has exactly `chunk.frames(rung)` frames, but AV1 only those of the shared grid where the picture is known to be
    nearly still, and keyframes where the plan has them. Where the source has no frame the last one stands; where it has
    none at all the picture is black. With `whole` every frame of the source is decoded, also those that no rung shows,
    and what is returned says whether the decoder had nothing to complain of; bytes are the same for the same `whole`.
    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    with ExitStack() as stack:
        partials = {rung: stack.enter_context(landing(out)) for rung, out in outs.items()}
        said = _encode(source, facts, content, chunk, partials, on_progress, whole)
        for rung, partial in partials.items():
            for step in COARSER[rung.codec]:
                if not _overran(partial, rung, chunk):
                    break
                coarse = {replace(rung, crf=rung.crf + step): partial}
                _encode(source, facts, content, chunk, coarse, on_progress, whole)
    return whole and not said


def _encode(
    source: Path,
    facts: MediaFacts,
    content: Content,
    chunk: Chunk,
    outs: Mapping[VideoRung, Path],
    on_progress: OnProgress | None,
    whole: bool,
) -> list[str]:
    """Encode, and give back what the decoder said."""
    pictures = _pictures(source, facts, content, chunk, list(outs), whole)
    lively = _is_lively(content, chunk.start_seconds, chunk.end_seconds)
    written = [_written(pictures[rung], rung, chunk, out, lively) for rung, out in outs.items()]
    # One thread each: workers share the cores better than one encoder does, and its bytes depend on nothing else.
    graph = ffmpeg.merge_outputs(*written).global_args("-filter_complex_threads", "1")
    finished = tracks.run(graph, chunk.seconds, on_progress, log_level="warning" if whole else "error")
    return [line for line in finished.stderr_tail.splitlines() if not line.startswith(coding.SVT_AV1_TALK)]


def _overran(made: Path, rung: VideoRung, chunk: Chunk) -> bool:
    """Whether a chunk weighs more than its share of the cap, as a whole or in its heaviest stretch.

    SVT-AV1 takes little notice of its ceiling where everything moves; and an encoder that begins with a full buffer for
    each chunk may spend that on top, which is nothing in a chunk of two minutes and a quarter in one of 12 s.
    """
    allowed = rung.max_bit_rate * chunk.seconds * (1 + coding.BUFFER_SECONDS / CHUNK_SECONDS)
    if chunk.seconds < LONGEST_SEGMENT_SECONDS:
        return False
    # x264 keeps to its buffer, and is not asked.
    heavy = rung.codec is Codec.AV1 and _peak_bit_rate(made) > soundness.PEAK_SHARE * rung.max_bit_rate
    return heavy or made.stat().st_size * 8 > allowed


def _peak_bit_rate(made: Path) -> float:
    """Weigh the heaviest stretch of a chunk as the check of the whole rung will: segments begin at keyframes."""
    weights = packets.weigh(made, index=0)
    keys = np.flatnonzero(weights.key)
    seconds = np.diff(weights.at[keys], append=2 * weights.at[-1] - weights.at[-2])
    return soundness.heaviest_window(
        seconds, 8.0 * np.add.reduceat(weights.size, keys), soundness.LEAST_MEASURED_SECONDS
    )[1]


def _pictures(
    source: Path, facts: MediaFacts, content: Content, chunk: Chunk, rungs: Sequence[VideoRung], whole: bool
) -> dict[VideoRung, Any]:
    """Take the frames of one chunk for each rung; rungs of one size and rate share them."""
    shapes: dict[tuple[int, int, int, bool], list[VideoRung]] = {}
    for rung in rungs:
        shapes.setdefault((rung.fps, rung.width, rung.height, _may_be_thinned(rung)), []).append(rung)
    decoded = tracks.decoded(source, facts, start_seconds=chunk.start_seconds, **_decoder(facts, whole))
    pictures: dict[VideoRung, Any] = {}
    for stream, alike in zip(_split(decoded, len(shapes)), shapes.values(), strict=True):
        # The rate is cut before the size, because scaling costs more.
        even = _thinned(tracks.evened(stream, alike[0].fps), content, chunk, alike[0])
        shown = _scaled(even, content, chunk, alike[0])
        pictures |= zip(alike, _split(shown, len(alike)), strict=True)
    return pictures


def _split(stream: Any, parts: int) -> list[Any]:
    if parts == 1:
        return [stream]
    split = stream.filter_multi_output("split", parts)
    return [split.stream(number) for number in range(parts)]


def _decoder(facts: MediaFacts, whole: bool) -> dict[str, object]:
    """Leave out the frames that no other frame needs where there are more than twice as many as any rung shows.

    It must not depend on which rungs are made at once, or a rung made again would differ from what it was.
    """
    assert facts.video is not None
    spare = facts.video.has_b_frames and facts.video.fps >= 2 * FASTEST_FPS
    return {"skip_frame": "noref"} if spare and not whole else {}


def _thinned(stream: Any, content: Content, chunk: Chunk, rung: VideoRung) -> Any:
    """Leave out every frame beside the shared grid while no more than a small part of the picture moves.

    The last one stays, because the length of a chunk is told by when its last frame ends.
    """
    if not _may_be_thinned(rung) or not content.sections:
        return stream
    moving = [f"between(t,{begin},{end})" for begin, end in content.moving(chunk.start_seconds, chunk.end_seconds)]
    kept = [f"not(mod(n,{rung.fps // SLOWEST_FPS}))", f"eq(n,{chunk.frames(rung) - 1})", *moving]
    return stream.filter("select", "+".join(kept))


def _may_be_thinned(rung: VideoRung) -> bool:
    """AV1 stores frames in the order in which they are shown; the times of H.264's B-frames want an even rate."""
    return rung.codec is Codec.AV1 and rung.fps > SLOWEST_FPS


def _scaled(stream: Any, content: Content, chunk: Chunk, rung: VideoRung) -> Any:
    scaling = {**coding.SCALING, "out_color_matrix": "bt709", "out_range": "tv"}
    shown = stream.filter("scale", rung.width, rung.height, **scaling).filter("setsar", 1)
    if content.noise > NOISY:
        shown = shown.filter("hqdn3d")
    shown = shown.filter("format", "yuv420p")
    black = ffmpeg.input(f"color=black:s={rung.width}x{rung.height}:r={rung.fps}", format="lavfi")
    return ffmpeg.concat(shown, black.filter("format", "yuv420p")).filter("trim", end=chunk.seconds)


def _written(stream: Any, rung: VideoRung, chunk: Chunk, out: Path, lively: bool) -> Any:
    return stream.output(
        str(out),
        format="mp4",
        an=None,
        force_key_frames=",".join(f"{place / _GRID:.1f}" for place in chunk.keyframes),
        video_track_timescale=rung.fps * 2048,
        map_metadata=-1,
        **coding.options(rung, lively=lively),
        **{"fflags": "+bitexact"},
    )
