"""How many people a second can be checked in, each delivery acknowledged once its transaction is on disk.

As the server does, each process takes what its technicians bring while a transaction runs in the next one.

The bound is pgbench: prepared, over as many connections, on the same cores, committing the rows that one check-in
leaves (the check-in, the part attended, the credit, two audit entries) with the tally's trigger at work. It reads whom
to check in from a table of its own, as the domain function has to find the person. Everything that a run wrote is taken
out of the nation seed again.
"""

import asyncio
import multiprocessing
import re
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.orm import Session as Db

from api import login
from api.embedded import programs
from api.gathering import Gathering
from api.seed import conferences
from sessions import checkins, clock, tallies, ticking
from sessions.models import Account, CheckInMethod, Login, Person, SessionPart, SessionPoint
from sessions.ticking import Ticks
from tests.benchmarks.nation import SIZE, nation
from tests.benchmarks.posting import Poster, connected
from tests.benchmarks.row import Row
from tests.journeys.walk import API
from tests.servers import FrontDesk, front_desk

CONNECTIONS = 32
PROCESSES = 2
SECONDS = 10.0
BATCH = 50


@dataclass(frozen=True)
class Desk:
    """One technician at one point, with the people of their commune who are not there yet."""

    point_id: UUID
    technician_id: UUID
    people: list[UUID]
    token: str


def measure() -> Row:
    with nation() as url, _left_as_it_was(url):
        desks, part_id, at = _desks(url, 5 * CONNECTIONS)
        groups = [desks[first : first + CONNECTIONS] for first in range(0, len(desks), CONNECTIONS)]
        rate = _by_domain(url, groups[0], part_id, TOGETHER)
        alone = _by_domain(url, groups[4], part_id, ALONE)
        with front_desk(DIEMCAU_DATABASE_URL=url, DIEMCAU_DATABASE_POOL=str(CONNECTIONS)) as desk:
            http = asyncio.run(_flood(desk, groups[1], part_id, at, 1))
            batch = asyncio.run(_flood(desk, groups[2], part_id, at, BATCH))
        bound = _pgbench(url, groups[3], part_id)
        durable = {name: _ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")}
    return Row(
        name="checkin-writes",
        what=f"check-ins by the domain function, {CONNECTIONS} technicians, against prepared pgbench",
        ours=rate,
        bound=bound,
        unit="check-ins/s",
        side=">=",
        goal=0.5,
        details={
            "alone": round(alone / bound, 2),
            "http": round(http / bound, 2),
            "http_batch_50": round(batch / bound, 2),
            "alone_per_s": round(alone),
            "http_per_s": round(http),
            "http_batch_50_per_s": round(batch),
            **durable,
        },
    )


def _desks(url: str, count: int) -> tuple[list[Desk], UUID, str]:
    with Db(create_engine(url), expire_on_commit=False) as db, db.begin():
        session = conferences.find(db, SIZE.title)
        assert session is not None
        part = db.scalars(select(SessionPart).where(SessionPart.session_id == session.id)).one()
        points = select(SessionPoint).where(SessionPoint.session_id == session.id).distinct(SessionPoint.unit_id)
        found = [_desk(db, point, part) for point in db.scalars(points.limit(count))]
        now = clock.now()
        for desk in found:
            expires = now + timedelta(hours=1)
            kept = {"created_at": now, "expires_at": expires, "user_agent": "benchmark"}
            # No password has this hash: nobody gets in by one.
            db.add(Account(person_id=desk.technician_id, username=desk.token, password_hash="-", created_at=now))
            db.flush()
            db.add(Login(person_id=desk.technician_id, token_sha256=login.digest(desk.token), **kept))
        return found, part.id, part.starts_at.isoformat()


def _desk(db: Db, point: SessionPoint, part: SessionPart) -> Desk:
    waiting = text(
        "SELECT e.person_id FROM expected e WHERE e.session_id = :session AND e.unit_id = :unit"
        " AND NOT EXISTS (SELECT FROM check_ins c WHERE c.part_id = :part AND c.person_id = e.person_id)"
        " AND e.person_id <> :technician AND e.exempt_reason IS NULL"
    )
    about = {"session": point.session_id, "unit": point.unit_id, "part": part.id, "technician": point.technician_id}
    assert point.technician_id
    return Desk(point.id, point.technician_id, list(db.scalars(waiting, about)), secrets.token_urlsafe(16))


Tick = Callable[[Desk, UUID], None]


def _together(engine: Engine, part: SessionPart) -> Tick:
    def take(crowd: Sequence[Ticks]) -> list[list[UUID] | None]:
        with Db(engine, expire_on_commit=False) as db, db.begin():
            return ticking.tick_together(db, crowd)

    def refuse(one: Ticks) -> list[UUID]:
        raise AssertionError(f"not plain: {one}")

    gathering = Gathering(take, refuse)

    def tick(desk: Desk, person_id: UUID) -> None:
        method = CheckInMethod.ROSTER
        one = Ticks(desk.technician_id, desk.point_id, part.id, [person_id], part.starts_at, uuid4(), method)
        assert gathering.bring(one).result() == [person_id]

    return tick


def _alone(engine: Engine, part: SessionPart) -> Tick:
    def tick(desk: Desk, person_id: UUID) -> None:
        with Db(engine, expire_on_commit=False) as db, db.begin():
            by, point = db.get_one(Person, desk.technician_id), db.get_one(SessionPoint, desk.point_id)
            assert checkins.tick(db, by, point, part, [person_id], part.starts_at, uuid4())

    return tick


#: The two ways, by name, for another process to find.
TOGETHER, ALONE = "together", "alone"
_WAYS = {TOGETHER: _together, ALONE: _alone}


def _by_domain(url: str, desks: list[Desk], part_id: UUID, way: str) -> float:
    """Threads in as many processes as there are cores, for one Python process keeps to one of them."""
    context, results = multiprocessing.get_context("spawn"), multiprocessing.get_context("spawn").Queue()
    shares = [desks[turn::PROCESSES] for turn in range(PROCESSES)]
    crews = [context.Process(target=_crew, args=(url, share, part_id, way, results)) for share in shares]
    for crew in crews:
        crew.start()
    counted = [results.get(timeout=300) for _ in crews]
    for crew in crews:
        crew.join()
    return sum(counted)


def _crew(url: str, desks: list[Desk], part_id: UUID, way: str, results: "multiprocessing.Queue[float]") -> None:
    engine = create_engine(url, pool_size=len(desks))
    with Db(engine, expire_on_commit=False) as db:
        tick = _WAYS[way](engine, db.get_one(SessionPart, part_id))
    done, started = [0] * len(desks), threading.Barrier(len(desks) + 1)

    def work(place: int) -> None:
        desk = desks[place]
        tick(desk, desk.people[0])
        started.wait()
        until = time.perf_counter() + SECONDS
        for person_id in desk.people[1:]:
            if time.perf_counter() > until:
                break
            tick(desk, person_id)
            done[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(desks))]
    for thread in threads:
        thread.start()
    started.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    results.put(sum(done) / (time.perf_counter() - begun))


async def _flood(desk: FrontDesk, desks: list[Desk], part_id: UUID, at: str, batch: int) -> float:
    """Check-ins a second, by so many people in each request, one connection a technician."""
    done = [0] * len(desks)

    async def work(poster: Poster, place: int) -> None:
        each = desks[place]
        cookie = f"{login.COOKIE}={each.token}"
        for first in range(0, len(each.people), batch):
            if time.perf_counter() > begun + SECONDS:
                break
            people = [str(person_id) for person_id in each.people[first : first + batch]]
            asked = {"part_id": str(part_id), "person_ids": people, "checked_at": at, "client_key": str(uuid4())}
            status = await poster.post(f"{API}/session-points/{each.point_id}/check-ins", asked, cookie)
            assert status == 200, status
            done[place] += len(people)

    async with connected(desk.port, len(desks)) as posters:
        begun = time.perf_counter()
        await asyncio.gather(*(work(poster, place) for place, poster in enumerate(posters)))
        return sum(done) / (time.perf_counter() - begun)


_SCRIPT = """\\set k :k + 1
\\set n :client_id * 100000 + :k
BEGIN;
SELECT person, unit, point, technician FROM bench.people WHERE n = :n \\gset
INSERT INTO check_ins (id, session_point_id, part_id, person_id, method, checked_at, received_at, recorded_by,
 client_key) VALUES (gen_random_uuid(), :point, '{part}', :person, 'roster', now(), now(), :technician,
 gen_random_uuid());
INSERT INTO attendance (part_id, person_id, session_id, basis, shown_by, at)
 VALUES ('{part}', :person, '{session}', 'live', gen_random_uuid(), now());
INSERT INTO attendance_credits (id, person_id, session_id, unit_id, state, basis, policy_version, rule_version,
 evidence, granted_at) VALUES (gen_random_uuid(), :person, '{session}', :unit, 'granted', 'live', 1, '1', '{evidence}',
 now());
INSERT INTO audit_entries (at, action, subject_kind, subject_id, detail, content_sha256) VALUES (now(),
 'credit.granted', 'credit', gen_random_uuid(), '{credit}', '\\x{hash}');
INSERT INTO audit_entries (at, actor_id, action, subject_kind, subject_id, detail, content_sha256) VALUES (now(),
 :technician, 'people.checked-in', 'session_point', :point, '{ticked}', '\\x{hash}');
COMMIT;
"""


def _pgbench(url: str, desks: list[Desk], part_id: UUID) -> float:
    """Check-ins a second, by nothing but the statements that write."""
    session_id = _ask(url, "SELECT session_id FROM session_parts LIMIT 1")
    own = str(uuid4())
    values = {
        "part": part_id,
        "session": session_id,
        "evidence": f'[{{"part_id": "{part_id}", "basis": "live", "exempt": false, "decided": [], "watched": []}}]',
        "credit": f'{{"person_id": "{own}", "session_id": "{session_id}", "basis": "live"}}',
        "ticked": f'{{"part_id": "{part_id}", "person_ids": ["{own}"]}}',
        "hash": "00" * 32,
    }
    _fill_table(url, desks)
    address, binaries = make_url(url), programs.find_postgres(None)
    words = ["--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=1", f"--time={SECONDS:.0f}"]
    where = ["-h", str(address.host), "-p", str(address.port), "-U", str(address.username), str(address.database)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "check-in.sql"
        script = _SCRIPT.format(**values)
        # A statement goes to its end on one line.
        file.write_text(re.sub(r"\n ", " ", script), encoding="utf-8")
        ran = subprocess.run(
            [binaries / "pgbench", *words, "--define=k=0", f"--file={file}", *where],
            env={"PGPASSWORD": address.password or ""},
            capture_output=True,
            text=True,
        )
    found = re.search(r"^tps = ([\d.]+)", ran.stdout, re.MULTILINE)
    assert found, ran.stderr + ran.stdout
    return float(found.group(1))


_WHO = [f"{name} uuid" for name in ("person", "unit", "point", "technician")]


def _fill_table(url: str, desks: list[Desk]) -> None:
    with create_engine(url).begin() as db:
        db.execute(text("CREATE SCHEMA bench"))
        db.execute(text(f"CREATE TABLE bench.people (n int PRIMARY KEY, {', '.join(_WHO)})"))
        rows = [
            {"n": place * 100_000 + count, "person": person, "point": desk.point_id, "technician": desk.technician_id}
            for place, desk in enumerate(desks)
            for count, person in enumerate(desk.people, start=1)
        ]
        db.execute(text("INSERT INTO bench.people VALUES (:n, :person, NULL, :point, :technician)"), rows)
        db.execute(text("UPDATE bench.people SET unit = p.unit_id FROM session_points p WHERE p.id = point"))


def _ask(url: str, question: str) -> str:
    with create_engine(url).connect() as db:
        return str(db.execute(text(question)).scalar_one())


@contextmanager
def _left_as_it_was(url: str) -> Iterator[None]:
    """The seed's own rows are those that are sealed, and what they tell of."""
    since = _ask(url, "SELECT now()")
    try:
        yield
    finally:
        with create_engine(url).begin() as db:
            for statement in (
                "CREATE TEMPORARY TABLE gone AS SELECT person_id FROM attendance_credits WHERE granted_at >= :since",
                "DELETE FROM attendance USING gone WHERE attendance.person_id = gone.person_id",
                "DELETE FROM attendance_credits WHERE granted_at >= :since",
                "DELETE FROM check_ins WHERE received_at >= :since",
                "DELETE FROM audit_entries WHERE seal_position IS NULL AND at >= :since",
                "DELETE FROM logins WHERE user_agent = 'benchmark'",
                "DELETE FROM accounts WHERE password_hash = '-'",
                "DROP SCHEMA IF EXISTS bench CASCADE",
            ):
                needs = {"since": since} if ":since" in statement else {}
                db.execute(text(statement), needs)
        with Db(create_engine(url)) as db:
            while tallies.fold(db):
                db.commit()
            db.execute(text("ANALYZE participation_tallies, check_ins, attendance, attendance_credits"))
            db.commit()
