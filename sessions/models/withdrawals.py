"""Check-ins that were taken back: nothing of them is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key
from sessions.models.conference import CheckInMethod


class CheckInWithdrawal(Key, Base):
    """A check-in that was a mistake, as it was, with who took it back and why. None is ever changed."""

    __tablename__ = "check_in_withdrawals"

    check_in_id: Mapped[UUID] = mapped_column(unique=True)
    session_point_id: Mapped[UUID] = mapped_column(ForeignKey("session_points.id"))
    part_id: Mapped[UUID] = mapped_column(ForeignKey("session_parts.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    method: Mapped[CheckInMethod]
    checked_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: The key of the check-in: its delivery may come once more, and is not to bring it back.
    check_in_key: Mapped[UUID] = mapped_column(unique=True)
    reason: Mapped[str]
    withdrawn_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: When it was taken back, by the device; entries wait in its outbox while there is no link.
    withdrawn_at: Mapped[datetime]
    received_at: Mapped[datetime]
    client_key: Mapped[UUID] = mapped_column(unique=True)

    __table_args__ = (
        Index("ix_check_in_withdrawals_point", "session_point_id", "part_id"),
        CheckConstraint("withdrawn_by <> person_id", name="never_ones_own"),
    )
