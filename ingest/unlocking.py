"""Opens a deck that waits in quarantine for its password. The password is used once and kept nowhere."""

import json
import sys
from pathlib import Path

from archive.disk import sha256_of
from ingest import jobs, quarantine, runner
from ingest.decks import DeckLocked, DeckUnreadable
from ingest.models import IngestJob, JobState, Upload
from sessions import audit
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.models import Person

PROGRAM = Path(__file__).with_name("deck_unlock.py")
MEMORY_BYTES = 2 * 2**30
#: Trying a password is made slow on purpose: 0.2 s of processor time for 100,000 rounds of hashing.
DEADLINE_SECONDS = 60.0
#: What the runner hands to a program; more than any presentation program takes.
MOST_PASSWORD_BYTES = 4096


class WrongPassword(Invalid):
    code = "wrong-password"
    vi = "Mật khẩu không mở được tệp này. Hãy kiểm tra chữ hoa, chữ thường và bộ gõ tiếng Việt rồi nhập lại."
    en = "The password does not open this file. Check capitals and the keyboard's language, and type it again."


class NotLocked(Conflict):
    code = "not-locked"
    vi = "Tệp này không chờ mật khẩu."
    en = "This file is not waiting for a password."


def waits_for_password(job: IngestJob) -> bool:
    """Whether the work goes on once somebody types the deck's password."""
    return job.state is JobState.FAILED and job.problem is not None and job.problem["code"] == DeckLocked.code


def unlock(db: Db, by: Person, job: IngestJob, password: str) -> None:
    """Put the opened deck in the locked one's place, and send the job on.

    The opened file has a hash of its own, by which the scan finds out whether it was refused before; the audit keeps
    both. Raises NotLocked, WrongPassword, DeckUnreadable, ToolTimedOut.
    """
    if not waits_for_password(job):
        raise NotLocked
    upload = db.get_one(Upload, job.upload_id)
    with quarantine.replacing(upload) as opened:
        write_unlocked(quarantine.path_of(upload), opened, password)
    locked, upload.sha256 = upload.sha256, sha256_of(quarantine.path_of(upload))
    audit.note(db, by, "upload.unlocked", "upload", upload.id, before=locked, sha256=upload.sha256)
    jobs.retry(db, by, job)


def write_unlocked(deck: Path, out: Path, password: str) -> None:
    """Write a PDF, PPTX or PPT without its password. Raises WrongPassword, DeckUnreadable, ToolTimedOut."""
    said = password.encode()
    if not 0 < len(said) <= MOST_PASSWORD_BYTES:
        raise WrongPassword
    command = [sys.executable, "-I", str(PROGRAM), str(deck), str(out)]
    try:
        done = runner.run(
            command, deadline_seconds=DEADLINE_SECONDS, memory_bytes=MEMORY_BYTES, offline=True, said=said
        )
    except runner.ToolFailed as error:
        raise DeckUnreadable from error
    refused = json.loads(done.stdout or b"{}").get("refused")
    if refused:
        raise WrongPassword if refused == "wrong-password" else DeckUnreadable
