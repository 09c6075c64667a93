"""How many beats a second the shipped server takes, each acknowledged after its own durable commit, and how soon.

The bound is pgbench, which sends PostgreSQL the very statements that one beat costs the server, prepared, a transaction
each, over as many connections, on the same cores. What is lowered for neither of them is durability.
"""

import asyncio
import itertools
import json
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from api import beats, login
from api.beats import Brought
from api.embedded import programs
from archive import watchlog
from archive.settings import vault_settings
from archive.watchlog import Report
from tests.benchmarks.posting import Poster, connected
from tests.benchmarks.row import Row
from tests.journeys.crowd import Seat, open_viewings, seat, show
from tests.journeys.site import Site, site
from tests.journeys.walk import API, Walk

CONNECTIONS = 32
VIEWERS = 1000
#: Of each part of the run.
SECONDS = 15.0
#: What of the most that it takes is sent to it steadily, to see how soon it answers then.
STEADY = 0.5
MOST_MILLISECONDS = 250.0
BEAT_SECONDS = 15.0
#: The pages have been open for so long, so that nobody's beats are ahead of their time.
_OPEN_SINCE = timedelta(hours=1)
_TALK_SECONDS = 3 * 3600.0


@dataclass
class Beats:
    """What players sent and were told: the beats acknowledged, and how long each took, in seconds."""

    acknowledged: set[tuple[UUID, int]] = field(default_factory=set)
    took: list[float] = field(default_factory=list)
    seqs: dict[Seat, Iterator[int]] = field(default_factory=dict)

    async def send(self, poster: Poster, each: Seat, asked_at: float | None = None) -> None:
        """The next beat of this person; `asked_at` is when it should have left, if it had to wait for its turn."""
        seq = next(self.seqs.setdefault(each, itertools.count()))
        begun = asked_at or time.perf_counter()
        status = await poster.post(f"{API}/viewings/{each.id}/beats", {"beats": [_beat(seq)]}, each.cookie)
        assert status == 200, f"beat {seq} of {each} was answered with {status}"
        self.acknowledged.add((each.id, seq))
        self.took.append(time.perf_counter() - begun)


def measure() -> Row:
    with site() as ours:
        walk = Walk(ours.address)
        walk.set_up()
        walk.register()
        seats = seat(ours, walk, VIEWERS)
        open_viewings(ours, seats, show(ours, walk, _TALK_SECONDS), _OPEN_SINCE)
        walk.close()
        # Some for the server, some for its peer, so that neither finds what the other wrote.
        mine, others = seats[: VIEWERS // 2], seats[VIEWERS // 2 :]
        script = _script(ours, others[0])
        sent = Beats()
        asyncio.run(_begin(ours, sent, mine))
        rate = asyncio.run(_flood(ours, sent, mine, SECONDS))
        bound, statements = _pgbench(ours, script, others), script.count(";") - 2
        calm = Beats(seqs=sent.seqs)
        asyncio.run(_drip(ours, calm, mine, STEADY * rate))
        lost = (sent.acknowledged | calm.acknowledged) - _kept(ours)
        durable = _durability(ours)
    assert not lost, f"{len(lost)} acknowledged beats are not in the database"
    took = statistics.quantiles(calm.took, n=100)
    return Row(
        name="beats",
        what=f"beats taken over HTTP, one a request, {CONNECTIONS} connections, against prepared pgbench",
        ours=rate,
        bound=bound,
        unit="beats/s",
        side=">=",
        goal=0.5,
        details={
            "acknowledged": len(sent.acknowledged | calm.acknowledged),
            "lost": len(lost),
            "steady_beats_per_s": round(STEADY * rate),
            "p50_ms": round(1000 * took[49], 1),
            "p99_ms": round(1000 * took[98], 1),
            "within_250_ms": 1000 * took[98] <= MOST_MILLISECONDS,
            "viewers_at_most": int(rate * vault_settings().beat_seconds),
            "statements_per_beat": statements,
            **durable,
        },
    )


def _beat(seq: int) -> dict[str, Any]:
    start = seq * BEAT_SECONDS
    end = start + BEAT_SECONDS
    return {"seq": seq, "span_start": start, "span_end": end, "played": [[start, end, 1.0]]}


async def _begin(ours: Site, sent: Beats, seats: list[Seat]) -> None:
    """Everybody's first beat, which costs more than those that go on from it."""
    ahead = iter(seats)

    async def send(poster: Poster) -> None:
        for each in ahead:
            await sent.send(poster, each)

    async with connected(ours.port, CONNECTIONS) as posters:
        await asyncio.gather(*map(send, posters))


async def _flood(ours: Site, sent: Beats, seats: list[Seat], seconds: float) -> float:
    """Every connection sends the next beat as soon as the last one is acknowledged; beats a second."""
    turns, begun, before = itertools.cycle(seats), time.perf_counter(), len(sent.acknowledged)

    async def send(poster: Poster) -> None:
        while time.perf_counter() < begun + seconds:
            await sent.send(poster, next(turns))

    async with connected(ours.port, CONNECTIONS) as posters:
        await asyncio.gather(*map(send, posters))
    return (len(sent.acknowledged) - before) / (time.perf_counter() - begun)


async def _drip(ours: Site, sent: Beats, seats: list[Seat], rate: float) -> None:
    """So many beats a second, evenly; one that finds no free connection waits, and its waiting counts."""
    turns, begun = itertools.cycle(seats), time.perf_counter()
    places = itertools.count()

    async def send(poster: Poster) -> None:
        while (due_at := begun + next(places) / rate) < begun + SECONDS:
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            await sent.send(poster, next(turns), due_at)

    async with connected(ours.port, CONNECTIONS) as posters:
        await asyncio.gather(*map(send, posters))


def _kept(ours: Site) -> set[tuple[UUID, int]]:
    with _database(ours) as db:
        return {(row[0], row[1]) for row in db.execute(text("SELECT viewing_id, seq FROM beats"))}


def _durability(ours: Site) -> dict[str, str]:
    with _database(ours) as db:
        return {name: db.execute(text(f"SHOW {name}")).scalar_one() for name in ("fsync", "synchronous_commit")}


@contextmanager
def _database(ours: Site) -> Iterator[Db]:
    with Db(create_engine(ours.database_url, poolclass=NullPool), expire_on_commit=False) as db:
        yield db


def _script(ours: Site, one: Seat) -> str:
    """The statements of one beat as the server sends them, for pgbench: `:place` is the person, `:seq` the beat."""
    said: list[str] = []
    with _database(ours) as db:
        # The first beat of all goes the longer way.
        person = login.people_of(db, [one.token])[one.token]
        watchlog.record(db, watchlog.find_own(db, person, one.id), [_report(0)])
        db.commit()

        @event.listens_for(db.get_bind(), "before_cursor_execute")
        def note(_conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            said.extend(_as_pgbench(statement, row, one, cursor) for row in (parameters if many else [parameters]))

        (answered,) = beats.take(db, [Brought(one.token, one.id, [_report(1)])])
        db.commit()
    assert answered, "the bound is to be that of a plain beat"
    return "\n".join(["BEGIN;", *said, "COMMIT;"])


def _report(seq: int) -> Report:
    return Report(**_beat(seq), hidden_seconds=0.0, muted_seconds=0.0)


def _as_pgbench(statement: str, parameters: dict[str, Any], one: Seat, cursor: Any) -> str:
    """One statement on one line, with the person, their viewing, cookie and beat as variables."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        given = parameters[name]
        mine = "lpad(:place::int::text, 32, '0')::uuid"
        cookie = f"sha256(('{one.token.removesuffix(str(one.place))}' || :place::int)::bytea)"
        for own, written in ((one.id, mine), (login.digest(one.token), cookie)):
            if given in (own, [own]):
                return written if given == own else f"ARRAY[{written}]"
        if name.startswith("rows"):
            return _json_as_pgbench(given, one)
        if name.startswith("seq"):
            return ":seq::int"
        return sql.Literal(given).as_string(cursor)

    return " ".join(re.sub(r"%\((\w+)\)s", value, statement).split()) + ";"


def _json_as_pgbench(given: Any, one: Seat) -> str:
    """Rows in JSON, put together from their pieces around the person and the number of the beat."""
    written = re.sub(r'("(?:last_)?seq": )\d+', r"\1' || :seq::int || '", json.dumps(given.obj))
    written = written.replace(one.id.hex, "' || lpad(:place::int::text, 32, '0') || '")
    return f"('{written}')::jsonb"


def _pgbench(ours: Site, script: str, others: list[Seat]) -> float:
    """Transactions a second."""
    url = make_url(ours.database_url)
    binaries = programs.find_postgres(None)
    chosen = f"\\set place random({others[0].place}, {others[-1].place})\n\\set seq random(2, 2000000000)\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "beat.sql"
        file.write_text(chosen + script, encoding="utf-8")
        words = ["--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", "--jobs=1", f"--time={SECONDS:.0f}"]
        where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username), str(url.database)]
        ran = subprocess.run(
            [binaries / "pgbench", *words, f"--file={file}", *where],
            env={"PGPASSWORD": url.password or ""},
            capture_output=True,
            text=True,
        )
    assert ran.returncode == 0, ran.stderr
    found = re.search(r"^tps = ([\d.]+)", ran.stdout, re.MULTILINE)
    assert found, ran.stdout
    return float(found.group(1))
