"""Runs our own engine on an input, as the steps of a job do but without a server, and counts what each part costs."""

import resource
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from archive.playlists import Stream
from ingest import content, hls, ladder, probe, soundness, speech, transcode
from ingest.content import Content
from ingest.ladder import Ladder, VideoRung
from ingest.probe import MediaFacts
from tests.benchmarks.inputs import Input

Made = TypeVar("Made")


@dataclass
class Run:
    """One recording on its way through the engine. `seconds` is processor time, ours and that of what we start."""

    source: Input
    folder: Path
    facts: MediaFacts
    rungs: Ladder
    content: Content = field(default_factory=Content)
    seconds: dict[str, float] = field(default_factory=dict)
    chunks: dict[str, list[Path]] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    def bit_rate(self, name: str) -> int:
        """The mean of a rung's picture alone, boxes included, in bits per second."""
        return self.streams[name].bit_rate


def begin(source: Input, folder: Path, only: str | None = None) -> Run:
    """Look into a recording; with `only`, nothing but that rung and its sound is made of it."""
    facts = probe.inspect(source.path)
    whole = ladder.for_source(facts)
    kept = tuple(rung for rung in whole.video if only in (None, rung.name))
    sounds = tuple(sound for sound in whole.speech if only is None or sound in {rung.sound for rung in kept})
    return Run(source, folder, facts, Ladder(whole.version, sounds, kept))


def make(run: Run, chunk_seconds: float = transcode.CHUNK_SECONDS) -> Run:
    """Make and check every form of it. Raises AssertionError where the check finds a fault."""
    _counted(run, "look", lambda: look(run))
    if run.rungs.speech:
        spoken = partial(speech.encode_speech, run.source.path, run.facts, run.folder, rungs=run.rungs.speech)
        _counted(run, "speech", spoken)
    encode(run, chunk_seconds)
    _counted(run, "stitching", lambda: _stitch(run))
    faults = _counted(run, "verifying", lambda: _faults(run))
    assert not faults, f"{run.source.name}: {faults}"
    return run


def look(run: Run) -> None:
    """See what the picture does, and pace the rungs by it."""
    run.content = content.look(run.source.path, run.facts)
    paced = ladder.for_source(run.facts, run.content)
    run.rungs = replace(run.rungs, video=tuple(paced.rung(rung.name) for rung in run.rungs.video))


def encode(run: Run, chunk_seconds: float) -> None:
    """Encode the picture chunk by chunk."""
    for chunk in transcode.plan_chunks(run.facts, run.content, chunk_seconds):
        outs = {rung: run.folder / f"{rung.name}.{chunk.index}.mp4" for rung in run.rungs.encoded}
        work = partial(transcode.encode_chunk, run.source.path, run.facts, run.content, chunk, outs)
        _counted(run, "encoding", work)
        for rung, out in outs.items():
            run.chunks.setdefault(rung.name, []).append(out)


def joined(run: Run, rung: str) -> Path:
    """Join the chunks of a rung to one plain MP4 without sound, which is easier to score than segments are."""
    return hls.write_download(run.chunks[rung], None, run.folder / f"{rung}.joined.mp4")


def _stitch(run: Run) -> None:
    for sound in run.rungs.speech:
        run.streams[sound.name] = hls.cut_sound(run.folder / sound.file_name, run.folder / sound.name, sound)
    for rung in run.rungs.encoded:
        run.streams[rung.name] = hls.cut_picture(run.chunks[rung.name], run.folder / rung.name, rung)
    if copied := run.rungs.copied:
        run.streams[copied.name] = hls.copy_picture(run.source.path, run.facts, run.folder / copied.name, copied)


def _faults(run: Run) -> list[str]:
    faults = []
    for each in (*run.rungs.speech, *run.rungs.video):
        sound = run.streams.get(each.sound.name) if isinstance(each, VideoRung) else None
        seconds = run.facts.duration_seconds
        if each == run.rungs.copied and run.facts.video:
            seconds = run.facts.video.end_seconds
        faults += soundness.check(run.streams[each.name], run.folder / each.name, each, seconds, sound=sound)
    return faults


def _counted(run: Run, part: str, work: Callable[[], Made]) -> Made:
    before = _processor_seconds()
    made = work()
    run.seconds[part] = run.seconds.get(part, 0.0) + _processor_seconds() - before
    return made


def _processor_seconds() -> float:
    """What this process and the children that it has collected have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
