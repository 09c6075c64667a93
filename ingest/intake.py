"""A file of this machine on its way in: through the very same gate as an upload over HTTP, only without a line.

Whoever is killed in between goes on where it stopped: the file is known by its hash before a byte of it is copied, and
the unfinished upload of the same hash is resumed, as a browser would.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from archive.disk import sha256_of
from ingest import gate, uploads
from ingest.arrivals import Arrival, held
from ingest.models import Classification, IngestJob, Upload, UploadKind
from sessions.db import Db, transaction
from sessions.errors import Invalid, NotFound
from sessions.models import Account, Person

#: Decks by the endings of their names; everything else is taken for a recording, and probed as one.
DECK_ENDINGS = frozenset(
    {".pdf", ".pptx", ".ppt", ".odp", ".pps", ".ppsx", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"}
)
_PIECE_BYTES = 4 * 2**20

#: Takes how many bytes of how many are in.
OnProgress = Callable[[int, int], None]


class NotAFile(Invalid):
    code = "not-a-file"
    vi = "Không có tệp “{name}”, hoặc đó không phải là tệp thường."
    en = "There is no file “{name}”, or it is not a regular file."


class PersonUnknown(NotFound):
    code = "person-unknown"
    vi = "Không có tài khoản “{username}”, hoặc tài khoản đã bị khoá."
    en = "There is no account “{username}”, or it is locked."


@dataclass(frozen=True)
class Purpose:
    """Where files go, and what whoever places them says of them."""

    session_id: UUID
    part_id: UUID | None
    classification: Classification


def person_called(db: Db, username: str) -> Person:
    """The person behind a user name as accounts keep it: whoever answers for what is brought in."""
    open_accounts = select(Account).where(Account.username == username, Account.disabled_at.is_(None))
    account = db.scalar(open_accounts)
    if account is None:
        raise PersonUnknown(username=username)
    return db.get_one(Person, account.person_id)


def kind_of(name: str) -> UploadKind:
    """What a file is by the ending of its name; the gate looks into it either way."""
    return UploadKind.DECK if Path(name).suffix.lower() in DECK_ENDINGS else UploadKind.RECORDING


def take(
    by: Person,
    purpose: Purpose,
    path: Path,
    *,
    kind: UploadKind | None = None,
    name: str | None = None,
    brought: dict[str, Any] | None = None,
    on_progress: OnProgress = lambda _done, _of: None,
) -> UUID:
    """Bring one file into quarantine and open its job, whose id is given back.

    `name` stands for the file's own, `brought` is what an importer knows of it (`Upload.brought`). Raises `NotAFile`
    and all that `uploads.begin` and `uploads.complete` raise, of which `AlreadyHeld` carries the `job_id` of the file
    that is there.
    """
    if not path.is_file():
        raise NotAFile(name=path.name)
    # Of what is said to be classified not a byte is read.
    sha256 = None if gate.is_classified(purpose.classification) else sha256_of(path)
    declared = uploads.Declared(
        session_id=purpose.session_id,
        part_id=purpose.part_id,
        kind=kind or kind_of(name or path.name),
        # A name on a disk is bytes, which need not be text in any coding that we know.
        filename=os.fsencode(name or path.name).decode(errors="replace"),
        length=path.stat().st_size,
        classification=purpose.classification,
        sha256=sha256,
    )
    upload = _resumed(by, declared) or _begun(by, declared, brought)
    with held(upload) as arrival:
        _copy(path, arrival, on_progress)
        uploads.complete(arrival)
    with transaction() as db:
        return db.scalars(select(IngestJob.id).where(IngestJob.upload_id == upload.id)).one()


def _begun(by: Person, declared: uploads.Declared, brought: dict[str, Any] | None) -> Upload:
    with transaction() as db:
        upload = uploads.begin(db, by, declared)
        upload.brought = brought
        return upload


def _resumed(by: Person, declared: uploads.Declared) -> Upload | None:
    """The same file's upload that was cut short, if there is one."""
    with transaction() as db:
        return next(
            (
                each
                for each in uploads.unfinished_of(db, by, declared.session_id)
                if declared.sha256
                and (each.declared_sha256, each.length, each.part_id, each.kind)
                == (declared.sha256, declared.length, declared.part_id, declared.kind)
            ),
            None,
        )


def _copy(path: Path, arrival: Arrival, on_progress: OnProgress) -> None:
    """Append what the quarantine lacks; what it holds was hashed when it began, and is again at the end."""
    length = arrival.upload.length
    with path.open("rb") as file:
        file.seek(arrival.offset)
        while arrival.offset < length and (piece := file.read(_PIECE_BYTES)):
            arrival.write(piece)
            on_progress(arrival.offset, length)
    arrival.settle()
