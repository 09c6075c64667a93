"""What the rolls of a unit say of its people beyond their names: who is let off, who moved, and which file said so."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class ExemptionKind(StrEnum):
    #: Need not come to conferences, nor replay them: the old and the ill ("miễn sinh hoạt").
    ATTENDING = "attending"
    #: Comes, and need not write the reflection.
    REFLECTION = "reflection"


class Exemption(Key, Base):
    """Somebody is let off for a while. A summons asks who is, on the day of the conference."""

    __tablename__ = "exemptions"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[ExemptionKind]
    #: As it is shown beside the name.
    reason: Mapped[str]
    #: The first day on which it holds.
    valid_from: Mapped[date]
    #: The last day; open while empty.
    valid_to: Mapped[date | None]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_in_order"),
        Index("uq_exemptions_open", "person_id", "kind", unique=True, postgresql_where=text("valid_to IS NULL")),
        Index("ix_exemptions_person_id", "person_id"),
    )


class RosterImport(Key, Base):
    """A list of people as a file: looked through first, then taken over, once."""

    __tablename__ = "roster_imports"

    #: The list is of this unit and what is below it.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    #: The file itself, until it is taken over or a day has passed.
    content: Mapped[bytes | None]
    #: What would change, counted, and the rows that need a look.
    preview: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: What did change; empty while it was not taken over.
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: How many of how many steps are done, for those who watch.
    done: Mapped[int]
    total: Mapped[int]
    brought_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    brought_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class PersonMove(Key, Base):
    """A person went from one unit to another."""

    __tablename__ = "person_moves"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    from_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    moved_at: Mapped[datetime]
    moved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    #: The list that said so.
    roster_import_id: Mapped[UUID | None] = mapped_column(ForeignKey("roster_imports.id"))
