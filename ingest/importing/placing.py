"""Puts what an importer knew of a recording where it belongs, once its files have become recordings and decks.

Files pass the gate one by one and in any order. So chapters go with their recording, and slide times are placed
whenever the last of the two, recording and deck, has come; placing them again changes nothing.
"""

from typing import Any

from sqlalchemy import select

from archive import catalogue
from archive.catalogue import Cue
from archive.models import Deck, Recording, SlidePage
from ingest.models import IngestJob, Upload
from sessions.db import Db

#: Told by the system itself, not seen by a machine.
_CERTAIN = 1.0


def chapters_of(upload: Upload, duration_seconds: float) -> list[Any]:
    """The chapters that came along with a file, without those that begin behind its end."""
    told = (upload.brought or {}).get("chapters", [])
    return [each for each in told if 0 <= each["at_seconds"] < duration_seconds]


def place_recording(db: Db, recording: Recording, upload: Upload) -> None:
    """Keep the slide times that came along with a new recording, for each of its decks that is drawn already."""
    same = select(Deck).where(Deck.session_id == recording.session_id, Deck.retracted_at.is_(None))
    for deck in db.scalars(same.where(Deck.source_sha256.in_(_decks_told_of(upload)))).all():
        _keep(db, recording, deck, upload)


def place_deck(db: Db, deck: Deck) -> None:
    """Keep when a deck that was drawn just now is shown in the recordings that came along with it."""
    beside = (
        select(Recording, Upload)
        .join(IngestJob, IngestJob.recording_id == Recording.id)
        .join(Upload, Upload.id == IngestJob.upload_id)
        .where(Recording.session_id == deck.session_id, Recording.retracted_at.is_(None))
    )
    for recording, upload in db.execute(beside).all():
        if deck.source_sha256 in _decks_told_of(upload):
            _keep(db, recording, deck, upload)


def knows_times(db: Db, recording: Recording) -> bool:
    """Whether the times of the recording's deck came along with it, so that they need not be looked for."""
    deck = catalogue.deck_for(db, recording, published=False)
    of_recording = select(Upload).join(IngestJob, IngestJob.upload_id == Upload.id)
    upload = db.scalar(of_recording.where(IngestJob.recording_id == recording.id))
    return bool(deck and upload and deck.source_sha256 in _decks_told_of(upload))


def _decks_told_of(upload: Upload) -> set[str]:
    return {each["deck_sha256"] for each in (upload.brought or {}).get("shown", [])}


def _keep(db: Db, recording: Recording, deck: Deck, upload: Upload) -> None:
    pages = set(db.scalars(select(SlidePage.position).where(SlidePage.deck_id == deck.id)))
    told = [each for each in (upload.brought or {})["shown"] if each["deck_sha256"] == deck.source_sha256]
    cues = {
        each["at_seconds"]: Cue(each["page"], each["at_seconds"], _CERTAIN)
        for each in told
        if each["page"] in pages and 0 <= each["at_seconds"] < recording.duration_seconds
    }
    catalogue.keep_timeline(db, recording.id, deck.id, cues.values())
