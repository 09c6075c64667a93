"""What each step of a job does: its work, and what is then to be written.

A step works outside any transaction and gives back an `Outcome`, which the pipeline runs in the transaction that ends
the step. So a step that is interrupted or done twice leaves nothing behind but files under their final names.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from archive import catalogue
from archive.disk import sha256_of
from archive.models import Deck, Recording, RenditionKind, SlidePage
from archive.storage import storage
from ingest import gate, hls, jobs, ladder, probe, quarantine, slides, timeline, transcode
from ingest.jobs import Claim
from ingest.models import IngestJob, JobState, StepKind, Upload, UploadKind
from ingest.probe import MediaFacts
from ingest.settings import workshop_settings
from sessions import clock
from sessions.db import Db, transaction
from sessions.errors import DomainError
from sessions.models import ConferenceSession
from sessions.names import search_key

#: What remains to be written when a step's work is done, inside the transaction that ends the step.
Outcome = Callable[[Db, IngestJob], None]
#: Takes how far the work is (0 to 1), keeps the lease, and raises `LeaseLost` to stop it.
Pulse = Callable[[float], None]

#: Seconds of machine time per second of recording, from MEDIA.md (sections 4.2 and 6); only weights for progress.
_SPEECH_COST, _VIDEO_COST, _TIMELINE_COST = 0.03, 0.05, 0.04


class OriginalDamaged(DomainError):
    status = 422
    code = "original-damaged"
    vi = "Tệp đã bị hỏng trên máy chủ sau khi tải lên. Hãy tải lên lại."
    en = "The file was damaged on the server after it had arrived. Please upload it again."


class RenditionDefective(DomainError):
    status = 500
    code = "rendition-defective"
    vi = "Phiên bản đã mã hoá không đạt kiểm tra: {defect}"
    en = "The encoded rendition did not pass its check: {defect}"


def _scan(held: Claim, _folder: Path, pulse: Pulse) -> Outcome:
    """Look at what came in; keep the original, or refuse it and keep nothing."""
    with transaction() as db:
        job = jobs.lock_job(db, held.job_id)
        upload = db.get_one(Upload, job.upload_id)
        gate.demand_unknown(db, upload.sha256 or "")
        if job.state is JobState.RECEIVED:
            jobs.move(db, job, JobState.SCANNING)
    arrived, key = quarantine.path_of(upload), f"originals/{upload.sha256}"
    # A scan that was interrupted after the move finds the original in the vault already.
    with ExitStack() as stack:
        source = arrived if arrived.exists() else stack.enter_context(storage().local_path(key))
        pulse(0.1)
        if upload.kind is UploadKind.DECK:
            slides.demand_readable(source)
            keep = _keep_deck(upload, key)
        else:
            keep = _keep_recording(upload, key, probe.inspect(source))
        pulse(0.5)
    if arrived.exists():
        # Looked at before it is put: a damaged file must not take the place of a good copy of an earlier upload.
        if sha256_of(arrived) != upload.sha256:
            raise OriginalDamaged
        storage().put(key, arrived, move=True)
    return keep


def _keep_recording(upload: Upload, key: str, facts: MediaFacts) -> Outcome:
    def write(db: Db, job: IngestJob) -> None:
        recording = Recording(
            session_id=upload.session_id,
            part_id=upload.part_id,
            title=db.get_one(ConferenceSession, upload.session_id).title,
            duration_seconds=facts.duration_seconds,
            source_sha256=upload.sha256,
            source_key=key,
            source_bytes=upload.length,
            facts=facts.to_json(),
            created_at=clock.now(),
        )
        db.add(recording)
        db.flush()
        job.recording_id = recording.id
        jobs.move(db, job, JobState.ADMITTED)
        jobs.add_steps(db, job, _plan(facts))
        if catalogue.deck_for(db, recording, published=False) and facts.video:
            plan_timeline(db, job, recording)
        jobs.move(db, job, JobState.ENCODING)

    return write


def _keep_deck(upload: Upload, key: str) -> Outcome:
    def write(db: Db, job: IngestJob) -> None:
        deck = Deck(
            session_id=upload.session_id,
            part_id=upload.part_id,
            title=Path(upload.filename).stem,
            source_sha256=upload.sha256,
            source_key=key,
            created_at=clock.now(),
        )
        db.add(deck)
        db.flush()
        job.deck_id = deck.id
        jobs.move(db, job, JobState.ADMITTED)
        jobs.add_steps(db, job, [(StepKind.PAGES, 0, 10.0)])
        jobs.move(db, job, JobState.ENCODING)

    return write


def _plan(facts: MediaFacts) -> list[tuple[StepKind, int, float]]:
    """The steps that a recording with these facts needs."""
    rungs = ladder.for_source(facts)
    steps: list[tuple[StepKind, int, float]] = []
    if rungs.speech:
        steps.append((StepKind.SPEECH, 0, 1 + _SPEECH_COST * facts.duration_seconds))
    if rungs.video:
        chunks = transcode.plan_chunks(facts, rungs, chunk_seconds=workshop_settings().chunk_seconds)
        steps += [(StepKind.CHUNK, chunk.index, 1 + _VIDEO_COST * chunk.seconds) for chunk in chunks]
    return steps


def _speech(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Encode the sound once for the whole recording, in every form that a browser may want."""
    recording = _recording_of(held)
    facts, home = MediaFacts.from_json(recording.facts), catalogue.folder_of(recording)
    with storage().local_path(recording.source_key) as source:
        made = transcode.encode_speech(source, facts, folder, pulse)
    for each in made:
        storage().put(f"{home}/{each.path.name}", each.path)

    def write(db: Db, _job: IngestJob) -> None:
        for each in made:
            catalogue.keep_rendition(
                db,
                recording_id=recording.id,
                kind=RenditionKind.SPEECH,
                name=each.name,
                ladder_version=ladder.LADDER_VERSION,
                entry=each.path.name,
                media_type=each.media_type,
                bytes=each.bytes,
                bit_rate=each.bit_rate,
            )

    return write


def _chunk(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Encode one stretch of the picture to a plain file; a stretch made before is not made again."""
    recording = _recording_of(held)
    facts, rungs, rung = _picture_plan(recording)
    chunk = transcode.plan_chunks(facts, rungs, chunk_seconds=workshop_settings().chunk_seconds)[held.number]
    key = _chunk_key(recording, held.number)
    if not storage().exists(key):
        out = folder / "chunk.mp4"
        with storage().local_path(recording.source_key) as source:
            transcode.encode_chunk(source, facts, rung, chunk, out, pulse)
        storage().put(key, out)
    return _nothing


def _package(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Stitch the chunks, check the whole by decoding it, and keep it as HLS."""
    recording = _recording_of(held)
    facts, rungs, rung = _picture_plan(recording)
    chunks = transcode.plan_chunks(facts, rungs, chunk_seconds=workshop_settings().chunk_seconds)
    home = catalogue.folder_of(recording)
    with ExitStack() as stack:
        files = [stack.enter_context(storage().local_path(_chunk_key(recording, each.index))) for each in chunks]
        speech = stack.enter_context(storage().local_path(f"{home}/speech.m4a")) if rungs.speech else None
        packaged = hls.package(files, speech, folder, rung, pulse=lambda share: pulse(share / 2))
    defects = hls.verify(packaged.master, facts.duration_seconds, pulse=lambda share: pulse(0.5 + share / 2))
    if defects:
        raise RenditionDefective(defect=defects[0])
    for path in packaged.files:
        storage().put(f"{home}/video/{path.relative_to(folder).as_posix()}", path)

    def write(db: Db, _job: IngestJob) -> None:
        catalogue.keep_rendition(
            db,
            recording_id=recording.id,
            kind=RenditionKind.VIDEO,
            name=rung.name,
            ladder_version=ladder.LADDER_VERSION,
            entry=f"video/{packaged.master.relative_to(folder).as_posix()}",
            media_type="application/vnd.apple.mpegurl",
            bytes=packaged.bytes,
            bit_rate=packaged.bit_rate,
        )

    return write


def _picture_plan(recording: Recording) -> tuple[MediaFacts, ladder.Ladder, ladder.VideoRung]:
    facts = MediaFacts.from_json(recording.facts)
    rungs = ladder.for_source(facts)
    assert rungs.video, "Chunks are planned only for recordings with a picture."
    return facts, rungs, rungs.video


def _pages(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Draw every page of a deck and read its text."""
    with transaction() as db:
        job = db.get_one(IngestJob, held.job_id)
        deck = db.get_one(Deck, job.deck_id)
    home = catalogue.folder_of(deck)
    with storage().local_path(deck.source_key) as source:
        pages = slides.render(source, folder, on_page=lambda done, of: pulse(done / of))
    for page in pages:
        for path in (page.file, page.thumb_file):
            storage().put(f"{home}/{path.name}", path)

    def write(db: Db, _job: IngestJob) -> None:
        catalogue.keep_pages(
            db,
            deck,
            [
                SlidePage(
                    deck_id=deck.id,
                    position=page.position,
                    picture=page.file.name,
                    thumbnail=page.thumb_file.name,
                    width=page.width,
                    height=page.height,
                    bytes=page.bytes,
                    text=page.text,
                    search_key=search_key(page.text),
                )
                for page in pages
            ],
        )
        for recording_job, recording in _recordings_beside(db, deck):
            plan_timeline(db, recording_job, recording)

    return write


def _timeline(held: Claim, _folder: Path, pulse: Pulse) -> Outcome:
    """Find when which page of the deck is on the recording's screen."""
    recording = _recording_of(held)
    with transaction() as db:
        deck = catalogue.deck_for(db, recording, published=False)
        if deck is None:
            return _nothing
        names = db.scalars(
            select(SlidePage.picture).where(SlidePage.deck_id == deck.id).order_by(SlidePage.position)
        ).all()
    home = catalogue.folder_of(deck)
    with ExitStack() as stack:
        pages = [stack.enter_context(storage().local_path(f"{home}/{name}")) for name in names]
        source = stack.enter_context(storage().local_path(recording.source_key))
        cues = timeline.match(source, MediaFacts.from_json(recording.facts), pages, on_progress=pulse)

    def write(db: Db, _job: IngestJob) -> None:
        found = [catalogue.Cue(cue.page, cue.at_seconds, cue.confidence) for cue in cues]
        catalogue.keep_timeline(db, recording.id, deck.id, found)

    return write


def plan_timeline(db: Db, job: IngestJob, recording: Recording) -> None:
    """Have the deck looked for in the recording's picture, again if that was done with another deck."""
    jobs.add_steps(db, job, [(StepKind.TIMELINE, 0, 1 + _TIMELINE_COST * recording.duration_seconds)])


def _recordings_beside(db: Db, deck: Deck) -> list[tuple[IngestJob, Recording]]:
    """The recordings, with their jobs, whose pictures this deck may be seen in."""
    alive = IngestJob.state.not_in([JobState.REFUSED, JobState.FAILED, JobState.CANCELLED, JobState.RETRACTED])
    statement = (
        select(IngestJob, Recording)
        .join(Recording, Recording.id == IngestJob.recording_id)
        .where(Recording.session_id == deck.session_id, alive)
    )
    if deck.part_id:
        statement = statement.where(Recording.part_id == deck.part_id)
    return [(job, recording) for job, recording in db.execute(statement) if recording.facts.get("video")]


def _recording_of(held: Claim) -> Recording:
    with transaction() as db:
        return db.scalars(
            select(Recording).join(IngestJob, IngestJob.recording_id == Recording.id).where(IngestJob.id == held.job_id)
        ).one()


def work_folder(recording: Recording) -> str:
    """Keyed by the source and the ladder, so that the same work is never done twice."""
    return f"work/{recording.source_sha256}/{ladder.LADDER_VERSION}"


def _chunk_key(recording: Recording, number: int) -> str:
    return f"{work_folder(recording)}/{workshop_settings().chunk_seconds}/{number:05}.mp4"


def _nothing(_db: Db, _job: IngestJob) -> None:
    """What a step leaves that only makes a file."""


WORK: dict[StepKind, Callable[[Claim, Path, Pulse], Outcome]] = {
    StepKind.SCAN: _scan,
    StepKind.SPEECH: _speech,
    StepKind.CHUNK: _chunk,
    StepKind.PACKAGE: _package,
    StepKind.PAGES: _pages,
    StepKind.TIMELINE: _timeline,
}
