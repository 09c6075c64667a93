"""What every step of a job shares: how it reports, what it gives back, and where what it makes is kept.

A step works outside any transaction and gives back an `Outcome`, which the pipeline runs in the transaction that ends
the step. So a step that is interrupted or done twice leaves nothing behind but files under their final names.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from archive import catalogue
from archive.models import Recording
from archive.storage import storage
from ingest import ladder
from ingest.jobs import Claim
from ingest.models import IngestJob
from sessions.db import Db, transaction
from sessions.errors import DomainError

#: What remains to be written when a step's work is done, inside the transaction that ends the step.
Outcome = Callable[[Db, IngestJob], None]
#: Takes how far the work is (0 to 1), and raises `LeaseLost` to stop it.
Pulse = Callable[[float], None]
#: Does one claimed step, with a folder of its own that is thrown away afterwards.
Work = Callable[[Claim, Path, Pulse], Outcome]


class RenditionDefective(DomainError):
    """Made again it would be the same, so it is not tried again by itself."""

    status = 422
    code = "rendition-defective"
    vi = "Phiên bản đã mã hoá không đạt kiểm tra nên không được phát hành: {defect}"
    en = "The encoded rendition did not pass its check and is not published: {defect}"


def recording_of(held: Claim) -> Recording:
    """The recording that the step's job makes."""
    with transaction() as db:
        return db.scalars(
            select(Recording).join(IngestJob, IngestJob.recording_id == Recording.id).where(IngestJob.id == held.job_id)
        ).one()


def work_folder(source_sha256: str) -> str:
    """Where pieces on the way lie, keyed by the source and the ladder, so that the same work is never done twice."""
    return f"work/{source_sha256}/{ladder.LADDER_VERSION}"


def fingerprint(*what: object) -> str:
    """A short name for how a piece is made: made in any other way, it has another name."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:20]


def keep_files(recording: Recording, folder: Path, below: str) -> None:
    """Put every file of a folder into the recording's own, under `below`."""
    home = catalogue.folder_of(recording)
    for path in sorted(folder.iterdir()):
        storage().put(f"{home}/{below}/{path.name}", path)


def part(pulse: Pulse, begin: float, end: float) -> Pulse:
    """Report a part of the work as what it is of the whole."""
    return lambda share: pulse(begin + share * (end - begin))


def nothing(_db: Db, _job: IngestJob) -> None:
    """What a step leaves that only makes a file."""
