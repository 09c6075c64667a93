"""The watch log held against itself: what is kept for reading is what the rows say, and no second counts twice.

`viewings_of` shows one person's viewings as evidence; `verify` proves everybody's, for `diemcau verify`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from archive import axis
from archive.axis import pairs
from archive.models import Beat, Recording, Viewing, WatchCoverage
from sessions.db import Db
from sessions.intervals import Interval


@dataclass(frozen=True)
class Watching:
    """One viewing as evidence: when and on what it was, how many beats came, and what they prove was played."""

    id: UUID
    recording_id: UUID
    opened_at: datetime
    ended_at: datetime | None
    user_agent: str
    beats: int
    covered: list[Interval]


@dataclass(frozen=True)
class Proof:
    """How many viewings were computed anew, and which of them hold something else than their rows say."""

    checked: int
    wrong: list[UUID]


def viewings_of(db: Db, person_id: UUID, session_id: UUID) -> list[Watching]:
    """Every viewing of a conference's recordings by one person, oldest first."""
    beats = select(func.count()).where(Beat.viewing_id == Viewing.id).scalar_subquery()
    rows = db.execute(
        select(Viewing, beats)
        .join(Recording, Recording.id == Viewing.recording_id)
        .where(Viewing.person_id == person_id, Recording.session_id == session_id)
        .order_by(Viewing.opened_at)
    )
    return [
        Watching(
            viewing.id,
            viewing.recording_id,
            viewing.opened_at,
            viewing.ended_at,
            viewing.user_agent,
            count,
            pairs(viewing.covered),
        )
        for viewing, count in rows
    ]


def verify(db: Db) -> Proof:
    """Prove what every viewing and every coverage hold from the rows, and that no person's active times overlap."""
    wrong: list[UUID] = []
    for kept, recording in db.execute(
        select(WatchCoverage, Recording)
        .join(Recording, Recording.id == WatchCoverage.recording_id)
        .order_by(WatchCoverage.person_id, WatchCoverage.recording_id)
    ):
        wrong += axis.differences(db, kept, recording)
    viewings = db.scalars(select(Viewing).order_by(Viewing.opened_at.desc())).all()
    wrong += [viewing.id for viewing in _overlapping(viewings) if viewing.id not in wrong]
    return Proof(len(viewings), wrong)


def _overlapping(viewings: Sequence[Viewing]) -> list[Viewing]:
    """Those that had not ended when the person's next one was opened."""
    found, later = [], dict[UUID, Viewing]()
    for viewing in viewings:
        following = later.get(viewing.person_id)
        if following is not None and (viewing.ended_at is None or viewing.ended_at > following.opened_at):
            found.append(viewing)
        later[viewing.person_id] = viewing
    return found
