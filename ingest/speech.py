"""Encodes the speech of a recording: levelled, in one file for each kind of browser, once for the whole length."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg
import numpy as np

from ingest import graphs, ladder, loudness, packets, tracks
from ingest.files import landing
from ingest.ladder import AAC, OPUS, SpeechRung
from ingest.loudness import Levels
from ingest.probe import MediaFacts, RecordingUnreadable
from ingest.tracks import OnProgress

#: An AAC encoder puts this many samples of its own making before the first real one.
AAC_PRIMING_SAMPLES = 1024
#: Of the whole work on speech; listening takes 1.4 CPU s per 300 s, encoding both forms 6 and a decode.
LISTENING_SHARE = 0.2

#: How much longer or shorter than the recording its speech may be: a few packets of 60 ms.
SPEECH_SLACK_SECONDS = 0.25

#: A track counts as speech when it has at least this share of what the best one has.
LEAST_SHARE_OF_SPEECH = 0.25
#: A side this much below the other is not connected; a mix this much below its sides has them in antiphase.
DEAD_SIDE_LU, CANCELLED_LU = 20.0, 12.0

#: adeclip finds flat tops only, so those that resampling and a lossy codec have rippled since are cut flat once more.
#: On speech driven 10 dB too far, coded as AAC and repaired at 24 kHz for 3-5 CPU s per 300 s, PESQ goes from 2.46 to
#: 3.37 (from 2.51 to 3.54 uncoded); at 14-18 dB too far from 1.5-1.8 to 2.0-2.8, for 25-50 CPU s.
FLATTENED_DB = 1.5
#: Room for what is put back above the clipped tops.
HEAD_ROOM_DB = 10.0
#: -2 dB: leaves room for what lies between the samples and what the encoders add.
LIMIT = 0.79
#: What the limiter and the narrow band of the codecs take from the loudness, in the middle of seven real recordings.
LOST_IN_CODING_DB = 0.5


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
class Voice:
    """One way to take mono from a recording: a place in `facts.audio`, and one side of it instead of the mix."""

    track: int
    side: int | None
    levels: Levels


@dataclass(frozen=True, slots=True)
class Made:
    """One finished file of speech. `bit_rate` is its mean in bits per second, container included."""

    name: str
    path: Path
    media_type: str
    bytes: int
    bit_rate: int
    cpu_seconds: float


def listen(
    source: Path, facts: MediaFacts, on_progress: OnProgress | None = None, *, track: int | None = None
) -> Voice:
    """Choose what carries the speech, and measure how loud it is, in one decode for each track.

    It is the track that a person chose (`track`, a place in `facts.audio`), or else the first one, the default before
    all, that holds speech at all; two languages are never mixed. Of a stereo track one side is taken where the other is
    dead or turned against it, so that the mix would cancel out.
    Raises SoundOutOfStep where the sound changes its format on the way, ToolFailed, ToolTimedOut.
    """
    tell = on_progress or tracks.nobody
    tried = range(len(facts.audio)) if track is None else [track]
    voices = [
        _best_side(_voices_of(source, facts, each, partial(_tell_part, tell, place, len(tried))))
        for place, each in enumerate(tried)
    ]
    enough = LEAST_SHARE_OF_SPEECH * max(voice.levels.speech_seconds for voice in voices)
    if enough > 0:
        return next(voice for voice in voices if voice.levels.speech_seconds >= enough)
    return max(voices, key=lambda voice: voice.levels.integrated_lufs)


def encode_speech(
    source: Path,
    facts: MediaFacts,
    out_dir: Path,
    on_progress: OnProgress | None = None,
    *,
    rungs: tuple[SpeechRung, ...] | None = None,
    track: int | None = None,
    on_voice: Callable[[Voice], None] | None = None,
) -> list[Made]:
    """Encode speech rungs, all if not told, into `out_dir`, levelled to -18 LUFS, in one decode after the listening.

    `track` is the place in `facts.audio` that a person chose; `on_voice` is told what was listened to and found.

    Each file lasts as long as the recording, with silence where the source holds nothing, so that second 100 of the
    speech is second 100 of the recording. A silent film gives no files.
    Raises SoundOutOfStep, ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    wanted, tell = ladder.for_source(facts).speech if rungs is None else rungs, on_progress or tracks.nobody
    if not facts.audio or not wanted:
        return []
    try:
        made, voice = _encode(source, facts, out_dir, wanted, tell, track)
    except SoundOutOfStep:
        with _in_one_format(source, facts, out_dir) as (even, even_facts):
            made, voice = _encode(even, even_facts, out_dir, wanted, tell, track)
    if on_voice:
        on_voice(voice)
    return made


def _encode(
    source: Path,
    facts: MediaFacts,
    out_dir: Path,
    rungs: tuple[SpeechRung, ...],
    tell: OnProgress,
    track: int | None,
) -> tuple[list[Made], Voice]:
    voice = listen(source, facts, lambda share: tell(share * LISTENING_SHARE), track=track)
    with ExitStack() as stack:
        gain = Path(stack.enter_context(TemporaryDirectory(dir=out_dir))) / "gain.f32"
        write_gain(gain, voice.levels)
        partials = [stack.enter_context(landing(out_dir / rung.file_name)) for rung in rungs]
        finished = tracks.run(
            _speech_graph(levelled(source, facts, voice, gain), rungs, partials),
            facts.duration_seconds,
            lambda share: tell(LISTENING_SHARE + share * (1 - LISTENING_SHARE)),
        )
        for partial_file in partials:
            _demand_in_step(partial_file, facts)
    made = [_made(rung, out_dir / rung.file_name, facts, finished.cpu_seconds / len(rungs)) for rung in rungs]
    return made, voice


def _voices_of(source: Path, facts: MediaFacts, track: int, tell: OnProgress) -> list[Voice]:
    """Measure a track's mix and, of a stereo one, both sides. Tops cut off are looked for before anything is mixed."""
    sides = (None, 0, 1) if facts.audio[track].channels == 2 else (None,)
    heard = tracks.sound(source, facts, track, _layout(facts.audio[track].channels)).filter("volumedetect")
    copies = heard.filter_multi_output("asplit", len(sides) + 1)
    with TemporaryDirectory() as folder:
        seconds = Path(folder) / "seconds.txt"
        reports = [Path(folder) / f"{place}.txt" for place in range(len(sides))]
        outputs = [
            _measured(_taken(copies.stream(place), side), report)
            for place, (side, report) in enumerate(zip(sides, reports, strict=True))
        ]
        graph = ffmpeg.merge_outputs(*outputs, _second_by_second(copies.stream(len(sides)), seconds))
        said = tracks.run(graph, facts.duration_seconds, tell, log_level="info").stderr_tail
        peaks = seconds.read_text()
        measured = [loudness.read_levels(report.read_text(), said, peaks) for report in reports]
    for levels in measured:
        if abs(levels.momentary.size * loudness.STEP_SECONDS - facts.duration_seconds) > SPEECH_SLACK_SECONDS:
            raise SoundOutOfStep
    return [Voice(track, side, levels) for side, levels in zip(sides, measured, strict=True)]


def _taken(heard: Any, side: int | None) -> Any:
    """Take what carries speech: below 80 Hz are hum, handling noise and air conditioning."""
    if side is None:
        heard = heard.filter("aresample", tracks.SAMPLE_RATE, **tracks.mixed_to("mono"))
    else:
        heard = heard.filter("channelmap", map=side, channel_layout="mono")
    return heard.filter("highpass", f=80)


def _measured(voice: Any, report: Path) -> Any:
    """Write a voice's momentary loudness to `report`."""
    return (
        voice.filter("ebur128", framelog="quiet", metadata=1)
        .filter("ametadata", "print", key="lavfi.r128.M", file=str(report))
        .output("pipe:", format="null")
    )


def _second_by_second(heard: Any, report: Path) -> Any:
    """Write the highest and the mean level of every second to `report`; this takes 0.1 CPU s per 300 s."""
    wanted = {"measure_perchannel": "none", "measure_overall": "Peak_level+RMS_level"}
    return (
        heard.filter("asetnsamples", tracks.SAMPLE_RATE)
        .filter("astats", metadata=1, reset=1, **wanted)
        .filter("ametadata", "print", file=str(report))
        .output("pipe:", format="null")
    )


def _tell_part(tell: OnProgress, done: int, of: int, share: float) -> None:
    tell((done + share) / of)


def _best_side(voices: list[Voice]) -> Voice:
    mix, *sides = voices
    if not sides:
        return mix
    loud, other = sorted((side.levels.integrated_lufs for side in sides), reverse=True)
    best = max(sides, key=lambda side: side.levels.integrated_lufs)
    dead, cancelled = loud - other > DEAD_SIDE_LU, loud - mix.levels.integrated_lufs > CANCELLED_LU
    return best if dead or cancelled else mix


@contextmanager
def _in_one_format(source: Path, facts: MediaFacts, folder: Path) -> Iterator[tuple[Path, MediaFacts]]:
    """Decode all sound tracks into one format and back into a file, for as long as it is needed.

    When the sound changes its format, ffmpeg builds its graph anew and begins to count again. This graph counts
    nothing: every packet keeps its time, and what is silent between them is filled in when the file is read.
    """
    with TemporaryDirectory(dir=folder) as place:
        even = Path(place) / "even.mkv"
        recording = graphs.uploaded(source)
        heard = [
            recording[str(track.index)]
            .filter("asetpts", f"PTS-({facts.origin_seconds})/TB")
            .filter("aformat", sample_rates=tracks.SAMPLE_RATE, channel_layouts=_layout(track.channels))
            for track in facts.audio
        ]
        graph = ffmpeg.output(*heard, str(even), format="matroska", **{"c:a": "pcm_s16le"})
        tracks.run(graph, facts.duration_seconds)
        audio = tuple(replace(track, index=place) for place, track in enumerate(facts.audio))
        yield even, replace(facts, container="matroska", origin_seconds=0.0, audio=audio)


def _layout(channels: int) -> str:
    return "stereo" if channels == 2 else "mono"


def write_gain(path: Path, levels: Levels) -> None:
    """Write the gain as samples, with some to spare: the shorter stream would end the other."""
    gain = loudness.factors(loudness.plan_gain(levels.momentary) + LOST_IN_CODING_DB)
    np.pad(gain, (0, 50), mode="edge").tofile(path)


def levelled(source: Path, facts: MediaFacts, voice: Voice, gain: Path) -> Any:
    """Take a voice as every rung gets it: whole, without hum, and as loud as the curve in `gain` says."""
    heard = tracks.sound(source, facts, voice.track, _layout(facts.audio[voice.track].channels))
    if voice.levels.clipped:
        heard = _unclipped(heard, voice.levels.peak_db)  # Before anything filters the tops round.
    curve = ffmpeg.input(str(gain), format="f32le", ar=round(1 / loudness.STEP_SECONDS), ch_layout="mono")
    return (
        ffmpeg.filter([_taken(heard, voice.side), curve.filter("aresample", tracks.SAMPLE_RATE)], "amultiply")
        # Left alone, the limiter makes up for its limit, which undoes the levelling, and lags by its attack.
        .filter("alimiter", limit=LIMIT, level=0, latency=1)
    )


def _speech_graph(heard: Any, rungs: tuple[SpeechRung, ...], outs: list[Path]) -> Any:
    copies = heard.filter_multi_output("asplit", len(rungs))
    outputs = [
        _written(copies.stream(place), rung, out) for place, (rung, out) in enumerate(zip(rungs, outs, strict=True))
    ]
    return ffmpeg.merge_outputs(*outputs)


def _unclipped(heard: Any, peak_db: float) -> Any:
    """Draw the tops of the waves anew where they were cut off; what else is there stays as loud as it was."""
    lifted = FLATTENED_DB - peak_db
    return (
        heard.filter("volume", f"{lifted:.2f}dB")
        .filter("aformat", sample_fmts="s16")
        .filter("volume", f"{-HEAD_ROOM_DB}dB", precision="double")
        .filter("adeclip", window=30, arorder=4, overlap=50)
        .filter("volume", f"{HEAD_ROOM_DB - lifted:.2f}dB", precision="float")
    )


def _written(stream: Any, rung: SpeechRung, out: Path) -> Any:
    if rung is AAC:
        # The encoder's first packet takes the place of the first 43 ms, so that sample n of the file is sample n of the
        # recording for every player, also for those that know nothing of edit lists.
        # The resampler rounds the ends of the frames it is handed in another way than what lies between, and how long
        # they are depends on which of ffmpeg's threads was quicker: even ones give the same bytes every time.
        stream = stream.filter("asetnsamples", 4800, p=0).filter("aresample", rung.sample_rate)
        stream = stream.filter("atrim", start_sample=AAC_PRIMING_SAMPLES)
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
