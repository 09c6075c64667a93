"""The whole country's pages on the nation seed, beside a plain count of that conference's check-ins.

All times are of the domain's own function, from the call to the rows in Python, warm: the median of several, taken by
turns with those of the count on the same connection.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from uuid import uuid4

from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.pool import StaticPool

from api.seed import conferences
from api.seed.nation import cast
from sessions import clock, live, register, reports, tallies
from sessions.db import Db
from sessions.models import AttendanceCredit, Basis, CheckIn, ConferenceSession, CreditState, Expected, Unit, UnitKind
from tests.benchmarks.nation import SIZE, nation
from tests.benchmarks.row import Row

TURNS = 9
#: Units whose pages are measured, besides all provinces.
COMMUNES = 60
_CREDITS = 1500


def measure_rollup() -> Row:
    with _opened() as (db, session):
        top = db.get_one(Unit, session.unit_id)
        ours, bound = _by_turns(lambda: reports.participation(db, session, top), lambda: _count(db, session))
        _, total = reports.participation(db, session, top)
        begun = time.perf_counter()
        proved = tallies.verify(db)
        verify_seconds = time.perf_counter() - begun
        assert not proved.wrong, proved.wrong
        return Row(
            name="rollup",
            what="participation of the whole country by province, against counting its check-ins",
            ours=ours,
            bound=bound,
            unit="ms",
            side="<=",
            goal=1.5,
            details={
                "expected": total.expected,
                "credited": total.credited,
                "check_ins": _count(db, session),
                "credit_write_us": _credit_write(db, session, kept=True),
                "credit_write_without_tally_us": _credit_write(db, session, kept=False),
                "verify_seconds": round(verify_seconds, 1),
            },
        )


def measure_board() -> Row:
    with _opened() as (db, session):
        asked = live.view(db, cast.staff(db), session)
        ours, bound = _by_turns(lambda: live.figures(db, asked), lambda: _count(db, session))
        _, total = live.figures(db, asked)
        tiles, _ = _by_turns(lambda: live.tiles(db, asked), lambda: None)
        version, _ = _by_turns(lambda: live.version(db, asked), lambda: None)
        return Row(
            name="board",
            what="the live board of the whole country by province, against counting its check-ins",
            ours=ours,
            bound=bound,
            unit="ms",
            side="<=",
            goal=1.5,
            details={
                "points": total.points,
                "present": total.present,
                "first_500_tiles_ms": round(tiles, 1),
                "version_ms": round(version, 1),
            },
        )


def measure_unit_page() -> Row:
    with _opened() as (db, session):
        provinces = list(db.scalars(select(Unit).where(Unit.kind == UnitKind.PROVINCE)))
        communes = list(db.scalars(select(Unit).where(Unit.kind == UnitKind.COMMUNE).order_by(Unit.id)))
        asked = provinces + Random(1).sample(communes, COMMUNES)
        _, bound = _by_turns(lambda: None, lambda: _count(db, session))
        took = {unit: _median(lambda unit=unit: reports.participation(db, session, unit)) for unit in asked}
        worst = max(took, key=lambda unit: took[unit])
        of_communes = [took[unit] for unit in asked[len(provinces) :]]
        return Row(
            name="unit-page",
            what=f"participation of one unit, the slowest of {len(asked)}, against counting the country's check-ins",
            ours=took[worst],
            bound=bound,
            unit="ms",
            side="<=",
            goal=0.01,
            details={
                "slowest": worst.name,
                "median_province_ms": round(statistics.median([took[unit] for unit in provinces]), 2),
                "median_commune_ms": round(statistics.median(of_communes), 2),
                "slowest_commune_ms": round(max(of_communes), 2),
            },
        )


@contextmanager
def _opened() -> Iterator[tuple[Db, ConferenceSession]]:
    with nation() as url:
        connection: Engine = create_engine(url, poolclass=StaticPool)
        with Db(connection, expire_on_commit=False) as db:
            session = conferences.find(db, SIZE.title)
            assert session is not None
            yield db, session
        connection.dispose()


def _count(db: Db, session: ConferenceSession) -> int:
    """The bound: nothing but the rows of the conference's parts."""
    parts = [part.id for part in register.parts_of(db, session.id)]
    return db.scalars(select(func.count()).select_from(CheckIn).where(CheckIn.part_id.in_(parts))).one()


def _by_turns(ours: Callable[[], object], bound: Callable[[], object]) -> tuple[float, float]:
    """Medians in milliseconds, after two that don't count."""
    pairs = [(_once(ours), _once(bound)) for _ in range(TURNS + 2)][2:]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def _median(call: Callable[[], object]) -> float:
    return statistics.median([_once(call) for _ in range(TURNS + 2)][2:])


def _once(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


def _credit_write(db: Db, session: ConferenceSession, *, kept: bool) -> float:
    """What one credit more costs the database, in microseconds; nothing of it stays."""
    missing = select(Expected.person_id, Expected.unit_id).where(
        Expected.session_id == session.id,
        Expected.exempt_reason.is_(None),
        ~select(AttendanceCredit.id)
        .where(AttendanceCredit.person_id == Expected.person_id, AttendanceCredit.session_id == session.id)
        .exists(),
    )
    people = db.execute(missing.limit(_CREDITS)).all()
    if not kept:
        db.execute(text("ALTER TABLE attendance_credits DISABLE TRIGGER USER"))
    begun = time.perf_counter()
    for person_id, unit_id in people:
        row = {"id": uuid4(), "person_id": person_id, "session_id": session.id, "unit_id": unit_id}
        granted = {"state": CreditState.GRANTED, "basis": Basis.LIVE, "granted_at": clock.now(), "evidence": []}
        db.execute(insert(AttendanceCredit).values(**row, **granted, policy_version=1, rule_version="1"))
    took = time.perf_counter() - begun
    db.rollback()
    return round(1e6 * took / len(people))
