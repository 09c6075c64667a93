"""The vault's tables of xAPI: what was told, how far each store has it, and what a store would not take."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base


class XapiTelling(Base):
    """How much of one viewing was told."""

    __tablename__ = "xapi_tellings"

    viewing_id: Mapped[UUID] = mapped_column(ForeignKey("viewings.id"), primary_key=True)
    #: 0 for the viewing's own session; one more each time that beats came after its end was told.
    chapter: Mapped[int]
    #: When the chapter's session began.
    began_at: Mapped[datetime]
    #: Whether the end of the chapter's session was told.
    over: Mapped[bool]
    #: The numbers of the beats that were told, as `[[first, last], …]`, and how many they are.
    beats: Mapped[list[Any]]
    beat_count: Mapped[int]
    #: Clock time spent playing, in what was told.
    spent_seconds: Mapped[float]
    told_at: Mapped[datetime]
    #: When to see whether anything came since; empty once nothing can come any more.
    look_again_at: Mapped[datetime | None] = mapped_column(index=True)


class XapiStatement(Base):
    """One statement as it was first told; never changed, for a store refuses another one under the same id."""

    __tablename__ = "xapi_statements"

    #: The order of telling. One teller works at a time, so a number never appears behind one that was seen.
    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    #: The viewing or the credit that it tells of.
    subject_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    #: Empty when it speaks of the conference as a whole.
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recordings.id"))
    #: The last word of the verb's address.
    verb: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_xapi_statements_person_recording", "person_id", "recording_id", "position"),
        Index("ix_xapi_statements_session", "session_id", "position"),
    )


class XapiStore(Base):
    """A learning record store that the journal is sent to, and how far it has it."""

    __tablename__ = "xapi_stores"

    #: Its address; another one starts from the beginning.
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    #: Every statement up to this position is there, or stands among the refusals.
    position: Mapped[int] = mapped_column(BigInteger)
    #: Attempts that failed since the last success, the reason of the last one, and when to try again.
    failures: Mapped[int]
    trouble: Mapped[str | None]
    try_again_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class XapiRefusal(Base):
    """A statement that a store would not take while it took others beside it. Kept until it does."""

    __tablename__ = "xapi_refusals"

    endpoint: Mapped[str] = mapped_column(ForeignKey("xapi_stores.endpoint"), primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey("xapi_statements.position"), primary_key=True)
    #: The store's answer: its HTTP status and the beginning of what it said.
    status: Mapped[int]
    text: Mapped[str]
    at: Mapped[datetime]
