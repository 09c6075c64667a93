"""What changed about a conference once it was announced, and the addresses at which calendars ask for it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class ChangeKind(StrEnum):
    AGENDA = "agenda"
    CANCELLED = "cancelled"


class SessionChange(Key, Base):
    """One change of a conference: what it was, what it became, who did it and why."""

    __tablename__ = "session_changes"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: Counts from 1 in each conference; calendars tell by it which version is newer (RFC 5545, SEQUENCE).
    sequence: Mapped[int]
    kind: Mapped[ChangeKind]
    reason: Mapped[str | None]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    #: Title, times and parts, so that a part which was taken out can still be told of.
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("session_id", "sequence"),)


class CalendarFeed(Key, Base):
    """The calendar of one person or of one unit, under an address that nobody can guess."""

    __tablename__ = "calendar_feeds"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), unique=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), unique=True)
    #: The address is signed over this; another one makes the old address worthless.
    nonce: Mapped[bytes]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", name="of_one"),)
