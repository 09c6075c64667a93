"""A conference session, its parts and points, who was expected, and who was counted or named as present."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class ConferenceSession(Key, Base):
    __tablename__ = "conference_sessions"

    title: Mapped[str]
    #: The unit that holds the conference; its technicians and staff, and those above, look after it.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    #: The day whose unit tree the conference reports on.
    tree_date: Mapped[date]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    #: When staff closed the register; later corrections need a reason.
    closed_at: Mapped[datetime | None]
    #: When it was called off, before it began; it stays to be seen.
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_start"),)


class SessionPart(Key, Base):
    """One part of the agenda: a morning, an afternoon, a topic. Attendance is kept per person and part."""

    __tablename__ = "session_parts"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    position: Mapped[int]
    title: Mapped[str]
    speaker: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("session_id", "position"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )


class Expected(Base):
    """The summons: one person expected at one part. The denominator of every rate."""

    __tablename__ = "expected"

    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: The person's unit on the day, so that a later move changes no old report.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Why the person need not come; empty when they must.
    exempt_reason: Mapped[str | None]
    added_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_expected_session_unit", "session_id", "unit_id"),
        Index("ix_expected_person", "person_id"),
    )


class ConnectionPoint(Key, Base):
    """A room with its equipment and line, registered once and used for many conferences."""

    __tablename__ = "connection_points"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str]
    address: Mapped[str]
    seats: Mapped[int | None]
    equipment: Mapped[str]
    #: The line in the field's words: "FTTH 50 Mbit/s", "4G", "truyền hình hội nghị chuyên dùng".
    line: Mapped[str]
    #: As it was measured once, in Mbit/s; what the sign at the door promises stands in `line`.
    measured_mbits: Mapped[int | None]
    #: What takes over when the line fails; empty where there is nothing.
    backup_line: Mapped[str] = mapped_column(default="", server_default="")
    #: Where the room is called in the video system: a SIP or H.323 address, a meeting number.
    video_address: Mapped[str] = mapped_column(default="", server_default="")
    #: The number in the room, or of whoever holds its key.
    phone: Mapped[str] = mapped_column(default="", server_default="")
    technician_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    search_key: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("seats BETWEEN 1 AND 100000", name="seats_sane"),
        CheckConstraint("measured_mbits BETWEEN 0 AND 100000", name="measured_sane"),
    )


class PointState(StrEnum):
    INVITED = "invited"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    READY = "ready"
    CONNECTED = "connected"
    TROUBLE = "trouble"
    CLOSED = "closed"


class SessionPoint(Key, Base):
    """A connection point taking part in one conference."""

    __tablename__ = "session_points"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    connection_point_id: Mapped[UUID] = mapped_column(ForeignKey("connection_points.id"))
    #: The unit the point stood for on the day, kept as it was.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: The point that passes picture and sound on to this one; empty at the top.
    relay_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_points.id"))
    expected_count: Mapped[int | None]
    state: Mapped[PointState]
    state_at: Mapped[datetime]
    technician_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)

    __table_args__ = (
        UniqueConstraint("session_id", "connection_point_id"),
        Index("ix_session_points_session_unit", "session_id", "unit_id"),
        CheckConstraint("expected_count BETWEEN 0 AND 100000", name="expected_sane"),
    )


class Moment(StrEnum):
    START = "start"
    MIDDLE = "middle"
    END = "end"


class Headcount(Key, Base):
    """People present at a session point at one moment of a part. Corrections append; `standings` says which holds."""

    __tablename__ = "headcounts"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    moment: Mapped[Moment]
    present: Mapped[int]
    excused: Mapped[int]
    absent: Mapped[int]
    late: Mapped[int]
    #: Why an earlier number was corrected.
    reason: Mapped[str | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: When the technician counted, by their device; entries wait in its outbox while there is no link.
    counted_at: Mapped[datetime]
    #: By how many seconds the device's clock was ahead of ours, where that was so much that `counted_at` was put right.
    clock_ahead: Mapped[int | None]
    received_at: Mapped[datetime]
    #: Made by the device: the same entry delivered twice is taken once.
    client_key: Mapped[UUID] = mapped_column(unique=True)
    #: The keys of the entries that this one corrects. They may arrive after it, so nothing but the entries ties them.
    corrects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    #: What holds in its place; empty for the one that holds. Follows from the entries, and is worked out at each.
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("headcounts.id"))

    __table_args__ = (
        Index("ix_headcounts_point", "session_point_id", "part_id", "moment", "counted_at"),
        # What holds, so that the live board reads a whole country's numbers of a part from the index alone.
        Index(
            "ix_headcounts_standing",
            "part_id",
            "session_point_id",
            "moment",
            postgresql_include=["present"],
            postgresql_where=text("superseded_by IS NULL"),
        ),
        CheckConstraint("present BETWEEN 0 AND 100000", name="present_sane"),
        CheckConstraint("excused BETWEEN 0 AND 100000", name="excused_sane"),
        CheckConstraint("absent BETWEEN 0 AND 100000", name="absent_sane"),
        CheckConstraint("late BETWEEN 0 AND 100000", name="late_sane"),
    )


class CheckInMethod(StrEnum):
    ROSTER = "roster"
    CODE = "code"
    #: The person's own code, scanned by the point's device.
    CARD = "card"
    #: A name on a sheet of paper, typed in.
    PAPER = "paper"
    IMPORT = "import"


class CheckIn(Key, Base):
    """One named person present at a session point, for one part."""

    __tablename__ = "check_ins"

    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    method: Mapped[CheckInMethod]
    checked_at: Mapped[datetime]
    received_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    client_key: Mapped[UUID] = mapped_column(unique=True)

    __table_args__ = (UniqueConstraint("part_id", "person_id"), Index("ix_check_ins_person", "person_id"))
