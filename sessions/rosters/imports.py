"""A file with a list of people, from its preview until it is taken over: kept, watched, never taken over twice."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import defer

from sessions import clock, roles
from sessions.db import Db, transaction
from sessions.errors import Conflict, NotFound
from sessions.listing import page_of
from sessions.models import Person, RosterImport, Unit
from sessions.rosters import lines, taking
from sessions.rosters.faults import Finding
from sessions.rosters.taking import KEEPERS, Outcome, Progress
from sessions.tables import Table, read

#: How long a file that was only looked through stays.
KEPT = timedelta(days=1)
_MOST_FINDINGS = 2000
_SAMPLE = 5


class RosterUnknown(NotFound):
    code = "roster-not-found"
    vi = "Không tìm thấy lần nhập danh sách này trong phạm vi của bạn."
    en = "There is no such list in the units entrusted to you."


class RosterForgotten(Conflict):
    code = "roster-forgotten"
    vi = "Tệp đã quá một ngày nên không còn được giữ. Hãy chọn lại tệp."
    en = "The file is more than a day old and was not kept. Choose it again."


class RosterRunning(Conflict):
    code = "roster-running"
    vi = "Danh sách này đang được nhập. Hãy chờ đến khi xong."
    en = "This list is being taken over right now. Wait until it is done."


def look_through(db: Db, by: Person, unit: Unit, file_name: str, data: bytes, table: Table) -> RosterImport:
    """Keep a file and say what taking it over would do; nothing changes. `table` is what `tables.read` made of it."""
    found = lines.read(table)
    outcome = taking.take(db, by, unit, found, dry_run=True)
    kept = RosterImport(
        unit_id=unit.id,
        file_name=file_name,
        file_sha256=hashlib.sha256(data).hexdigest(),
        content=data,
        preview=_told(outcome) | {"encoding": table.encoding, "sheet": table.sheet} | _understood(found),
        done=0,
        total=100,
        brought_by=by.id,
        brought_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    return kept


def take_over(db: Db, by: Person, import_id: UUID) -> RosterImport:
    """Take over a file that was looked through; a second time changes nothing and gives what the first one did.

    Those who watch see `done` grow towards `total`, for it is written beside this transaction. Raises `RosterUnknown`,
    `RosterForgotten`, and `RosterRunning` while somebody else's request does it.
    """
    kept, unit = see(db, by, import_id)
    if not db.scalar(select(func.pg_try_advisory_xact_lock(import_id.int & 0x7FFF_FFFF_FFFF_FFFF))):
        raise RosterRunning
    db.refresh(kept, attribute_names=["content", "result"])
    if kept.result is not None:
        return kept
    if kept.content is None:
        raise RosterForgotten
    outcome = bring_in(db, by, unit, kept.content, import_id=kept.id, on_progress=lambda done: _tell(kept.id, done))
    kept.result, kept.content = _told(outcome), None
    kept.done, kept.finished_at = kept.total, clock.now()
    db.flush()
    return kept


def bring_in(
    db: Db,
    by: Person | None,
    unit: Unit,
    data: bytes,
    *,
    dry_run: bool = False,
    import_id: UUID | None = None,
    on_progress: Progress = lambda _percent: None,
) -> Outcome:
    """Take over the bytes of a file in one go; see `taking.take`."""
    found = lines.read(read(data))
    on_progress(30)
    return taking.take(db, by, unit, found, dry_run=dry_run, import_id=import_id, on_progress=on_progress)


def see(db: Db, by: Person, import_id: UUID) -> tuple[RosterImport, Unit]:
    """One file's story with its unit; raises `RosterUnknown` also for those of units that are not the reader's."""
    found = db.execute(_visible_to(db, by).where(RosterImport.id == import_id)).one_or_none()
    if found is None:
        raise RosterUnknown
    return found[0], found[1]


def find(db: Db, by: Person, offset: int, limit: int) -> tuple[Sequence[tuple[RosterImport, Unit]], int]:
    """A page of the files brought for the reader's units, the latest first."""
    return page_of(db, _visible_to(db, by).order_by(RosterImport.brought_at.desc()), offset, limit)


def _visible_to(db: Db, by: Person) -> Select[RosterImport, Unit]:
    mine = roles.within(Unit.path, roles.scopes(db, by.id, KEEPERS))
    known = select(RosterImport, Unit).join(Unit, Unit.id == RosterImport.unit_id).where(mine)
    return known.options(defer(RosterImport.content))


def findings_of(kept: RosterImport) -> list[Finding]:
    """What needs a look: of the preview, or of what was really done once it was."""
    return [Finding.recalled(each) for each in (kept.result or kept.preview)["findings"]]


def forget(db: Db) -> None:
    """Drop files that nobody took over within a day: a list of people is not kept for nothing."""
    old = RosterImport.brought_at < clock.now() - KEPT
    db.execute(update(RosterImport).where(old, RosterImport.content.is_not(None)).values(content=None))


def _tell(import_id: UUID, percent: int) -> None:
    with transaction() as aside:
        aside.execute(update(RosterImport).where(RosterImport.id == import_id).values(done=min(percent, 99)))


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "counts": outcome.counts(),
        "absent_names": outcome.absent_names,
        "findings": [finding.kept() for finding in outcome.findings[:_MOST_FINDINGS]],
        "found": len(outcome.findings),
    }


def _understood(found: lines.Read) -> dict[str, Any]:
    """How the file was read, so that a person sees at once when a column was taken for another."""
    sample = [
        {"row": line.row, "full_name": line.full_name, "member_number": line.member_number, "unit": line.unit}
        for line in found.lines[:_SAMPLE]
    ]
    return {"headings": found.headings, "unknown_headings": found.unknown_headings, "sample": sample}
