"""The rows that plain beats read and write, as plain values, and the statements that do so for many people at once.

A mapped object costs more than all that is done with it here, and a parameter of its own for each value of each row
more than the row: so what is read comes as tuples, and what is written goes as one value of JSON.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import DateTime, Float, Integer, Table, Uuid, and_, bindparam, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias

from archive.models import Beat, PresencePrompt, PromptState, Recording, Viewing, WatchCoverage
from sessions.db import Db, among_given
from sessions.models import CreditPolicy


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
_PENDING = (
    select(PresencePrompt.id)
    .where(PresencePrompt.person_id == Viewing.person_id, PresencePrompt.recording_id == Viewing.recording_id)
    .where(PresencePrompt.state.in_([PromptState.OPEN, PromptState.PLANNED]))
)
_READ = (
    select(*_VIEWING, *_COVERAGE, *_POLICY, Recording.duration_seconds, _PENDING.exists())
    .join(Recording, Recording.id == Viewing.recording_id)
    .join(
        WatchCoverage,
        and_(WatchCoverage.person_id == Viewing.person_id, WatchCoverage.recording_id == Viewing.recording_id),
    )
    .join(
        CreditPolicy,
        and_(CreditPolicy.session_id == Recording.session_id, CreditPolicy.version == Viewing.policy_version),
    )
    .where(among_given(Viewing.id, "viewing_ids"))
)
#: Where the values of the coverage begin in a row, and those of the policy.
_SECOND, _THIRD = len(_VIEWING), len(_VIEWING) + len(_COVERAGE)


@dataclass(frozen=True)
class Kept:
    """What is kept of a viewing; `length` in seconds. `is_asked`: a question is open, or will be in the next answer."""

    viewing: ViewingRow
    coverage: CoverageRow
    policy: PolicyRow
    length: float
    is_asked: bool


def read(db: Db, viewing_ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """What is kept of these viewings, each by its key; one that has no coverage yet is missing."""
    return {
        row[0]: Kept(
            ViewingRow(*row[:_SECOND]), CoverageRow(*row[_SECOND:_THIRD]), PolicyRow(*row[_THIRD:-2]), row[-2], row[-1]
        )
        for row in db.execute(_READ, {"viewing_ids": list(viewing_ids)})
    }


def _given(**types: Any) -> TableValuedAlias:
    """The rows that come as JSON, for one statement."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    return rows.table_valued(*(column(name, kind) for name, kind in types.items()), name="given").render_derived(
        with_types=True
    )


_MOMENT = DateTime(timezone=True)
_BEATS, _VIEWINGS, _COVERAGES = (cast(Table, model.__table__) for model in (Beat, Viewing, WatchCoverage))
_beat = _given(
    viewing_id=Uuid(),
    seq=Integer(),
    span_start=Float(),
    span_end=Float(),
    played=JSONB(),
    hidden_seconds=Float(),
    muted_seconds=Float(),
    received_at=_MOMENT,
)
_ADD_BEATS = insert(_BEATS).from_select([each.name for each in _beat.c], select(_beat))
_viewing = _given(id=Uuid(), covered=JSONB(), last_seq=Integer(), clock_end=Float(), beyond_beats=Integer())
_MOVE_VIEWINGS = (
    update(_VIEWINGS)
    .where(_VIEWINGS.c.id == _viewing.c.id)
    .values({each.name: each for each in _viewing.c if each.name != "id"})
)
_coverage = _given(
    person_id=Uuid(),
    recording_id=Uuid(),
    covered=JSONB(),
    covered_seconds=Float(),
    waiting=JSONB(),
    tail=JSONB(),
    resume_at_seconds=Float(),
    last_watched_at=_MOMENT,
)
_MOVE_COVERAGES = (
    update(_COVERAGES)
    .where(_COVERAGES.c.person_id == _coverage.c.person_id, _COVERAGES.c.recording_id == _coverage.c.recording_id)
    .values({each.name: each for each in _coverage.c if each.name not in {"person_id", "recording_id"}})
)


def add_beats(db: Db, rows: Iterable[dict[str, Any]]) -> None:
    """Keep beats, columns of `Beat`. One that is there already is an error."""
    db.execute(_ADD_BEATS, {"rows": [_as_json(row) for row in rows]})


def move(db: Db, kept: Sequence[Kept]) -> None:
    """Write what beats have changed in these; whoever holds the mapped objects reads them anew."""
    db.execute(_MOVE_VIEWINGS, {"rows": [_told(each.viewing, _viewing) for each in kept]})
    db.execute(_MOVE_COVERAGES, {"rows": [_told(each.coverage, _coverage) for each in kept]})
    db.expire_all()


def _told(row: ViewingRow | CoverageRow, given: TableValuedAlias) -> dict[str, Any]:
    values = vars(row)
    return _as_json({each.name: values[each.name] for each in given.c})


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, datetime) else value
