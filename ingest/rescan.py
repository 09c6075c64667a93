"""Searches what was let in before again, by the rules of today."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from archive.disk import borrowed_folder
from archive.models import Recording
from archive.storage import storage
from ingest import gate_steps, inspection, jobs, rulebook, sheets, verdicts
from ingest.inspection import Material
from ingest.models import IngestJob, InspectionResult, Upload
from ingest.probe import MediaFacts
from sessions.db import Db, transaction
from sessions.errors import DomainError
from sessions.settings import register_settings

log = logging.getLogger("ingest.rescan")


@dataclass(frozen=True, slots=True)
class Rescanned:
    """A file that was searched again, and what came of it."""

    job_id: UUID
    #: Nothing where the file could not be read, or was decided on meanwhile.
    result: InspectionResult | None
    rules: tuple[str, ...] = ()


def rescan(tell: Callable[[Rescanned], object] = lambda _: None) -> list[Rescanned]:
    """Search everything that is due; what is found is taken back, and refused or held as if it had just come in.

    What a second person has cleared stays cleared, unless something else is found in it now.
    """
    with transaction() as db:
        rules = rulebook.rules(db)
        waiting = verdicts.due(db, rulebook.version_of(rules))
    done = []
    for job_id in waiting:
        done.append(_try_again(job_id))
        tell(done[-1])
    return done


def _try_again(job_id: UUID) -> Rescanned:
    """Search one file; one that is damaged or missing must not keep the others from being searched."""
    try:
        return _search_again(job_id)
    except DomainError as error:
        log.warning("The file of job %s could not be searched again: %s", job_id, error.code)
        return Rescanned(job_id, None)


def _search_again(job_id: UUID) -> Rescanned:
    with transaction() as db:
        job = db.get_one(IngestJob, job_id)
        upload, before, rules = db.get_one(Upload, job.upload_id), verdicts.latest(db, job_id), rulebook.rules(db)
        cleared = verdicts.cleared_in(db, job_id)
        titles, recording = gate_steps.titles_of(db, upload), _recording_of(db, job)
    brought = tuple(gate_steps.words_in(upload.brought))
    facts = MediaFacts.from_json(recording.facts) if recording else None
    with ExitStack() as stack:
        folder = stack.enter_context(borrowed_folder(register_settings().data_dir / "rescan"))
        source = stack.enter_context(storage().local_path(f"originals/{upload.sha256}"))
        mended = recording and recording.mended_key and stack.enter_context(storage().local_path(recording.mended_key))
        material = Material(source, upload.kind, upload.filename, titles, brought, facts, mended or None)
        verdict = inspection.inspect(material, folder, rules)
        new = tuple(hit for hit in verdict.hits if verdicts.place_of(asdict(hit)) not in cleared)
        verdict = replace(verdict, hits=new)
        with transaction() as db:
            job = jobs.lock_job(db, job_id)
            if job.state not in verdicts.LET_IN:
                return Rescanned(job_id, None)
            pictures = sheets.keep(job_id, verdict.pictures)
            kept = verdicts.keep(db, job, verdict, pictures, rulebook.version_of(rules))
            kept.looked_by = before.looked_by if before else None
    return Rescanned(job_id, verdict.result, tuple(sorted({hit.rule for hit in verdict.hits})))


def _recording_of(db: Db, job: IngestJob) -> Recording | None:
    return db.get_one(Recording, job.recording_id) if job.recording_id else None
