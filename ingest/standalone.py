"""Makes every form of a recording in a folder, by the code that the workshop runs, with no server and no broker.

Chunks stay in the folder until the rungs made of them have passed their check, so a run that was broken off goes on
where it stopped, and a run that is repeated finds everything there.
"""

import json
import os
import resource
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archive import playlists
from archive.playlists import Stream
from ingest import (
    content,
    findings,
    hls,
    ladder,
    picture_steps,
    salvage,
    sound_steps,
    soundness,
    speech,
    timeline,
    timeline_pages,
)
from ingest import slides as decks
from ingest.content import Content
from ingest.decoding import Original
from ingest.files import landing
from ingest.findings import Finding
from ingest.ladder import AAC, Codec, Ladder, SpeechRung, VideoRung
from ingest.probe import MediaFacts
from ingest.runner import ToolFailed
from ingest.slide_steps import REFINE_COST
from ingest.transcode import Chunk, encode_chunk, plan_chunks, recipe
from ingest.work import fingerprint

#: Takes the stage (the code of a step) and how much of all work is done, 0 to 1.
OnStage = Callable[[str, float], None]

REPORT, TIMELINE, MASTER = "report.json", "slides.json", "master.m3u8"
VIDEO, PAGES, PIECES = picture_steps.VIDEO, "slides", ".pieces"


class Stopped(Exception):
    """The work was broken off by the caller, or because another part of it failed."""


@dataclass
class Report:
    """What was made, and what it took. Bytes are whole files, rates bits per second, times seconds."""

    source: str
    seconds: float
    facts: dict[str, Any]
    content: str = ""
    noise: float = 0.0
    rungs: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    pages: int = 0
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    wall_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)


def transcode(
    source: Path, out: Path, *, slides: Path | None = None, workers: int | None = None, on_stage: OnStage | None = None
) -> Report:
    """Make all forms of `source` in the folder `out`, with the pages of the PDF `slides` at their times.

    A rung that fails its check is left out, with a warning in the report; `findings` say what is amiss with the
    recording itself. Raises the refusals of `probe.inspect` and `slides.render`, SoundOutOfStep, ToolFailed,
    ToolTimedOut, and what `on_stage` raises.
    """
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    (out / PIECES).mkdir(exist_ok=True)
    salvaged = salvage.inspect(source, out / PIECES)
    facts = salvaged.facts
    report = Report(source.name, facts.duration_seconds, facts.to_json())
    played, tell = salvaged.mended or source, on_stage or (lambda _stage, _share: None)
    bench = _Bench(played, out, facts, report, workers or os.cpu_count() or 1, tell)
    with bench.stage("pages"):
        pages = bench.draw(slides) if slides else []
    bench.plan(with_slides=bool(pages))
    bench.make(pages)
    report.findings = [found.to_json() for found in findings.in_order(bench.found)]
    report.wall_seconds = round(time.monotonic() - begun, 1)
    with landing(out / REPORT) as partial:
        partial.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1), encoding="utf-8")
    bench.tell("done", 1.0)
    return report


class _Bench:
    """One recording, the folder that its forms go to, and the share of the work that is done."""

    def __init__(self, source: Path, out: Path, facts: MediaFacts, report: Report, workers: int, tell: OnStage) -> None:
        self.source, self.out, self.facts, self.report, self.workers, self.tell = (
            source,
            out,
            facts,
            report,
            workers,
            tell,
        )
        self.rungs: Ladder = ladder.for_source(facts)
        self.content = Content()
        self.chunks: list[Chunk] = []
        self.streams: dict[str, Stream] = {}
        self.found: list[Finding] = findings.of_source(facts)
        self._weights: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._lock, self._stop = threading.Lock(), threading.Event()

    def plan(self, *, with_slides: bool) -> None:
        """Weigh the stages by what they usually take."""
        seconds = self.facts.duration_seconds
        seen = seconds if self.facts.video else 0.0
        self._weights = {
            "speech": sound_steps.SPEECH_COST * seconds if self.facts.audio else 0.0,
            "look": picture_steps.LOOK_COST * seen,
            "timeline": (REFINE_COST if with_slides else picture_steps.EXTRACT_COST) * seen,
            "chunk": picture_steps.CHUNK_COST * seen if self.rungs.encoded else 0.0,
            "package": picture_steps.PACKAGE_COST * len(self.rungs.video) * seen,
        }

    def make(self, pages: Sequence[Path]) -> None:
        with self.stage("speech"):
            made = speech.encode_speech(
                self.source,
                self.facts,
                self.out,
                self._pulse("speech"),
                on_voice=lambda voice: self.found.extend(findings.of_sound(voice)),
            )
        self.report.rungs += [
            {"name": each.name, "file": each.path.name, "bytes": each.bytes, "bit_rate": each.bit_rate} for each in made
        ]
        with self.stage("look"):
            self.content = content.look(self.source, self.facts, self._pulse("look"))
        self.found += findings.of_picture(self.content)
        self.rungs = ladder.for_source(self.facts, self.content)
        self.report.content, self.report.noise = self.content.kind, self.content.noise
        with self.stage("timeline"):
            self._place(pages)
        with self.stage("chunk"):
            self.chunks = plan_chunks(self.facts, self.content)
            self._each(self._encode, self.chunks)
        with self.stage("package"):
            for sound in self.rungs.speech if self.rungs.video else ():
                self.streams[sound.name] = self._package_sound(sound)
            self._each(self._package, self.rungs.video)
        self.report.rungs.sort(key=lambda rung: ("width" in rung, rung["bit_rate"]))
        if self.streams:
            (self.out / VIDEO / MASTER).write_text(playlists.master(self.streams.values()), encoding="utf-8")
        if not self.report.warnings:
            shutil.rmtree(self.out / PIECES, ignore_errors=True)

    def draw(self, slides: Path) -> list[Path]:
        folder = self.out / PAGES
        folder.mkdir(exist_ok=True)
        drawn = decks.render(slides, folder, on_page=lambda _done, _of: self.tell("pages", 0.0))
        self.report.pages = len(drawn)
        return [page.file for page in drawn]

    def _place(self, pages: Sequence[Path]) -> None:
        """Find when pages are shown; without any, cut them out of the picture."""
        pulse = self._pulse("timeline")
        if pages:
            cues = timeline.match(self.source, self.facts, pages, pulse)
            shown = [(cue.at_seconds, pages[cue.page - 1].name, cue.confidence) for cue in cues]
            if not cues:
                self.report.warnings.append("No page of the slides is seen in the recording.")
        else:
            folder = self.out / PAGES
            folder.mkdir(exist_ok=True)
            found = timeline_pages.extract_pages(self.source, self.facts, self.content, [], folder, pulse)
            shown = [(page.at_seconds, page.file.name, 1.0) for page in found]
            self.report.pages = len(found)
        self.report.timeline = [
            {"at_seconds": round(at, 3), "page": name, "confidence": confidence} for at, name, confidence in shown
        ]
        (self.out / TIMELINE).write_text(json.dumps(self.report.timeline, indent=1), encoding="utf-8")

    def _piece(self, rung: VideoRung, chunk: Chunk) -> Path:
        made = fingerprint(self.facts, self.rungs.version, rung, chunk, recipe(self.content, chunk))
        return self.out / PIECES / rung.name / f"{chunk.index:05}-{made}.mp4"

    def _proof(self, chunk: Chunk) -> Path:
        """A file that says that this part of the recording decodes without a word."""
        return self.out / PIECES / f"{chunk.first}-{chunk.end}-{fingerprint(self.facts)}.decoded"

    def _encode(self, chunk: Chunk, pulse: Callable[[float], None]) -> None:
        outs = {rung: self._piece(rung, chunk) for rung in self.rungs.encoded}
        missing = {rung: piece for rung, piece in outs.items() if not piece.exists()}
        for piece in missing.values():
            piece.parent.mkdir(parents=True, exist_ok=True)
        if missing and not self._is_packaged(missing):
            whole = self.rungs.copied is not None
            if encode_chunk(self.source, self.facts, self.content, chunk, missing, pulse, whole=whole):
                self._proof(chunk).touch()

    def _is_packaged(self, rungs: Iterable[VideoRung]) -> bool:
        """Whether an earlier run has made all of these from the same pieces."""
        return all(self._mark(rung).exists() for rung in rungs)

    def _mark(self, rung: VideoRung) -> Path:
        """A file that says of which pieces the rung beside it was made, kept with its description."""
        made = fingerprint(self.facts, self.rungs.version, rung, self.chunks, self.content)
        return self.out / VIDEO / f".{rung.name}-{made}.json"

    def _package_sound(self, rung: SpeechRung) -> Stream:
        folder = self.out / VIDEO / rung.name
        stream = hls.cut_sound(self.out / rung.file_name, folder, rung)
        faults = soundness.check(stream, folder, rung, self.facts.duration_seconds)
        self.report.warnings += faults
        return stream

    def _package(self, rung: VideoRung, pulse: Callable[[float], None]) -> None:
        mark, folder = self._mark(rung), self.out / VIDEO / rung.name
        try:
            stream, faults = self._found(mark) or self._package_anew(rung, folder, pulse)
        except ToolFailed as error:
            with self._lock:
                self.report.warnings.append(f"{rung.name}: {error.sentence('en')}")
            return
        with self._lock:
            self._keep(rung, stream, faults)
        if not faults:
            mark.write_text(json.dumps(stream.to_json()), encoding="utf-8")

    @staticmethod
    def _found(mark: Path) -> tuple[Stream, list[str]] | None:
        """What an earlier run has made, and found sound."""
        if not mark.exists():
            return None
        return Stream.from_json(json.loads(mark.read_text(encoding="utf-8"))), []

    def _package_anew(self, rung: VideoRung, folder: Path, pulse: Callable[[float], None]) -> tuple[Stream, list[str]]:
        assert self.facts.video is not None
        plain, original = rung == self.rungs.plain, None
        if rung.codec is Codec.COPY:
            stream = hls.copy_picture(self.source, self.facts, folder, rung, seeking=plain)
            seconds, original = self.facts.video.end_seconds, self._proven()
        else:
            stream = hls.cut_picture(self._pieces(rung), folder, rung, seeking=plain)
            seconds = sum(chunk.seconds for chunk in self.chunks)
        sound = self.streams.get(rung.sound.name)
        faults = soundness.check(stream, folder, rung, seconds, pulse, sound=sound, original=original)
        if plain and not faults:
            self._write_download(rung)
        return stream, faults

    def _pieces(self, rung: VideoRung) -> list[Path]:
        return [self._piece(rung, chunk) for chunk in self.chunks]

    def _proven(self) -> Original | None:
        """The recording itself, if all of it was decoded without a word while rungs were encoded from it."""
        assert self.facts.video is not None
        proven = self.rungs.encoded and all(self._proof(chunk).exists() for chunk in self.chunks)
        return Original(self.source, self.facts.video.index) if proven else None

    def _write_download(self, rung: VideoRung) -> None:
        out, sound = self.out / picture_steps.DOWNLOAD, self.out / AAC.file_name if self.rungs.speech else None
        if rung.codec is Codec.COPY:
            hls.write_copied_download(self.source, self.facts, sound, out)
        else:
            hls.write_download(self._pieces(rung), sound, out)

    def _keep(self, rung: VideoRung, stream: Stream, faults: Sequence[str]) -> None:
        self.report.warnings += faults
        if faults:
            shutil.rmtree(self.out / VIDEO / rung.name, ignore_errors=True)
            return
        self.streams[rung.name] = stream
        self.report.rungs.append(
            {
                "name": rung.name,
                "file": f"{VIDEO}/{rung.name}/{playlists.MEDIA_PLAYLIST}",
                "bytes": stream.bytes,
                "bit_rate": stream.bit_rate,
                "peak_bit_rate": stream.peak_bit_rate,
                "width": rung.width,
                "height": rung.height,
                "frame_rate": rung.fps,
                "codecs": stream.codecs,
            }
        )

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the processor seconds of a stage, ours and those of the programs that it ran."""
        before = _processor_seconds()
        self.tell(name, self._share())
        yield
        self._done[name] = 1.0
        self.report.cpu_seconds[name] = round(_processor_seconds() - before, 2)

    def _each(self, work: Callable[[Any, Callable[[float], None]], None], parts: Sequence[Any]) -> None:
        """Do the parts of a stage on as many threads as there are workers; the first failure stops the others."""
        stage = {self._encode: "chunk", self._package: "package"}[work]
        shares = [0.0] * len(parts)

        def do(number: int, part: Any) -> None:
            def pulse(share: float) -> None:
                if self._stop.is_set():
                    raise Stopped
                with self._lock:
                    shares[number] = share
                    self._done[stage] = sum(shares) / len(shares)

            work(part, pulse)
            pulse(1.0)

        with ThreadPoolExecutor(self.workers) as pool:
            pending = {pool.submit(do, number, part) for number, part in enumerate(parts)}
            try:
                while pending:
                    done, pending = wait(pending, timeout=0.5, return_when=FIRST_EXCEPTION)
                    for each in done:
                        each.result()
                    self.tell(stage, self._share())
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _pulse(self, stage: str) -> Callable[[float], None]:
        def pulse(share: float) -> None:
            self._done[stage] = share
            self.tell(stage, self._share())

        return pulse

    def _share(self) -> float:
        whole = sum(self._weights.values())
        done = sum(weight * self._done.get(stage, 0.0) for stage, weight in self._weights.items())
        return done / whole if whole else 0.0


def _processor_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
