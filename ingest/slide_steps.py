"""The steps that make the slides of a replay: draw a deck, find when each page is shown, cut out what no deck has."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from archive import catalogue, timelines
from archive.models import Deck, Recording, SlidePage
from archive.storage import storage
from ingest import jobs, ocr, slides, timeline, timeline_pages
from ingest.content import Content
from ingest.importing import placing
from ingest.jobs import Claim, Planned
from ingest.models import IngestJob, JobState, StepKind
from ingest.picture_steps import plan_extraction
from ingest.probe import MediaFacts
from ingest.timeline import Cue
from ingest.timeline_pages import Extracted
from ingest.work import Outcome, Pulse, nothing, part, recording_of
from sessions import clock
from sessions.db import Db, transaction
from sessions.names import search_key

#: Seconds of machine time per second of recording, measured; only weights for progress and the forecast.
TIMELINE_COST, REFINE_COST = 0.015, 0.07

CUT_DECK_TITLE = "Trang cắt từ hình của bản ghi"


def draw(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Draw every page of a deck and read its text."""
    with transaction() as db:
        job = db.get_one(IngestJob, held.job_id)
        deck = db.get_one(Deck, job.deck_id)
    home = catalogue.folder_of(deck)
    with storage().local_path(deck.source_key) as source:
        pages = slides.render(source, folder, on_page=lambda done, of: pulse(done / of))
    for page in pages:
        for path in (page.file, page.thumb_file):
            storage().put(f"{home}/{path.name}", path)

    def write(db: Db, _job: IngestJob) -> None:
        rows = [
            SlidePage(
                deck_id=deck.id,
                position=page.position,
                picture=page.file.name,
                thumbnail=page.thumb_file.name,
                width=page.width,
                height=page.height,
                bytes=page.bytes,
                text=page.text,
                search_key=search_key(page.text),
            )
            for page in pages
        ]
        catalogue.keep_pages(db, deck, rows)
        placing.place_deck(db, deck)
        for recording_job, recording in _recordings_beside(db, deck):
            plan_timeline(db, recording_job, recording)

    return write


def place(held: Claim, _folder: Path, pulse: Pulse) -> Outcome:
    """Find roughly when which page of the deck is on the recording's screen, so that a replay can start."""

    def find(source: Path, facts: MediaFacts, pages: list[Path], _rough: list[Cue]) -> list[Cue]:
        return timeline.match_roughly(source, facts, pages, pulse)

    return _match(held, find, _plan_refinement)


def refine(held: Claim, _folder: Path, pulse: Pulse) -> Outcome:
    """Find the same to a fraction of a second, looking at every stretch of the picture."""

    def find(source: Path, facts: MediaFacts, pages: list[Path], rough: list[Cue]) -> list[Cue]:
        return timeline.match(source, facts, pages, pulse, rough)

    return _match(held, find, plan_extraction)


def _match(
    held: Claim,
    find: Callable[[Path, MediaFacts, list[Path], list[Cue]], list[Cue]],
    plan_next: Callable[[Db, IngestJob, Recording], None],
) -> Outcome:
    """Keep when `find` sees which page, given the recording, its deck's pages and what was found before."""
    recording = recording_of(held)
    deck, pages = _deck_and_pages(recording)
    if deck is None:
        return nothing
    with ExitStack() as stack:
        files = [stack.enter_context(storage().local_path(page)) for page in pages]
        source = stack.enter_context(storage().local_path(recording.played_key))
        cues = find(source, MediaFacts.from_json(recording.facts), files, _cues_of(recording, deck))

    def write(db: Db, job: IngestJob) -> None:
        _keep(db, recording, deck, cues)
        plan_next(db, job, recording)

    return write


def _plan_refinement(db: Db, job: IngestJob, recording: Recording) -> None:
    jobs.add_steps(db, job, [Planned(StepKind.REFINE, 0, 1 + REFINE_COST * recording.duration_seconds)])


def extract(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Cut pages that no deck holds from the recording's own picture, with their text where it can be read."""
    recording = recording_of(held)
    deck, _ = _deck_and_pages(recording)
    known = _cues_of(recording, deck) if deck else []
    content = Content.from_json(recording.content) if recording.content else None
    with storage().local_path(recording.played_key) as source:
        facts = MediaFacts.from_json(recording.facts)
        found = timeline_pages.extract_pages(source, facts, content, known, folder, part(pulse, 0, 0.9))
    texts, sizes = [], [each.file.stat().st_size for each in found]
    for each in found:
        texts.append(ocr.read_text(each.file) or "")
        pulse(0.9 + 0.1 * len(texts) / len(found))
    cut = _cut_deck_of(recording)
    for each in found:
        for path in (each.file, each.thumb_file):
            storage().put(f"{catalogue.folder_of(cut)}/{path.name}", path)

    def write(db: Db, _job: IngestJob) -> None:
        kept = db.merge(cut)
        pages = zip(found, texts, sizes, strict=True)
        catalogue.keep_pages(db, kept, [_page_of(kept, number, *page) for number, page in enumerate(pages, 1)])
        cues = [catalogue.Cue(number, each.at_seconds, 1.0) for number, each in enumerate(found, 1)]
        catalogue.keep_timeline(db, recording.id, kept.id, cues)

    return write


def plan_timeline(db: Db, job: IngestJob, recording: Recording) -> None:
    """Have the deck looked for in the recording's picture, again if that was done with another deck.

    Where the system that recorded it told the times, they are better than any that a picture could give.
    """
    if placing.knows_times(db, recording):
        return
    jobs.add_steps(db, job, [Planned(StepKind.TIMELINE, 0, 1 + TIMELINE_COST * recording.duration_seconds)])


def _deck_and_pages(recording: Recording) -> tuple[Deck | None, list[str]]:
    """The recording's deck, if there is one, and where the pictures of its pages are kept, in their order."""
    with transaction() as db:
        deck = catalogue.deck_for(db, recording, published=False)
        if deck is None:
            return None, []
        names = select(SlidePage.picture).where(SlidePage.deck_id == deck.id).order_by(SlidePage.position)
        return deck, [f"{catalogue.folder_of(deck)}/{name}" for name in db.scalars(names)]


def _cues_of(recording: Recording, deck: Deck) -> list[Cue]:
    with transaction() as db:
        return [Cue(cue.page, cue.at_seconds, cue.confidence) for cue in catalogue.cues_of(db, recording.id, deck.id)]


def _keep(db: Db, recording: Recording, deck: Deck, cues: list[Cue]) -> None:
    found = [catalogue.Cue(cue.page, cue.at_seconds, cue.confidence) for cue in cues]
    catalogue.keep_timeline(db, recording.id, deck.id, found)


def _cut_deck_of(recording: Recording) -> Deck:
    """The deck of pages that were cut from the recording before, or one yet to be kept."""
    with transaction() as db:
        kept = timelines.cut_deck_of(db, recording)
    return kept or Deck(
        id=uuid4(),
        session_id=recording.session_id,
        part_id=recording.part_id,
        recording_id=recording.id,
        title=CUT_DECK_TITLE,
        source_sha256=recording.source_sha256,
        source_key=recording.source_key,
        created_at=clock.now(),
    )


def _page_of(deck: Deck, position: int, cut: Extracted, text: str, size: int) -> SlidePage:
    return SlidePage(
        deck_id=deck.id,
        position=position,
        picture=cut.file.name,
        thumbnail=cut.thumb_file.name,
        width=cut.width,
        height=cut.height,
        bytes=size,
        text=text,
        search_key=search_key(text),
    )


def _recordings_beside(db: Db, deck: Deck) -> list[tuple[IngestJob, Recording]]:
    """The recordings, with their jobs, whose pictures this deck may be seen in."""
    alive = IngestJob.state.not_in([JobState.REFUSED, JobState.FAILED, JobState.CANCELLED, JobState.RETRACTED])
    statement = (
        select(IngestJob, Recording)
        .join(Recording, Recording.id == IngestJob.recording_id)
        .where(Recording.session_id == deck.session_id, alive)
    )
    if deck.part_id:
        statement = statement.where(Recording.part_id == deck.part_id)
    return [(job, recording) for job, recording in db.execute(statement) if recording.facts.get("video")]
