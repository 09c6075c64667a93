"""What a player needs to replay a recording: its forms, its slides and their times, where to go on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select

from archive import catalogue, timelines
from archive.models import Recording, Rendition, SlidePage, Viewing, WatchCoverage
from archive.timelines import Timeline
from sessions.db import Db
from sessions.errors import NotAllowed, NotFound
from sessions.listing import page_of
from sessions.models import (
    Attendance,
    AttendanceCredit,
    ConferenceSession,
    CreditPolicy,
    CreditState,
    Expected,
    Person,
    SessionPart,
)

#: What the addresses of pages begin with: those of the uploaded deck, and those cut from the recording's own picture.
SLIDES: Final = "slides"
CUT: Final = "cut"


class ViewingEnded(NotAllowed):
    code = "viewing-ended"
    vi = "Lượt xem này đã kết thúc vì bạn đã mở bản ghi ở nơi khác. Hãy bấm xem lại để mở lượt mới."
    en = "This viewing has ended because the replay was opened elsewhere. Open it again to go on here."


class MediaNotFound(NotFound):
    code = "media-not-found"
    vi = "Bản ghi này không có tệp đó."
    en = "This recording has no such file."


@dataclass(frozen=True)
class Line:
    """One line of a person's catalogue. `missed`: they were expected at what it shows, and have not attended it.

    Nobody misses a conference that was called off.
    """

    recording: Recording
    session: ConferenceSession
    part: SessionPart | None
    replay_until: datetime
    covered_ratio: float
    missed: bool
    credited: bool


@dataclass(frozen=True)
class Slide:
    """One page with the second at which it comes up; pages that were not found in the picture have none."""

    page: SlidePage
    at_seconds: float | None
    #: `SLIDES` or `CUT`.
    folder: Literal["slides", "cut"]

    @property
    def path(self) -> str:
        """The picture, as `file_key` takes it."""
        return f"{self.folder}/{self.page.picture}"

    @property
    def thumbnail_path(self) -> str:
        """The small picture, as `file_key` takes it."""
        return f"{self.folder}/{self.page.thumbnail}"


def catalogue_of(db: Db, person: Person, *, missed: bool | None, offset: int, limit: int) -> tuple[list[Line], int]:
    """The recordings a person may see, newest conference first, and how many there are in all."""
    lines = _lines(db, person)
    if missed is not None:
        lines = lines.where(_owed_by(person) if missed else ~_owed_by(person))
    ordered = lines.order_by(ConferenceSession.starts_at.desc(), Recording.created_at, Recording.id)
    rows, total = page_of(db, ordered, offset, limit)
    return [_line(*row) for row in rows], total


def find_line(db: Db, person: Person, recording_id: UUID) -> Line:
    """One recording as the person's catalogue shows it, or `RecordingNotFound`."""
    row = db.execute(_lines(db, person).where(Recording.id == recording_id)).one_or_none()
    if row is None:
        raise catalogue.RecordingNotFound
    return _line(*row)


def _lines(db: Db, person: Person) -> Select[Recording, ConferenceSession, SessionPart, datetime, float, bool, bool]:
    credited = exists().where(
        AttendanceCredit.session_id == Recording.session_id,
        AttendanceCredit.person_id == person.id,
        AttendanceCredit.state == CreditState.GRANTED,
    )
    until = (
        select(CreditPolicy.replay_until)
        .where(CreditPolicy.session_id == Recording.session_id)
        .order_by(CreditPolicy.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    watched = (WatchCoverage.recording_id == Recording.id) & (WatchCoverage.person_id == person.id)
    return (
        catalogue.visible_to(db, person)
        .with_only_columns(
            Recording,
            ConferenceSession,
            SessionPart,
            until,
            WatchCoverage.covered_seconds,
            _owed_by(person),
            credited,
            maintain_column_froms=True,
        )
        .outerjoin(SessionPart, SessionPart.id == Recording.part_id)
        .outerjoin(WatchCoverage, watched)
    )


def _owed_by(person: Person) -> ColumnElement[bool]:
    attended = exists().where(Attendance.part_id == Expected.part_id, Attendance.person_id == Expected.person_id)
    return ConferenceSession.cancelled_at.is_(None) & exists().where(
        Expected.session_id == Recording.session_id,
        Expected.person_id == person.id,
        Expected.exempt_reason.is_(None),
        or_(Recording.part_id.is_(None), Expected.part_id == Recording.part_id),
        ~attended,
    )


def _line(
    recording: Recording,
    session: ConferenceSession,
    part: SessionPart | None,
    until: datetime,
    covered: float | None,
    missed: bool,
    credited: bool,
) -> Line:
    share = min(1.0, (covered or 0.0) / recording.duration_seconds)
    return Line(recording, session, part, until, share, missed, credited)


def renditions_of(db: Db, recordings: Iterable[UUID]) -> dict[UUID, list[Rendition]]:
    """The complete renditions of each recording, the lightest first."""
    wanted = select(Rendition).where(Rendition.recording_id.in_(list(recordings)))
    found: dict[UUID, list[Rendition]] = {}
    for rendition in db.scalars(wanted.order_by(Rendition.bit_rate)):
        found.setdefault(rendition.recording_id, []).append(rendition)
    return found


def slides_of(db: Db, recording: Recording) -> list[Slide]:
    """The pages in the order of showing; where no times are known, in the deck's own order and without any."""
    timeline = timelines.read(db, recording)
    slides = {(page.deck_id, page.position): slide_of(timeline, page) for page in timeline.pages}
    shown = [replace(slides[cue.deck_id, cue.page], at_seconds=cue.at_seconds) for cue in timeline.cues]
    return shown or list(slides.values())


def slide_of(timeline: Timeline, page: SlidePage) -> Slide:
    """The page with where its pictures are, at no time yet."""
    return Slide(page, None, CUT if timeline.is_cut(page) else SLIDES)


def media_key(db: Db, viewing: Viewing, path: str) -> str:
    """The storage key of a file that this viewing may fetch; paths as in `file_key`.

    Raises `ViewingEnded` once another viewing took over, `MediaNotFound` for a path that leads elsewhere.
    """
    if viewing.ended_at is not None:
        raise ViewingEnded
    recording = db.get_one(Recording, viewing.recording_id)
    if recording.retracted_at is not None:
        raise catalogue.RecordingNotFound
    return file_key(db, recording, path)


def file_key(db: Db, recording: Recording, path: str, *, published: bool = True) -> str:
    """The storage key behind a path below a recording, or `MediaNotFound` for one that leads elsewhere.

    `slides/…` are pictures of the uploaded deck, `cut/…` those cut from the recording's own picture, and anything else
    is the recording's. With `published` false the newest deck counts although it is not out yet.
    """
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise MediaNotFound
    if parts[0] not in {SLIDES, CUT}:
        return f"{catalogue.folder_of(recording)}/{'/'.join(parts)}"
    if parts[0] == SLIDES:
        deck = catalogue.deck_for(db, recording, published=published)
    else:
        deck = timelines.cut_deck_of(db, recording)
    if deck is None:
        raise MediaNotFound
    return f"{catalogue.folder_of(deck)}/{'/'.join(parts[1:])}"


def agenda_of(db: Db, recording: Recording) -> list[tuple[str, float | None]]:
    """The parts that the recording shows; the second at which each begins is known only for a single one.

    Chapters that came along with the recording say more, and stand in place of the parts.
    """
    chapters = [(each["title"], each["at_seconds"]) for each in recording.chapters]
    if chapters:
        return chapters
    parts = select(SessionPart).where(SessionPart.session_id == recording.session_id).order_by(SessionPart.position)
    if recording.part_id:
        parts = parts.where(SessionPart.id == recording.part_id)
    shown = db.scalars(parts).all()
    return [(part.title, 0.0 if len(shown) == 1 else None) for part in shown]


def media_type(path: str) -> str:
    """What a browser is told that a file of a replay is."""
    return _MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


_MEDIA_TYPES = {
    ".webm": "audio/webm",
    ".m4a": "audio/mp4",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".webp": "image/webp",
    ".vtt": "text/vtt",
}
