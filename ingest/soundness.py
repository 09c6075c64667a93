"""The quality gate: looks for what is wrong with a packaged stream before anybody is given it.

Costs per 300 s of recording, in CPU seconds: reading playlists and boxes 0.1; decoding H.264 of 360 lines at 5 frames a
second 2, AV1 of 360 lines 3, of 720 lines at 10 frames a second 24; the recording's own 720 lines at 25 frames a second
15, or 1.2 where every packet is proven to be that of a file which has been decoded already.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from archive import playlists
from archive.playlists import FRAMES_PLAYLIST, MEDIA_PLAYLIST, Media, Stream
from ingest import boxes, decoding
from ingest.boxes import Fragment
from ingest.decoding import Original
from ingest.ladder import GRID_SECONDS, LONGEST_SEGMENT_SECONDS, Codec, SpeechRung, VideoRung
from ingest.tracks import OnProgress, nobody

#: Times in playlists have microseconds, those in boxes the ticks of a frame's clock.
CLOCK_SLACK_SECONDS = 0.001
#: Players leap over holes of this length in a recording's own picture, whose frames need not be even.
COPIED_SLACK_SECONDS = 0.05
#: No link that carries a rung on average may run dry: what any window of two target durations may weigh.
PEAK_SHARE, PEAK_TARGETS = 1.15, 2
#: What is shorter is held to a cap as if it lasted so long: two of the longest segments.
LEAST_MEASURED_SECONDS = PEAK_TARGETS * LONGEST_SEGMENT_SECONDS


def check(
    stream: Stream,
    folder: Path,
    rung: VideoRung | SpeechRung,
    expected_seconds: float,
    pulse: OnProgress | None = None,
    *,
    sound: Stream | None = None,
    original: Original | None = None,
) -> list[str]:
    """List what is wrong with a stream, in sentences for staff; empty when it is sound.

    It has to cover the time from 0 to `expected_seconds` to within one frame, as every other stream of the recording
    does, without holes or overlaps; to decode from end to end without a warning; to keep to its rung's cap together
    with `sound` (at the rate it is encoded for where that is not told); and its playlists to be valid.
    With `original`, a copied picture is proven equal to it, packet by packet, instead of being decoded once more.
    Raises ToolTimedOut, and what `pulse` raises.
    """
    beat = pulse or nobody
    faults = _faults_of_playlists(stream, folder)
    if faults:
        return faults  # What cannot be followed cannot be measured either.
    media = _read(folder / MEDIA_PLAYLIST)
    try:
        track = boxes.read_track(folder / media.init)
        fragments = [boxes.read_fragment(folder / piece.name, track) for piece in media.pieces]
    except boxes.Malformed as error:
        return [f"{stream.name}: {error}."]
    faults += _faults_of_clock(stream.name, rung, media, fragments)
    faults += _faults_of_extent(stream.name, rung, fragments, expected_seconds)
    if isinstance(rung, VideoRung):
        faults += _faults_of_rate(rung, folder, media, sound)
    if original:
        said = decoding.compare(folder, original, beat)
        said += decoding.decode_end(folder, media)
    elif stream.codecs.startswith("av01"):
        said = decoding.decode_av1(folder, media, fragments, beat)
    else:
        said = decoding.decode(folder, expected_seconds, beat)
    return faults + [f"{stream.name}: {sentence}" for sentence in said]


def _read(playlist: Path) -> Media:
    return playlists.read(playlist.read_text(encoding="utf-8"))


def _faults_of_playlists(stream: Stream, folder: Path) -> list[str]:
    names = [MEDIA_PLAYLIST, *([FRAMES_PLAYLIST] if stream.frames_bit_rate else [])]
    faults = [f"{stream.name}/{file}: {fault}." for name in names for file, fault in _faults_of_playlist(folder, name)]
    missing = [name for name in stream.files if not (folder / name).is_file()]
    return faults + [f"{stream.name}/{name}: the file is missing." for name in missing]


def _faults_of_playlist(folder: Path, name: str) -> list[tuple[str, str]]:
    """List (file, what is wrong) of a media playlist, by RFC 8216, sections 4.3 and 7."""
    try:
        media = _read(folder / name)
    except FileNotFoundError:
        return [(name, "the playlist is missing")]
    except (playlists.Malformed, UnicodeDecodeError) as error:
        return [(name, str(error))]
    faults = []
    if not media.pieces:
        faults.append((name, "it holds no segment"))
    if not media.ended:
        faults.append((name, "it has no end, as if more were to come"))
    if media.version < playlists.VERSION:
        faults.append((name, f"version {media.version} knows no segments of fragmented MP4"))
    if media.frames_only != (name == FRAMES_PLAYLIST):
        faults.append((name, "it is not marked as what it is, all frames or keyframes alone"))
    if not media.init or not (folder / media.init).is_file():
        faults.append((name, "its initialisation segment is missing"))
    for piece in media.pieces:
        faults += [(piece.name, fault) for fault in _faults_of_piece(folder, piece, media.target_seconds)]
    return faults


def _faults_of_piece(folder: Path, piece: playlists.Piece, target_seconds: int) -> list[str]:
    faults = []
    if piece.seconds <= 0 or round(piece.seconds) > target_seconds:
        faults.append(f"a length of {piece.seconds:.3f} s does not go with the target of {target_seconds} s")
    file = folder / piece.name
    if not file.is_file():
        faults.append("the segment is missing")
    elif piece.span and sum(piece.span) > file.stat().st_size:
        faults.append(f"bytes {piece.span[1]} to {sum(piece.span)} lie outside of its {file.stat().st_size}")
    return faults


def _faults_of_clock(name: str, rung: VideoRung | SpeechRung, media: Media, fragments: Sequence[Fragment]) -> list[str]:
    """See whether each segment begins where the one before ended, and where the playlist puts it."""
    copied = isinstance(rung, VideoRung) and rung.codec is Codec.COPY
    slack = COPIED_SLACK_SECONDS if copied else CLOCK_SLACK_SECONDS
    faults = []
    for piece, (before, after) in zip(media.pieces[1:], pairwise(fragments), strict=True):
        if abs(after.begins - before.ends) > slack:
            faults.append(f"{name}/{piece.name}: begins at {after.begins:.3f} s instead of {before.ends:.3f} s.")
    due = fragments[0].begins
    for piece, fragment in zip(media.pieces, fragments, strict=True):
        if abs(fragment.begins - due) > slack:
            faults.append(f"{name}/{piece.name}: begins at {fragment.begins:.3f} s, by its playlist at {due:.3f} s.")
        due += piece.seconds
    return faults


def _faults_of_extent(
    name: str, rung: VideoRung | SpeechRung, fragments: Sequence[Fragment], expected_seconds: float
) -> list[str]:
    """Sound and picture that both cover the recording's time to within a frame are in step with each other."""
    begins, ends = fragments[0].begins, fragments[-1].ends
    frame = _frame_seconds(rung, fragments) + CLOCK_SLACK_SECONDS
    faults = []
    if abs(begins) > frame:
        faults.append(
            f"{name}: begins at {begins:.3f} s, more than a frame of {frame:.3f} s from the recording's start."
        )
    if abs(ends - expected_seconds) > frame:
        faults.append(
            f"{name}: lasts to {ends:.3f} s instead of {expected_seconds:.3f} s, frame of {frame:.3f} s allowed."
        )
    return faults


def _frame_seconds(rung: VideoRung | SpeechRung, fragments: Sequence[Fragment]) -> float:
    if isinstance(rung, SpeechRung):
        return max(fragment.longest_frame for fragment in fragments)
    # A recording's own picture may come and go a moment beside its sound: it is held to the slowest rung's frame.
    return GRID_SECONDS if rung.codec is Codec.COPY else 1 / rung.fps


def _faults_of_rate(rung: VideoRung, folder: Path, media: Media, sound: Stream | None) -> list[str]:
    sizes = np.array([(folder / piece.name).stat().st_size * 8 for piece in media.pieces], float)
    seconds = np.array([piece.seconds for piece in media.pieces])
    window = max(PEAK_TARGETS * media.target_seconds, LEAST_MEASURED_SECONDS)
    # An encoder may run ahead of its rate by a page of text, which a recording of seconds has no time to make up for.
    mean = sizes.sum() / max(seconds.sum(), LEAST_MEASURED_SECONDS)
    mean += sound.bit_rate if sound else rung.sound.bit_rate
    at, heaviest = heaviest_window(seconds, sizes, window)
    heaviest += sound.peak_bit_rate if sound else rung.sound.bit_rate
    faults = []
    if mean > rung.cap:
        faults.append(f"{rung.name}: takes {_kbit(mean)} on average with its sound, over its cap of {_kbit(rung.cap)}.")
    if heaviest > PEAK_SHARE * rung.cap:
        faults.append(
            f"{rung.name}: takes {_kbit(heaviest)} with its sound in the {window:.0f} s from {at:.0f} s on, "
            f"over {PEAK_SHARE} times its cap of {_kbit(rung.cap)}."
        )
    return faults


def heaviest_window(seconds: Any, bits: Any, window: float) -> tuple[float, float]:
    """Find (where it begins, its bits per second) of the heaviest stretch of `window` seconds.

    What is shorter than a window counts as one with nothing in its rest. A segment's bits are spread evenly over it, so
    the heaviest window begins or ends between two segments.
    """
    bounds = np.concatenate([[0.0], np.cumsum(seconds)])
    fetched = np.concatenate([[0.0], np.cumsum(bits)])
    length, window = window, min(window, bounds[-1])
    starts = np.clip(np.concatenate([bounds, bounds - window]), 0.0, bounds[-1] - window)
    weights = np.interp(starts + window, bounds, fetched) - np.interp(starts, bounds, fetched)
    heaviest = int(weights.argmax())
    return float(starts[heaviest]), float(weights[heaviest] / length)


def _kbit(rate: float) -> str:
    return f"{rate / 1000:.1f} kbit/s"
