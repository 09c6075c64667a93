"""The audit trail: written beside the change it tells of, sealed into a chain a moment later.

A chain kept inside every transaction would make all writers wait for one another. So an entry carries its own hash,
and one task links finished entries every few seconds; `verify` proves the chain and counts what is not yet linked.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from sessions import clock
from sessions.db import Db
from sessions.models import AuditEntry, Person

#: What the first seal is linked to.
GENESIS = bytes(32)
#: Any number, the same for every sealer: the transaction-long lock that lets only one of them work.
_SEALER_LOCK = 0x5EA1
_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def note(db: Db, actor: Person | None, action: str, subject_kind: str, subject_id: UUID, **detail: Any) -> AuditEntry:
    """Record in this transaction that `actor` did `action` (a noun and a past verb: "headcount.recorded")."""
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        detail=json.loads(json.dumps(detail, default=str)),
    )
    entry.content_sha256 = _content_hash(entry)
    db.add(entry)
    return entry


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
