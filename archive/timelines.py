"""When which page is on a recording's screen: what the machine found, and what a person has put right.

Both are kept. A correction stands in place of what was found, for as long as the deck that it was made upon is shown,
and what the machine finds later changes it no more; taken back, it leaves the machine's last result in view.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select

from archive import catalogue
from archive.models import Deck, Recording, SlideCue, SlidePage, TimelineCorrection
from sessions import audit, clock, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid
from sessions.models import Person

#: Times are kept to the millisecond: finer than any frame, and the same number after every copy.
DECIMALS = 3


class CueOutside(Invalid):
    code = "cue-outside"
    vi = "Mốc chuyển trang ở giây {at_seconds} nằm ngoài bản ghi, vốn dài {duration_seconds} giây."
    en = "The cue at second {at_seconds} lies outside the recording, which is {duration_seconds} seconds long."


class CuesOutOfOrder(Invalid):
    code = "cues-out-of-order"
    vi = "Các mốc phải theo thứ tự thời gian và không trùng nhau; mốc ở giây {at_seconds} không muộn hơn mốc trước nó."
    en = "Cues must follow one another in time; the one at second {at_seconds} is no later than the one before it."


class PageUnknown(Invalid):
    code = "page-unknown"
    vi = "Mốc ở giây {at_seconds} trỏ đến một trang không còn trong bộ trang chiếu của bản ghi này."
    en = "The cue at second {at_seconds} names a page that is not among those of this recording."


class NoPages(Conflict):
    code = "no-pages"
    vi = "Bản ghi này chưa có trang chiếu nào, nên chưa có gì để sửa."
    en = "This recording has no slides yet, so there is nothing to correct."


class TimelineChanged(Conflict):
    code = "timeline-changed"
    vi = (
        "Trong lúc bạn sửa, người khác đã lưu một bản mới của dòng thời gian này. Bản của bạn chưa được lưu nhưng vẫn "
        "còn nguyên trên trang: hãy xem bản của họ, hoặc lưu đè bằng bản của bạn."
    )
    en = (
        "While you were working, someone else saved a new version of this timeline. Yours is not saved, but nothing of "
        "it is lost: look at theirs, or save yours over it."
    )


@dataclass(frozen=True)
class Placing:
    """From `at_seconds` on, this page of this deck is to be shown. `by_hand`: a person set it, or checked it."""

    at_seconds: float
    deck_id: UUID
    page: int
    by_hand: bool = True


@dataclass(frozen=True)
class Mark(Placing):
    """A cue as it stands, with the machine's confidence (0 to 1); what a person set or checked is certain."""

    confidence: float = 1.0


@dataclass(frozen=True)
class Timeline:
    """The pages that a recording may show, what was found of them, and what a person made of that.

    `decks` are the uploaded deck, then the one cut from the recording's own picture, as far as there are such.
    """

    decks: Sequence[Deck]
    pages: Sequence[SlidePage]
    found: Sequence[Mark]
    correction: TimelineCorrection | None

    @property
    def cues(self) -> list[Mark]:
        """What is shown: the corrected timeline, or else the found one, in order of time."""
        if self.correction is None:
            return list(self.found)
        known = {(page.deck_id, page.position) for page in self.pages}
        marks = [_mark(kept) for kept in self.correction.cues]
        # Pages of a deck that was drawn anew since may be fewer.
        return [mark for mark in marks if (mark.deck_id, mark.page) in known]

    def is_cut(self, page: SlidePage) -> bool:
        """Whether the page was cut from the recording's own picture."""
        return any(deck.id == page.deck_id and deck.recording_id is not None for deck in self.decks)


def find_correctable(db: Db, person: Person, recording_id: UUID) -> Recording:
    """A recording that the person may release, published or not, or `RecordingNotFound`."""
    mine = register.releasable_by(db, person)
    recording = db.scalar(
        select(Recording).where(
            Recording.id == recording_id, Recording.session_id.in_(mine), Recording.retracted_at.is_(None)
        )
    )
    if recording is None:
        raise catalogue.RecordingNotFound
    return recording


def read(db: Db, recording: Recording, *, published: bool = True) -> Timeline:
    """The recording's timeline upon its newest deck: what members see, or what they will once that deck is out."""
    decks = [
        deck
        for deck in (catalogue.deck_for(db, recording, published=published), cut_deck_of(db, recording))
        if deck is not None
    ]
    pages = [page for deck in decks for page in _pages_of(db, deck)]
    return Timeline(decks, pages, _found(db, recording, pages), _correction_of(db, recording, decks))


def cut_deck_of(db: Db, recording: Recording) -> Deck | None:
    """The pages that were cut from the recording's own picture. They are out when the recording is."""
    return db.scalar(select(Deck).where(Deck.recording_id == recording.id, Deck.retracted_at.is_(None)))


def correct(
    db: Db, by: Person, recording: Recording, placed: Sequence[Placing], *, version: UUID | None
) -> TimelineCorrection:
    """Put a person's timeline in place of what is shown, whole.

    `version` is the id of the correction that the person started from, none for what was found. Raises
    `TimelineChanged` when another one stands there by now, `CueOutside`, `CuesOutOfOrder`, `PageUnknown` or `NoPages`.
    """
    timeline = _hold(db, recording, version)
    if not timeline.decks:
        raise NoPages
    marks = _weigh(placed, [*timeline.found, *timeline.cues])
    _demand_sound(marks, timeline, recording.duration_seconds)
    made = TimelineCorrection(
        recording_id=recording.id,
        deck_id=timeline.decks[0].id,
        cues=[asdict(mark) | {"deck_id": str(mark.deck_id)} for mark in marks],
        corrected_by=by.id,
        corrected_at=clock.now(),
    )
    _remove(db, timeline.correction)
    db.add(made)
    db.flush()
    counts = {"cues": len(marks), "by_hand": sum(mark.by_hand for mark in marks), "before": len(timeline.cues)}
    audit.note(db, by, "timeline.corrected", "recording", recording.id, **counts)
    return made


def go_back(db: Db, by: Person, recording: Recording, *, version: UUID | None) -> None:
    """Show again what the machine found last. Raises `TimelineChanged` as `correct` does."""
    timeline = _hold(db, recording, version)
    if timeline.correction is None:
        return
    counts = {"cues": len(timeline.found), "before": len(timeline.cues)}
    _remove(db, timeline.correction)
    audit.note(db, by, "timeline.uncorrected", "recording", recording.id, **counts)


def _hold(db: Db, recording: Recording, version: UUID | None) -> Timeline:
    """The timeline as the person knew it, kept from others until this transaction ends."""
    db.refresh(recording, with_for_update={"key_share": True})
    timeline = read(db, recording, published=False)
    if (timeline.correction.id if timeline.correction else None) != version:
        raise TimelineChanged
    return timeline


def _remove(db: Db, correction: TimelineCorrection | None) -> None:
    if correction is not None:
        db.delete(correction)
        db.flush()


def _weigh(placed: Sequence[Placing], known: Sequence[Mark]) -> list[Mark]:
    """The placings with their confidence: what was only taken over from the machine is as sure as it was."""
    sure = {(mark.at_seconds, mark.deck_id, mark.page): mark for mark in known if not mark.by_hand}
    marks = []
    for each in placed:
        at = round(each.at_seconds, DECIMALS)
        same = None if each.by_hand else sure.get((at, each.deck_id, each.page))
        marks.append(same or Mark(at, each.deck_id, each.page))
    return marks


def _demand_sound(marks: Sequence[Mark], timeline: Timeline, duration_seconds: float) -> None:
    known = {(page.deck_id, page.position) for page in timeline.pages}
    for mark in marks:
        if not 0 <= mark.at_seconds <= duration_seconds:
            raise CueOutside(at_seconds=mark.at_seconds, duration_seconds=round(duration_seconds, 1))
        if (mark.deck_id, mark.page) not in known:
            raise PageUnknown(at_seconds=mark.at_seconds)
    for before, after in pairwise(marks):
        if after.at_seconds <= before.at_seconds:
            raise CuesOutOfOrder(at_seconds=after.at_seconds)


def _pages_of(db: Db, deck: Deck) -> Sequence[SlidePage]:
    return db.scalars(select(SlidePage).where(SlidePage.deck_id == deck.id).order_by(SlidePage.position)).all()


def _found(db: Db, recording: Recording, pages: Sequence[SlidePage]) -> list[Mark]:
    """The machine's cues of these pages in order of time; of two at the same moment, the surer one."""
    known = {(page.deck_id, page.position) for page in pages}
    cues = db.scalars(
        select(SlideCue)
        .where(SlideCue.recording_id == recording.id, SlideCue.deck_id.in_({page.deck_id for page in pages}))
        .order_by(SlideCue.at_seconds, SlideCue.confidence)
    )
    marks = [
        Mark(round(cue.at_seconds, DECIMALS), cue.deck_id, cue.page, False, cue.confidence)
        for cue in cues
        if (cue.deck_id, cue.page) in known
    ]
    return list({mark.at_seconds: mark for mark in marks}.values())


def _correction_of(db: Db, recording: Recording, decks: Sequence[Deck]) -> TimelineCorrection | None:
    if not decks:
        return None
    return db.scalar(
        select(TimelineCorrection).where(
            TimelineCorrection.recording_id == recording.id, TimelineCorrection.deck_id == decks[0].id
        )
    )


def _mark(kept: dict[str, object]) -> Mark:
    return Mark(**(kept | {"deck_id": UUID(str(kept["deck_id"]))}))  # type: ignore[arg-type]  # Written by `correct`.
