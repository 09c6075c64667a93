"""The first steps of a job, and which function does which kind of step."""

from contextlib import ExitStack
from pathlib import Path

from archive import catalogue
from archive.disk import sha256_of
from archive.models import Deck, Recording
from archive.storage import storage
from ingest import (
    findings,
    gate,
    gate_steps,
    jobs,
    photos,
    picture_steps,
    quarantine,
    salvage,
    slide_steps,
    sound_steps,
)
from ingest.importing import placing
from ingest.jobs import Claim, Planned
from ingest.models import IngestJob, JobState, StepKind, Upload, UploadKind
from ingest.probe import MediaFacts
from ingest.salvage import Salvaged
from ingest.work import Outcome, Pulse, Work, part
from sessions import clock
from sessions.db import Db, transaction
from sessions.errors import DomainError
from sessions.models import ConferenceSession


class OriginalDamaged(DomainError):
    status = 422
    code = "original-damaged"
    vi = "Tệp đã bị hỏng trên máy chủ sau khi tải lên. Hãy tải lên lại."
    en = "The file was damaged on the server after it had arrived. Please upload it again."


def _scan(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
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
        recording: Salvaged | None = None
        if upload.kind is UploadKind.RECORDING:
            recording = salvage.inspect(source, folder, lambda _: pulse(0.1))
        elif upload.kind is UploadKind.PHOTO:
            photos.demand_photo(source)
        # The search reads and draws all of it: a deck or a picture that can't be read is refused there.
        found = gate_steps.search(held, upload, source, recording, folder, part(pulse, 0.2, 0.9))
    if found.stops:
        return found.write
    if arrived.exists():
        # Looked at before it is put: a damaged file must not take the place of a good copy of an earlier upload.
        if sha256_of(arrived) != upload.sha256:
            raise OriginalDamaged
        storage().put(key, arrived, move=True)
    if recording and recording.mended:
        storage().put(_mended_key(upload), recording.mended)

    def write(db: Db, job: IngestJob) -> None:
        found.write(db, job)
        _keep(upload, key, recording, found)(db, job)

    return write


def _keep(upload: Upload, key: str, recording: Salvaged | None, found: gate_steps.Search) -> Outcome:
    """What follows for a file that the gate has let in, by its kind."""
    if recording:
        return _keep_recording(upload, key, recording)
    if upload.kind is UploadKind.PHOTO:
        return photos.keep(unread=bool(found.verdict and found.verdict.unread))
    return _keep_deck(upload, key)


def _mended_key(upload: Upload) -> str:
    return f"mended/{upload.sha256}"


def _keep_recording(upload: Upload, key: str, salvaged: Salvaged) -> Outcome:
    facts = salvaged.facts

    def write(db: Db, job: IngestJob) -> None:
        recording = Recording(
            session_id=upload.session_id,
            part_id=upload.part_id,
            title=db.get_one(ConferenceSession, upload.session_id).title,
            duration_seconds=facts.duration_seconds,
            source_sha256=upload.sha256,
            source_key=key,
            source_bytes=upload.length,
            mended_key=_mended_key(upload) if salvaged.mended else None,
            facts=facts.to_json(),
            chapters=placing.chapters_of(upload, facts.duration_seconds),
            created_at=clock.now(),
        )
        findings.keep(recording, "source", findings.of_source(facts))
        db.add(recording)
        db.flush()
        job.recording_id = recording.id
        placing.place_recording(db, recording, upload)
        jobs.move(db, job, JobState.ADMITTED)
        jobs.add_steps(db, job, _plan(facts))
        if catalogue.deck_for(db, recording, published=False) and facts.video:
            slide_steps.plan_timeline(db, job, recording)
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
        jobs.add_steps(db, job, [Planned(StepKind.PAGES, 0, 10.0)])
        jobs.move(db, job, JobState.ENCODING)

    return write


def _plan(facts: MediaFacts) -> list[Planned]:
    """The steps that a recording with these facts begins with; how it is encoded is planned once it was looked at."""
    seconds = facts.duration_seconds
    heard = [sound_steps.planned(facts)] if facts.audio else []
    seen = [Planned(StepKind.LOOK, 0, 1 + picture_steps.LOOK_COST * seconds)] if facts.video else []
    return heard + seen


WORK: dict[StepKind, Work] = {
    StepKind.SCAN: _scan,
    StepKind.SPEECH: sound_steps.encode,
    StepKind.LOOK: picture_steps.look,
    StepKind.CHUNK: picture_steps.encode,
    StepKind.PACKAGE: picture_steps.package,
    StepKind.PAGES: slide_steps.draw,
    StepKind.TIMELINE: slide_steps.place,
    StepKind.REFINE: slide_steps.refine,
    StepKind.EXTRACT: slide_steps.extract,
}
