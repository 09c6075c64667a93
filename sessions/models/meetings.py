"""Logs of video meetings as imported: each row with what it was matched to, how surely, and what was decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class Platform(StrEnum):
    ZOOM = "zoom"
    TEAMS = "teams"
    MEET = "meet"
    BIGBLUEBUTTON = "bigbluebutton"
    OTHER = "other"


class MeetingImport(Key, Base):
    """One log, read once. The file itself is not kept: its hash says which one it was."""

    __tablename__ = "meeting_imports"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    file_name: Mapped[str]
    platform: Mapped[Platform]
    #: Stays in the file; participants are what they come to once reconnects and devices are put together.
    lines: Mapped[int]
    participants: Mapped[int]
    #: Rows that were left out, as `[[row, Vietnamese, English], …]`.
    skipped: Mapped[list[Any]]
    #: The first and last moment in the log; empty when it has only lengths.
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    imported_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_id", "sha256"),)


class RowKind(StrEnum):
    PERSON = "person"
    #: A room that joined with one account: it stands for a connection point, and for nobody by name.
    ROOM = "room"


class RowState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class MatchedBy(StrEnum):
    """What the match of a row rests on, the surest first."""

    NUMBER = "number"
    EMAIL = "email"
    NAME = "name"
    UNACCENTED = "unaccented"
    ORDER = "order"
    LIKENESS = "likeness"
    #: Several people bear the name: nobody is proposed.
    HOMONYM = "homonym"
    HAND = "hand"
    NONE = "none"


class MeetingRow(Key, Base):
    """One participant of a log: all stays under one name and address."""

    __tablename__ = "meeting_rows"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("meeting_imports.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: The first row of the file that tells of them.
    row: Mapped[int]
    name: Mapped[str]
    email: Mapped[str | None]
    #: The stays as `[[joined, left, minutes], …]`: moments in seconds since 1970, each or both empty when not told.
    stays: Mapped[list[Any]]
    kind: Mapped[RowKind]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    session_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_points.id"))
    #: People in the room by its own name ("Điểm cầu xã A - 35 người"); empty when it doesn't say.
    said_count: Mapped[int | None]
    #: Between 0 and 1; what it rests on comes beside it.
    confidence: Mapped[float]
    matched_by: Mapped[MatchedBy]
    #: Others that it may be, as `[[id, confidence], …]`: people or session points, by the kind of the row.
    candidates: Mapped[list[Any]]
    state: Mapped[RowState]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_meeting_rows_session_person", "session_id", "person_id"),
        Index("ix_meeting_rows_session_point", "session_id", "session_point_id"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_is_a_share"),
        CheckConstraint("(decided_at IS NULL) = (state = 'proposed')", name="decided_by_somebody"),
    )


class MeetingPresence(Base):
    """How long a participant of a log was there during one part."""

    __tablename__ = "meeting_presences"

    row_id: Mapped[UUID] = mapped_column(ForeignKey("meeting_rows.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"), primary_key=True)
    #: What the log proves, and what it leaves possible: the same wherever it gives the times of every stay.
    seconds: Mapped[float]
    most_seconds: Mapped[float]

    __table_args__ = (Index("ix_meeting_presences_part", "part_id"),)
