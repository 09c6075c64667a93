"""What people decided about a credit, where the evidence alone does not."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key

#: How long a reason is, in characters: enough to say something, and short enough to be read.
SHORTEST_REASON, LONGEST_REASON = 10, 500


class DecisionKind(StrEnum):
    #: The person did take part, whatever the evidence lacks.
    GRANT = "grant"
    #: What was watched does not count.
    REFUSE = "refuse"
    #: The person need not take part, and lacks nothing.
    WAIVE = "waive"


class DecisionState(StrEnum):
    #: It holds, unless a newer one about the same stands.
    STANDING = "standing"
    #: One of many at once: it holds when a second person has confirmed it.
    WAITING = "waiting"
    #: The second person said no.
    DECLINED = "declined"
    #: A refusal, or one that was still waiting, when somebody decided anew.
    REPLACED = "replaced"


class CreditDecision(Key, Base):
    """One decision about one person, and a conference or a part of it. None is ever deleted; the newest holds."""

    __tablename__ = "credit_decisions"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: Empty when it is about the whole conference.
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    #: The person's unit in the summons: whose staff it concerns.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[DecisionKind]
    reason: Mapped[str]
    state: Mapped[DecisionState]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime]
    #: Who confirmed or declined it as the second person, when, and what they said to it.
    seconded_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    seconded_at: Mapped[datetime | None]
    second_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(
            f"char_length(reason) BETWEEN {SHORTEST_REASON} AND {LONGEST_REASON}", name="reason_says_something"
        ),
        CheckConstraint("(seconded_by IS NULL) = (seconded_at IS NULL)", name="seconded_by_somebody"),
        CheckConstraint("decided_by <> person_id AND seconded_by <> person_id", name="never_ones_own"),
        CheckConstraint("seconded_by <> decided_by", name="seconded_by_another"),
        Index("ix_credit_decisions_person_session", "person_id", "session_id", "decided_at"),
        Index("ix_credit_decisions_decider", "decided_by", "session_id", "decided_at"),
        Index("ix_credit_decisions_waiting", "unit_id", postgresql_where=text("state = 'waiting'")),
    )
