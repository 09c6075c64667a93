"""Does watching mean watched, and is everybody honest credited: two suites over HTTP against the shipped server."""

import functools
import os
import tempfile
from pathlib import Path

from tests.benchmarks.row import Row
from tests.journeys.audience import publish
from tests.journeys.cheats import MAY_BE_FLAGGED
from tests.journeys.site import site
from tests.journeys.suites import Outcomes, run
from tests.journeys.walk import Walk

#: Seconds of the talk that is watched in real time; FULL=1 makes it as long as needs several questions.
_SECONDS = 240
_FULL_SECONDS = 2400


def measure_cheats() -> Row:
    """How many of the cheats were credited."""
    outcomes = _outcomes()
    endings = [each.ending for each in outcomes.cheats]
    return Row(
        "cheats",
        "ways to be credited without watching that succeeded, against those that were tried",
        ours=endings.count("credited"),
        bound=len(endings),
        unit="ways",
        side="<=",
        goal=0,
        details={
            "credited": endings.count("credited"),
            "flagged": endings.count("flagged"),
            "may_be_flagged": len(MAY_BE_FLAGGED),
            "tried": len(endings),
            "precision": round(outcomes.precision, 3),
        },
    )


def measure_honest() -> Row:
    """How many of the honest were refused."""
    outcomes = _outcomes()
    endings = [each.ending for each in outcomes.honest]
    return Row(
        "honest",
        "honest but troubled viewings that were refused, against those that were tried",
        ours=endings.count("not credited"),
        bound=len(endings),
        unit="viewings",
        side="<=",
        goal=0,
        details={
            "refused": endings.count("not credited"),
            "by_hand": endings.count("flagged"),
            "tried": len(endings),
            "recall": round(outcomes.recall, 3),
        },
    )


@functools.cache
def _outcomes() -> Outcomes:
    """Both suites in one run, since they share the clock on the wall; both tables are printed."""
    with site() as ours, tempfile.TemporaryDirectory() as folder:
        walk = Walk(ours.address)
        recording_id = publish(walk, Path(folder), _FULL_SECONDS if os.environ.get("FULL") else _SECONDS)
        outcomes = run(walk, recording_id)
        walk.close()
    print(outcomes.table())
    for each in (*outcomes.cheats, *outcomes.honest):
        if each.trouble:
            print(f"{each.name} broke off:\n{each.trouble}")
    return outcomes
