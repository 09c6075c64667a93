"""Chooses the forms a recording is encoded to, from its facts alone.

The figures were measured in November 2026 on 300 s of slides, heads and galleries in 720p (CPU seconds per 300 s of
recording, on one 2.5 GHz core) and on real speech. The first rungs are the ones that a 2G-like link can carry.
"""

from dataclasses import dataclass

from ingest.probe import MediaFacts, VideoFacts

#: Part of every kept chunk's name: change it whenever an encoder would be given other options.
LADDER_VERSION = "2026-11.1"

#: What the low rung may cost a listener in all, sound included (bit/s): it must fit a 64 kbit/s EDGE link.
LOW_RUNG_CAP = 64_000
#: What boxes, fragment headers and the full rate buffer at the start of every chunk add (bit/s), rounded up.
OVERHEAD = 3_000


@dataclass(frozen=True, slots=True)
class SpeechRung:
    """One file of mono speech for a plain `<audio>` element."""

    name: str
    file_name: str
    media_type: str
    codec: str  # ffmpeg's encoder
    bit_rate: int  # bits per second
    sample_rate: int  # Hz
    options: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True, slots=True)
class VideoRung:
    """One encoded size of the picture, in HLS. Segments start with a keyframe and all last `segment_seconds`."""

    name: str
    width: int
    height: int
    fps: int
    crf: int
    max_bit_rate: int
    segment_seconds: int

    @property
    def segment_frames(self) -> int:
        return self.fps * self.segment_seconds


@dataclass(frozen=True, slots=True)
class Ladder:
    """All the forms of one recording. `speech` is empty where nothing is heard, `video` None where nothing is seen."""

    version: str
    speech: tuple[SpeechRung, ...]
    video: VideoRung | None


OPUS = SpeechRung(
    name="opus",
    file_name="speech.webm",
    media_type='audio/webm; codecs="opus"',
    codec="libopus",
    bit_rate=16_000,
    sample_rate=48_000,
    options=(
        # Bits above 8 kHz are lost to speech. With this PESQ at 16 kbit/s goes from 3.7 to 4.25 and costs 30 % less.
        ("cutoff", 8000),
        ("application", "voip"),
        ("frame_duration", 60),
        ("compression_level", 5),  # 10 costs twice as much and is heard by no metric once the cutoff is set.
    ),
)
"""15 kbit/s in all. The main form of slides + speech."""

AAC = SpeechRung(
    name="aac",
    file_name="speech.m4a",
    media_type='audio/mp4; codecs="mp4a.40.2"',
    codec="aac",
    bit_rate=24_000,
    sample_rate=24_000,
    options=(("aac_coder", "fast"),),  # 1.2 CPU s against 4-7 for the default, with the same PESQ within noise.
)
"""25 kbit/s in all, for browsers without Opus in WebM, and the sound beside the picture. HE-AAC has no free encoder."""


def for_source(facts: MediaFacts) -> Ladder:
    """Choose the rungs for a recording: speech where there is sound, the low video rung where there is a picture."""
    return Ladder(
        version=LADDER_VERSION,
        speech=(OPUS, AAC) if facts.audio else (),
        video=_low_rung(facts.video) if facts.video else None,
    )


def _low_rung(video: VideoFacts) -> VideoRung:
    """H.264 at 360 lines and 5 frames a second, which every phone plays: 58 kbit/s with sound, VMAF 78 on slides.

    crf 31 leaves slides at about 28 kbit/s; the cap holds galleries and noisy cameras under LOW_RUNG_CAP. 12 s between
    keyframes instead of 2 s saves 54 % of the bits for half a point of VMAF.
    """
    width, height = _fitted(video.width, video.height)
    return VideoRung(
        name="v360",
        width=width,
        height=height,
        fps=5,
        crf=31,
        max_bit_rate=LOW_RUNG_CAP - AAC.bit_rate - OVERHEAD,
        segment_seconds=12,
    )


def _fitted(width: int, height: int, short: int = 360, long: int = 640) -> tuple[int, int]:
    """Fit a picture into 640x360 (360x640 when it stands upright), never enlarging it; H.264 wants even numbers."""
    scale = min(1.0, short / min(width, height), long / max(width, height))
    return _even(width * scale, at_most=width), _even(height * scale, at_most=height)


def _even(pixels: float, at_most: int) -> int:
    return max(2, min(round(pixels / 2) * 2, at_most // 2 * 2))
