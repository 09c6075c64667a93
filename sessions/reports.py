"""Participation by unit: how many were expected, how many took part, and how."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import aliased

from sessions import units
from sessions.db import Db
from sessions.errors import Language
from sessions.listing import page_of
from sessions.models import AttendanceCredit, Basis, ConferenceSession, CreditState, Expected, Person, Unit

#: The share of members that is usually asked of a unit (DESIGN.md, section 1).
TARGET = 0.97

#: In the order of `Counts`.
_WAYS = (Basis.LIVE, Basis.REPLAY, Basis.GROUP, Basis.MIXED, Basis.DECISION)

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

    The tree is that of the conference's own day.
    """
    people = _people(session, top).subquery()
    branch = aliased(Unit)
    just_below = (branch.parent_id == top.id) & people.c.path.startswith(branch.path)
    counted = db.execute(
        select(branch.id, *_counts(people.c)).select_from(people.outerjoin(branch, just_below)).group_by(branch.id)
    )
    # Whoever belongs to no branch belongs to the top itself.
    found = {unit_id or top.id: Counts(*figures) for unit_id, *figures in counted}
    places = units.places_of(db, db.scalars(select(Unit).where(Unit.id.in_(found))).all(), session.tree_date)
    places.sort(key=lambda place: (place.unit.id != top.id, place.unit.sort_key))
    rows = [Row(place.unit, found[place.unit.id], place.unit.id != top.id and place.children > 0) for place in places]
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
        .where(Expected.session_id == session.id, Unit.path.startswith(unit.path))
        .distinct()
        .subquery()
    )
    rows = (
        select(Person, Unit, AttendanceCredit)
        .join(summoned, summoned.c.person_id == Person.id)
        .join(Unit, Unit.id == summoned.c.unit_id)
        .outerjoin(
            AttendanceCredit,
            (AttendanceCredit.person_id == Person.id) & (AttendanceCredit.session_id == session.id),
        )
    )
    if credited is not None:
        rows = rows.where(AttendanceCredit.id.is_not(None) if credited else AttendanceCredit.id.is_(None))
    return page_of(db, rows.order_by(Person.sort_key, Person.id), offset, limit)


def _people(session: ConferenceSession, top: Unit) -> Select[Any]:
    """One row per summoned person: the path of their unit, whether every part is spared them, how they took part."""
    return (
        select(
            Expected.person_id,
            Unit.path,
            func.bool_and(Expected.exempt_reason.is_not(None)).label("exempt"),
            AttendanceCredit.basis,
        )
        .join(Unit, Unit.id == Expected.unit_id)
        .outerjoin(
            AttendanceCredit,
            (AttendanceCredit.person_id == Expected.person_id)
            & (AttendanceCredit.session_id == session.id)
            & (AttendanceCredit.state == CreditState.GRANTED),
        )
        .where(Expected.session_id == session.id, Unit.path.startswith(top.path))
        .group_by(Expected.person_id, Unit.path, AttendanceCredit.basis)
    )


def _counts(people: Any) -> list[ColumnElement[int]]:
    by_basis = [func.count().filter(people.basis == basis) for basis in _WAYS]
    exempt = or_(people.exempt, func.coalesce(people.basis == Basis.WAIVED, false()))
    return [func.count(), func.count().filter(exempt), *by_basis]


def _sum(counts: Iterable[Counts]) -> Counts:
    figures = [astuple(each) for each in counts] or [(0,) * (2 + len(_WAYS))]
    return Counts(*(sum(column) for column in zip(*figures, strict=True)))


def _figures(counts: Counts) -> list[str | int]:
    rate = "" if counts.rate is None else f"{100 * counts.rate:.1f}".replace(".", ",")
    return [*astuple(counts), counts.credited, rate]


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet reads as text, though it may begin like a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
