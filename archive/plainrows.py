"""The rows that plain beats read and write, as plain values, and the statements that do so for many people at once.

A mapped object costs more than all that is done with it here: what is read comes as tuples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, insert, select, update
from sqlalchemy.sql.selectable import TableValuedAlias

from archive.models import Beat, PresencePrompt, PromptState, Recording, Viewing, WatchCoverage
from sessions import clock
from sessions.db import Db, among_given
from sessions.models import CreditPolicy
from sessions.rows import as_rows, given


@dataclass
class ViewingRow:
    """What of a `Viewing` a beat goes on from, and moves."""

    id: UUID
    person_id: UUID
    opened_at: datetime
    ended_at: datetime | None
    covered: list[Any]
    last_seq: int
    clock_end: float
    beyond_beats: int


@dataclass
class CoverageRow:
    """What of a `WatchCoverage` a beat goes on from, and moves."""

    person_id: UUID
    recording_id: UUID
    seed: str
    covered: list[Any]
    covered_seconds: float
    waiting: list[Any]
    tail: dict[str, Any]
    resume_at_seconds: float
    last_watched_at: datetime


@dataclass(frozen=True)
class PolicyRow:
    """What of a `CreditPolicy` a beat is taken by, and the conference whose policy it is."""

    session_id: UUID
    coverage_required: float
    prompts_required: float
    prompt_gap_seconds: float
    max_rate: float
    hidden_counts: bool


@dataclass(frozen=True)
class QuestionRow:
    """What of an open `PresencePrompt` tells whether the person has it on the screen."""

    id: UUID
    shown_at: datetime | None
    sent_after_seq: int | None


_VIEWING = (
    Viewing.id,
    Viewing.person_id,
    Viewing.opened_at,
    Viewing.ended_at,
    Viewing.covered,
    Viewing.last_seq,
    Viewing.clock_end,
    Viewing.beyond_beats,
)
_COVERAGE = (
    WatchCoverage.person_id,
    WatchCoverage.recording_id,
    WatchCoverage.seed,
    WatchCoverage.covered,
    WatchCoverage.covered_seconds,
    WatchCoverage.waiting,
    WatchCoverage.tail,
    WatchCoverage.resume_at_seconds,
    WatchCoverage.last_watched_at,
)
_POLICY = (
    CreditPolicy.session_id,
    CreditPolicy.coverage_required,
    CreditPolicy.prompts_required,
    CreditPolicy.prompt_gap_seconds,
    CreditPolicy.max_rate,
    CreditPolicy.hidden_counts,
)
_QUESTION = (PresencePrompt.id, PresencePrompt.shown_at, PresencePrompt.sent_after_seq)
_PENDING = (
    select(PresencePrompt.id)
    .where(PresencePrompt.person_id == Viewing.person_id, PresencePrompt.recording_id == Viewing.recording_id)
    .where(PresencePrompt.state.in_([PromptState.OPEN, PromptState.PLANNED]))
    .correlate(Viewing)
)
_READ = (
    select(*_VIEWING, *_COVERAGE, *_POLICY, *_QUESTION, Recording.duration_seconds, _PENDING.exists())
    .join(Recording, Recording.id == Viewing.recording_id)
    .join(
        WatchCoverage,
        and_(WatchCoverage.person_id == Viewing.person_id, WatchCoverage.recording_id == Viewing.recording_id),
    )
    .join(
        CreditPolicy,
        and_(CreditPolicy.session_id == Recording.session_id, CreditPolicy.version == Viewing.policy_version),
    )
    .outerjoin(
        PresencePrompt,
        and_(
            PresencePrompt.person_id == Viewing.person_id,
            PresencePrompt.recording_id == Viewing.recording_id,
            PresencePrompt.state == PromptState.OPEN,
            PresencePrompt.asked_in == Viewing.id,
            PresencePrompt.due_at >= bindparam("now"),
        ),
    )
    .where(among_given(Viewing.id, "viewing_ids"))
)
#: Where the values of each begin in a row.
_SECOND, _THIRD = len(_VIEWING), len(_VIEWING) + len(_COVERAGE)
_FOURTH = _THIRD + len(_POLICY)


@dataclass(frozen=True)
class Kept:
    """What is kept of a viewing; `length` in seconds.

    `question` is open in it, with time left; `is_asked`: that, or any other is open or will be in the next answer.
    """

    viewing: ViewingRow
    coverage: CoverageRow
    policy: PolicyRow
    question: QuestionRow | None
    length: float
    is_asked: bool


def read(db: Db, viewing_ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """What is kept of these viewings, each by its key; one that has no coverage yet is missing."""
    return {
        row[0]: Kept(
            ViewingRow(*row[:_SECOND]),
            CoverageRow(*row[_SECOND:_THIRD]),
            PolicyRow(*row[_THIRD:_FOURTH]),
            QuestionRow(*row[_FOURTH:-2]) if row[_FOURTH] else None,
            *row[-2:],
        )
        for row in db.execute(_READ, {"viewing_ids": list(viewing_ids), "now": clock.now()})
    }


_BEATS, _VIEWINGS, _COVERAGES = (cast(Table, model.__table__) for model in (Beat, Viewing, WatchCoverage))
_beat = given(
    _BEATS,
    "viewing_id",
    "seq",
    "span_start",
    "span_end",
    "played",
    "hidden_seconds",
    "muted_seconds",
    "received_at",
)
_ADD_BEATS = insert(_BEATS).from_select([each.name for each in _beat.c], select(_beat))
_viewing = given(_VIEWINGS, "id", "covered", "last_seq", "clock_end", "beyond_beats")
_MOVE_VIEWINGS = (
    update(_VIEWINGS)
    .where(_VIEWINGS.c.id == _viewing.c.id)
    .values({each.name: each for each in _viewing.c if each.name != "id"})
)
_coverage = given(
    _COVERAGES,
    "person_id",
    "recording_id",
    "covered",
    "covered_seconds",
    "waiting",
    "tail",
    "resume_at_seconds",
    "last_watched_at",
)
_MOVE_COVERAGES = (
    update(_COVERAGES)
    .where(_COVERAGES.c.person_id == _coverage.c.person_id, _COVERAGES.c.recording_id == _coverage.c.recording_id)
    .values({each.name: each for each in _coverage.c if each.name not in {"person_id", "recording_id"}})
)


def add_beats(db: Db, rows: Iterable[dict[str, Any]]) -> None:
    """Keep beats, columns of `Beat`. One that is there already is an error."""
    db.execute(_ADD_BEATS, as_rows(rows))


def move(db: Db, kept: Sequence[Kept]) -> None:
    """Write what beats have changed in these; whoever holds the mapped objects reads them anew."""
    db.execute(_MOVE_VIEWINGS, as_rows(_told(each.viewing, _viewing) for each in kept))
    db.execute(_MOVE_COVERAGES, as_rows(_told(each.coverage, _coverage) for each in kept))
    db.expire_all()


def note_arrivals(db: Db, question_ids: Sequence[UUID]) -> None:
    """Note that these questions came with the answer that they were put into."""
    if question_ids:
        arrived = update(PresencePrompt).where(PresencePrompt.id.in_(question_ids))
        db.execute(arrived.values(shown_at=PresencePrompt.sent_at).execution_options(synchronize_session=False))


def _told(row: ViewingRow | CoverageRow, wanted: TableValuedAlias) -> dict[str, Any]:
    values = vars(row)
    return {each.name: values[each.name] for each in wanted.c}
