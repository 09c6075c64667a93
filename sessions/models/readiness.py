"""What a point says before and during a conference: whether it comes, what works there, and what went wrong."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key
from sessions.models.conference import PointState


class PointAnswer(Key, Base):
    """The answer to an invitation. A later one changes what holds, and this one stays."""

    __tablename__ = "point_answers"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    coming: Mapped[bool]
    #: How many people the point expects; empty when it does not come.
    expected_count: Mapped[int | None]
    #: Why the point does not come.
    reason: Mapped[str | None]
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: By the technician's own clock, for an answer may wait in the outbox.
    answered_at: Mapped[datetime]
    received_at: Mapped[datetime]
    client_key: Mapped[UUID] = mapped_column(unique=True)

    __table_args__ = (
        Index("ix_point_answers_point", "session_point_id", "answered_at"),
        CheckConstraint("expected_count BETWEEN 0 AND 100000", name="expected_sane"),
    )


class PointContact(Base):
    """The number under which somebody in a room answers; it stays for the next conference."""

    __tablename__ = "point_contacts"

    connection_point_id: Mapped[UUID] = mapped_column(ForeignKey("connection_points.id"), primary_key=True)
    phone: Mapped[str]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    noted_at: Mapped[datetime]


class CheckItem(StrEnum):
    """What is looked at before a conference, in the order in which one walks through a room."""

    LINK = "link"
    VIDEO = "video"
    DISPLAY = "display"
    CAMERA = "camera"
    SOUND = "sound"
    POWER = "power"
    BACKUP = "backup"
    TRIAL = "trial"


class ReadinessCheck(Key, Base):
    """One walk through the room, of all that is looked at or of some of it. Later ones append."""

    __tablename__ = "readiness_checks"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    checked_at: Mapped[datetime]
    received_at: Mapped[datetime]
    client_key: Mapped[UUID] = mapped_column(unique=True)
    #: What the browser measured against this server, if it did: kbit/s each way, and milliseconds there and back.
    down_kbits: Mapped[int | None]
    up_kbits: Mapped[int | None]
    round_trip_ms: Mapped[int | None]

    __table_args__ = (
        Index("ix_readiness_checks_point", "session_point_id", "checked_at"),
        CheckConstraint("down_kbits >= 0 AND up_kbits >= 0 AND round_trip_ms >= 0", name="line_sane"),
    )


class ReadinessItem(Base):
    """What one check found of one thing."""

    __tablename__ = "readiness_items"

    check_id: Mapped[UUID] = mapped_column(ForeignKey("readiness_checks.id"), primary_key=True)
    item: Mapped[CheckItem] = mapped_column(primary_key=True)
    works: Mapped[bool]
    note: Mapped[str]


class TroubleKind(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    LINK = "link"
    POWER = "power"
    OTHER = "other"


class Trouble(Key, Base):
    """Something that went wrong at a point during a conference, from when to when, and what was done about it.

    The device that reports it makes its id, so that it can end it before the server has heard of it.
    """

    __tablename__ = "troubles"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    kind: Mapped[TroubleKind]
    note: Mapped[str]
    began_at: Mapped[datetime]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reported_at: Mapped[datetime]
    #: What the point was before, to which it goes back when nothing is wrong any more.
    state_before: Mapped[PointState]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: When the server heard of the end.
    end_told_at: Mapped[datetime | None]
    #: What was done about it.
    action: Mapped[str | None]

    __table_args__ = (
        Index("ix_troubles_point", "session_point_id", "began_at"),
        Index("ix_troubles_open", "session_point_id", postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("ended_at >= began_at", name="ends_after_start"),
    )
