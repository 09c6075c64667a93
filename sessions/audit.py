"""The audit trail: written beside the change it tells of, sealed into a chain a moment later.

A chain kept inside every transaction would make all writers wait for one another. So an entry carries its own hash,
and one task links finished entries every few seconds; `verify` proves the chain and counts what is not yet linked.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, insert, select

from sessions import clock
from sessions.db import Db
from sessions.models import AuditEntry, Person
from sessions.rows import as_rows, given

#: What the first seal is linked to.
GENESIS = bytes(32)
#: Any number, the same for every sealer: the transaction-long lock that lets only one of them work.
_SEALER_LOCK = 0x5EA1
_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode

_ENTRIES = cast(Table, AuditEntry.__table__)
_noted = given(_ENTRIES, "at", "actor_id", "action", "subject_kind", "subject_id", "detail", "content_sha256")
_ADD = insert(_ENTRIES).from_select([each.name for each in _noted.c], select(_noted))


@dataclass(frozen=True)
class Note:
    """That `actor_id`, or the system itself, did `action` (a noun and a past verb: "headcount.recorded")."""

    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID
    detail: Mapping[str, Any]


def note(db: Db, actor: Person | None, action: str, subject_kind: str, subject_id: UUID, **detail: Any) -> AuditEntry:
    """Record in this transaction what was done; see `Note` for the words."""
    entry = AuditEntry(**_columns(Note(actor.id if actor else None, action, subject_kind, subject_id, detail)))
    db.add(entry)
    return entry


def note_all(db: Db, notes: Iterable[Note]) -> None:
    """The same for many, in one statement; they are written at once."""
    rows = [_columns(each) for each in notes]
    if rows:
        db.execute(_ADD, as_rows(rows))


def _columns(about: Note) -> dict[str, Any]:
    """What an entry holds before it is sealed."""
    row = {
        "at": clock.now(),
        "actor_id": about.actor_id,
        "action": about.action,
        "subject_kind": about.subject_kind,
        "subject_id": about.subject_id,
        "detail": json.loads(json.dumps(about.detail, default=str)),
    }
    who = str(about.actor_id) if about.actor_id else None
    content = (row["at"], who, about.action, about.subject_kind, str(about.subject_id), row["detail"])
    return row | {"content_sha256": content_hash(*content)}


def seal(db: Db, limit: int = 5000) -> int:
    """Link entries that are on disk to the end of the chain, oldest first; gives how many were linked.

    An entry whose transaction is still open has a smaller number than ones already visible. It is linked later, so
    the order of the chain is the order in which entries were first seen finished.
    """
    if not db.scalar(select(func.pg_try_advisory_xact_lock(_SEALER_LOCK))):
        return 0
    position, last = _newest_link(db)
    unsealed = db.scalars(
        select(AuditEntry).where(AuditEntry.seal_position.is_(None)).order_by(AuditEntry.id).limit(limit)
    ).all()
    for place, entry in enumerate(unsealed, start=position + 1):
        last = link(last, entry.content_sha256)
        entry.seal_position, entry.seal_sha256 = place, last
    db.flush()
    return len(unsealed)


@dataclass(frozen=True)
class ChainReport:
    """`broken` names the first entry whose content or link is not what it was; empty when all is well."""

    sealed: int
    unsealed: int
    broken: int | None


def verify(db: Db) -> ChainReport:
    """Recompute every hash and every link of the chain, in constant memory."""
    last, sealed, broken = GENESIS, 0, None
    chained = select(AuditEntry).where(AuditEntry.seal_position.is_not(None)).order_by(AuditEntry.seal_position)
    for entry in db.scalars(chained.execution_options(yield_per=1000)):
        last = link(last, entry.content_sha256)
        sealed += 1
        sound = entry.content_sha256 == _content_hash(entry) and entry.seal_sha256 == last
        if broken is None and (not sound or entry.seal_position != sealed):
            broken = entry.id
    unsealed = db.scalar(select(func.count()).where(AuditEntry.seal_position.is_(None))) or 0
    return ChainReport(sealed, unsealed, broken)


def end_of_chain(db: Db) -> tuple[int, bytes]:
    """Position and seal of the newest link, for somebody who seals in bulk: it stays the newest until they commit."""
    db.execute(select(func.pg_advisory_xact_lock(_SEALER_LOCK)))
    return _newest_link(db)


def _newest_link(db: Db) -> tuple[int, bytes]:
    newest = select(AuditEntry.seal_position, AuditEntry.seal_sha256).where(AuditEntry.seal_position.is_not(None))
    row = db.execute(newest.order_by(AuditEntry.seal_position.desc()).limit(1)).one_or_none()
    return (row[0] or 0, row[1] or GENESIS) if row else (0, GENESIS)


def _content_hash(entry: AuditEntry) -> bytes:
    who = str(entry.actor_id) if entry.actor_id else None
    return content_hash(entry.at, who, entry.action, entry.subject_kind, str(entry.subject_id), entry.detail)


def content_hash(
    at: datetime, actor_id: str | None, action: str, subject_kind: str, subject_id: str, detail: Mapping[str, Any]
) -> bytes:
    """SHA-256 over the canonical JSON of an entry; ids as text with dashes, times to the microsecond."""
    content = [at.timestamp(), str(actor_id), action, subject_kind, subject_id, detail]
    return hashlib.sha256(_as_json(content).encode()).digest()


def link(previous: bytes, content: bytes) -> bytes:
    """The seal of an entry: SHA-256 over the seal before it and the entry's own hash."""
    return hashlib.sha256(previous + content).digest()
