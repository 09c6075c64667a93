"""What a phone takes along to replay a recording without a link: one form of its speech, and its pages.

Every file is described in pieces of equal size with the SHA-256 of each, so that a phone can fetch a piece at a time
through ranges of the media route, check it, and after a cut go on with the next one.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from archive import replay
from archive.models import Recording, Rendition, RenditionKind
from archive.objects import ObjectFacts
from archive.offline_models import PieceList
from archive.replay import Slide
from archive.storage import storage
from sessions.db import Db
from sessions.errors import NotFound

#: A link of 30 kbit/s brings a piece in 70 seconds, and a cut costs no more than that.
PIECE_BYTES = 256 * 1024


class NothingToKeep(NotFound):
    code = "nothing-to-keep"
    vi = "Bản ghi này chưa có phần trang chiếu và tiếng để giữ trên điện thoại."
    en = "This recording has no slides and speech to keep on a phone yet."


@dataclass(frozen=True)
class File:
    """One file of a package: its path as `replay.file_key` takes it, and the SHA-256 (hex) of its pieces in order."""

    path: str
    media_type: str
    bytes: int
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Package:
    """Everything of one recording that a phone may keep. Of `speech` it takes the one form that it can play."""

    speech: tuple[tuple[Rendition, File], ...]
    slides: tuple[Slide, ...]
    #: The pictures of the slides, each once, by path.
    pages: dict[str, File]
    #: SHA-256 over the hashes of everything: another one means that something was made anew.
    version: str


def describe(db: Db, recording: Recording) -> Package:
    """List the package's files with the hashes of their pieces; what was never described before is read once."""
    renditions = [
        each
        for each in replay.renditions_of(db, [recording.id]).get(recording.id, [])
        if each.kind is RenditionKind.SPEECH
    ]
    if not renditions:
        raise NothingToKeep
    slides = replay.slides_of(db, recording)
    paths = [each.entry for each in renditions] + [slide.path for slide in slides]
    files = {file.path: file for file in _files(db, recording, dict.fromkeys(paths))}
    return Package(
        speech=tuple((each, files[each.entry]) for each in renditions),
        slides=tuple(slides),
        pages={slide.path: files[slide.path] for slide in slides},
        version=_version(files.values()),
    )


def _files(db: Db, recording: Recording, paths: Iterable[str]) -> Iterator[File]:
    keys = {path: replay.file_key(db, recording, path) for path in paths}
    known = {row.key: row for row in db.scalars(select(PieceList).where(PieceList.key.in_(keys.values())))}
    for path, key in keys.items():
        facts, row = storage().stat(key), known.get(key)
        fresh = row is not None and (row.bytes, row.modified_at) == (facts.bytes, facts.modified_at)
        pieces = list(row.pieces) if row and fresh else _hash_pieces(db, key, facts)
        yield File(path, replay.media_type(path), facts.bytes, tuple(pieces))


def _hash_pieces(db: Db, key: str, facts: ObjectFacts) -> list[str]:
    starts = range(0, facts.bytes, PIECE_BYTES)
    pieces = [_sha256(storage().open(key, start, start + PIECE_BYTES)) for start in starts]
    row = insert(PieceList).values(key=key, bytes=facts.bytes, modified_at=facts.modified_at, pieces=pieces)
    fresh = {"bytes": row.excluded.bytes, "modified_at": row.excluded.modified_at, "pieces": row.excluded.pieces}
    db.execute(row.on_conflict_do_update(index_elements=["key"], set_=fresh))
    return pieces


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _version(files: Iterable[File]) -> str:
    lines = (f"{file.path} {file.bytes} {' '.join(file.pieces)}\n" for file in files)
    return _sha256(line.encode() for line in lines)
