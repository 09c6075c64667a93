"""The vault's tables of group replay: showings, what their players played, the moments asked about, who was there."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class Showing(Key, Base):
    """One recording played to a room, on one screen, under a proctor's eyes."""

    __tablename__ = "showings"

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"), index=True)
    connection_point_id: Mapped[UUID] = mapped_column(ForeignKey("connection_points.id"))
    #: How many people may be there at one moment: the room's seats when it was opened.
    seats: Mapped[int]
    proctor_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    policy_version: Mapped[int]
    opened_at: Mapped[datetime]
    #: When the proctor asked for the last check-in; nothing played later counts.
    ended_at: Mapped[datetime | None]
    #: When a proctor vouched for it; nobody gets anything before, and nothing changes after.
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    statement: Mapped[str | None]
    #: What codes and random moments are drawn from; never shown to anyone.
    secret: Mapped[str]
    #: The network that the room's device was last heard from, as a keyed hash: enough to compare, not to trace.
    network: Mapped[str]
    user_agent: Mapped[str]

    __table_args__ = (
        CheckConstraint("seats >= 1", name="has_seats"),
        CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name="signed_by_somebody"),
        CheckConstraint("signed_at IS NULL OR ended_at IS NOT NULL", name="ended_before_signed"),
        # A room shows one thing at a time, and a proctor watches over one room, whatever two requests do at once.
        Index("uq_showings_open_point", "connection_point_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("uq_showings_open_proctor", "proctor_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )


class ShowingBeat(Base):
    """What the room's player reported of one stretch; columns as in `archive.models.Beat`. None is ever changed."""

    __tablename__ = "showing_beats"

    showing_id: Mapped[UUID] = mapped_column(ForeignKey("showings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    span_start: Mapped[float]
    span_end: Mapped[float]
    played: Mapped[list[Any]]
    hidden_seconds: Mapped[float]
    muted_seconds: Mapped[float]
    received_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("seq >= 0", name="seq_from_zero"),
        CheckConstraint("span_start >= 0 AND span_end >= span_start", name="span_in_order"),
    )


class MomentKind(StrEnum):
    START = "start"
    RANDOM = "random"
    END = "end"


class ShowingMoment(Base):
    """One moment at which everybody in the room is asked to check in."""

    __tablename__ = "showing_moments"

    showing_id: Mapped[UUID] = mapped_column(ForeignKey("showings.id"), primary_key=True)
    #: 0 is the start.
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MomentKind]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class ArrivalMethod(StrEnum):
    #: The rotating code, from the person's own phone.
    PHONE = "phone"
    #: The person's own code, shown to the room's device.
    CARD = "card"
    #: The proctor's word alone.
    ROSTER = "roster"


class ShowingArrival(Key, Base):
    """One person was shown to be in the room at one instant. The first by each method in a round stands."""

    __tablename__ = "showing_arrivals"

    showing_id: Mapped[UUID] = mapped_column(ForeignKey("showings.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: The latest moment that had been opened by then.
    round: Mapped[int]
    method: Mapped[ArrivalMethod]
    at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    #: Whether the phone was on the room's own network; a hint for people, which decides nothing. Empty when unknown.
    same_network: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("showing_id", "person_id", "round", "method"),
        Index("ix_showing_arrivals_person_at", "person_id", "at"),
    )


class ShowingShare(Base):
    """What one person got of a signed showing: a pure function of its beats, moments and arrivals, by value."""

    __tablename__ = "showing_shares"

    showing_id: Mapped[UUID] = mapped_column(ForeignKey("showings.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    #: `[[from, to], …]` in seconds of the recording: all of it, and what is proven by more than the proctor's word.
    covered: Mapped[list[Any]]
    firm: Mapped[list[Any]]
    #: `[[from, to], …]` in seconds since the opening: when the person watched, and when they were elsewhere meanwhile.
    times: Mapped[list[Any]]
    elsewhere: Mapped[list[Any]]
    #: What a person should look at: `[{code, …figures}]`.
    doubts: Mapped[list[Any]]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (Index("ix_showing_shares_person_recording", "person_id", "recording_id"),)
