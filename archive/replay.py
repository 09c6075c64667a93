"""What a player needs to replay a recording: its forms and their cost, its slides and their times, where to go on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import exists, func, select

from archive import catalogue
from archive.models import Recording, Rendition, RenditionKind, SlideCue, SlidePage, Viewing, WatchCoverage
from sessions.db import Db
from sessions.errors import NotAllowed, NotFound
from sessions.models import (
    Attendance,
    AttendanceCredit,
    ConferenceSession,
    CreditPolicy,
    Expected,
    Person,
    SessionPart,
)


class ViewingEnded(NotAllowed):
    code = "viewing-ended"
    vi = "Lượt xem này đã kết thúc vì bạn đã mở bản ghi ở nơi khác. Hãy bấm xem lại để mở lượt mới."
    en = "This viewing has ended because the replay was opened elsewhere. Open it again to go on here."


class MediaNotFound(NotFound):
    code = "media-not-found"
    vi = "Bản ghi này không có tệp đó."
    en = "This recording has no such file."


@dataclass(frozen=True)
class Missed:
    """One line of a person's catalogue."""

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


def catalogue_of(db: Db, person: Person, *, missed: bool | None, offset: int, limit: int) -> tuple[list[Missed], int]:
    """The recordings a person may see, newest conference first, and how many there are in all.

    Missed are those of a part that the person was expected at and has not attended.
    """
    owed = (
        exists()
        .where(Expected.session_id == Recording.session_id, Expected.person_id == person.id)
        .where((Recording.part_id.is_(None)) | (Expected.part_id == Recording.part_id))
        .where(Expected.exempt_reason.is_(None))
        .where(~exists().where(Attendance.part_id == Expected.part_id, Attendance.person_id == Expected.person_id))
    )
    visible = catalogue.visible_to(db, person)
    if missed is not None:
        visible = visible.where(owed if missed else ~owed)
    credited = exists().where(
        AttendanceCredit.session_id == Recording.session_id, AttendanceCredit.person_id == person.id
    )
    until = (
        select(CreditPolicy.replay_until)
        .where(CreditPolicy.session_id == Recording.session_id)
        .order_by(CreditPolicy.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        visible.with_only_columns(
            Recording, ConferenceSession, SessionPart, until, WatchCoverage.covered_seconds, owed, credited
        )
        .outerjoin(SessionPart, SessionPart.id == Recording.part_id)
        .outerjoin(WatchCoverage, (WatchCoverage.recording_id == Recording.id) & (WatchCoverage.person_id == person.id))
        .order_by(ConferenceSession.starts_at.desc(), Recording.created_at)
        .offset(offset)
        .limit(limit)
    )
    lines = [
        Missed(recording, session, part, deadline, _share(covered, recording), is_missed, has_credit)
        for recording, session, part, deadline, covered, is_missed, has_credit in rows
    ]
    return lines, db.scalar(select(func.count()).select_from(visible.subquery())) or 0


def renditions_of(db: Db, recordings: Iterable[UUID]) -> dict[UUID, list[Rendition]]:
    """The complete renditions of each recording, the lightest first."""
    wanted = select(Rendition).where(Rendition.recording_id.in_(list(recordings)))
    found: dict[UUID, list[Rendition]] = {}
    for rendition in db.scalars(wanted.order_by(Rendition.bit_rate)):
        found.setdefault(rendition.recording_id, []).append(rendition)
    return found


def slides_of(db: Db, recording: Recording) -> list[Slide]:
    """The deck's pages in the order of showing; where no times were found, in their own order and without any."""
    deck = catalogue.deck_for(db, recording)
    if deck is None:
        return []
    pages = {page.position: page for page in db.scalars(select(SlidePage).where(SlidePage.deck_id == deck.id))}
    cues = db.scalars(
        select(SlideCue)
        .where(SlideCue.recording_id == recording.id, SlideCue.deck_id == deck.id)
        .order_by(SlideCue.at_seconds)
    )
    shown = [Slide(pages[cue.page], cue.at_seconds) for cue in cues if cue.page in pages]
    return shown or [Slide(pages[position], None) for position in sorted(pages)]


def media_key(db: Db, viewing: Viewing, path: str) -> str:
    """The storage key of a file that this viewing may fetch: `slides/…` of the deck, anything else of the recording.

    Raises `ViewingEnded` once another viewing took over, `MediaNotFound` for a path that leads elsewhere.
    """
    if viewing.ended_at is not None:
        raise ViewingEnded
    recording = db.get_one(Recording, viewing.recording_id)
    if recording.retracted_at is not None:
        raise catalogue.RecordingNotFound
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise MediaNotFound
    if parts[0] != "slides":
        return f"{catalogue.folder_of(recording)}/{'/'.join(parts)}"
    deck = catalogue.deck_for(db, recording)
    if deck is None:
        raise MediaNotFound
    return f"{catalogue.folder_of(deck)}/{'/'.join(parts[1:])}"


def cost(renditions: Iterable[Rendition], slides: Iterable[Slide]) -> dict[str, tuple[int, int]]:
    """Bytes and bit/s of each way to watch: "slides" (the lightest speech and every page), "video"."""
    speech = [each for each in renditions if each.kind is RenditionKind.SPEECH]
    video = [each for each in renditions if each.kind is RenditionKind.VIDEO]
    pages = sum({slide.page.position: slide.page.bytes for slide in slides}.values())
    ways = {}
    if speech:
        ways["slides"] = (speech[0].bytes + pages, speech[0].bit_rate)
    if video:
        ways["video"] = (video[0].bytes, video[0].bit_rate)
    return ways


def _share(covered: float | None, recording: Recording) -> float:
    return min(1.0, (covered or 0.0) / recording.duration_seconds)
