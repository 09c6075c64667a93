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
    #: What whoever releases it should know (`ingest.findings`), by where it was learnt: source, picture, sound.
    findings: Mapped[dict[str, Any] | None]
    #: Which of its sound tracks a person wants heard, a place in `facts.audio`; empty while the machine chooses.
    sound_track: Mapped[int | None]
    #: A copy of the original whose clock runs through, where that of the original starts anew on the way.
    mended_key: Mapped[str | None]
    #: `[{at_seconds, title}, …]` in order of time, where the system that recorded it told of them.
    chapters: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime]
    #: Set when it becomes visible to members; nothing is served before.
    published_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]

    @property
    def played_key(self) -> str:
        """Where the file lies that replays are made of, in the storage."""
        return self.mended_key or self.source_key


class AttachmentKind(StrEnum):
    #: Who came and went, as the meeting system told it: for the register, never shown with the replay.
    ATTENDANCE = "attendance"
    #: What was said, in writing.
    TRANSCRIPT = "transcript"
    #: Left out unless somebody asks for it.
    CHAT = "chat"


class Attachment(Key, Base):
    """A small file that came along with a recording and is kept beside it. Nothing serves it to members."""

    __tablename__ = "attachments"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"))
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    kind: Mapped[AttachmentKind]
    filename: Mapped[str]
    sha256: Mapped[str]
    key: Mapped[str]
    bytes: Mapped[int]
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    kept_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_id", "sha256"),)


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
    #: What its beats prove to have been played: `[[from, to], …]` in seconds; a pure function of them, for reading.
    covered: Mapped[list[Any]]
    #: The greatest number among its beats, and where they leave its clock (seconds): what the next beat goes on from.
    last_seq: Mapped[int] = mapped_column(default=-1)
    clock_end: Mapped[float] = mapped_column(default=0.0)
    #: Beats that came again with other content; the first receipt stood.
    altered_beats: Mapped[int] = mapped_column(default=0)
    #: Beats that told of clearly more than their time could hold; what was too much was cut.
    beyond_beats: Mapped[int] = mapped_column(default=0)
    #: What a person should look at before it earns anything: `[{code, …figures}]` (`archive.doubts`).
    doubts: Mapped[list[Any]] = mapped_column(default=list)

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
    """What one person has shown to have watched of one recording: what beats and answers say, kept for reading."""

    __tablename__ = "watch_coverage"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"), primary_key=True)
    #: `[[from, to], …]` in seconds, apart and in order.
    covered: Mapped[list[Any]]
    covered_seconds: Mapped[float]
    #: What was played too, and counts once a presence question is answered; apart from `covered`.
    waiting: Mapped[list[Any]] = mapped_column(default=list)
    #: Decides when and what this person is asked here; made at the first viewing, and never shown to anyone.
    seed: Mapped[str]
    #: The end of the axis of watching: where the next beat goes on from (`archive.watchlog.Tail`).
    tail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Where the person stopped, for resuming on any device.
    resume_at_seconds: Mapped[float]
    first_watched_at: Mapped[datetime]
    last_watched_at: Mapped[datetime]


class PromptKind(StrEnum):
    """What a presence question asks for."""

    PICTURE = "picture"
    CODE = "code"
    WORD = "word"


class PromptState(StrEnum):
    #: Due at its place, and not put to the person yet, or taken back before it was answered.
    PLANNED = "planned"
    OPEN = "open"
    ANSWERED = "answered"
    WRONG = "wrong"
    MISSED = "missed"


class PresencePrompt(Key, Base):
    """One presence question. It vouches for what was played before its place, once it is answered in time.

    A question that never reached the person, or whose viewing ended before its time was up, goes back to being planned
    under a new id: nobody answers for what they did not see.
    """

    __tablename__ = "presence_prompts"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"))
    #: 0 for the first of this person and recording; with the person's seed it decides what is asked.
    number: Mapped[int]
    #: Its place on the axis of watching: after this piece of this beat of this viewing.
    viewing_id: Mapped[UUID] = mapped_column(ForeignKey("viewings.id"))
    seq: Mapped[int]
    piece: Mapped[int]
    #: The second of the recording that was playing at that place.
    at_seconds: Mapped[float]
    planned_at: Mapped[datetime]
    state: Mapped[PromptState]
    #: The viewing in which it was asked; what follows is empty until then.
    asked_in: Mapped[UUID | None] = mapped_column(ForeignKey("viewings.id"))
    kind: Mapped[PromptKind | None]
    #: What it is about, so that the next person is asked about something else.
    subject: Mapped[str | None]
    #: `[{id, text, path}, …]` as shown, in this person's own order; empty for a code.
    choices: Mapped[list[Any]] = mapped_column(default=list)
    answer: Mapped[str | None]
    #: How often it was put into an answer to the player, when last, and the last beat that the player had sent then.
    times_sent: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    sent_after_seq: Mapped[int | None]
    #: When the player was first known to have it.
    shown_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    given: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    #: From when it was shown (or else sent) to the answer, by the server's clock.
    answer_seconds: Mapped[float | None]

    __table_args__ = (
        UniqueConstraint("person_id", "recording_id", "number"),
        Index("ix_presence_prompts_asked_in", "asked_in"),
        Index("ix_presence_prompts_recording_sent", "recording_id", "sent_at"),
        # One question at a time.
        Index(
            "uq_presence_prompts_open",
            "person_id",
            "recording_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )
