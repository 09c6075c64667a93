"""Participation by unit: how many were expected, how many took part, and how."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, case, cast, false, func, literal, or_, select

from sessions import lineage, tallies, units
from sessions.db import Db
from sessions.errors import Language
from sessions.listing import page_of
from sessions.models import AttendanceCredit, ConferenceSession, CreditState, Expected, ParticipationTally, Person, Unit

#: The share of members that is usually asked of a unit (DESIGN.md, section 1).
TARGET = 0.97

_HEADS: dict[Language, list[str]] = {
    "vi": [
        "Đơn vị",
        "Triệu tập",
        "Được miễn",
        "Trực tiếp",
        "Xem lại",
        "Xem lại theo nhóm",
        "Kết hợp",
        "Cán bộ công nhận",
        "Đã tham gia",
        "Tỷ lệ (%)",
    ],
    "en": [
        "Unit",
        "Summoned",
        "Exempt",
        "Live",
        "Replay",
        "Group replay",
        "Mixed",
        "By decision",
        "Took part",
        "Rate (%)",
    ],
}


@dataclass(frozen=True)
class Counts:
    """People of one unit and what is below it; the five ways of taking part add up to `credited`.

    Whoever was let off afterwards, by a decision, counts as exempt and not as having taken part.
    """

    expected: int
    exempt: int
    live: int
    replay: int
    group: int
    mixed: int
    decided: int

    @property
    def credited(self) -> int:
        return self.live + self.replay + self.group + self.mixed + self.decided

    @property
    def rate(self) -> float | None:
        """Share of those who had to come and did take part, at most 1; none when nobody had to.

        Whoever was exempt and took part all the same counts among those who took part.
        """
        due = self.expected - self.exempt
        return min(1.0, self.credited / due) if due else None


@dataclass(frozen=True)
class Row:
    unit: Unit
    counts: Counts
    has_children: bool


def participation(db: Db, session: ConferenceSession, top: Unit) -> tuple[list[Row], Counts]:
    """One row for each unit just below `top` that had anyone expected, one for `top`'s own people, and the total.

    The tree is that of the conference's own day: of a unit that has come since, the rows are those it was made of.
    """
    figures = _figures_below(session, lineage.as_of(db, top, session.tree_date), top).subquery()
    counts = [figures.c[name] for name in tallies.COLUMNS]
    found = db.execute(select(Unit, figures.c.deeper, *counts).join(figures, figures.c.unit_id == Unit.id)).all()
    rows = [Row(unit, Counts(*map(int, figures)), deeper and unit.id != top.id) for unit, deeper, *figures in found]
    rows.sort(key=lambda row: (row.unit.id != top.id, row.unit.sort_key))
    return rows, _sum(row.counts for row in rows)


def to_csv(rows: Sequence[Row], total: Counts, language: Language = "vi") -> str:
    """The table as CSV with a byte-order mark, which is what the offices' spreadsheet needs to read Vietnamese."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    table = csv.writer(out)
    table.writerow(_HEADS[language])
    for row in rows:
        table.writerow([_harmless(row.unit.name), *_figures(row.counts)])
    table.writerow(["Total" if language == "en" else "Tổng cộng", *_figures(total)])
    return out.getvalue()


def people_of(
    db: Db, session: ConferenceSession, unit: Unit, *, credited: bool | None, offset: int, limit: int
) -> tuple[Sequence[tuple[Person, Unit, AttendanceCredit | None]], int]:
    """The summoned people of a unit and below, in Vietnamese order, and how many there are.

    Each with the unit that they were summoned in, and the credit if they have one.
    """
    summoned = (
        select(Expected.person_id, Expected.unit_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .where(Expected.session_id == session.id, lineage.below(db, unit, session.tree_date))
        .distinct()
        .subquery()
    )
    rows = (
        select(Person, Unit, AttendanceCredit)
        .join(summoned, summoned.c.person_id == Person.id)
        .join(Unit, Unit.id == summoned.c.unit_id)
        .outerjoin(
            AttendanceCredit,
            (AttendanceCredit.person_id == Person.id)
            & (AttendanceCredit.session_id == session.id)
            & (AttendanceCredit.state == CreditState.GRANTED),
        )
    )
    if credited is not None:
        rows = rows.where(AttendanceCredit.id.is_not(None) if credited else AttendanceCredit.id.is_(None))
    return page_of(db, rows.order_by(Person.sort_key, Person.id), offset, limit)


def _figures_below(session: ConferenceSession, tops: Sequence[Unit], top: Unit) -> Select[Any]:
    """What the lines of the tally sheet add up to, by the unit just below `top` that they lie in, or `top` itself.

    Of other tops than that, by each of these.
    """
    line = ParticipationTally
    branch: ColumnElement[Any] = case(*((units.is_below(each), str(each.id)) for each in tops))
    depth: ColumnElement[int] = case(*((units.is_below(each), each.depth) for each in tops))
    if list(tops) == [top]:
        below = func.split_part(Unit.path, "/", top.depth + 2)
        branch, depth = func.coalesce(func.nullif(below, ""), literal(str(top.id))), literal(top.depth + 1)
    sums = [func.sum(getattr(line, name)).label(name) for name in tallies.COLUMNS]
    return (
        select(cast(branch, Uuid).label("unit_id"), func.bool_or(Unit.depth > depth).label("deeper"), *sums)
        .join(Unit, Unit.id == line.unit_id)
        .where(line.session_id == session.id, or_(false(), *(units.is_below(each) for each in tops)))
        .group_by(branch)
        .having(func.sum(line.expected) > 0)
    )


def _sum(counts: Iterable[Counts]) -> Counts:
    figures = [astuple(each) for each in counts] or [(0,) * len(tallies.COLUMNS)]
    return Counts(*(sum(column) for column in zip(*figures, strict=True)))


def _figures(counts: Counts) -> list[str | int]:
    rate = "" if counts.rate is None else f"{100 * counts.rate:.1f}".replace(".", ",")
    return [*astuple(counts), counts.credited, rate]


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet reads as text, though it may begin like a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
