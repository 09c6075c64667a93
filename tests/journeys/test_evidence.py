"""Cheating and honest viewings of a short talk, in real time over HTTP; `make bench` runs them at greater length."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, text

from tests.journeys.audience import enrol, publish, seated
from tests.journeys.cheats import MAY_BE_FLAGGED
from tests.journeys.site import Site, site
from tests.journeys.suites import run
from tests.journeys.viewers import Player, absent
from tests.journeys.walk import Walk

_SECONDS = 18
_VIEWERS = 20


@dataclass(frozen=True)
class Stage:
    """A site whose one conference has a replay."""

    site: Site
    walk: Walk
    recording_id: str


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with site(DIEMCAU_BEAT_SECONDS="5") as ours:
        walk = Walk(ours.address)
        yield Stage(ours, walk, publish(walk, tmp_path_factory.mktemp("talk"), _SECONDS))
        walk.close()


def test_no_cheat_is_credited_and_nobody_honest_is_refused(stage):
    outcomes = run(stage.walk, stage.recording_id, whole=False)
    print(outcomes.table())
    broken = [f"{each.name}: {each.trouble}" for each in (*outcomes.cheats, *outcomes.honest) if each.trouble]
    assert not broken, "\n".join(broken)
    assert (len(outcomes.cheats) >= 40, len(outcomes.honest) >= 40) == (True, True)
    assert [each.name for each in outcomes.cheats if each.ending == "credited"] == []
    assert {each.name for each in outcomes.cheats if each.ending == "flagged"} <= set(MAY_BE_FLAGGED)
    assert [each.name for each in outcomes.honest if each.ending != "credited"] == []
    assert (outcomes.precision, outcomes.recall) == (1, 1)


@pytest.mark.parametrize("victim", ["serve", "postgres"])
def test_every_acknowledged_beat_outlives_kill_9(stage, victim):
    ids = enrol(stage.walk, [f"{victim}-{place:02}" for place in range(_VIEWERS)])
    acknowledged = asyncio.run(_beat_while_killed(stage, ids, victim))
    assert len(acknowledged) > _VIEWERS
    engine = create_engine(stage.site.database_url)
    with engine.connect() as db:
        kept = {(str(viewing), seq) for viewing, seq in db.execute(text("SELECT viewing_id, seq FROM beats"))}
    engine.dispose()
    assert acknowledged <= kept


async def _beat_while_killed(stage: Stage, ids: dict[str, str], victim: str) -> set[tuple[str, int]]:
    """Everybody sends beats as fast as they are taken, while the victim is killed; what the server said it has."""
    acknowledged: set[tuple[str, int]] = set()

    async def watch(player: Player) -> None:
        while not over.is_set() or not went_on[player.watcher.name]:
            await asyncio.sleep(0.05)
            beat = player.take_beat([])
            answer = await player.send([beat])
            if answer is not None and answer.is_success:
                acknowledged.add((player.viewing["id"], beat["seq"]))
                went_on[player.watcher.name] = over.is_set()

    over, went_on = asyncio.Event(), dict.fromkeys(ids, False)
    async with seated(stage.walk, stage.recording_id, ids) as seats:
        players = await asyncio.gather(*(Player(seat, absent).open() for seat in seats.values()))
        watching = [asyncio.create_task(watch(player)) for player in players]
        while len(acknowledged) < _VIEWERS:
            await asyncio.sleep(0.1)
        await asyncio.to_thread(stage.site.kill, victim)
        over.set()
        # Each must get through once more: so the server is there again.
        await asyncio.wait_for(asyncio.gather(*watching), timeout=120)
    return acknowledged
