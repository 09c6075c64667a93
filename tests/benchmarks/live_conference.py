"""The conference of 145 points and 11,873 attendees, replayed minute by minute: is the live board right at each?

Technicians confirm, check, connect, count, lose their links, deliver late from their outboxes, correct, tick people and
close, through the public API of the shipped front desk by a clock that is moved; `happening` knows what is true.
"""

import statistics
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from api.embedded import runstate
from api.seed import lai_chau
from sessions import clock
from sessions.models import CheckIn
from tests.benchmarks.row import Row
from tests.journeys import clocked, happening
from tests.journeys.conference import Conference, prepare
from tests.journeys.happening import Part
from tests.journeys.site import site
from tests.servers import front_desk

POINTS, ATTENDEES = 145, 11_873
#: A morning of four hours and an afternoon of three and a half, from 7:30 on.
PARTS = ((0, 240), (360, 570))
MINUTES = [*range(-happening.DAY - 3, -happening.DAY + 4), *range(-65, PARTS[-1][1] + 25)]


def measure() -> Row:
    tomorrow = clock.now().astimezone(clock.VIETNAM).date() + timedelta(days=1)
    starts_at = datetime.combine(tomorrow, datetime.min.time(), clock.VIETNAM) + timedelta(hours=7.5)
    with (
        site() as ours,
        tempfile.TemporaryDirectory() as folder,
        clocked.clock_in(Path(folder)) as (hand, settings),
        front_desk(**runstate.servers_of(ours.home), DIEMCAU_DATA_DIR=str(ours.home), **settings) as desk,
        Db(create_engine(ours.database_url, poolclass=NullPool), expire_on_commit=False) as db,
    ):
        parts = [Part(*part) for part in PARTS]
        replay = prepare(db, desk.address, hand, lai_chau.province(), parts, ATTENDEES, starts_at)
        replay.open()
        replay.replay(MINUTES)
        replay.close(MINUTES[-1] + 1)
        ticked = db.scalar(select(func.count()).select_from(CheckIn))
        replay.http.close()
    for fault in replay.wrong[:10]:
        print(fault, flush=True)
    assert len(replay.points) == POINTS
    return Row(
        name="live-board",
        what=f"minutes at which the board was right, of a replayed conference of {POINTS} points",
        ours=float(replay.minutes - len(replay.wrong)),
        bound=float(replay.minutes),
        unit="minutes",
        side=">=",
        goal=1.0,
        details=_details(replay) | {"ticked": ticked},
    )


def _details(replay: Conference) -> dict[str, object]:
    present = sum(point.told.counts[0, "start"] for point in replay.points)
    assert present == ATTENDEES, f"{present} were counted at the start of the morning"
    p95 = {f"p95_ms_{kind}": round(1000 * _p95(took), 1) for kind, took in sorted(replay.took.items()) if len(took) > 1}
    calls = sum(len(took) for took in replay.took.values())
    return {
        "attendees": present,
        "calls": calls,
        "delivered_late": replay.late,
        "sent_twice": replay.twice,
        "asked_about": replay.asked,
        "corrections": len(replay.took["correction"]),
        "troubles": len(replay.took["trouble"]),
        **p95,
    }


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[18]
