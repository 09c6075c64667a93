"""What the ladder costs in processor time, against what other systems spend on the same recording with their own."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest import binaries, graphs, runner, standalone
from ingest.standalone import Report
from tests.benchmarks import engine, inputs, peers
from tests.benchmarks.inputs import Input
from tests.benchmarks.peers import Encoded
from tests.benchmarks.row import Row

LOW_RUNG = "v360"
#: Decoding the whole recording once, on one thread, is what nobody can do without.
FLOOR_GOAL = 4.0
#: Stages that are no part of the ladder.
APART = {"pages", "timeline"}


def measure_copy() -> Row:
    """The whole ladder of a recording whose own picture is handed on as the top rung."""
    source = inputs.light_lecture()
    report = _whole_ladder(source)
    made, theirs, floor = {rung["name"] for rung in report.rungs}, peers.peertube(source), decode_seconds(source)
    # The clip that stands in where the real lecture is absent may be too heavy to be copied.
    assert "copy" in made or not source.real, f"This recording's own picture was to be the top rung: {made}"
    details = {
        "floor_multiple": round(_ladder_seconds(report) / floor, 1),
        "floor_goal": f"<={FLOOR_GOAL:g}",
        "floor_s": round(floor, 2),
    }
    return _row("ladder-cpu-copy", f"whole ladder, top rung copied, {source.name}", report, theirs, 0.125, details)


def measure_encode() -> Row:
    """The whole ladder with every rung encoded; beside it, with FULL=1, what the other systems' ladders cost."""
    source = inputs.lecture()
    report = _whole_ladder(source)
    assert "copy" not in {rung["name"] for rung in report.rungs}, "Every rung was to be encoded."
    others = {"mediacms": peers.mediacms, "opencast": peers.opencast, "bigbluebutton": peers.bigbluebutton}
    beside = {f"{name}_s": round(peers.cpu_seconds(run(source)), 1) for name, run in others.items() if peers.fresh()}
    return _row(
        "ladder-cpu-encode", f"whole ladder encoded, {source.name}", report, peers.peertube(source), 0.2, beside
    )


def measure_low_rung() -> Row:
    """The H.264 rung for weak links, with its sound, and nothing else."""
    source = inputs.lecture()
    with TemporaryDirectory(prefix="diemcau-bench-") as folder:
        run = engine.make(engine.begin(source, Path(folder), LOW_RUNG))
    theirs = peers.bigbluebutton(source)
    _print_commands(theirs)
    return Row(
        name="low-rung-cpu",
        what=f"64 kbit/s rung alone, {source.name}, against BigBlueButton's video",
        ours=run.total,
        bound=peers.cpu_seconds(theirs),
        unit="CPU s",
        side="<=",
        goal=0.11,
        details={
            **{f"{part}_s": round(seconds, 2) for part, seconds in run.seconds.items()},
            "kbit_s": round(sum(stream.bit_rate for stream in run.streams.values()) / 1000, 1),
            **_circumstances(theirs),
        },
    )


def decode_seconds(source: Input) -> float:
    """Processor time of decoding the picture from end to end on one thread."""
    graph = graphs.uploaded(source.path, threads=1)["v:0"].output("pipe:", format="null")
    return runner.run(graphs.command_of(graph), deadline_seconds=peers.DEADLINE_SECONDS).cpu_seconds


def _whole_ladder(source: Input) -> Report:
    """Make all forms as `diemcau transcode` does, one thing at a time. Raises AssertionError where one is amiss."""
    with TemporaryDirectory(prefix="diemcau-bench-") as folder:
        report = standalone.transcode(source.path, Path(folder), workers=1)
    assert not report.warnings, report.warnings
    return report


def _ladder_seconds(report: Report) -> float:
    """Looking, encoding, stitching and verifying; finding the pages is printed apart."""
    return sum(seconds for stage, seconds in report.cpu_seconds.items() if stage not in APART)


def _row(
    name: str, what: str, report: Report, theirs: dict[str, Encoded], goal: float, details: dict[str, object]
) -> Row:
    _print_commands(theirs)
    return Row(
        name=name,
        what=f"{what}, against PeerTube's",
        ours=_ladder_seconds(report),
        bound=peers.cpu_seconds(theirs),
        unit="CPU s",
        side="<=",
        goal=goal,
        details={
            **{f"{stage}_s": seconds for stage, seconds in report.cpu_seconds.items()},
            "kbit_s": {rung["name"]: round(rung["bit_rate"] / 1000, 1) for rung in report.rungs},
            **_circumstances(theirs),
            **details,
        },
    )


def _print_commands(theirs: dict[str, Encoded]) -> None:
    print("\n".join(f"{name}: {rung.command}" for name, rung in theirs.items()), flush=True)


def _circumstances(theirs: dict[str, Encoded]) -> dict[str, object]:
    """What a figure depends on. Busy neighbours make every processor second shorter of work, for both sides."""
    return {
        "peer_s": {name: round(rung.cpu_seconds, 1) for name, rung in theirs.items()},
        "peer_from_cache": all(rung.cached for rung in theirs.values()),
        "load": round(os.getloadavg()[0], 1),
        "ffmpeg": binaries.find().version,
    }
