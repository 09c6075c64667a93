"""Destroys what the gate refused: the bytes, and everything that was ever made of them or read off them."""

from datetime import timedelta

from sqlalchemy import delete, select

from archive import catalogue
from archive.models import Deck, Recording, Rendition, SlidePage
from archive.storage import storage
from ingest import quarantine, sheets
from ingest.models import IngestJob, JobState, Upload
from ingest.work import work_folder
from sessions import clock
from sessions.db import Db, after_commit, transaction

#: The code of a refusal for a marking.
MARKED = "classified-mark"
#: Jobs in these states have nothing left to show; a file of theirs that is still here was left by a killed process.
_GONE = frozenset({JobState.REFUSED, JobState.CANCELLED})
#: In these nothing waits for a decision: nobody needs their contact sheet.
_DECIDED = _GONE | {JobState.PUBLISHED, JobState.RETRACTED, JobState.FAILED}
#: A step that was under way when its job was refused may write once more, but not for so long.
AFTERMATH = timedelta(hours=2)


def destroy(db: Db, job: IngestJob) -> None:
    """Forget what the job's file was called and said, now; destroy its bytes once that is on disk."""
    upload, made = db.get_one(Upload, job.upload_id), made_of(db, job)
    upload.filename, upload.brought = "", None
    for kept in made:
        kept.title = ""
        kept.retracted_at = kept.retracted_at or clock.now()  # Also of what was never out: nobody may look into it now.
        if isinstance(kept, Recording):
            kept.chapters = []
        else:
            db.execute(delete(SlidePage).where(SlidePage.deck_id == kept.id))
    if job.recording_id:
        db.execute(delete(Rendition).where(Rendition.recording_id == job.recording_id))
    db.flush()
    after_commit(db, lambda: erase(upload, job, *made))


def erase(upload: Upload, job: IngestJob, *made: Recording | Deck) -> None:
    """Destroy the bytes of a job and of what was made of it, wherever they are; no error when they are gone."""
    quarantine.drop(upload)
    sheets.drop(job.id)
    storage().delete(f"originals/{upload.sha256}")
    storage().delete_prefix(work_folder(upload.sha256 or ""))
    for kept in made:
        storage().delete_prefix(catalogue.folder_of(kept))
        if isinstance(kept, Recording) and kept.mended_key:
            storage().delete(kept.mended_key)


def sweep() -> None:
    """Destroy what a process that was killed between a decision and the end of its work has left."""
    with transaction() as db:
        recent = IngestJob.updated_at > clock.now() - AFTERMATH
        refused = db.scalars(select(IngestJob).where(IngestJob.state == JobState.REFUSED, recent)).all()
        left = [(db.get_one(Upload, job.upload_id), job, made_of(db, job)) for job in refused]
        waiting = set(quarantine.ids())
        ended = select(Upload).join(IngestJob, IngestJob.upload_id == Upload.id).where(IngestJob.state.in_(_GONE))
        abandoned = db.scalars(ended.where(Upload.id.in_(waiting))).all()
        undecided = set(db.scalars(select(IngestJob.id).where(IngestJob.state.not_in(_DECIDED))))
    for upload, job, made in left:
        if _is_marked(job):
            erase(upload, job, *made)
    for upload in abandoned:
        quarantine.drop(upload)
    for job_id in set(sheets.ids()) - undecided:
        sheets.drop(job_id)


def _is_marked(job: IngestJob) -> bool:
    """Whether it was the gate that refused it: of anything else refused nothing was ever kept."""
    return bool(job.problem and job.problem["code"] == MARKED)


def made_of(db: Db, job: IngestJob) -> list[Recording | Deck]:
    """What the vault has of a job: its recording or deck, and the deck of pages cut from the recording."""
    made: list[Recording | Deck] = []
    if job.recording_id:
        made.append(db.get_one(Recording, job.recording_id))
        made += db.scalars(select(Deck).where(Deck.recording_id == job.recording_id))
    if job.deck_id:
        made.append(db.get_one(Deck, job.deck_id))
    return made
