"""Rosters at the door: the bytes of a file become a table only once its words have passed the gate; and by command."""

import sys
from argparse import Namespace

from sqlalchemy import select

from ingest import gate
from sessions import tables, units
from sessions.db import Db, transaction
from sessions.errors import Conflict
from sessions.models import Person, Unit
from sessions.rosters import imports
from sessions.rosters.taking import Outcome
from sessions.tables import Table

#: How many problems the command line names.
_MOST_SAID = 50


class UnitNotOne(Conflict):
    code = "unit-not-one"
    vi = "Có {count} đơn vị tên hoặc mã “{name}”. Hãy dùng mã đơn vị."
    en = "{count} units have the name or code “{name}”. Use the unit's code."


def table_of(data: bytes, by: Person) -> Table:
    """What the bytes of a file say, row by row; raises `MarkedWords` when a cell bears a marking, and reports it."""
    table = tables.read(data)
    if rule := _marking(table):
        raise gate.report_words(by.id, rule)
    return table


def _marking(table: Table) -> str | None:
    words = {cell for row in table.rows for cell in row.cells if not cell.isdigit()}
    return gate.marking_in_words("\n".join([table.sheet, *words]))


def run(arguments: Namespace) -> int:
    """`diemcau import-roster`: take over a file for a unit, and say what happened; exit 1 when rows were held back."""
    data = arguments.file.read_bytes()
    if rule := _marking(tables.read(data)):
        raise gate.MarkedWords(rule=rule)
    with transaction() as db:
        unit = _unit(db, arguments.unit)
        outcome = imports.bring_in(db, None, unit, data, dry_run=arguments.dry_run, on_progress=_draw)
    _say(outcome)
    return 1 if outcome.held else 0


def _unit(db: Db, named: str) -> Unit:
    wanted = select(Unit).where((Unit.code == named) | (Unit.name == named), units.valid_on(units.today()))
    found = db.scalars(wanted).all()
    if len(found) != 1:
        raise UnitNotOne(count=len(found), name=named)
    return found[0]


def _draw(percent: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r[{'#' * (percent // 4):<25}] {percent:3} %{chr(10) if percent == 100 else ''}")


def _say(outcome: Outcome) -> None:
    said = {
        "dòng / rows": outcome.rows,
        "mới / new": outcome.new,
        "thay đổi / changed": outcome.changed,
        "chuyển đơn vị / moved": outcome.moved,
        "giữ nguyên / same": outcome.same,
        "miễn / exempted": outcome.exempted,
        "để lại / held back": outcome.held,
        "không có trong tệp / absent": outcome.absent,
    }
    lines = [f"{name}: {count}" for name, count in said.items()]
    lines += [f"dòng / row {each.row}: {each.sentence('vi')}" for each in outcome.findings[:_MOST_SAID]]
    sys.stdout.write("\n".join(lines) + "\n")
