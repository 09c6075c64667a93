"""The workshop's tables: uploads, the jobs made of them, the steps of each job, and incidents at the gate."""

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
