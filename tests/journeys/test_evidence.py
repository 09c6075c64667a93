"""Cheating and honest viewings of a short talk, in real time over HTTP; `make bench` runs them at greater length."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.journeys.audience import enrol, publish, seated
from tests.journeys.beating import Killing, beat_while_killed
from tests.journeys.cheats import MAY_BE_FLAGGED
from tests.journeys.site import Site, site
from tests.journeys.suites import run
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

    async def kill() -> Killing:
        async with seated(stage.walk, stage.recording_id, ids) as seats:
            return await beat_while_killed(stage.site, seats.values(), victim)

    told = asyncio.run(kill())
    assert len(told.acknowledged) > _VIEWERS
    assert told.lost(stage.site) == set()
