"""Small files that came along with recordings: who attended, what was said in writing. Kept, and shown to no member."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from archive.models import Attachment, AttachmentKind
from archive.storage import storage
from sessions import audit, clock
from sessions.db import Db
from sessions.models import Person


def keep(
    db: Db, by: Person, session_id: UUID, part_id: UUID | None, kind: AttachmentKind, name: str, content: bytes
) -> Attachment:
    """Keep a file that the gate has let in; the same bytes are kept once for each conference."""
    sha256 = hashlib.sha256(content).hexdigest()
    same = select(Attachment).where(Attachment.session_id == session_id, Attachment.sha256 == sha256)
    if held := db.scalar(same):
        return held
    key = f"attachments/{session_id}/{sha256}"
    storage().put_bytes(key, content)
    kept = Attachment(
        session_id=session_id,
        part_id=part_id,
        kind=kind,
        filename=name,
        sha256=sha256,
        key=key,
        bytes=len(content),
        kept_by=by.id,
        kept_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    audit.note(db, by, "attachment.kept", "attachment", kept.id, kind=kind, sha256=sha256)
    return kept


def of_session(db: Db, session_id: UUID) -> Sequence[Attachment]:
    """What was kept beside a conference's recordings, oldest first."""
    kept = select(Attachment).where(Attachment.session_id == session_id)
    return db.scalars(kept.order_by(Attachment.kept_at, Attachment.id)).all()
