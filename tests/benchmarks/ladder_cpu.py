"""What the ladder costs in processor time, against what other systems spend on the same recording with their own."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest import binaries, graphs, runner
from ingest.ladder import Codec
from tests.benchmarks import engine, inputs, peers
from tests.benchmarks.engine import Run
from tests.benchmarks.inputs import Input
from tests.benchmarks.peers import Encoded
from tests.benchmarks.row import Row

LOW_RUNG = "v360"
#: Decoding the whole recording once, on one thread, is what nobody can do without.
FLOOR_GOAL = 4.0


def measure_copy() -> Row:
    """The whole ladder of a recording whose own picture is handed on as the top rung."""
    source = inputs.light_lecture()
    run = _made(source)
    # The clip that stands in where the real lecture is absent may be too heavy to be copied.
    assert run.rungs.copied or not source.real, "This recording's own picture was to be the top rung."
    theirs, floor = peers.peertube(source), decode_seconds(source)
    multiple = run.total / floor
    details = {"floor_multiple": round(multiple, 1), "floor_goal": f"<={FLOOR_GOAL:g}", "floor_s": round(floor, 2)}
    return _row("ladder-cpu-copy", "whole ladder, top rung copied", run, theirs, 0.125, "PeerTube", details)


def measure_encode() -> Row:
    """The whole ladder with every rung encoded; beside it what the other systems' ladders cost."""
    source = inputs.lecture()
    run = _made(source)
    assert Codec.COPY not in {rung.codec for rung in run.rungs.video}, "Every rung was to be encoded."
    others: dict[str, Callable[[Input], dict[str, Encoded]]] = {
        "mediacms": peers.mediacms,
        "opencast": peers.opencast,
        "bigbluebutton": peers.bigbluebutton,
    }
    beside = {f"{name}_s": round(peers.cpu_seconds(ladder(source)), 1) for name, ladder in others.items()}
    return _row("ladder-cpu-encode", "whole ladder encoded", run, peers.peertube(source), 0.2, "PeerTube", beside)


def measure_low_rung() -> Row:
    """The H.264 rung for weak links, with its sound, and nothing else."""
    source = inputs.lecture()
    run = _made(source, LOW_RUNG)
    theirs = peers.bigbluebutton(source)
    return _row("low-rung-cpu", "64 kbit/s rung alone", run, theirs, 0.11, "BigBlueButton", {})


def decode_seconds(source: Input) -> float:
    """Processor time of decoding the picture from end to end on one thread."""
    graph = graphs.uploaded(source.path, threads=1)["v:0"].output("pipe:", format="null")
    return runner.run(graphs.command_of(graph), deadline_seconds=peers.DEADLINE_SECONDS).cpu_seconds


def _made(source: Input, only: str | None = None) -> Run:
    with TemporaryDirectory(prefix="diemcau-bench-") as folder:
        return engine.make(engine.begin(source, Path(folder), only))


def _row(
    name: str, what: str, run: Run, theirs: dict[str, Encoded], goal: float, peer: str, more: dict[str, Any]
) -> Row:
    print("\n".join(f"{peer} ran: {command}" for command in peers.commands(theirs)), flush=True)
    return Row(
        name=name,
        what=f"{what}, {run.source.name}, against {peer}",
        ours=run.total,
        bound=peers.cpu_seconds(theirs),
        unit="CPU s",
        side="<=",
        goal=goal,
        details={
            **{f"{part}_s": round(seconds, 2) for part, seconds in run.seconds.items()},
            "rungs": [rung.name for rung in run.rungs.video],
            "kbit_s": {each: round(stream.bit_rate / 1000, 1) for each, stream in run.streams.items()},
            "peer_s": {each: round(rung.cpu_seconds, 1) for each, rung in theirs.items()},
            "peer_from_cache": all(rung.cached for rung in theirs.values()),
            "load": round(os.getloadavg()[0], 1),
            "ffmpeg": binaries.find().version,
            **more,
        },
    )
