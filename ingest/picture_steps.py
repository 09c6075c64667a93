"""The steps that make the picture of a replay: look at it, encode it in chunks, package and check every rung."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive import catalogue, playlists
from archive.models import Recording, RenditionKind
from archive.playlists import Stream
from archive.storage import storage
from ingest import content, findings, hls, jobs, ladder, soundness, transcode
from ingest.content import Content
from ingest.decoding import Original
from ingest.jobs import Claim, Planned
from ingest.ladder import AAC, Codec, Ladder, SpeechRung, VideoRung
from ingest.models import IngestJob, StepKind
from ingest.probe import MediaFacts
from ingest.runner import ToolFailed
from ingest.settings import workshop_settings
from ingest.transcode import Chunk
from ingest.work import (
    Outcome,
    Pulse,
    RenditionDefective,
    fingerprint,
    keep_files,
    nothing,
    part,
    recording_of,
    work_folder,
)
from sessions.db import Db

log = logging.getLogger("ingest.picture_steps")

#: Seconds of machine time per second of recording, measured; only weights for progress and the forecast.
LOOK_COST, CHUNK_COST, COPY_COST, PACKAGE_COST, EXTRACT_COST = 0.01, 0.22, 0.06, 0.02, 0.06
#: Below the recording's folder: where all of its HLS lies, and the low rung in one plain file, to carry away.
VIDEO, DOWNLOAD = "video", "replay.mp4"


@dataclass(frozen=True, slots=True)
class _Picture:
    """All that decides how a recording's picture is made."""

    recording: Recording
    facts: MediaFacts
    content: Content
    rungs: Ladder
    chunks: Sequence[Chunk]

    @property
    def seconds(self) -> float:
        """How long every encoded rung lasts."""
        return sum(chunk.seconds for chunk in self.chunks)

    @property
    def whole(self) -> bool:
        """Whether every frame of the recording is decoded, because they are handed on as they are."""
        return self.rungs.copied is not None

    def proof(self, chunk: Chunk) -> str:
        """Where it is noted that a chunk of the recording decodes without a word."""
        return f"{work_folder(self.recording.source_sha256)}/decoded/{chunk.first}-{chunk.end}"

    def key(self, rung: VideoRung, chunk: Chunk) -> str:
        """Where one chunk of one rung is kept until the rung is packaged."""
        made = fingerprint(rung, chunk, transcode.recipe(self.content, chunk))
        return f"{work_folder(self.recording.source_sha256)}/{rung.name}/{made}.mp4"


def look(held: Claim, _folder: Path, pulse: Pulse) -> Outcome:
    """See what the picture does, and plan how it is encoded."""
    recording = recording_of(held)
    with storage().local_path(recording.played_key) as source:
        seen = content.look(source, MediaFacts.from_json(recording.facts), pulse)

    def write(db: Db, job: IngestJob) -> None:
        kept = db.get_one(Recording, recording.id)
        kept.content = seen.to_json()
        findings.keep(kept, "picture", findings.of_picture(seen))
        picture = picture_of(kept)
        if picture.rungs.encoded:
            chunks = [Planned(StepKind.CHUNK, each.index, 1 + CHUNK_COST * each.seconds) for each in picture.chunks]
            jobs.add_steps(db, job, chunks)
        if catalogue.deck_for(db, kept, published=False) is None:
            plan_extraction(db, job, kept)

    return write


def encode(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Encode one stretch of the picture for every rung; what was made before is not made again."""
    picture = picture_of(recording_of(held))
    _make(picture, picture.chunks[held.number], picture.rungs.encoded, folder, pulse)
    return nothing


def package(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Stitch the chunks of one rung, check the whole, and keep it as HLS with the sound that goes with it."""
    picture = picture_of(recording_of(held))
    rung = picture.rungs.rung(held.rung or "")
    with ExitStack() as stack:
        sound = package_sound(picture, rung.sound, folder, stack) if picture.rungs.speech else None
        if rung.codec is Codec.COPY:
            stream, carried = _package_copy(picture, rung, sound, folder, stack, pulse)
        else:
            stream, carried = _package_encoded(picture, rung, sound, folder, stack, pulse)
    for each in (stream, sound):
        if each:
            keep_files(picture.recording, folder / each.name, f"{VIDEO}/{each.name}")
    if carried:
        storage().put(f"{catalogue.folder_of(picture.recording)}/{carried.name}", carried)
    carried_bytes = carried.stat().st_size if carried else 0

    def write(db: Db, _job: IngestJob) -> None:
        keep_stream(db, picture.recording, stream, RenditionKind.VIDEO, stream.name)
        if sound:
            keep_stream(db, picture.recording, sound, RenditionKind.SOUND, f"hls-{sound.name}")
        if carried_bytes:
            keep_download(db, picture, carried_bytes)

    return write


def plan_packages(db: Db, job: IngestJob, recording: Recording) -> None:
    """Plan the last step of every rung, the lightest first."""
    picture = picture_of(recording)
    seconds = recording.duration_seconds
    jobs.add_steps(
        db,
        job,
        [
            Planned(
                StepKind.PACKAGE,
                place,
                1 + (COPY_COST if rung.codec is Codec.COPY else PACKAGE_COST) * seconds,
                rung.name,
            )
            for place, rung in enumerate(picture.rungs.video)
        ],
    )


def plan_extraction(db: Db, job: IngestJob, recording: Recording) -> None:
    """Have the pages that no deck holds cut from the picture."""
    jobs.add_steps(db, job, [Planned(StepKind.EXTRACT, 0, 1 + EXTRACT_COST * recording.duration_seconds)])


def picture_of(recording: Recording) -> _Picture:
    """All that decides how a recording's picture is made, as far as it is known by now."""
    facts = MediaFacts.from_json(recording.facts)
    seen = Content.from_json(recording.content) if recording.content else Content()
    chunks = transcode.plan_chunks(facts, seen, workshop_settings().chunk_seconds)
    return _Picture(recording, facts, seen, ladder.for_source(facts, seen), chunks)


def _make(picture: _Picture, chunk: Chunk, rungs: Sequence[VideoRung], folder: Path, pulse: Pulse) -> None:
    """Encode what is missing of a chunk, all rungs from one decode; should one of them fail, each on its own."""
    missing = [rung for rung in rungs if not storage().exists(picture.key(rung, chunk))]
    if not missing:
        return
    outs = {rung: folder / f"{rung.name}.mp4" for rung in missing}
    with storage().local_path(picture.recording.played_key) as source:
        try:
            silent = transcode.encode_chunk(
                source, picture.facts, picture.content, chunk, outs, pulse, whole=picture.whole
            )
        except ToolFailed as error:
            if len(missing) == 1:
                raise
            log.warning("Chunk %s failed for %s together, each is tried alone: %s", chunk.index, list(outs), error)
            outs, silent = _make_singly(source, picture, chunk, outs, pulse), False
    if silent:
        (folder / "decoded").touch()
        storage().put(picture.proof(chunk), folder / "decoded")
    for rung, out in outs.items():
        storage().put(picture.key(rung, chunk), out)


def _make_singly(
    source: Path, picture: _Picture, chunk: Chunk, outs: dict[VideoRung, Path], pulse: Pulse
) -> dict[VideoRung, Path]:
    """Encode rung by rung and leave out those that fail: their own packaging tries once more, and says why."""
    made: dict[VideoRung, Path] = {}
    for rung, out in outs.items():
        try:
            transcode.encode_chunk(
                source, picture.facts, picture.content, chunk, {rung: out}, pulse, whole=picture.whole
            )
        except ToolFailed:
            log.exception("Chunk %s cannot be encoded for rung %s", chunk.index, rung.name)
        else:
            made[rung] = out
    if not made:
        raise ToolFailed(tool="ffmpeg", exit_code=1, stderr_tail="")
    return made


def _package_encoded(
    picture: _Picture, rung: VideoRung, sound: Stream | None, folder: Path, stack: ExitStack, pulse: Pulse
) -> tuple[Stream, Path | None]:
    """Package a rung from its chunks; the lightest that plays everywhere also becomes a plain file to carry away."""
    plain = rung == picture.rungs.plain
    chunks = _chunks_of(picture, rung, folder, stack, part(pulse, 0, 0.5))
    stream = hls.cut_picture(chunks, folder / rung.name, rung, part(pulse, 0.5, 0.6), seeking=plain)
    _demand_sound(stream, folder, rung, picture.seconds, part(pulse, 0.6, 1), sound)
    if not plain:
        return stream, None
    return stream, hls.write_download(chunks, _carried_speech(picture, stack), folder / DOWNLOAD)


def _package_copy(
    picture: _Picture, rung: VideoRung, sound: Stream | None, folder: Path, stack: ExitStack, pulse: Pulse
) -> tuple[Stream, Path | None]:
    """Package the recording's own picture; where no lighter rung plays everywhere, it is the one to carry away."""
    assert picture.facts.video is not None
    plain, facts = rung == picture.rungs.plain, picture.facts
    source = stack.enter_context(storage().local_path(picture.recording.played_key))
    stream = hls.copy_picture(source, facts, folder / rung.name, rung, part(pulse, 0, 0.3), seeking=plain)
    proven = picture.rungs.encoded and all(storage().exists(picture.proof(chunk)) for chunk in picture.chunks)
    original = Original(source, picture.facts.video.index) if proven else None
    _demand_sound(stream, folder, rung, picture.facts.video.end_seconds, part(pulse, 0.3, 1), sound, original)
    if not plain:
        return stream, None
    return stream, hls.write_copied_download(source, facts, _carried_speech(picture, stack), folder / DOWNLOAD)


def _carried_speech(picture: _Picture, stack: ExitStack) -> Path | None:
    return stack.enter_context(_speech(picture, AAC)) if picture.rungs.speech else None


def _chunks_of(picture: _Picture, rung: VideoRung, folder: Path, stack: ExitStack, pulse: Pulse) -> list[Path]:
    """Fetch the chunks of a rung, encoding here and now those that are not there: a rung may be made again later."""
    files = []
    for chunk in picture.chunks:
        _make(picture, chunk, [rung], folder, lambda _: pulse(0.0))
        files.append(stack.enter_context(storage().local_path(picture.key(rung, chunk))))
        pulse((chunk.index + 1) / len(picture.chunks))
    return files


def package_sound(picture: _Picture, rung: SpeechRung, folder: Path, stack: ExitStack) -> Stream:
    """Cut the speech that goes with a rung. Several rungs share one: whichever comes first makes it, or all do."""
    stream = hls.cut_sound(stack.enter_context(_speech(picture, rung)), folder / rung.name, rung)
    _demand_sound(stream, folder, rung, picture.facts.duration_seconds, lambda _: None)
    return stream


def _speech(picture: _Picture, rung: SpeechRung) -> AbstractContextManager[Path]:
    return storage().local_path(f"{catalogue.folder_of(picture.recording)}/{rung.file_name}")


def _demand_sound(
    stream: Stream,
    folder: Path,
    rung: VideoRung | SpeechRung,
    seconds: float,
    pulse: Pulse,
    sound: Stream | None = None,
    original: Original | None = None,
) -> None:
    """See to it that nothing is wrong with a packaged stream. Raises RenditionDefective."""
    faults = soundness.check(stream, folder / stream.name, rung, seconds, pulse, sound=sound, original=original)
    if faults:
        raise RenditionDefective(defect=faults[0])


def keep_stream(db: Db, recording: Recording, stream: Stream, kind: RenditionKind, name: str) -> None:
    catalogue.keep_rendition(
        db,
        recording_id=recording.id,
        kind=kind,
        name=name,
        ladder_version=ladder.LADDER_VERSION,
        entry=f"{VIDEO}/{stream.name}/{playlists.MEDIA_PLAYLIST}",
        media_type=playlists.MEDIA_TYPE,
        bytes=stream.bytes,
        bit_rate=stream.bit_rate,
        stream=stream.to_json(),
    )


def keep_download(db: Db, picture: _Picture, size: int) -> None:
    catalogue.keep_rendition(
        db,
        recording_id=picture.recording.id,
        kind=RenditionKind.DOWNLOAD,
        name="mp4",
        ladder_version=ladder.LADDER_VERSION,
        entry=DOWNLOAD,
        media_type="video/mp4",
        bytes=size,
        bit_rate=round(size * 8 / picture.facts.duration_seconds),
        stream=None,
    )
