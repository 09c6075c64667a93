"""The vault's tables of watching without a link: devices, leases, the signed log, and what is doubtful about it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class LeaseEnd(StrEnum):
    """Why a lease is over before its time."""

    RETURNED = "returned"
    RETRACTED = "retracted"


class Lease(Key, Base):
    """One recording lent to one person on one device, to be watched there without a link for some days."""

    __tablename__ = "replay_leases"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    device_key_id: Mapped[UUID] = mapped_column(ForeignKey("device_keys.id"))
    granted_at: Mapped[datetime]
    #: Moves on when the lease is renewed.
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[LeaseEnd | None]
    #: The number that the next entry of the log must have, and the hash that it must name as the one before it.
    next_number: Mapped[int]
    head_sha256: Mapped[str]

    __table_args__ = (
        Index("ix_replay_leases_person", "person_id", "granted_at"),
        # One lease at a time per recording and device, whatever two requests do at once.
        Index(
            "uq_replay_leases_live",
            "device_key_id",
            "recording_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class LogEntry(Base):
    """One link of a lease's log, letter for letter as the device signed it."""

    __tablename__ = "offline_log"

    lease_id: Mapped[UUID] = mapped_column(ForeignKey("replay_leases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    sha256: Mapped[str]
    #: The device's signature over the piece that this entry was delivered in, base64url.
    signature: Mapped[str]
    #: The number of the first entry of that piece.
    piece_start: Mapped[int]
    received_at: Mapped[datetime]


class OfflineRun(Key, Base):
    """One stretch of the device's monotonic clock within a lease."""

    __tablename__ = "offline_runs"

    lease_id: Mapped[UUID] = mapped_column(ForeignKey("replay_leases.id"))
    #: Chosen by the device anew whenever its monotonic clock starts from nought.
    run: Mapped[UUID]
    #: When it began by the device's own calendar clock, corrected by what it was off when the lease was granted.
    claimed_at: Mapped[datetime]
    #: When it began as far as that can be (`archive.placing`).
    began_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("lease_id", "run"),)


class OfflineViewing(Base):
    """A viewing that a log became. A run is several of them where the person was seen elsewhere in between."""

    __tablename__ = "offline_viewings"

    viewing_id: Mapped[UUID] = mapped_column(ForeignKey("viewings.id"), primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("offline_runs.id"), index=True)


class OfflineDoubt(Key, Base):
    """Something about a delivered log that cannot be, or that a person should look at; never changed."""

    __tablename__ = "offline_doubts"

    lease_id: Mapped[UUID] = mapped_column(ForeignKey("replay_leases.id"), index=True)
    #: Who delivered it, which may be somebody else than the one the lease was granted to.
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    code: Mapped[str]
    #: The entry at which it was seen.
    number: Mapped[int | None]
    #: Figures for whoever looks at it.
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class PieceList(Base):
    """The hashes of a kept file's pieces, so that a package can be described without reading the file again."""

    __tablename__ = "piece_lists"

    #: The object's key in the storage.
    key: Mapped[str] = mapped_column(primary_key=True)
    #: The object's length and time of writing: another one under the same key is hashed anew.
    bytes: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[datetime]
    #: SHA-256 in hex, of each piece in order.
    pieces: Mapped[list[Any]]
