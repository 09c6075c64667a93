"""The audit trail: every change that matters, written in the same transaction, chained by the sealer later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base


class AuditEntry(Base):
    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    #: Who did it; empty for what the system did by itself. No foreign key: the trail outlives everything.
    actor_id: Mapped[UUID | None]
    #: A verb on a noun: "headcount.recorded", "recording.released".
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    #: Values as they were; never names or texts that the gate found.
    detail: Mapped[dict[str, Any]]
    #: SHA-256 over the canonical JSON of the fields above.
    content_sha256: Mapped[bytes]
    #: Place in the chain, without gaps; empty until sealed.
    seal_position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    #: SHA-256 over the previous seal and this entry's own hash.
    seal_sha256: Mapped[bytes | None]

    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entries_unsealed", "id", postgresql_where=text("seal_position IS NULL")),
    )
