"""What stands beside headcounts: pictures that prove them, and points that change hands on the day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key
from sessions.models.conference import Moment


class CountPhoto(Key, Base):
    """A picture of the room or of a sign-in sheet. The register keeps its hash; the bytes go through the gate."""

    __tablename__ = "count_photos"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"), index=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    moment: Mapped[Moment]
    #: The `client_key` of the headcount that it proves, which may arrive later than the picture, or never.
    headcount_key: Mapped[UUID | None]
    #: Of the picture as the device sends it, in hex.
    sha256: Mapped[str] = mapped_column(index=True)
    bytes: Mapped[int]
    #: When it was taken, by the device's clock as far as that was put right, like `Headcount.counted_at`.
    taken_at: Mapped[datetime]
    received_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: Made by the device: the same picture announced twice is on record once.
    client_key: Mapped[UUID] = mapped_column(unique=True)

    __table_args__ = (
        CheckConstraint("bytes BETWEEN 1 AND 10485760", name="bytes_sane"),
        CheckConstraint("char_length(sha256) = 64", name="sha256_in_hex"),
    )


class PointHandover(Key, Base):
    """A point offered to whoever types the code that its technician tells them."""

    __tablename__ = "point_handovers"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"), index=True)
    #: The point's technician before, if it had one.
    from_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    offered_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: SHA-256 of the six digits, until they were used or another code was asked for: none can be used twice.
    code_sha256: Mapped[bytes | None]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    taken_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken_by_somebody"),
        # No two points are offered under one code at one time.
        Index("ix_point_handovers_code", "code_sha256", unique=True, postgresql_where=text("code_sha256 IS NOT NULL")),
    )


class HandoverTry(Key, Base):
    """A code that somebody typed, right or wrong: who types too many has to wait."""

    __tablename__ = "handover_tries"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    tried_at: Mapped[datetime]

    __table_args__ = (Index("ix_handover_tries_person", "person_id", "tried_at"),)
