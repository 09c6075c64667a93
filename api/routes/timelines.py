"""Correcting when which slide is on the screen: the timeline as it stands, what helps to judge it, and saving it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.deps import DbDep, Staff
from api.routes.viewings import Source, answer_with_file
from api.schemas import Named, Row
from archive import replay, timelines
from archive.models import Recording, RenditionKind
from archive.timelines import Timeline
from sessions.db import Db
from sessions.intervals import Interval
from sessions.models import ConferenceSession, Person

router = APIRouter(tags=["timelines"])

#: Far more than pages are ever shown in one recording.
MOST_CUES = 5_000

#: At this confidence a page fitted the picture badly, or another one as well, for half of its turn (`ingest.timeline`).
DOUBTFUL_BELOW = 0.5

#: A page's time is found within this many seconds of the change of the picture (`ingest.timeline.match`).
FOUND_WITHIN_SECONDS = 0.2

Position = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
PageNumber = Annotated[int, Field(ge=1, le=100_000)]


class CueIn(Row):
    """From this second on, this page. `by_hand`: a person set it or checked it."""

    at_seconds: Position
    deck_id: UUID
    page: PageNumber
    by_hand: bool


class CueView(CueIn):
    confidence: float


class TimelinePage(BaseModel):
    """`cut`: it is in no uploaded deck, and was cut from the recording's own picture."""

    deck_id: UUID
    page: int
    cut: bool
    url: str
    thumb_url: str
    width: int
    height: int
    text: str


class CorrectionView(BaseModel):
    """Who corrected it last; `version` names that state."""

    version: UUID
    by: Named
    at: datetime


class TimelineView(BaseModel):
    """The timeline that is shown, the one that was found, and what a person needs to compare them with the recording.

    `snap_seconds` are moments at which the picture changed; `moving` are stretches with a moving picture.
    """

    recording_id: UUID
    session_id: UUID
    title: str
    duration_seconds: float
    published_at: datetime | None
    correction: CorrectionView | None
    cues: list[CueView]
    found: list[CueView]
    doubtful_below: float
    pages: list[TimelinePage]
    snap_seconds: list[float]
    moving: list[Interval]
    speech: list[Source]


class TimelineIn(BaseModel):
    """`version`: the correction that was started from, if any. Without `cues`, what was found is shown again."""

    version: UUID | None
    cues: Annotated[list[CueIn], Field(max_length=MOST_CUES)] | None


def get_correctable(db: DbDep, person: Staff, recording_id: UUID) -> Recording:
    """A recording that the person may release, published or not."""
    return timelines.find_correctable(db, person, recording_id)


CorrectableDep = Annotated[Recording, Depends(get_correctable)]


@router.get("/recordings/{recording_id}/timeline")
def read_timeline(db: DbDep, request: Request, recording: CorrectableDep) -> TimelineView:
    """When which page is shown, for those who may release the recording; also before it is out."""
    return _view(db, recording, f"{request.url.path.removesuffix('/timeline')}/preview")


@router.put("/recordings/{recording_id}/timeline")
def write_timeline(
    db: DbDep, person: Staff, request: Request, recording: CorrectableDep, body: TimelineIn
) -> TimelineView:
    """Put a corrected timeline in place of what is shown, unless somebody else did so in the meantime."""
    if body.cues is None:
        timelines.go_back(db, person, recording, version=body.version)
    else:
        placed = [timelines.Placing(**cue.model_dump()) for cue in body.cues]
        timelines.correct(db, person, recording, placed, version=body.version)
    return _view(db, recording, f"{request.url.path.removesuffix('/timeline')}/preview")


@router.get("/recordings/{recording_id}/preview/{path:path}", response_class=Response)
def fetch_preview(db: DbDep, recording: CorrectableDep, path: str) -> Response:
    """One file of the recording or of its pages, in ranges where asked, before it is out as well as after."""
    return answer_with_file(replay.file_key(db, recording, path, published=False), path)


def _view(db: Db, recording: Recording, preview: str) -> TimelineView:
    timeline = timelines.read(db, recording, published=False)
    content = recording.content or {}
    renditions = replay.renditions_of(db, [recording.id]).get(recording.id, [])
    return TimelineView(
        recording_id=recording.id,
        session_id=recording.session_id,
        title=db.get_one(ConferenceSession, recording.session_id).title,
        duration_seconds=recording.duration_seconds,
        published_at=recording.published_at,
        correction=_correction(db, timeline),
        cues=[CueView.model_validate(cue) for cue in timeline.cues],
        found=[CueView.model_validate(cue) for cue in timeline.found],
        doubtful_below=DOUBTFUL_BELOW,
        pages=[_page(replay.slide_of(timeline, page), preview) for page in timeline.pages],
        snap_seconds=_moments([cue.at_seconds for cue in timeline.found], content.get("cuts", [])),
        moving=[
            (section["start_seconds"], section["end_seconds"])
            for section in content.get("sections", [])
            if section["motion"] == "moving"
        ],
        speech=[
            Source(url=f"{preview}/{each.entry}", media_type=each.media_type, bytes=each.bytes, bit_rate=each.bit_rate)
            for each in renditions
            if each.kind is RenditionKind.SPEECH
        ],
    )


def _moments(found: Sequence[float], cuts: Sequence[float]) -> list[float]:
    """When the picture changed, in seconds; a cut that is the change to a page that was found is not told twice."""
    others = [cut for cut in cuts if all(abs(cut - at) > FOUND_WITHIN_SECONDS for at in found)]
    return sorted({*found, *others})


def _correction(db: Db, timeline: Timeline) -> CorrectionView | None:
    made = timeline.correction
    if made is None:
        return None
    by = Named.model_validate(db.get_one(Person, made.corrected_by))
    return CorrectionView(version=made.id, by=by, at=made.corrected_at)


def _page(slide: replay.Slide, preview: str) -> TimelinePage:
    return TimelinePage(
        deck_id=slide.page.deck_id,
        page=slide.page.position,
        cut=slide.folder == replay.CUT,
        url=f"{preview}/{slide.path}",
        thumb_url=f"{preview}/{slide.thumbnail_path}",
        width=slide.page.width,
        height=slide.page.height,
        text=slide.page.text,
    )
