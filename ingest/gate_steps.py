"""The gate's part of a scan: search what came in, and say what is to be written of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest import inspection, rulebook, sheets, verdicts
from ingest.inspection import Material, Verdict
from ingest.jobs import Claim
from ingest.models import IngestJob, InspectionResult, Upload
from ingest.salvage import Salvaged
from ingest.work import Pulse
from sessions.db import Db, transaction
from sessions.models import ConferenceSession, SessionPart


@dataclass(frozen=True)
class Search:
    """What a search found; nothing where a second person has cleared the file, so that it was not searched again."""

    verdict: Verdict | None
    pictures: list[dict[str, object]]
    rules_version: str

    @property
    def stops(self) -> bool:
        """Whether the file stays out, for good or until a person decides."""
        return self.verdict is not None and self.verdict.result is not InspectionResult.CLEAN

    def write(self, db: Db, job: IngestJob) -> None:
        """Record it, and do what follows from it."""
        if self.verdict:
            verdicts.keep(db, job, self.verdict, self.pictures, self.rules_version)


def search(held: Claim, upload: Upload, source: Path, recording: Salvaged | None, folder: Path, pulse: Pulse) -> Search:
    """Search a file in quarantine, and keep its contact sheet for whoever decides. Raises as `inspection.inspect`."""
    with transaction() as db:
        cleared = verdicts.is_cleared(verdicts.latest(db, held.job_id))
        rules, titles = rulebook.rules(db), titles_of(db, upload)
    version = rulebook.version_of(rules)
    if cleared:
        return Search(None, [], version)
    brought = tuple(words_in(upload.brought))
    facts, mended = (recording.facts, recording.mended) if recording else (None, None)
    material = Material(source, upload.kind, upload.filename, titles, brought, facts, mended)
    verdict = inspection.inspect(material, folder, rules, pulse)
    return Search(verdict, sheets.keep(held.job_id, verdict.pictures), version)


def titles_of(db: Db, upload: Upload) -> tuple[str, ...]:
    """Under which titles a file will be shown: its conference's and its part's."""
    title = db.get_one(ConferenceSession, upload.session_id).title
    if upload.part_id is None:
        return (title,)
    part = db.get_one(SessionPart, upload.part_id)
    return (title, part.title, *([part.speaker] if part.speaker else []))


def words_in(brought: object) -> Iterator[str]:
    """Every text in what an importer noted, however deep it lies."""
    if isinstance(brought, str):
        yield brought
    elif isinstance(brought, dict):
        for key, value in brought.items():
            yield from words_in(key)
            yield from words_in(value)
    elif isinstance(brought, list):
        for value in brought:
            yield from words_in(value)
