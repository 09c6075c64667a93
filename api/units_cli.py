"""The reform of the units from its four files, on the command line."""

import sys
import time
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from sessions import unit_check, unit_files, unit_import, units
from sessions.db import Db, transaction
from sessions.errors import NotFound
from sessions.models import Unit, UnitKind
from sessions.unit_check import Verdict
from sessions.unit_files import File, Reform

_STEPS = {
    "before": "đơn vị trước ngày sắp xếp / units before the day",
    "after": "đơn vị từ ngày sắp xếp / units since the day",
    "ended": "đơn vị cũ kết thúc / old units ended",
    "successions": "quan hệ kế thừa / successions",
    "followed": "đơn vị khác chuyển theo / other units gone along",
    "handed-over": "người và phòng còn ở đơn vị không có kế thừa / people and rooms of units followed by nobody",
}
_KINDS = {
    UnitKind.PROVINCE: "tỉnh / provinces",
    UnitKind.DISTRICT: "huyện / districts",
    UnitKind.COMMUNE: "xã / communes",
}


class FileUnreadable(NotFound):
    code = "file-unreadable"
    vi = "Không đọc được tệp {path}: {why}"
    en = "The file {path} can't be read: {why}"


def import_units(arguments: Namespace) -> int:
    """Bring the files in, all or nothing, and check every row of the mappings in the database; 1 if one is wrong."""
    began = time.monotonic()
    reform = unit_files.read(
        *(_file(getattr(arguments, name)) for name in ("before", "after", "provinces", "communes"))
    )
    for note in reform.notes:
        _say(f"! {note.sentence('vi')} / {note.sentence('en')}")
    with transaction() as db:
        if not arguments.check:
            _bring_in(db, reform, arguments)
        verdict = unit_check.check(db, reform, arguments.on)
    _show(verdict, arguments)
    _say(f"{time.monotonic() - began:.1f} s")
    return 0 if verdict.holds else 1


def _file(path: Path) -> File:
    try:
        return File(path.name, path.read_bytes())
    except OSError as error:
        raise FileUnreadable(path=path, why=error.strerror) from None


def _bring_in(db: Db, reform: Reform, arguments: Namespace) -> None:
    under = _top(db, arguments.under) if arguments.under else None
    unit_import.run(
        db,
        None,
        reform,
        arguments.on,
        since=arguments.since,
        under=under,
        told=lambda what, rows: _say(f"{rows:>7}  {_STEPS[what]}"),
    )


def _top(db: Db, name: str) -> Unit:
    found = db.scalar(select(Unit).where(Unit.name == name, units.valid_on(units.today())))
    if found is None:
        raise units.UnitUnknown
    return found


def _show(verdict: Verdict, arguments: Namespace) -> None:
    for day, standing in ((arguments.on - timedelta(days=1), verdict.before), (arguments.on, verdict.after)):
        counts = ", ".join(f"{standing.get(kind, 0)} {name}" for kind, name in _KINDS.items())
        _say(f"{day:%d/%m/%Y}: {counts}")
    for rows, wrong, name in (
        (verdict.provinces, verdict.provinces_wrong, arguments.provinces.name),
        (verdict.communes, verdict.communes_wrong, arguments.communes.name),
    ):
        _say(f"{name}: {rows - len(wrong)} / {rows} dòng đúng / rows right")
        if wrong:
            _say(f"  sai / wrong: {', '.join(map(str, wrong[:50]))}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
