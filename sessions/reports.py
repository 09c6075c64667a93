"""Participation by unit: how many were expected, how many took part, and how."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)

from sessions import agenda, clock, lineage, summons, tallies, units
from sessions.db import Db
from sessions.errors import Language
from sessions.listing import MOST_COUNTED, page_of
from sessions.models import (
    AttendanceCredit,
    ConferenceSession,
    CreditState,
    Expected,
    ParticipationTally,
    Person,
    Unit,
    UnitKind,
)

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


#: What must be read before a table about something that never took place.
_CALLED_OFF: dict[Language, str] = {
    "vi": "Hội nghị đã hủy lúc {moment}, lý do: {reason}. Không ai phải dự, nên không tính tỷ lệ.",
    "en": "This conference was called off at {moment}, because: {reason}. Nobody had to come, so there is no rate.",
}


class Counts(NamedTuple):
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


class UnitName(NamedTuple):
    """What a table says of a unit: a page of 168 communes needs no more of each."""

    id: UUID
    name: str
    kind: UnitKind


class Row(NamedTuple):
    unit: UnitName
    counts: Counts
    has_children: bool


def participation(db: Db, session: ConferenceSession, top: Unit) -> tuple[list[Row], Counts]:
    """One row for each unit just below `top` that had anyone expected, one for `top`'s own people, and the total.

    The tree is that of the conference's own day: of a unit that has come since, the rows are those it was made of.
    """
    tops = lineage.as_of(db, top, session.tree_date)
    if list(tops) == [top]:
        found = db.execute(_NAMED_BELOW_ONE, _about(session, top))
    else:
        found = db.execute(_named(_figures_below(session, tops)))
    in_order = sorted(found, key=lambda row: (row.id != top.id, row.sort_key))
    rows = [
        Row(
            UnitName(row.id, row.name, row.kind), Counts(*row[-len(tallies.COLUMNS) :]), row.deeper and row.id != top.id
        )
        for row in in_order
    ]
    return rows, _sum(row.counts for row in rows)


def called_off(db: Db, session: ConferenceSession, language: Language = "vi") -> str | None:
    """What to say above the table of a conference that was called off; nothing for one that was held."""
    if session.cancelled_at is None:
        return None
    moment = f"{session.cancelled_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"
    return _CALLED_OFF[language].format(moment=moment, reason=agenda.reason_of_cancelling(db, session))


def to_csv(rows: Sequence[Row], total: Counts, language: Language = "vi", called_off: str | None = None) -> str:
    """The table as CSV with a byte-order mark, which is what the offices' spreadsheet needs to read Vietnamese.

    Where the conference was called off that sentence comes first, and there are no rates.
    """
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    table = csv.writer(out)
    if called_off:
        table.writerow([called_off])
    table.writerow(_HEADS[language])
    for row in rows:
        table.writerow([_harmless(row.unit.name), *_figures(row.counts, rated=not called_off)])
    table.writerow(["Total" if language == "en" else "Tổng cộng", *_figures(total, rated=not called_off)])
    return out.getvalue()


def people_of(
    db: Db, session: ConferenceSession, unit: Unit, *, credited: bool | None, offset: int, limit: int
) -> tuple[Sequence[tuple[Person, Unit, AttendanceCredit | None]], int]:
    """The summoned people of a unit and below, in Vietnamese order, and how many there are, up to `MOST_COUNTED`.

    Each with the unit that they were summoned in, and the credit if they have one.
    """
    summoned = (
        select(Person, Unit)
        .select_from(Expected)
        .join(Person, Person.id == Expected.person_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .where(Expected.part_id == summons.first_part(session.id), lineage.below(db, unit, session.tree_date))
        .order_by(Person.sort_key, Person.id)
    )
    theirs = (
        (AttendanceCredit.person_id == Expected.person_id)
        & (AttendanceCredit.session_id == session.id)
        & (AttendanceCredit.state == CreditState.GRANTED)
    )
    if credited is False:
        without, total = page_of(db, summoned.where(~exists().where(theirs)), offset, limit, most=MOST_COUNTED)
        return [(person, at, None) for person, at in without], total
    found = summoned.add_columns(AttendanceCredit).join(AttendanceCredit, theirs, isouter=credited is None)
    return page_of(db, found, offset, limit, most=MOST_COUNTED)


_SUMS = [cast(func.sum(getattr(ParticipationTally, name)), Integer).label(name) for name in tallies.COLUMNS]


def _named(figures: Select[Any]) -> Select[Any]:
    """The same with what a table says of each unit."""
    sums = figures.subquery()
    counts = [sums.c[name] for name in tallies.COLUMNS]
    return select(Unit.id, Unit.name, Unit.kind, Unit.sort_key, sums.c.deeper, *counts).join(
        sums, sums.c.branch == Unit.id
    )


def _grouped(branch: ColumnElement[Any], depth: ColumnElement[int]) -> Select[Any]:
    """What the lines of the tally sheet add up to by `branch`, and whether some lie deeper than that."""
    return (
        select(cast(branch, Uuid).label("branch"), func.bool_or(Unit.depth > depth).label("deeper"), *_SUMS)
        .join(Unit, Unit.id == ParticipationTally.unit_id)
        .group_by("branch")
        .having(func.sum(ParticipationTally.expected) > 0)
    )


def _figures_below(session: ConferenceSession, tops: Sequence[Unit]) -> Select[Any]:
    """By each of these units, which stood for another one on that day."""
    branch: ColumnElement[Any] = case(*((units.is_below(each), str(each.id)) for each in tops))
    depth: ColumnElement[int] = case(*((units.is_below(each), each.depth) for each in tops))
    below = or_(false(), *(units.is_below(each) for each in tops))
    return _grouped(branch, depth).where(ParticipationTally.session_id == session.id, below)


# A page asks for one unit and what is just below it: put together once.
_part: ColumnElement[str] = func.split_part(Unit.path, "/", bindparam("place", type_=Integer))
_BELOW_ONE = _grouped(
    func.coalesce(func.nullif(_part, ""), bindparam("top", type_=Text)), bindparam("depth", type_=Integer)
).where(
    ParticipationTally.session_id == bindparam("session_id", type_=Uuid),
    units.within_paths(bindparam("first", type_=Text), bindparam("end", type_=Text)),
)
_NAMED_BELOW_ONE = _named(_BELOW_ONE)


def _about(session: ConferenceSession, top: Unit) -> dict[str, Any]:
    """By the unit just below `top` that a line lies in, or `top` itself."""
    first, end = units.paths_below(top)
    values = {"session_id": session.id, "first": first, "end": end, "top": str(top.id)}
    return values | {"place": top.depth + 2, "depth": top.depth + 1}


def _sum(counts: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip((0,) * len(tallies.COLUMNS), *counts, strict=True)))


def _figures(counts: Counts, *, rated: bool) -> list[str | int]:
    rate = "" if counts.rate is None or not rated else f"{100 * counts.rate:.1f}".replace(".", ",")
    return [*counts, counts.credited, rate]


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet reads as text, though it may begin like a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
