"""The watch log held against itself: what is kept for reading is what the rows say, and no second counts twice.

`viewings_of` shows one person's viewings as evidence; `verify` proves everybody's, for `diemcau verify`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from uuid import UUID

from sqlalchemy import Select, func, select

from archive import axis
from archive.axis import pairs
from archive.coverage import Piece
from archive.models import Beat, PresencePrompt, PromptState, Recording, Viewing, WatchCoverage
from sessions.db import Db
from sessions.intervals import Interval, total, union
from sessions.models import CreditPolicy

_NEVER = datetime.max.replace(tzinfo=UTC)


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
    """Prove from the rows alone what every viewing and every coverage hold, for everybody.

    Beyond that: no person's viewings are active at once, no answer counts that was wrong or late, and nobody was
    credited with more content than the hours in which they were heard could hold at the fastest rate (DESIGN.md,
    section 6).
    """
    wrong: list[UUID] = []
    for person_id, mine in groupby(db.scalars(_by_person()).all(), key=lambda kept: kept.person_id):
        pieces: list[Piece] = []
        for kept in mine:
            recording = db.get_one(Recording, kept.recording_id)
            watched = axis.read(db, person_id, recording, kept.seed)
            wrong += axis.differences(watched, kept)
            wrong += [prompt.id for prompt in watched.prompts if _is_unearned(prompt)]
            pieces += watched.pieces
        if _beyond_hours(pieces, _fastest(db)):
            wrong.append(person_id)
    viewings = db.scalars(select(Viewing)).all()
    wrong += [viewing.id for viewing in _overlapping(viewings) if viewing.id not in wrong]
    return Proof(len(viewings), wrong)


def _by_person() -> Select[WatchCoverage]:
    return select(WatchCoverage).order_by(WatchCoverage.person_id, WatchCoverage.recording_id)


def _is_unearned(prompt: PresencePrompt) -> bool:
    """Whether a question counts as answered that was not, or not in time."""
    if prompt.state is not PromptState.ANSWERED:
        return False
    in_time = prompt.settled_at is not None and prompt.due_at is not None and prompt.settled_at <= prompt.due_at
    return not in_time or prompt.given is None or prompt.given != prompt.answer


def _beyond_hours(pieces: Sequence[Piece], max_rate: float) -> bool:
    """Whether the content is more than the time on the calendar, each second of it taken once, could hold."""
    told = sum(end - start for piece in pieces for start, end in piece.content)
    hours = total(union((piece.started_at.timestamp(), piece.ended_at.timestamp()) for piece in pieces))
    # Times on the calendar are kept to the millisecond here, at both ends of each beat.
    return told > (hours + 0.002 * len(pieces)) * max_rate


def _fastest(db: Db) -> float:
    """The fastest rate that any policy ever allowed."""
    return db.scalar(select(func.max(CreditPolicy.max_rate))) or 1.0


def _overlapping(viewings: Iterable[Viewing]) -> list[Viewing]:
    """Those that had not ended when the person's next one was opened."""
    found: list[Viewing] = []
    # Of two that were opened at one moment, the one that lasted is the later.
    in_order = sorted(viewings, key=lambda each: (each.person_id, each.opened_at, each.ended_at or _NEVER))
    for viewing, following in pairwise(in_order):
        same_person = viewing.person_id == following.person_id
        if same_person and (viewing.ended_at is None or viewing.ended_at > following.opened_at):
            found.append(viewing)
    return found
