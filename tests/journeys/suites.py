"""Runs the cheating and the honest suite side by side on one site, and says how each one ended."""

import asyncio
import inspect
import time
import traceback
from dataclasses import dataclass

from tests.journeys.audience import enrol, seated
from tests.journeys.cheats import CHEATS, Cheat
from tests.journeys.honest import HONEST, Honest
from tests.journeys.viewers import Ending, Watcher
from tests.journeys.walk import Walk


@dataclass(frozen=True)
class Outcome:
    """How one way of watching ended, and what went wrong in its doing, if anything did."""

    name: str
    ending: Ending
    trouble: str = ""


@dataclass(frozen=True)
class Outcomes:
    cheats: list[Outcome]
    honest: list[Outcome]

    def table(self) -> str:
        """Both tables as text, one line for each way."""
        return "\n".join(
            line
            for title, outcomes in (("cheats", self.cheats), ("honest", self.honest))
            for line in (f"{title}:", *(f"  {each.ending:<12} {each.name.replace('_', ' ')}" for each in outcomes))
        )

    @property
    def precision(self) -> float:
        """Of those who were credited, the share of the honest."""
        honest, cheats = _credited(self.honest), _credited(self.cheats)
        return honest / (honest + cheats)

    @property
    def recall(self) -> float:
        """Of the honest, the share that was credited."""
        return _credited(self.honest) / len(self.honest)


#: These wait until the time for an answer is over, which takes minutes however short the talk is.
_TAKE_MINUTES = {"answers_too_late", "misses_the_first_question"}


#: These claim more than the time that passed, at once. On a machine that is busy with all the others that time would
#: really pass while their requests wait, and they would have claimed no more than they could have watched.
_HASTY = {
    "banks_the_grace_of_many_viewings",
    "lets_spans_overlap",
    "opens_many_viewings_at_the_same_moment",
    "plays_sixteen_times_as_fast_and_says_once",
    "plays_sixteen_times_as_fast_by_script",
    "sends_beats_in_a_crafted_order",
    "sends_one_forged_beat_of_everything",
    "sets_the_clock_back",
    "sets_the_clock_forward",
    "sums_many_overlapping_pieces",
}


def run(walk: Walk, recording_id: str, *, whole: bool = True) -> Outcomes:
    """Let everybody watch a published talk, or pretend to; takes a few times its length.

    The hasty among the cheats come first, all others at the same time after them.
    """
    left_out = set() if whole else _TAKE_MINUTES
    cheats = {name: cheat for name, cheat in CHEATS.items() if name not in left_out}
    honest = {name: person for name, person in HONEST.items() if name not in left_out}
    names = [f"gian-{place:02}" for place in range(len(cheats))] + [f"that-{place:02}" for place in range(len(honest))]
    names += [f"ban-{place:02}" for place in range(sum(map(_needs_help, cheats.values())))]
    ids = enrol(walk, names)
    return asyncio.run(_watch(walk, recording_id, ids, cheats, honest))


async def _watch(
    walk: Walk, recording_id: str, ids: dict[str, str], cheats: dict[str, Cheat], honest: dict[str, Honest]
) -> Outcomes:
    async with seated(walk, recording_id, ids) as seats:
        seat = iter(seats.values())
        cheating = [(name, cheat, next(seat)) for name, cheat in cheats.items()]
        watching = [_end(name, person(mine := next(seat)), mine) for name, person in honest.items()]
        hasty, patient = [], []
        for name, cheat, mine in cheating:
            doing = _end(name, cheat(mine, next(seat) if _needs_help(cheat) else mine), mine)
            (hasty if name in _HASTY else patient).append(doing)
        first = await asyncio.gather(*hasty)
        others = await asyncio.gather(*patient, *watching)
    return Outcomes([*first, *others[: len(patient)]], list(others[len(patient) :]))


async def _end(name: str, doing, seat: Watcher) -> Outcome:
    trouble, begun = "", time.monotonic()
    try:
        await doing
    except Exception:  # noqa: BLE001 - One that breaks is told with the others, not instead of them.
        trouble = traceback.format_exc()
    ending = await seat.ending()
    print(f"{time.monotonic() - begun:6.0f} s  {ending:<12}  {name.replace('_', ' ')}", flush=True)
    return Outcome(name, ending, trouble)


def _needs_help(cheat: Cheat) -> bool:
    return "helper" in inspect.signature(cheat).parameters


def _credited(outcomes: list[Outcome]) -> int:
    return sum(each.ending == "credited" for each in outcomes)
