"""Searches what was let in before again, by the rules of today."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from archive.models import Recording
from archive.storage import storage
from ingest import gate_steps, inspection, jobs, rulebook, sheets, verdicts
from ingest.inspection import Material, Verdict
from ingest.models import IngestJob, Inspection, InspectionResult, Upload
from ingest.probe import MediaFacts
from sessions.db import Db, transaction


@dataclass(frozen=True, slots=True)
class Rescanned:
    """A file that was searched again, and what came of it."""

    job_id: UUID
    result: InspectionResult
    rules: tuple[str, ...]


def rescan(tell: Callable[[Rescanned], object] = lambda _: None) -> list[Rescanned]:
    """Search everything that is due; what is found is taken back, and refused or held as if it had just come in.

    What a second person has cleared stays cleared, unless something else is found in it now.
    """
    with transaction() as db:
        rules = rulebook.rules(db)
        waiting = verdicts.due(db, rulebook.version_of(rules))
    done = []
    for job_id in waiting:
        done.append(_search_again(job_id))
        tell(done[-1])
    return done


def _search_again(job_id: UUID) -> Rescanned:
    with transaction() as db:
        job = db.get_one(IngestJob, job_id)
        upload, before, rules = db.get_one(Upload, job.upload_id), verdicts.latest(db, job_id), rulebook.rules(db)
        titles, recording = gate_steps.titles_of(db, upload), _recording_of(db, job)
    brought = tuple(gate_steps.words_in(upload.brought))
    facts = MediaFacts.from_json(recording.facts) if recording else None
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        source = stack.enter_context(storage().local_path(f"originals/{upload.sha256}"))
        mended = recording and recording.mended_key and stack.enter_context(storage().local_path(recording.mended_key))
        material = Material(source, upload.kind, upload.filename, titles, brought, facts, mended or None)
        verdict = _without_cleared(inspection.inspect(material, Path(folder), rules), before)
        with transaction() as db:
            job = jobs.lock_job(db, job_id)
            pictures = sheets.keep(job_id, verdict.pictures)
            kept = verdicts.keep(db, job, verdict, pictures, rulebook.version_of(rules))
            kept.looked_by = before.looked_by if before else None
    return Rescanned(job_id, verdict.result, tuple(sorted({hit.rule for hit in verdict.hits})))


def _recording_of(db: Db, job: IngestJob) -> Recording | None:
    return db.get_one(Recording, job.recording_id) if job.recording_id else None


def _without_cleared(verdict: Verdict, before: Inspection | None) -> Verdict:
    """Leave out what a person has looked at and cleared: the same rule in the same place."""
    if before is None or not verdicts.is_cleared(before):
        return verdict
    cleared = {(hit["rule"], hit["source"], hit["page"], hit["at_seconds"]) for hit in before.hits}
    new = tuple(hit for hit in verdict.hits if (hit.rule, hit.source, hit.page, hit.at_seconds) not in cleared)
    return replace(verdict, hits=new)
