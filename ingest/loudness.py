"""Decides how loud each moment of a recording has to be played, so that every room is heard alike.

Works on momentary loudness (EBU R128: 400 ms, every 100 ms), looking both ways in time as no live leveller can. A gain
follows the room and the speaker, never the sentence: it changes by 3 dB a second at most, and stays put in pauses.
"""

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Curve = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEP_SECONDS = 0.1
TARGET_LUFS = -18.0
#: A room so quiet that it needs more than this is mostly hiss, and hiss made louder helps nobody.
MOST_GAIN_DB = 24.0
#: `dynaudnorm` was seen to move by 6-9 dB/s between rooms; a sentence takes 2-4 s, and 3 dB over one is not noticed.
STEEPEST_DB_PER_SECOND = 3.0
#: No clapping, jingle or cough comes out louder than this: its three seconds' loudness, next to the target.
LOUDEST_ABOVE_TARGET_DB = 6.0

#: What is quieter than this is nobody speaking, unless the whole recording is that quiet: the loudest moments decide.
QUIETEST_SPEECH_LUFS, FAINTEST_SPEECH_LUFS, BELOW_LOUDEST_DB = -55.0, -70.0, 40.0
#: Speech rises and falls by more than this within 5 s; hiss, hum and fans don't, and are never made louder.
LIVELY_DB = 5.0
#: Syllables are within this of the loudest one around; what lies below is the pause between them.
SYLLABLE_DB = 8.0
#: The level of a room is the median over this long to either side, so that it changes where the rooms do.
REACH_SECONDS = 10.0
#: Less speech than this within reach is a cough or a door.
LEAST_SPEECH_SECONDS = 1.5
FADE_SECONDS = 1.0
#: What was cut off above this and then made quieter is not worth looking at.
FAINTEST_CLIPPED_DB = -20.0
#: A second whose tops were cut off reaches the track's peak, and rises little above its own mean: seven real recordings
#: of speech rise by 14 dB at least there, and driven 18 dB too far by 8.
CUT_OFF_NEAR_DB, CUT_OFF_CREST_DB, FULL_SCALE_DB = 1.0, 11.0, -3.0

_CELL = 5  # Steps to a cell of 0.5 s, in which levels are kept.
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0  # LUFS and LU, ITU-R BS.1770-5 annex 1.
_NOTHING = -120.0  # How ebur128 writes silence.


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud one voice of a recording is at every 0.1 s (`momentary`, LUFS).

    `peak_db` is the highest sample of its track against full scale, and `clipped` whether tops are cut off there;
    `cut_off` says so of every second of it.
    """

    momentary: Curve
    peak_db: float
    clipped: bool
    cut_off: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))

    @property
    def integrated_lufs(self) -> float:
        return integrate(self.momentary)

    @property
    def speech_seconds(self) -> float:
        return float(np.isfinite(_levels_of_speech(self.momentary)).sum() * _CELL * STEP_SECONDS)


def read_levels(metadata: str, said: str, seconds: str) -> Levels:
    """Read what ffmpeg's `ebur128` and `astats` (through `ametadata`) and `volumedetect` (on stderr) measured.

    volumedetect counts samples by whole decibels below full scale, from the highest down to the thousandth part of all:
    in speech that takes many steps, unless the tops of its waves are cut off and pile up in the first two.
    """
    found = re.findall(r"r128\.M=(\S+)", metadata)
    # Each value is the loudness of the 400 ms that end with its own 100 ms; the middle lies a step and a half earlier.
    momentary = np.maximum(np.nan_to_num(np.array(found, dtype=np.float64), nan=_NOTHING), _NOTHING)
    momentary = np.concatenate([momentary[1:], momentary[-1:]])
    peak = re.findall(r"max_volume: (-?[\d.]+) dB", said)
    steps = re.findall(r"histogram_\d+db: \d+", said)
    peak_db = float(peak[-1]) if peak else _NOTHING
    clipped = peak_db > FAINTEST_CLIPPED_DB and 0 < len(steps) <= 2
    return Levels(momentary, peak_db, clipped, _cut_off(seconds, peak_db, everywhere=clipped))


def _cut_off(seconds: str, peak_db: float, *, everywhere: bool) -> Flags:
    """Say of every second whether its tops are cut off, given `astats` of each, and whether the track's are."""
    peaks, means = (
        np.array(re.findall(rf"{name}_level=(\S+)", seconds), np.float64).clip(_NOTHING) for name in ("Peak", "RMS")
    )
    at_the_top = (peaks > peak_db - CUT_OFF_NEAR_DB) & (peak_db > FAINTEST_CLIPPED_DB)
    # Of a part of the track it is told only at full scale, since whistles and hums rise little above their mean, too.
    flat = (peaks - means < CUT_OFF_CREST_DB) & (peak_db > FULL_SCALE_DB)
    return np.asarray(at_the_top & (everywhere | flat))


def integrate(momentary: Curve) -> float:
    """Loudness over all, gated as ITU-R BS.1770-5 says, in LUFS; -70 where nothing passes the gate."""
    heard = momentary[momentary > _ABSOLUTE_GATE]
    if not heard.size:
        return _ABSOLUTE_GATE
    heard = heard[heard > _mean(heard) + _RELATIVE_GATE]
    return _mean(heard)


def rooms_of(momentary: Curve) -> Curve:
    """Give the loudness of the speech around every 0.1 s, in LUFS; NaN where nobody speaks."""
    return np.repeat(_levels_of_rooms(_levels_of_speech(momentary)), _CELL)[: momentary.size]


def plan_gain(momentary: Curve) -> Curve:
    """Give the gain in dB for every 0.1 s: -inf in long silences, which then stay silent and cost next to nothing.

    What comes out is at -18 LUFS over all, and so is every room, save those that would need more than 24 dB.
    """
    levels = _levels_of_speech(momentary)
    rooms = _levels_of_rooms(levels)
    wanted = np.where(np.isnan(rooms), 0.0, np.minimum(TARGET_LUFS - rooms, MOST_GAIN_DB))
    gain = np.repeat(wanted, _CELL)[: momentary.size]
    loudest = TARGET_LUFS + LOUDEST_ABOVE_TARGET_DB
    gain = _no_steeper(np.minimum(gain, loudest - _over(momentary, seconds=3.0)))
    if np.isfinite(rooms).any():
        gain = np.minimum(gain + TARGET_LUFS - integrate(momentary + gain), MOST_GAIN_DB)
    silent = np.isnan(np.repeat(rooms, _CELL)[: momentary.size]) & (momentary < _quietest_speech(momentary))
    return _faded(gain, silent)


def factors(gain_db: Curve) -> NDArray[np.float32]:
    """Turn decibels into what samples are multiplied by."""
    return np.power(10.0, gain_db / 20.0).astype(np.float32)


def _levels_of_speech(momentary: Curve) -> Curve:
    """Give the loudness of the syllables in every cell; NaN where nobody speaks."""
    cells = _padded(momentary, -momentary.size % _CELL, _NOTHING).reshape(-1, _CELL)
    loudest, quietest = _extremes(cells.max(axis=1), cells.min(axis=1), reach=5)
    lively = loudest - np.maximum(quietest, _ABSOLUTE_GATE) > LIVELY_DB
    spoken = (cells > np.maximum(_quietest_speech(momentary), loudest - SYLLABLE_DB)[:, None]) & lively[:, None]
    energy = np.where(spoken, 10 ** (cells / 10), 0.0).sum(axis=1) / np.maximum(spoken.sum(axis=1), 1)
    return np.where(spoken.any(axis=1), 10 * np.log10(np.maximum(energy, 1e-12)), np.nan)


def _quietest_speech(momentary: Curve) -> float:
    below = float(np.percentile(momentary, 99)) - BELOW_LOUDEST_DB
    return min(max(below, FAINTEST_SPEECH_LUFS), QUIETEST_SPEECH_LUFS)


def _extremes(highs: Curve, lows: Curve, reach: int) -> tuple[Curve, Curve]:
    highs, lows = (np.pad(each, reach, mode="edge") for each in (highs, lows))
    return sliding_window_view(highs, 2 * reach + 1).max(axis=1), sliding_window_view(lows, 2 * reach + 1).min(axis=1)


def _levels_of_rooms(levels: Curve) -> Curve:
    """Take the median of the speech within reach; it keeps the edge between two rooms. NaN where nobody speaks."""
    reach = round(REACH_SECONDS / STEP_SECONDS / _CELL)
    near = np.sort(sliding_window_view(np.pad(levels, reach, constant_values=np.nan), 2 * reach + 1), axis=1)
    count = np.isfinite(near).sum(axis=1)
    median = np.take_along_axis(near, np.maximum(count - 1, 0)[:, None] // 2, axis=1)[:, 0]
    return np.where(count * _CELL * STEP_SECONDS >= LEAST_SPEECH_SECONDS, median, np.nan)


def _no_steeper(gain: Curve) -> Curve:
    """Lower a curve until it nowhere rises or falls faster than allowed; what is loud is never lifted for it."""
    slope = np.arange(gain.size) * STEEPEST_DB_PER_SECOND * STEP_SECONDS
    rising = np.minimum.accumulate(gain - slope) + slope
    return np.asarray(np.minimum.accumulate((rising + slope)[::-1])[::-1] - slope)


def _faded(gain: Curve, silent: NDArray[np.bool_]) -> Curve:
    """Take the sound away where it is silent anyway, gently, and only within the silence."""
    width = round(FADE_SECONDS / STEP_SECONDS)
    deep = sliding_window_view(np.pad(silent, width, mode="edge"), 2 * width + 1).all(axis=1)
    within = np.pad(deep, width, mode="edge").astype(np.float64)
    share = np.convolve(within, np.ones(2 * width + 1) / (2 * width + 1), mode="valid")
    with np.errstate(divide="ignore"):
        return np.asarray(gain + 20 * np.log10(np.clip(1 - share, 0.0, 1.0).round(6)))


def _over(momentary: Curve, seconds: float) -> Curve:
    """Loudness of a longer stretch around each moment."""
    width = round(seconds / STEP_SECONDS)
    energy = np.pad(10 ** (momentary / 10), (width // 2, width - 1 - width // 2), mode="edge")
    return np.asarray(10 * np.log10(np.convolve(energy, np.ones(width) / width, mode="valid")))


def _mean(levels: Curve) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def _padded(values: Curve, count: int, by: float) -> Curve:
    return np.pad(values, (0, count), constant_values=by)
