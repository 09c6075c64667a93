"""Beats sent as fast as they are taken while something of the server is killed, and what was acknowledged of them."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.journeys.site import Site
from tests.journeys.viewers import Player, Watcher, absent

#: So many open their viewings at a time.
_AT_ONCE = 16
#: What each beat tells to have been played, in seconds: little enough for its time, however soon the next one follows.
_PLAYED = 0.05


@dataclass
class Killing:
    """What came of it: the beats that the server said it has, and after how many seconds everybody was served again."""

    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    unanswered: int = 0
    recovered_seconds: float = 0.0

    def lost(self, site: Site) -> set[tuple[str, int]]:
        """Those acknowledged that the database does not hold."""
        with create_engine(site.database_url, poolclass=NullPool).connect() as db:
            kept = {(str(viewing), seq) for viewing, seq in db.execute(text("SELECT viewing_id, seq FROM beats"))}
        return self.acknowledged - kept


async def beat_while_killed(site: Site, watchers: Iterable[Watcher], victim: str, patience: float = 120) -> Killing:
    """Everybody opens a viewing and sends beats; `victim` is killed amid them, and each must get through once more.

    Raises TimeoutError for whoever does not within `patience` seconds.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def seat(watcher: Watcher) -> Player:
        async with gate:
            return await Player(watcher, absent).open()

    players = await asyncio.gather(*map(seat, watchers))
    told, killed = Killing(), asyncio.Event()
    went_on = dict.fromkeys((player.viewing["id"] for player in players), False)

    async def watch(player: Player) -> None:
        mine = player.viewing["id"]
        while not went_on[mine]:
            await asyncio.sleep(_PLAYED)
            beat = player.take_beat([[player.at, player.at + _PLAYED, 1.0]])
            was_killed = killed.is_set()
            answer = await player.send([beat])
            if answer is not None and answer.is_success:
                player.at += _PLAYED
                told.acknowledged.add((mine, beat["seq"]))
                went_on[mine] = was_killed
            else:
                told.unanswered += 1

    watching = [asyncio.create_task(watch(player)) for player in players]
    while len(told.acknowledged) < 2 * len(players):
        await asyncio.sleep(0.1)
    await asyncio.to_thread(site.kill, victim)
    killed.set()
    begun = time.monotonic()
    await asyncio.wait_for(asyncio.gather(*watching), timeout=patience)
    told.recovered_seconds = time.monotonic() - begun
    return told
