"""The vault's tables: recordings and their renditions, decks and their pages, viewings and their beats."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class Deck(Key, Base):
    """The slides of one conference, or of one of its parts."""

    __tablename__ = "decks"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), index=True)
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    #: Set when its pages were cut from this recording's own picture, because no uploaded deck has them.
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recordings.id"), unique=True)
    title: Mapped[str]
    source_sha256: Mapped[str]
    source_key: Mapped[str]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]


class SlidePage(Base):
    """One page of a deck as pictures, with its text."""

    __tablename__ = "slide_pages"

    deck_id: Mapped[UUID] = mapped_column(ForeignKey("decks.id"), primary_key=True)
    #: 1 for the first page.
    position: Mapped[int] = mapped_column(primary_key=True)
    #: File names below the deck's folder in the storage.
    picture: Mapped[str]
    thumbnail: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    text: Mapped[str]
    search_key: Mapped[str]


class Recording(Key, Base):
    """One recording of a conference, from the moment its original is kept."""

    __tablename__ = "recordings"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), index=True)
    #: The part it shows; empty when it shows the whole conference.
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    title: Mapped[str]
    duration_seconds: Mapped[float]
    source_sha256: Mapped[str]
    source_key: Mapped[str]
    source_bytes: Mapped[int] = mapped_column(BigInteger)
    #: What ffprobe said of the original.
    facts: Mapped[dict[str, Any]]
    #: What its picture does, once that was looked at: stretches of stillness and motion, moments of change, noise.
    content: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    #: Set when it becomes visible to members; nothing is served before.
    published_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]


class RenditionKind(StrEnum):
    #: One file of speech for a plain `<audio>` element.
    SPEECH = "speech"
    #: A track of HLS: sound alone, or picture alone.
    SOUND = "sound"
    VIDEO = "video"
    #: One plain file with picture and sound, to carry away.
    DOWNLOAD = "download"


class Rendition(Key, Base):
    """One encoded form of a recording, complete in the storage."""

    __tablename__ = "renditions"

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    kind: Mapped[RenditionKind]
    #: The rung: "opus", "aac", "v360"; tracks of HLS sound are "hls-opus" and "hls-aac".
    name: Mapped[str]
    ladder_version: Mapped[str]
    #: The file a player opens first, below the recording's folder in the storage.
    entry: Mapped[str]
    media_type: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    #: Average of these bytes over the whole length, in bit/s.
    bit_rate: Mapped[int]
    #: What a master playlist says of a track of HLS (`archive.playlists.Stream`).
    stream: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("recording_id", "name"),)


class SlideCue(Base):
    """From this second on, this page is on the screen, as far as the machine could see."""

    __tablename__ = "slide_cues"

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"), primary_key=True)
    deck_id: Mapped[UUID] = mapped_column(ForeignKey("decks.id"), primary_key=True)
    at_seconds: Mapped[float] = mapped_column(primary_key=True)
    page: Mapped[int]
    #: Between 0 and 1: how sure the match of picture and page is.
    confidence: Mapped[float]


class TimelineCorrection(Key, Base):
    """A timeline set by a person. It stands in place of the found one, which is kept, and renewed, beside it.

    Each saving makes a new row in place of the last, so its id names one state of the timeline and no other.
    """

    __tablename__ = "timeline_corrections"

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    #: The deck it was made upon: another deck that takes its place has times of its own.
    deck_id: Mapped[UUID] = mapped_column(ForeignKey("decks.id"))
    #: `[{at_seconds, deck_id, page, confidence, by_hand}, …]` in order of time (`archive.timelines.Mark`).
    cues: Mapped[list[Any]]
    corrected_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    corrected_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("recording_id", "deck_id"),)


class Viewing(Key, Base):
    """One person's watching of one recording on one device. One is active per person; a newer one supersedes it."""

    __tablename__ = "viewings"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    policy_version: Mapped[int]
    opened_at: Mapped[datetime]
    #: When it was closed by the player or superseded by another; its beats end there.
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str]
    #: What its beats prove: `[[from, to], …]` in seconds; a pure function of them, kept for reading.
    covered: Mapped[list[Any]]

    __table_args__ = (
        Index("ix_viewings_person_recording", "person_id", "recording_id"),
        # At most one open viewing per person, whatever two requests do at once.
        Index("uq_viewings_active", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )


class Beat(Base):
    """What a player reported of one stretch. The evidence is the set of these; none is ever changed."""

    __tablename__ = "beats"

    viewing_id: Mapped[UUID] = mapped_column(ForeignKey("viewings.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    #: The player's own monotonic clock, in seconds since the viewing was opened.
    span_start: Mapped[float]
    span_end: Mapped[float]
    #: What was played in the span, in order: `[[from, to, rate], …]`, in seconds of the recording.
    played: Mapped[list[Any]]
    hidden_seconds: Mapped[float]
    muted_seconds: Mapped[float]
    received_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("seq >= 0", name="seq_from_zero"),
        CheckConstraint("span_start >= 0 AND span_end >= span_start", name="span_in_order"),
    )


class WatchCoverage(Base):
    """The union of what one person has played of one recording; always what the beats say, kept for reading."""

    __tablename__ = "watch_coverage"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"), primary_key=True)
    #: `[[from, to], …]` in seconds, apart and in order.
    covered: Mapped[list[Any]]
    covered_seconds: Mapped[float]
    #: Where the person stopped, for resuming on any device.
    resume_at_seconds: Mapped[float]
    first_watched_at: Mapped[datetime]
    last_watched_at: Mapped[datetime]
