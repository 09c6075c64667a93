"""A whole country, or a whole province, after one conference: for measuring, and for looking at pages as large as life.

Only for an empty database. Units, rooms and people are made by rule; the rows are those that the front desk's own
functions would have left behind, brought in by COPY, a batch of places in each transaction. A run that was cut off goes
on with the next batch and ends in the same state.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import select

from api.seed import conferences
from api.seed.conferences import at
from api.seed.nation import cast, loading, rows, trail
from api.seed.nation.plan import SIZES, Place, Size, places
from api.seed.nation.rows import Held
from sessions import audit, register, summons, units
from sessions.db import Db, transaction
from sessions.errors import Conflict
from sessions.models import Unit
from sessions.register import PartPlan

__all__ = ["SIZES", "NotEmpty", "seed"]

#: When 1.93 million people met at 31,000 points.
DAY = date(2026, 2, 7)
#: People whose rows go in with one commit.
_BATCH = 100_000


class NotEmpty(Conflict):
    code = "seed-needs-empty-database"
    vi = "Bộ dữ liệu này chỉ nạp được vào cơ sở dữ liệu chưa có đơn vị nào. Hãy đặt DIEMCAU_DATA_DIR là thư mục mới."
    en = "This sample goes into an empty database only. Set DIEMCAU_DATA_DIR to a new directory."


def seed(size: Size, batch: int = _BATCH) -> None:
    """Bring in a sample of this size, or what is missing of it, and say how far it is. Raises `NotEmpty`."""
    tree = places(size)
    if _is_complete(size):
        print("Dữ liệu mẫu: đã có / Sample data: there already", flush=True)
        return
    begun = time.monotonic()
    _once("tree", "đơn vị, tài khoản, hội nghị / units, accounts, the conference", lambda db: _begin(db, size, tree))
    _once("down", "cất khóa và chỉ mục / keys and indexes put aside", loading.take_down)
    _once("rooms", "điểm cầu và số đại biểu / points and headcounts", lambda db: _bring_rooms(db, size, tree))
    _bring_people(size, tree, batch)
    _put_up()
    with _told("thống kê / statistics"):
        loading.tidy()
    loading.finish()
    print(f"Xong toàn bộ / All done: {time.monotonic() - begun:.0f} s", flush=True)


def _is_complete(size: Size) -> bool:
    with transaction() as db:
        if loading.has_begun(db):
            return False
        if conferences.find(db, size.title):
            return True
        if db.scalar(select(Unit.id).limit(1)):
            raise NotEmpty
        loading.begin(db)
    return False


def _once(step: str, what: str, do: Callable[[Db], None]) -> None:
    """Do a step whole or not at all, unless an earlier run did."""
    with transaction() as db:
        if loading.is_done(db, step):
            return
        with _told(what):
            do(db)
            loading.note(db, step)


@contextmanager
def _told(what: str) -> Iterator[None]:
    print(f"{what}…", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def _begin(db: Db, size: Size, tree: list[Place]) -> None:
    """The tree, those who can sign in, and the conference; everybody's rows come later."""
    above = _by_number(tree)
    columns = ("id", "code", "kind", "name", "parent_id", "path", "depth", "valid_from", "sort_key", "search_key")
    blocks = (rows.unit(place, above.get(place.parent)) for place in tree)
    loading.copy(db, "units", columns, blocks)
    province = next(place for place in tree if place.code == "12")
    commune = tree[province.number + 1]
    cast.enrol(db, *(units.get(db, UUID(place.id)) for place in (tree[0], province, commune)))
    _hold(db, size, units.get(db, UUID(tree[0].id)), len(tree))


def _by_number(tree: list[Place]) -> dict[int | None, Place]:
    return {place.number: place for place in tree}


def _hold(db: Db, size: Size, top: Unit, unit_count: int) -> None:
    staff, plan = cast.staff(db), PartPlan("Buổi sáng", at(DAY, 7, 30), at(DAY, 11, 30))
    session = register.open_session(db, staff, size.title, top, plan.starts_at, plan.ends_at, [plan])
    told = {"units": unit_count, "people": size.people, "points": size.points}
    audit.note(db, None, "sample.brought-in", "session", session.id, **told)
    # Those who can sign in; everybody else comes with their own batch.
    summons.expect(db, staff, session, [top])
    db.flush()
    # What the sealer has not come to yet would stand behind what is sealed right here.
    audit.seal(db)


def _held(db: Db, size: Size) -> Held:
    session = conferences.find(db, size.title)
    assert session is not None, "the conference is opened first"
    return Held(session, register.parts_of(db, session.id)[0])


def _bring_rooms(db: Db, size: Size, tree: list[Place]) -> None:
    held = _held(db, size)
    above = _by_number(tree)
    loading.copy(db, "connection_points", rows.ROOM, (rows.connection_points(place, held) for place in tree))
    points = (rows.session_points(place, held, above.get(place.parent)) for place in tree)
    loading.copy(db, "session_points", rows.POINT, points)
    loading.copy(db, "headcounts", rows.HEADCOUNT, (rows.headcounts(place, held) for place in tree))


def _bring_people(size: Size, tree: list[Place], batch: int) -> None:
    done, started = 0, time.monotonic()
    for group in _batches(tree, batch):
        with transaction() as db:
            step = f"people of {group[0].number} to {group[-1].number}"
            if not loading.is_done(db, step):
                _bring_batch(db, _held(db, size), group)
                loading.note(db, step)
        done += sum(place.people for place in group)
        counts = f"{done:,} / {size.people:,}".replace(",", ".")
        print(f"\r{counts} người / people, {time.monotonic() - started:.0f} s ", end="", flush=True)
    print(flush=True)


def _batches(tree: Iterable[Place], size: int) -> Iterator[list[Place]]:
    group: list[Place] = []
    for place in tree:
        group.append(place)
        if sum(each.people for each in group) >= size:
            yield group
            group = []
    if group:
        yield group


def _bring_batch(db: Db, held: Held, group: list[Place]) -> None:
    for table, columns, of_place in rows.TABLES:
        loading.copy(db, table, columns, (of_place(place, held) for place in group))
    entries = (entry for place in group for entry in rows.audit_entries(place, held))
    loading.copy(db, "audit_entries", trail.COLUMNS, trail.sealed(audit.end_of_chain(db), entries))


def _put_up() -> None:
    with transaction() as db:
        left = loading.waiting(db)
    for count, (place, name, definition) in enumerate(left, start=1):
        with _told(f"khóa, chỉ mục / key or index {count}/{len(left)}: {name}"), transaction() as db:
            loading.put_up(db, place, definition)
