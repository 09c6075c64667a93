"""Chooses the forms a recording is encoded to, from its facts.

The figures were measured in November 2026 on 300 s of slides, heads and galleries in 720p (CPU seconds per 300 s of
recording, on one 2.5 GHz core) and on real speech. The first rungs are the ones that a 2G-like link can carry.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.content import Content
from ingest.probe import MediaFacts, VideoFacts

#: Part of every kept chunk's name: change it whenever an encoder would be given other options.
LADDER_VERSION = "2026-11.5"

#: Of a rung's cap, what boxes, playlists and fragment headers may take.
OVERHEAD = 0.03
#: The longest stretch between two keyframes, and so the longest segment: 12 s instead of 2 s saves 54 % of the bits
#: for half a point of VMAF, and is as much as someone who seeks is willing to wait for.
LONGEST_SEGMENT_SECONDS = 12.0
#: Keyframes stand on this grid, which the frames of every rung share, so that all rungs are cut at the same moments.
GRID_SECONDS = 0.2
#: A frame for each step of the grid: enough for pages, and for a speaker in a corner.
SLOWEST_FPS = round(1 / GRID_SECONDS)
#: What the heaviest stretch of two of the longest segments may cost, of the cap.
PEAK_SHARE = 1.15
#: A rung has to be this much taller than a lighter one that plays as widely, or it offers nothing for its weight.
LEAST_STEP = 1.2
#: What may be handed on as it is: a picture that every browser plays, with places to enter often enough.
MOST_COPIED_GAP_SECONDS, MOST_COPIED_LINES = 10.0, 1080


class Codec(StrEnum):
    """How a picture is coded. COPY keeps the recording's own H.264."""

    H264 = "h264"
    AV1 = "av1"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class SpeechRung:
    """One file of mono speech for a plain `<audio>` element."""

    name: str
    file_name: str
    media_type: str
    codec: str  # ffmpeg's encoder
    bit_rate: int  # bits per second that the encoder is asked for
    reserved: int  # bits per second that are kept for it beside a picture: what real speech was seen to take at most
    sample_rate: int  # Hz
    options: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True, slots=True)
class VideoRung:
    """One encoded size of the picture. `cap` is what it may cost a viewer, sound included, in bits per second."""

    name: str
    codec: Codec
    width: int
    height: int
    fps: int
    crf: int
    cap: int
    sound: SpeechRung

    @property
    def max_bit_rate(self) -> int:
        """What is left for the picture, in bits per second."""
        return round(self.cap * (1 - OVERHEAD)) - self.sound.reserved


@dataclass(frozen=True, slots=True)
class Ladder:
    """All the forms of one recording, the lightest first. `speech` is empty where nothing is heard."""

    version: str
    speech: tuple[SpeechRung, ...]
    video: tuple[VideoRung, ...]

    @property
    def encoded(self) -> tuple[VideoRung, ...]:
        """The rungs that are made in chunks."""
        return tuple(rung for rung in self.video if rung.codec is not Codec.COPY)

    @property
    def copied(self) -> VideoRung | None:
        return next((rung for rung in self.video if rung.codec is Codec.COPY), None)

    @property
    def plain(self) -> VideoRung | None:
        """The lightest in H.264, for every player: it is the one to carry away, and shows pictures while seeking."""
        return next((rung for rung in self.video if rung.codec is not Codec.AV1), None)

    def rung(self, name: str) -> VideoRung:
        """The video rung of that name. Raises KeyError."""
        return {rung.name: rung for rung in self.video}[name]


OPUS = SpeechRung(
    name="opus",
    file_name="speech.webm",
    media_type='audio/webm; codecs="opus"',
    codec="libopus",
    bit_rate=13_000,
    reserved=14_000,
    sample_rate=24_000,
    options=(
        # Bits above 8 kHz are lost to speech: without them 16 kbit/s go from PESQ 3.7 to 4.25 and cost 30 % less.
        ("cutoff", 8000),
        # As good as "audio" on speech, and digital silence costs 3.7 kbit/s instead of 6.8.
        ("application", "voip"),
        ("frame_duration", 60),  # 120 ms save 0.7 kbit/s, but 0.3 PESQ; 20 ms cost 1.8 kbit/s more and 0.06 PESQ.
        ("compression_level", 8),  # PESQ 3.75 for 4.4 CPU s; 10 is the same, 6 is 3.68 for 3.5, 5 is 3.50 for 3.1.
    ),
)
"""12.7-13.5 kbit/s in all, the main form of slides + speech: 3 hours and 100 pages of 16 KB within 20 MB.

Against the levelled source, mean of eight pieces of real and synthetic speech (narration, talks, Zoom, a noisy room):
PESQ-WB 3.75 and ESTOI 0.94, where AAC at 64 kbit/s has 4.22 and 0.99. At 12 kbit/s it is 3.60.
"""

AAC = SpeechRung(
    name="aac",
    file_name="speech.m4a",
    media_type='audio/mp4; codecs="mp4a.40.2"',
    codec="aac",
    bit_rate=23_000,
    reserved=25_500,
    sample_rate=24_000,
    options=(("aac_coder", "fast"),),  # 1.6 CPU s and PESQ 3.11 against 3.8 and 2.93 for the default, without PNS 3.13.
)
"""24-25 kbit/s in all, since the encoder overdraws: at 24,000 three hours and 100 pages weighed 36.7 MB, not 36.

It is for browsers without Opus in WebM, and the sound beside the picture. HE-AAC has no free encoder.

PESQ-WB 3.0-3.1, ESTOI 0.95: a whole point below AAC at 64 kbit/s, and 16, 22 and 32 kHz or 32 kbit/s measure no better.
MP3 at the same rate has 3.3-3.4 and 0.97 for 2-3 times the work, but HLS could not use it: it would be a third file.
"""

#: The encoded rungs at full size: a 16:9 picture of 360, 480 and 720 lines.
RUNGS = (
    VideoRung("a360", Codec.AV1, 640, 360, 5, 50, 40_000, OPUS),
    VideoRung("v360", Codec.H264, 640, 360, 5, 31, 64_000, AAC),
    VideoRung("v480", Codec.H264, 854, 480, 10, 33, 150_000, AAC),
    VideoRung("a720", Codec.AV1, 1280, 720, 10, 43, 450_000, OPUS),
)
FASTEST_FPS = max(rung.fps for rung in RUNGS)


def for_source(facts: MediaFacts, content: Content | None = None) -> Ladder:
    """Choose the rungs for a recording: speech where there is sound, and every size up to the recording's own.

    Where it is known what the picture does, and that is no more than pages and a small speaker, 5 frames a second show
    as much as 10: on 120 s of both, 480 lines scored VMAF 88.9 instead of 88.2 at the same bits for half the work.
    """
    video = _video_rungs(facts, facts.video) if facts.video else ()
    if content and content.sections and not content.moving(0.0, facts.duration_seconds):
        video = tuple(rung if rung.codec is Codec.COPY else replace(rung, fps=SLOWEST_FPS) for rung in video)
    return Ladder(version=LADDER_VERSION, speech=(OPUS, AAC) if facts.audio else (), video=video)


def _video_rungs(facts: MediaFacts, video: VideoFacts) -> tuple[VideoRung, ...]:
    """Fit the rungs to the picture, and leave out every one that another outdoes."""
    chosen: list[VideoRung] = []
    for rung in (_fitted(rung, video) for rung in RUNGS):
        if not any(each.codec is Codec.H264 and rung.height < LEAST_STEP * each.height for each in chosen):
            chosen.append(rung)
    copied = _copy_of(facts, video)
    if copied is None:
        return tuple(chosen)
    # The recording's own picture shows more than any rung, so those that may cost as much have nothing to offer.
    weight = video.bit_rate + copied.sound.bit_rate
    return (*(rung for rung in chosen if rung.cap < min(weight, copied.cap)), copied)


def _copy_of(facts: MediaFacts, video: VideoFacts) -> VideoRung | None:
    """The recording's own picture as the top rung, where it is one that may be handed on."""
    fps = max(1, round(video.fps))
    # What plays everywhere goes with the sound that does.
    rung = VideoRung("copy", Codec.COPY, video.width, video.height, fps, 0, RUNGS[-1].cap, AAC)
    may_be = (
        video.codec == "h264"
        and video.pix_fmt == "yuv420p"
        and video.keyframe_gap_seconds <= MOST_COPIED_GAP_SECONDS
        and min(video.width, video.height) <= MOST_COPIED_LINES
        and video.uniform
        and not (video.interlaced or video.turned)
        and _tells_its_times(facts, video)
        and video.bit_rate <= rung.max_bit_rate
        and video.peak_bit_rate + rung.sound.bit_rate <= PEAK_SHARE * rung.cap
    )
    return rung if may_be else None


def _tells_its_times(facts: MediaFacts, video: VideoFacts) -> bool:
    """Whether a copy is shown when it should be, from the recording's start to its end.

    Players wait for a picture that comes later than the sound, and packets that an edit list hides are shown by those
    that know of no edit lists. AVI does not say when B-frames are shown, so ffmpeg has to guess, a frame or two off.
    """
    late, short = video.start_seconds, facts.duration_seconds - video.end_seconds
    untold = facts.container == "avi" and video.has_b_frames
    return max(late, short) <= GRID_SECONDS and not video.trimmed and not untold


def _fitted(rung: VideoRung, video: VideoFacts) -> VideoRung:
    """Fit a rung to a picture (turned, when that stands upright), never enlarging it nor making up frames."""
    long, short = max(rung.width, rung.height), min(rung.width, rung.height)
    scale = min(1.0, short / min(video.width, video.height), long / max(video.width, video.height))
    return replace(
        rung,
        width=_even(video.width * scale, at_most=video.width),
        height=_even(video.height * scale, at_most=video.height),
        fps=min(rung.fps, max(1, math.ceil(video.fps * GRID_SECONDS)) * SLOWEST_FPS),
    )


def _even(pixels: float, at_most: int) -> int:
    """Round to an even number of pixels, which encoders want."""
    return max(2, min(round(pixels / 2) * 2, at_most // 2 * 2))
