"""The member's catalogue: what may be replayed, what was missed, and what each way to watch costs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import DbDep, LanguageDep, PageDep, Signed
from api.schemas import Page, ReasonView, Row, RungView
from archive import replay, watchlog, ways
from archive.axis import pairs
from sessions import attendance
from sessions.db import Db
from sessions.intervals import Interval, gaps, union

router = APIRouter(tags=["replay"])


class SessionBrief(BaseModel):
    id: UUID
    title: str
    starts_at: datetime
    cancelled_at: datetime | None


class PartBrief(BaseModel):
    id: UUID
    title: str


class Mode(Row):
    """One way to watch, with its cost; every rung of video is one of its own."""

    mode: Literal["slides", "video"]
    bytes: int
    bit_rate: int
    rung: RungView | None


class RecordingRow(BaseModel):
    id: UUID
    session: SessionBrief
    part: PartBrief | None
    title: str
    duration_seconds: float
    published_at: datetime | None
    replay_until: datetime
    covered_ratio: float
    missed: bool
    credited: bool
    modes: list[Mode]


class RecordingView(RecordingRow):
    covered: list[Interval]
    #: Played too, and counts once a presence question is answered.
    waiting: list[Interval]
    missing: list[Interval]
    pages: int
    reasons: list[ReasonView]


@router.get("/recordings")
def list_recordings(db: DbDep, person: Signed, page: PageDep, missed: bool | None = None) -> Page[RecordingRow]:
    """What the person may replay; `missed` narrows it to what they still owe, or to the rest."""
    lines, total = replay.catalogue_of(db, person, missed=missed, offset=page.offset, limit=page.limit)
    return Page(items=_rows(db, lines), total=total)


@router.get("/recordings/{recording_id}")
def read_recording(db: DbDep, person: Signed, language: LanguageDep, recording_id: UUID) -> RecordingView:
    """One recording with what the person has watched of it and what is still missing."""
    line = replay.find_line(db, person, recording_id)
    kept = watchlog.coverage_of(db, person.id, recording_id)
    covered, waiting = (pairs(kept.covered), pairs(kept.waiting)) if kept else ([], [])
    verdict = attendance.standing(db, person.id, line.session.id)
    slides = replay.slides_of(db, line.recording)
    return RecordingView(
        **_rows(db, [line])[0].model_dump(),
        covered=covered,
        waiting=waiting,
        missing=gaps(union([*covered, *waiting]), line.recording.duration_seconds),
        pages=len({(slide.page.deck_id, slide.page.position) for slide in slides}),
        reasons=ReasonView.all(verdict.reasons, language),
    )


def _rows(db: Db, lines: Sequence[replay.Line]) -> list[RecordingRow]:
    costs = ways.costs_of(db, [line.recording for line in lines])
    return [
        RecordingRow(
            id=line.recording.id,
            session=SessionBrief.model_validate(line.session, from_attributes=True),
            part=PartBrief.model_validate(line.part, from_attributes=True) if line.part else None,
            title=line.recording.title,
            duration_seconds=line.recording.duration_seconds,
            published_at=line.recording.published_at,
            replay_until=line.replay_until,
            covered_ratio=line.covered_ratio,
            missed=line.missed,
            credited=line.credited,
            modes=[Mode.model_validate(each) for each in costs[line.recording.id]],
        )
        for line in lines
    ]
