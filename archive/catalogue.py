"""What the vault keeps and who may see it. Every reading of recordings starts at `visible_to`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from archive.models import Deck, Recording, Rendition, SlideCue, SlidePage
from sessions import attendance, audit, clock, roles
from sessions.db import Db
from sessions.errors import NotFound
from sessions.models import ConferenceSession, Expected, Person, Role, Unit
from sessions.models.attendance import Replay


class RecordingNotFound(NotFound):
    code = "recording-not-found"
    vi = "Không có bản ghi này, hoặc bản ghi chưa được phát hành cho bạn xem."
    en = "There is no such recording, or it has not been published for you."


@dataclass(frozen=True)
class Cue:
    """From `at_seconds` on, page `page` (1 for the first) is on the screen, with this confidence (0 to 1)."""

    page: int
    at_seconds: float
    confidence: float


def visible_to(db: Db, person: Person) -> Select[Recording]:
    """The recordings this person may see: published, and of a conference they were summoned to or look after."""
    return (
        select(Recording)
        .join(ConferenceSession, ConferenceSession.id == Recording.session_id)
        .where(is_out(Recording), concerns(db, person, Recording.session_id))
    )


def concerns(db: Db, person: Person, session_id: Any) -> ColumnElement[bool]:
    """SQL: the person was summoned to this conference, or looks after the unit that holds it."""
    summoned = exists().where(Expected.session_id == session_id, Expected.person_id == person.id)
    # Aliases of their own, so that a statement which joins these tables for itself is not mixed up with this one.
    session, unit = aliased(ConferenceSession), aliased(Unit)
    entrusted = roles.within(unit.path, roles.scopes(db, person.id, list(Role)))
    held = exists().where(session.id == session_id, unit.id == session.unit_id, entrusted)
    return or_(summoned, held)


def find_visible(db: Db, person: Person, recording_id: UUID) -> Recording:
    """One recording that the person may see, or `RecordingNotFound`."""
    recording = db.scalar(visible_to(db, person).where(Recording.id == recording_id))
    if recording is None:
        raise RecordingNotFound
    return recording


def publish(db: Db, kept: Recording | Deck, by: Person | None) -> None:
    """Make a recording or a deck visible; publishing what is already out changes nothing."""
    if kept.published_at is None or kept.retracted_at is not None:
        kept.published_at, kept.retracted_at = clock.now(), None
        _tell_register(db, kept)
        audit.note(db, by, f"{_noun(kept)}.published", _noun(kept), kept.id)


def retract(db: Db, kept: Recording | Deck, by: Person | None) -> None:
    """Take it away from the members (the gate itself does so without `by`); what they earned by it stays."""
    if kept.retracted_at is None:
        kept.retracted_at = clock.now()
        _tell_register(db, kept)
        audit.note(db, by, f"{_noun(kept)}.retracted", _noun(kept), kept.id)


def keep_rendition(db: Db, **columns: Any) -> None:
    """Record a complete rendition (columns of `Rendition`); made again, it takes the place of the older one."""
    row = insert(Rendition).values(created_at=clock.now(), **columns)
    fresh = {name: row.excluded[name] for name in columns if name not in {"id", "recording_id", "name"}}
    db.execute(row.on_conflict_do_update(index_elements=["recording_id", "name"], set_=fresh))


def keep_pages(db: Db, deck: Deck, pages: Iterable[SlidePage]) -> None:
    """Record all pages of a deck, in place of what an earlier attempt left."""
    db.execute(delete(SlidePage).where(SlidePage.deck_id == deck.id))
    db.add_all(pages)
    db.flush()


def keep_timeline(db: Db, recording_id: UUID, deck_id: UUID, cues: Iterable[Cue]) -> None:
    """Record when which page is on the screen, in place of what was found of the same deck before.

    A timeline that a person has corrected stays as it is (`archive.timelines`).
    """
    # The times of another deck stay: the one that is published now may not be the newest.
    db.execute(delete(SlideCue).where(SlideCue.recording_id == recording_id, SlideCue.deck_id == deck_id))
    db.add_all(
        SlideCue(
            recording_id=recording_id,
            deck_id=deck_id,
            at_seconds=cue.at_seconds,
            page=cue.page,
            confidence=cue.confidence,
        )
        for cue in cues
    )
    db.flush()


def cues_of(db: Db, recording_id: UUID, deck_id: UUID) -> Sequence[SlideCue]:
    """When which page of a deck was found on the screen, in the order of time."""
    found = select(SlideCue).where(SlideCue.recording_id == recording_id, SlideCue.deck_id == deck_id)
    return db.scalars(found.order_by(SlideCue.at_seconds)).all()


def deck_for(db: Db, recording: Recording, *, published: bool = True) -> Deck | None:
    """The newest deck of the recording's part, or else of the whole conference."""
    same_part = Deck.part_id == recording.part_id if recording.part_id else Deck.part_id.is_(None)
    candidates = (
        select(Deck)
        .where(Deck.session_id == recording.session_id, or_(same_part, Deck.part_id.is_(None)))
        .where(exists().where(SlidePage.deck_id == Deck.id), Deck.retracted_at.is_(None))
        .where(Deck.recording_id.is_(None))  # What was cut from one recording's picture is no other's deck.
        .order_by(Deck.part_id.is_(None), Deck.created_at.desc())
        .limit(1)
    )
    return db.scalar(candidates.where(is_out(Deck)) if published else candidates)


def folder_of(kept: Recording | Deck) -> str:
    """Where its files lie in the storage."""
    return f"{_noun(kept)}s/{kept.id}"


def _tell_register(db: Db, kept: Recording | Deck) -> None:
    """Hand down what there is to watch of the conference now. Two files of one content are the same to watch."""
    if isinstance(kept, Deck):
        return
    db.flush()
    out = db.scalars(select(Recording).where(Recording.session_id == kept.session_id, is_out(Recording)))
    attendance.take_replays(
        db,
        kept.session_id,
        [
            Replay(
                recording_id=recording.id,
                session_id=recording.session_id,
                part_id=recording.part_id,
                content=recording.source_sha256,
                title=recording.title,
                length_seconds=recording.duration_seconds,
            )
            for recording in out
        ],
    )


def is_out(table: type[Recording] | type[Deck]) -> ColumnElement[bool]:
    """SQL: released, and not taken away since."""
    return table.published_at.is_not(None) & table.retracted_at.is_(None)


def _noun(kept: Recording | Deck) -> str:
    return "recording" if isinstance(kept, Recording) else "deck"
