"""How many are expected, exempt and credited, unit by unit: read from a tally sheet, proved from the rows.

A country's report would otherwise count millions of rows each time it is looked at. The lines are written by triggers
of the database (deploy/decisions/0013-a-tally-sheet-for-reports.md); here they are folded and verified.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, false, func, insert, or_, select, true, tuple_

from sessions.db import Db
from sessions.models import AttendanceCredit, Basis, CreditState, Expected, ParticipationTally

#: What is counted.
COLUMNS = ("expected", "exempt", "live", "replay", "grouped", "mixed", "decided")
#: The ways of taking part, in the order of the columns.
_WAYS = (Basis.LIVE, Basis.REPLAY, Basis.GROUP, Basis.MIXED, Basis.DECISION)
#: Any number, the same for everybody: only one folds at a time.
_FOLD_LOCK = 0x7A11


@dataclass(frozen=True)
class TallyReport:
    """`wrong` names conference and unit whose lines don't add up to what the rows say."""

    checked: int
    wrong: list[tuple[UUID, UUID]]


def fold(db: Db, limit: int = 50_000) -> int:
    """Make one line of all lines of each unit that has new ones, of the `limit` oldest; gives how many lines that made.

    The sums stay what they are at every moment: the lines go, and their sum comes, in one statement.
    """
    if not db.scalar(select(func.pg_try_advisory_xact_lock(_FOLD_LOCK))):
        return 0
    line, unit = ParticipationTally, (ParticipationTally.session_id, ParticipationTally.unit_id)
    single = select(*unit).where(~line.folded).order_by(line.id).limit(limit)
    gone = delete(line).where(tuple_(*unit).in_(single)).returning(line).cte("gone")
    sums = [func.sum(gone.c[name]) for name in COLUMNS]
    summed = select(gone.c.session_id, gone.c.unit_id, *sums, true()).group_by(gone.c.session_id, gone.c.unit_id)
    adding = insert(line).from_select(["session_id", "unit_id", *COLUMNS, "folded"], summed).returning(line.id)
    return len(db.scalars(adding).all())


def verify(db: Db) -> TallyReport:
    """Count the summons and the credits anew, and compare unit by unit with what the lines say."""
    line = ParticipationTally
    sums = [func.sum(getattr(line, name)) for name in COLUMNS]
    kept = _by_unit(db, select(line.session_id, line.unit_id, *sums).group_by(line.session_id, line.unit_id))
    true_ = _by_unit(db, _counted_anew())
    none = (0,) * len(COLUMNS)
    wrong = [unit for unit in kept | true_ if kept.get(unit, none) != true_.get(unit, none)]
    return TallyReport(len(true_), sorted(wrong))


def _by_unit(db: Db, statement: Select[Any]) -> dict[tuple[UUID, UUID], tuple[int, ...]]:
    return {(row[0], row[1]): tuple(map(int, row[2:])) for row in db.execute(statement)}


def _counted_anew() -> Select[Any]:
    """Conference, unit, and the counts of its people, each counted once however many parts there are."""
    granted = (AttendanceCredit.state == CreditState.GRANTED) & (AttendanceCredit.session_id == Expected.session_id)
    people = (
        select(
            Expected.session_id,
            Expected.unit_id,
            func.bool_and(Expected.exempt_reason.is_not(None)).label("exempt"),
            AttendanceCredit.basis,
        )
        .outerjoin(AttendanceCredit, granted & (AttendanceCredit.person_id == Expected.person_id))
        .group_by(Expected.session_id, Expected.unit_id, Expected.person_id, AttendanceCredit.basis)
        .subquery()
    )
    let_off = or_(people.c.exempt, func.coalesce(people.c.basis == Basis.WAIVED, false()))
    counts: list[ColumnElement[int]] = [func.count(), func.count().filter(let_off)]
    counts += [func.count().filter(people.c.basis == way) for way in _WAYS]
    return select(people.c.session_id, people.c.unit_id, *counts).group_by(people.c.session_id, people.c.unit_id)
