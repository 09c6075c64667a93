"""kill -9 of the server and of its PostgreSQL under five hundred viewers: is every acknowledged beat there after it?"""

import asyncio

from sqlalchemy import create_engine
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from archive import watchlog
from tests.benchmarks.row import Row
from tests.journeys.beating import Killing, beat_while_killed
from tests.journeys.crowd import seat, show, watching
from tests.journeys.site import Site, site
from tests.journeys.walk import Walk

VIEWERS = 500
VICTIMS = {"api": "serve", "postgres": "postgres"}
#: Everybody must be served again after so many seconds.
PATIENCE = 300.0
_TALK_SECONDS = 3600.0


def measure() -> Row:
    acknowledged, lost = 0, 0
    details: dict[str, float] = {}
    with site() as ours:
        walk = Walk(ours.address)
        walk.set_up()
        walk.register()
        seats, recording_id = seat(ours, walk, VIEWERS), show(ours, walk, _TALK_SECONDS)

        async def kill(victim: str) -> Killing:
            async with watching(walk, seats, recording_id) as watchers:
                return await beat_while_killed(ours, watchers, victim, PATIENCE)

        for name, victim in VICTIMS.items():
            told = asyncio.run(kill(victim))
            acknowledged += len(told.acknowledged)
            lost += len(told.lost(ours))
            details[f"{name}_acknowledged"] = len(told.acknowledged)
            details[f"{name}_unanswered"] = told.unanswered
            details[f"{name}_all_served_after_s"] = round(told.recovered_seconds, 1)
        wrong = _found_wrong(ours)
        walk.close()
    return Row(
        name="beats-kills",
        what=f"acknowledged beats of {VIEWERS} viewers that kill -9 of the API and of PostgreSQL took away",
        ours=lost,
        bound=acknowledged,
        unit="beats",
        side="<=",
        goal=0,
        details={**details, "found_wrong_by_verify": wrong},
    )


def _found_wrong(ours: Site) -> int:
    """Viewings whose kept coverage is not what their beats add up to."""
    with Db(create_engine(ours.database_url, poolclass=NullPool)) as db:
        return len(watchlog.verify(db).wrong)
