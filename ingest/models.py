"""The workshop's tables: uploads, the jobs made of them, the steps of each job, and what the gate found and did."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base, Key


class UploadKind(StrEnum):
    RECORDING = "recording"
    DECK = "deck"
    #: A picture of a room or of a sign-in sheet, taken to prove a headcount.
    PHOTO = "photo"


class Classification(StrEnum):
    """The level the uploader declares before a byte is taken; anything but the first is refused at once."""

    NOT_CLASSIFIED = "not-classified"
    CONFIDENTIAL = "mat"
    SECRET = "toi-mat"  # noqa: S105 - a level, not a password.
    TOP_SECRET = "tuyet-mat"  # noqa: S105 - a level, not a password.


class Upload(Key, Base):
    """A file on its way in. How much of it has arrived is the size of the file in quarantine, nothing else."""

    __tablename__ = "uploads"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), index=True)
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("session_parts.id"))
    kind: Mapped[UploadKind]
    filename: Mapped[str]
    length: Mapped[int] = mapped_column(BigInteger)
    #: SHA-256 that the sender expects, where it said so.
    declared_sha256: Mapped[str | None]
    sha256: Mapped[str | None]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    #: What an importer knows of it from the folder it lay in (`ingest.importing.brought`); empty for any other file.
    brought: Mapped[dict[str, Any] | None]

    __table_args__ = (CheckConstraint("length > 0", name="length_above_zero"),)


class JobState(StrEnum):
    RECEIVED = "received"
    SCANNING = "scanning"
    REFUSED = "refused"
    HELD = "held"
    ADMITTED = "admitted"
    ENCODING = "encoding"
    READY = "ready"
    RELEASED = "released"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETRACTED = "retracted"


#: States in which nothing more will happen by itself.
ENDED = frozenset({JobState.REFUSED, JobState.PUBLISHED, JobState.FAILED, JobState.CANCELLED, JobState.RETRACTED})


class IngestJob(Key, Base):
    """What becomes of one upload. The row is the truth; a broker's message is only a nudge to look at it."""

    __tablename__ = "ingest_jobs"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"), unique=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("conference_sessions.id"), index=True)
    state: Mapped[JobState] = mapped_column(index=True)
    #: What was made of it in the vault, once it was admitted.
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recordings.id"))
    deck_id: Mapped[UUID | None] = mapped_column(ForeignKey("decks.id"))
    #: Why it was refused or failed: a code with its facts, from which the sentence is said.
    problem: Mapped[dict[str, Any] | None]
    #: The second person who let it out, never the uploader; may come before everything is encoded.
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    released_at: Mapped[datetime | None]
    #: When the last step had ended: a replay is ready long before every rung is.
    complete_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StepKind(StrEnum):
    SCAN = "scan"
    LOOK = "look"
    SPEECH = "speech"
    CHUNK = "chunk"
    PACKAGE = "package"
    PAGES = "pages"
    #: When pages come up: to the nearest keyframe first, so that a replay can start, and to the frame later.
    TIMELINE = "timeline"
    REFINE = "refine"
    #: Pages that are in no deck, cut from the picture.
    EXTRACT = "extract"


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobStep(Key, Base):
    """A piece of a job that one worker does in minutes. Claimed by a conditional update, held by a lease."""

    __tablename__ = "job_steps"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("ingest_jobs.id"))
    kind: Mapped[StepKind]
    #: Which chunk, for chunks; which rung of the ladder, for packages; 0 for the rest.
    number: Mapped[int]
    #: The rung's name, for packages.
    rung: Mapped[str | None]
    state: Mapped[StepState]
    #: Seconds of machine time this kind of step usually takes, so that progress can be weighed.
    weight: Mapped[float]
    progress: Mapped[float]
    attempts: Mapped[int]
    #: Changes with every claim: whoever holds an older one has lost the step.
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    problem: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("job_id", "kind", "number"),
        Index("ix_job_steps_open", "state", "lease_until", postgresql_where=text("state IN ('waiting', 'running')")),
    )


class Incident(Key, Base):
    """Something that the gate turned away. The rule and the hash stay; the name and the text do not."""

    __tablename__ = "incidents"

    at: Mapped[datetime]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("conference_sessions.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    rule: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(index=True)


class InspectionResult(StrEnum):
    """What the search for markings says of a file."""

    CLEAN = "clean"
    #: Something that may be a marking: a person decides.
    DOUBTFUL = "doubtful"
    #: A certain marking, but only seen by OCR: nobody gets it before a second person has destroyed or cleared it.
    SEALED = "sealed"
    #: A certain marking in text.
    REFUSED = "refused"


class Ruling(StrEnum):
    """What a second person said of a held file."""

    CLEARED = "cleared"
    REFUSED = "refused"


class Inspection(Key, Base):
    """One search of a job's file for markings, and what a person made of it. The newest one of a job counts."""

    __tablename__ = "inspections"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("ingest_jobs.id"), index=True)
    at: Mapped[datetime]
    result: Mapped[InspectionResult]
    #: Each hit: its rule, certainty, source, page or second, and box in shares of the picture; never the text found.
    hits: Mapped[list[Any]]
    #: The contact sheet in its order: page or second of each picture, and its size in pixels.
    pictures: Mapped[list[Any]]
    #: How many of these pictures nobody has read, for want of Tesseract: a release needs a look at each.
    unread: Mapped[int]
    #: Which rules were searched for; when they change, what was let in is searched again.
    rules_version: Mapped[str]
    #: Who confirmed that they looked at every picture.
    looked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    ruling: Mapped[Ruling | None]
    #: The second person, never the uploader, with their reason.
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("unread >= 0", name="unread_not_below_zero"),
        CheckConstraint(
            "num_nulls(ruling, decided_by, decided_at, reason) IN (0, 4)", name="ruled_by_somebody_for_a_reason"
        ),
    )


class GateRule(Key, Base):
    """A marking that an administrator added to those that are built in. Taken out again, its row stays."""

    __tablename__ = "gate_rules"

    #: What is searched for, as it is written on paper; case, accents and spacing don't matter.
    phrase: Mapped[str]
    #: Whether finding it refuses or seals a file; otherwise it holds it.
    certain: Mapped[bool]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]
    retired_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("char_length(phrase) BETWEEN 2 AND 200", name="phrase_of_some_length"),
        CheckConstraint("(retired_by IS NULL) = (retired_at IS NULL)", name="retired_by_somebody"),
        Index("ix_gate_rules_phrase", "phrase", unique=True, postgresql_where=text("retired_at IS NULL")),
    )
