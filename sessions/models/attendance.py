"""What earns a credit, what was seen, and what was decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class CreditPolicy(Base):
    """What a replay of this conference must show. A new version never takes back what an older one gave."""

    __tablename__ = "credit_policies"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    #: Shares between 0 and 1. With 0 prompts required no presence question is asked at all.
    coverage_required: Mapped[float]
    prompts_required: Mapped[float]
    #: What was watched counts between answered questions that lie no further apart than this.
    prompt_gap_seconds: Mapped[int] = mapped_column(default=1500)
    prompt_answer_seconds: Mapped[int] = mapped_column(default=90)
    #: Whether time with the page out of sight counts; muted time never does.
    hidden_counts: Mapped[bool] = mapped_column(default=True)
    max_rate: Mapped[float]
    replay_until: Mapped[datetime]
    reflection_required: Mapped[bool]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("coverage_required > 0 AND coverage_required <= 1", name="coverage_is_a_share"),
        CheckConstraint("prompts_required >= 0 AND prompts_required <= 1", name="prompts_is_a_share"),
        CheckConstraint("prompt_gap_seconds BETWEEN 1080 AND 7200", name="gap_sane"),
        CheckConstraint("prompt_answer_seconds BETWEEN 30 AND 600", name="answer_sane"),
    )


class Basis(StrEnum):
    LIVE = "live"
    REPLAY = "replay"
    GROUP = "group"
    #: Somebody in charge decided that the person took part, or that they need not have.
    DECISION = "decision"
    WAIVED = "waived"
    MIXED = "mixed"


class Evidence(Key, Base):
    """What the vault saw of one person, one part and one recording: values only, true after the recording is gone."""

    __tablename__ = "evidence"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: The attempt: one recording watched by one person. No foreign key, for the vault may purge it.
    recording_id: Mapped[UUID]
    basis: Mapped[Basis]
    length_seconds: Mapped[float]
    covered_seconds: Mapped[float]
    #: What is still missing, as `[[from, to], …]` in seconds of the recording.
    missing: Mapped[list[Any]]
    prompts_asked: Mapped[int]
    prompts_answered: Mapped[int]
    #: Codes of what a person should look at before this earns anything.
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    first_watched_at: Mapped[datetime]
    last_watched_at: Mapped[datetime]
    #: Viewings and beats behind the row, so that a reader knows where to look.
    viewings: Mapped[int]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("person_id", "part_id", "recording_id"),
        Index("ix_evidence_session_person", "session_id", "person_id"),
        # The review queue reads these alone, of all the evidence there is.
        Index("ix_evidence_doubtful", "session_id", "person_id", postgresql_where=text("doubts <> '[]'::jsonb")),
    )


class Replay(Base):
    """A published recording as the register knows it: what there is to watch of a conference or of one of its parts.

    The vault tells of these; no foreign key to its own row, for it may purge that.
    """

    __tablename__ = "replays"

    recording_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), index=True)
    #: The part it shows; empty when it shows the whole conference.
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    #: Recordings of equal content are the same to watch.
    content: Mapped[str]
    title: Mapped[str]
    length_seconds: Mapped[float]


class Attendance(Base):
    """One person attended one part. The credit is derived from these rows."""

    __tablename__ = "attendance"

    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    basis: Mapped[Basis]
    #: The check-in, the evidence row or the decision that shows it.
    shown_by: Mapped[UUID]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_attendance_session_person", "session_id", "person_id"),)


class CreditState(StrEnum):
    GRANTED = "granted"
    REVOKED = "revoked"


class AttendanceCredit(Key, Base):
    """The decision that a person attended a conference, once per person and conference."""

    __tablename__ = "attendance_credits"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: The person's unit in the summons.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    state: Mapped[CreditState]
    basis: Mapped[Basis]
    policy_version: Mapped[int]
    rule_version: Mapped[str]
    #: The evidence by value, per part, as it stood when the credit was given.
    evidence: Mapped[list[Any]]
    granted_at: Mapped[datetime]
    #: Who decided, and why; both empty when the rule alone did.
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("person_id", "session_id"),
        Index("ix_attendance_credits_session_unit", "session_id", "unit_id"),
    )
