"""Whether what the vault keeps is still what arrived: every original against its hash, every rendition at its place."""

from dataclasses import dataclass, field

from sqlalchemy import select

from archive import catalogue
from archive.models import Deck, Recording, Rendition, SlidePage
from archive.objects import ObjectDamaged, ObjectMissing
from archive.storage import storage
from sessions.db import Db


@dataclass
class Walk:
    """How many files were looked at, and the keys of those that are missing or changed."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, key: str, sha256: str | None = None) -> None:
        """Look at one file: that it is there, and that its bytes are the ones that once arrived."""
        self.checked += 1
        try:
            sound = storage().checksum(key) == sha256 if sha256 else storage().exists(key)
        except (ObjectMissing, ObjectDamaged):
            sound = False
        if not sound:
            self.wrong.append(key)


def verify(db: Db) -> Walk:
    """Read every original again, and look for every rendition and every page."""
    walk = Walk()
    for recording in db.scalars(select(Recording)):
        walk.expect(recording.source_key, recording.source_sha256)
        for rendition in db.scalars(select(Rendition).where(Rendition.recording_id == recording.id)):
            walk.expect(f"{catalogue.folder_of(recording)}/{rendition.entry}")
    for deck in db.scalars(select(Deck)):
        walk.expect(deck.source_key, deck.source_sha256)
        for page in db.scalars(select(SlidePage).where(SlidePage.deck_id == deck.id)):
            walk.expect(f"{catalogue.folder_of(deck)}/{page.picture}")
    return walk
