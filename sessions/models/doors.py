"""The doors of a conference: the codes by which people check themselves in, and what is only claimed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class Door(Key, Base):
    """The changing code that one session point shows for one part."""

    __tablename__ = "doors"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    #: Its name in the QR code.
    slug: Mapped[str] = mapped_column(unique=True)
    #: What the codes are drawn from; never shown to anyone.
    secret: Mapped[str]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: When the first code was shown.
    opened_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_point_id", "part_id"),)


class DoorKeeper(Base):
    """Somebody who was given a door's codes: they could use one from anywhere, so it proves nothing of them."""

    __tablename__ = "door_keepers"

    door_id: Mapped[UUID] = mapped_column(ForeignKey("doors.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    since: Mapped[datetime]


class DoorArrival(Base):
    """One person's check-in by a door's code, with the phone that brought it."""

    __tablename__ = "door_arrivals"

    door_id: Mapped[UUID] = mapped_column(ForeignKey("doors.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    #: The phone's own name for itself, as a keyed hash: enough to compare, not to trace. Empty when it told none.
    phone: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_door_arrivals_phone", "door_id", "phone"),)


class ClaimReason(StrEnum):
    """Why somebody said to be at a point is not checked in by that alone."""

    #: The room's code reached the server after its minute.
    LATE_CODE = "late-code"
    #: The phone had checked in somebody else for the same part.
    SHARED_PHONE = "shared-phone"
    #: A person's own code was scanned long before or after their phone showed it.
    CLOCKS = "clocks"


class PresenceClaim(Key, Base):
    """Somebody says to be at a point in a way that does not prove it; who looks after the point decides by eye."""

    __tablename__ = "presence_claims"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[ClaimReason]
    #: When they were there, by the device that told of it.
    claimed_at: Mapped[datetime]
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: Whether the person was seen in the room; empty until somebody has looked.
    seen: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("session_point_id", "part_id", "person_id"),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (seen IS NULL)",
            name="settled_whole",
        ),
        CheckConstraint("settled_by <> person_id", name="never_ones_own"),
        Index("ix_presence_claims_open", "session_point_id", "part_id", postgresql_where=text("settled_at IS NULL")),
    )


class WrongCode(Key, Base):
    """A code that opened nothing, kept for as long as guessing is watched for."""

    __tablename__ = "wrong_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: The door, point or group replay that it was tried at.
    about: Mapped[UUID]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_wrong_codes_person_at", "person_id", "at"),)
