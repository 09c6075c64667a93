"""Encodes a recording: its speech once for the whole length, its picture in chunks that any worker may take."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from ingest import ladder, packets, tracks
from ingest.files import landing
from ingest.ladder import AAC, OPUS, Ladder, SpeechRung, VideoRung
from ingest.probe import MediaFacts, RecordingUnreadable
from ingest.tracks import OnProgress

TARGET_LUFS = -18.0
#: A room so quiet that it needs more than this is mostly hiss, and hiss made louder helps nobody.
MOST_GAIN_DB = 24.0
#: EBU R128 gates at -70 LUFS: what measures no more than this is silence.
SILENCE_LUFS = -69.0
#: An AAC encoder puts this many samples of its own making before the first real one.
AAC_PRIMING_SAMPLES = 1024
#: Of the whole work on speech; measuring takes 1.3 CPU s and a decode per 300 s, encoding both forms 6 and a decode.
MEASURING_SHARE = 0.3

#: How much longer or shorter than the recording its speech may be: a few packets of 60 ms.
SPEECH_SLACK_SECONDS = 0.25

CHUNK_SECONDS = 120.0
#: How far the picture may run ahead of its rate: enough for a page of text that comes up at once.
BUFFER_SECONDS = 3


class SoundOutOfStep(RecordingUnreadable):
    """Its format changes on the way, so that ffmpeg starts its graph, and the clock in it, again."""

    code = "sound-out-of-step"
    vi = (
        "Phần tiếng đổi định dạng giữa chừng nên không giữ được đúng giờ. "
        "Hãy xuất lại bản ghi thành MP4 (H.264, AAC) rồi tải lên."
    )
    en = (
        "The sound changes its format on the way and would lose step with the picture. "
        "Export the recording again as MP4 (H.264, AAC), then upload it."
    )


@dataclass(frozen=True, slots=True)
class Loudness:
    """What EBU R128 says of the mono mix."""

    integrated_lufs: float

    @property
    def gain_db(self) -> float:
        """The one linear gain that brings it to -18 LUFS: nothing pumps, and it costs an eighth of `loudnorm`."""
        if self.integrated_lufs <= SILENCE_LUFS:
            return 0.0
        return min(TARGET_LUFS - self.integrated_lufs, MOST_GAIN_DB)


@dataclass(frozen=True, slots=True)
class Made:
    """One finished file of speech. `bit_rate` is its mean in bits per second, container included."""

    name: str
    path: Path
    media_type: str
    bytes: int
    bit_rate: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the picture, on the media clock, that becomes one file of exactly `frames` frames."""

    index: int
    start_seconds: float
    seconds: float
    frames: int


def measure_loudness(source: Path, facts: MediaFacts, on_progress: OnProgress | None = None) -> Loudness:
    """Measure how loud the speech is, in one decode. Raises ToolFailed, ToolTimedOut."""
    graph = _voice(source, facts).filter("ebur128", framelog="quiet").output("pipe:", format="null")
    finished = tracks.run(graph, facts.duration_seconds, on_progress, log_level="info")
    integrated = re.findall(r"I:\s+(-?[\d.]+) LUFS", finished.stderr_tail)[-1]
    return Loudness(float(integrated))


def encode_speech(source: Path, facts: MediaFacts, out_dir: Path, on_progress: OnProgress | None = None) -> list[Made]:
    """Encode every speech rung into `out_dir`, levelled to -18 LUFS, in one decode after the measuring one.

    Each file lasts as long as the recording, with silence where the source holds nothing, so that second 100 of the
    speech is second 100 of the recording. A silent film gives no files.
    Raises SoundOutOfStep, ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    if not facts.audio:
        return []
    tell = on_progress or tracks.nobody
    loudness = measure_loudness(source, facts, lambda share: tell(share * MEASURING_SHARE))
    rungs = ladder.for_source(facts).speech
    with ExitStack() as stack:
        partials = [stack.enter_context(landing(out_dir / rung.file_name)) for rung in rungs]
        finished = tracks.run(
            _speech_graph(source, facts, loudness, rungs, partials),
            facts.duration_seconds,
            lambda share: tell(MEASURING_SHARE + share * (1 - MEASURING_SHARE)),
        )
        for partial in partials:
            _demand_in_step(partial, facts)
    return [_made(rung, out_dir / rung.file_name, facts, finished.cpu_seconds / len(rungs)) for rung in rungs]


def plan_chunks(facts: MediaFacts, rungs: Ladder, chunk_seconds: float = CHUNK_SECONDS) -> list[Chunk]:
    """Divide the picture into chunks of whole segments, about `chunk_seconds` each; none when there is no video rung.

    The frames add up to the recording's length, to the nearest frame. A tail shorter than a segment joins the chunk
    before it, since starting an encoder for it would cost more than the tail.
    """
    rung = rungs.video
    if rung is None:
        return []
    total = max(1, round(facts.duration_seconds * rung.fps))
    per_chunk = max(1, round(chunk_seconds / rung.segment_seconds)) * rung.segment_frames
    starts = list(range(0, total, per_chunk))
    if len(starts) > 1 and total - starts[-1] < rung.segment_frames:
        starts.pop()
    ends = [*starts[1:], total]
    return [
        Chunk(index, start / rung.fps, (end - start) / rung.fps, end - start)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def encode_chunk(
    source: Path, facts: MediaFacts, rung: VideoRung, chunk: Chunk, out: Path, on_progress: OnProgress | None = None
) -> float:
    """Encode one chunk to a plain MP4 without sound; the same chunk always gives the same bytes.

    It has exactly `chunk.frames` frames, with a keyframe at every segment's start. Where the source has no frame the
    last one stands; where it has none at all the picture is black. Returns the processor seconds spent.
    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    with landing(out) as partial:
        graph = _picture(source, facts, rung, chunk).output(
            str(partial), format="mp4", an=None, **_x264(rung), **{"fflags": "+bitexact", "map_metadata": -1}
        )
        # One thread each: workers share the cores better than one encoder does, and its bytes depend on nothing else.
        graph = graph.global_args("-filter_complex_threads", "1")
        return tracks.run(graph, chunk.seconds, on_progress).cpu_seconds


def _voice(source: Path, facts: MediaFacts) -> Any:
    """Take what carries speech: below 80 Hz are hum, handling noise and air conditioning."""
    return tracks.sound(source, facts).filter("highpass", f=80)


def _speech_graph(
    source: Path, facts: MediaFacts, loudness: Loudness, rungs: tuple[SpeechRung, ...], outs: list[Path]
) -> Any:
    levelled = (
        _voice(source, facts)
        .filter("volume", f"{loudness.gain_db:.2f}dB")
        # Left alone, the limiter makes up for its limit, which undoes the levelling, and lags by its attack.
        .filter("alimiter", limit=0.9, level=0, latency=1)
        .filter_multi_output("asplit", len(rungs))
    )
    outputs = [
        _written(levelled.stream(place), rung, out) for place, (rung, out) in enumerate(zip(rungs, outs, strict=True))
    ]
    return ffmpeg.merge_outputs(*outputs)


def _written(stream: Any, rung: SpeechRung, out: Path) -> Any:
    if rung is AAC:
        # The encoder's first packet takes the place of the first 43 ms, so that sample n of the file is sample n of the
        # recording for every player, also for those that know nothing of edit lists.
        stream = stream.filter("aresample", rung.sample_rate).filter("atrim", start_sample=AAC_PRIMING_SAMPLES)
        stream = stream.filter("asetpts", "N/SR/TB")
    options = {"c:a": rung.codec, "b:a": rung.bit_rate, "flags:a": "+bitexact", **dict(rung.options)}
    return stream.output(str(out), **options, **CONTAINERS[rung.name], **{"fflags": "+bitexact", "map_metadata": -1})


#: How three hours begin to sound after 11 KB (WebM) and 7 KB (MP4): the whole index first, one entry for each 20 s.
#: A plain MP4 has an index of 0.75-1.04 MB, over 90 s of silence at 64 kbit/s.
CONTAINERS: dict[str, dict[str, str | int]] = {
    OPUS.name: {"format": "webm", "cues_to_front": 1, "cluster_time_limit": 20_000, "cluster_size_limit": 5_000_000},
    AAC.name: {
        "format": "mp4",
        "movflags": "+delay_moov+default_base_moof+global_sidx+skip_trailer",
        "frag_duration": 20_000_000,
        "use_editlist": 0,
        "avoid_negative_ts": "make_zero",
    },
}


def _demand_in_step(speech: Path, facts: MediaFacts) -> None:
    """See to it that as much was written as lasts to the recording's end, neither with gaps nor over one another."""
    extent = packets.measure(speech, {0: 0.0})[0]
    for seconds in (extent.end, extent.played):
        if abs(seconds - facts.duration_seconds) > SPEECH_SLACK_SECONDS:
            raise SoundOutOfStep


def _made(rung: SpeechRung, path: Path, facts: MediaFacts, cpu_seconds: float) -> Made:
    size = path.stat().st_size
    return Made(rung.name, path, rung.media_type, size, round(size * 8 / facts.duration_seconds), cpu_seconds)


def _picture(source: Path, facts: MediaFacts, rung: VideoRung, chunk: Chunk) -> Any:
    """Take the frames of one chunk, and only them; the rate is cut before the size, because scaling costs more."""
    shown = (
        tracks.picture(source, facts, rung.fps, start_seconds=chunk.start_seconds)
        .filter("scale", rung.width, rung.height, flags="lanczos")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )
    black = ffmpeg.input(f"color=black:s={rung.width}x{rung.height}:r={rung.fps}", format="lavfi")
    return ffmpeg.concat(shown, black.filter("format", "yuv420p")).filter("trim", end_frame=chunk.frames)


def _x264(rung: VideoRung) -> dict[str, str | int]:
    """Options for H.264. `animation` gains 1.1 VMAF and 3 % of the bits on slides.

    Its B-frames stay, although they delay the decoder: on 240 s of the low rung they saved 9 % of the bits (28.1
    against 30.8 kbit/s) and still gained 0.6 dB in SSIM.
    """
    keyframes = f"keyint={rung.segment_frames}:min-keyint={rung.segment_frames}:scenecut=0"
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "tune": "animation",
        "profile:v": "main",
        "crf": rung.crf,
        "maxrate": rung.max_bit_rate,
        "bufsize": BUFFER_SECONDS * rung.max_bit_rate,
        "x264-params": f"{keyframes}:rc-lookahead=20:stitchable=1",
        "threads": 1,
        "flags:v": "+bitexact",
        "video_track_timescale": rung.fps * 2048,
    }
