"""People's own codes, and the signed log of a point's device that scans them without a link."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class PersonalCode(Base):
    """A person's own code for one conference, to be shown to a room's device, on a phone or on paper."""

    __tablename__ = "personal_codes"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code: Mapped[str]
    #: What the changing code on the person's phone is drawn from; told to that person alone.
    secret: Mapped[str] = mapped_column(server_default=text("gen_random_uuid()::text"))
    issued_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_id", "code"),)


class PointLog(Key, Base):
    """The log that one device keeps at one session point: whose codes it scanned, and when."""

    __tablename__ = "point_logs"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    device_key_id: Mapped[UUID] = mapped_column(ForeignKey("device_keys.id"))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    #: The number that the next entry must have, and the hash that it must name as the one before it.
    next_number: Mapped[int]
    head_sha256: Mapped[str]

    __table_args__ = (UniqueConstraint("session_point_id", "device_key_id"),)


class PointLogEntry(Base):
    """One link of a point's log, letter for letter as the device signed it, and what became of it."""

    __tablename__ = "point_log_entries"

    log_id: Mapped[UUID] = mapped_column(ForeignKey("point_logs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    sha256: Mapped[str]
    #: The device's signature over the piece that this entry was delivered in, base64url.
    signature: Mapped[str]
    piece_start: Mapped[int]
    received_at: Mapped[datetime]
    #: "in", "claimed", or the code of why it was refused.
    outcome: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
