"""The tree of units, with its history."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class UnitKind(StrEnum):
    CENTRE = "centre"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    AGENCY = "agency"


class Unit(Key, Base):
    """One node of the tree for as long as its name and its parent hold.

    A merge, split, rename or move ends the row and opens another, joined by a `UnitSuccession`. A row's place in the
    tree therefore never changes, its `path` is written once, and an old report reads the old tree as it was.
    """

    __tablename__ = "units"

    #: The official code, where the unit has one; the same code may return after a reform.
    code: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[UnitKind]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    #: Keys from the root down to this unit, each followed by a slash: a subtree is everything that starts with it.
    path: Mapped[str]
    depth: Mapped[int]
    #: The first day on which the unit exists.
    valid_from: Mapped[date]
    #: The last day on which it exists; open while empty.
    valid_to: Mapped[date | None]
    #: Vietnamese order, made in Python: this build of PostgreSQL has no ICU.
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    #: The name without accents and in lower case, for searching.
    search_key: Mapped[str]

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_in_order"),
        Index("ix_units_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )


class Change(StrEnum):
    """Why one row follows another."""

    RENAMED = "renamed"
    MOVED = "moved"
    #: Nothing changed but what stands above it.
    FOLLOWED = "followed"
    MERGED = "merged"
    SPLIT = "split"
    #: Another one took over, in whatever way.
    SUCCEEDED = "succeeded"


#: Changes after which the unit is still the same one: whoever looked after it goes on doing so.
CONTINUING = frozenset({Change.RENAMED, Change.MOVED, Change.FOLLOWED})


class UnitSuccession(Base):
    """Who took over from whom on a day; a merge has several predecessors, a split several successors."""

    __tablename__ = "unit_successions"

    predecessor_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    #: The first day of the successor.
    on_date: Mapped[date]
    #: Of several successors, the one that takes over people and papers unless said otherwise.
    main: Mapped[bool]
    change: Mapped[Change] = mapped_column(default=Change.SUCCEEDED, server_default="succeeded")
