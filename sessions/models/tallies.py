"""What the summons and the credits of a conference add up to, unit by unit."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base


class ParticipationTally(Base):
    """One line of the tally sheet: how many people more, or fewer, a unit has of each sort. The sum of its lines holds.

    Triggers write a line in the very transaction that changes the summons or a credit, so nobody waits for anybody
    else's counter; `tallies.fold` makes one line of many, and `tallies.verify` proves them from the rows.
    """

    __tablename__ = "participation_tallies"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id", ondelete="CASCADE"))
    #: The unit that the people were summoned in.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id", ondelete="CASCADE"))
    expected: Mapped[int]
    #: Spared every part, or let off by a decision.
    exempt: Mapped[int]
    #: Those credited, by how they took part.
    live: Mapped[int]
    replay: Mapped[int]
    grouped: Mapped[int]
    mixed: Mapped[int]
    decided: Mapped[int]
    #: Whether it is the sum of others, rather than one change.
    folded: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (
        Index("ix_participation_tallies_session_unit", "session_id", "unit_id"),
        Index("ix_participation_tallies_single", "id", postgresql_where=text("NOT folded")),
    )
