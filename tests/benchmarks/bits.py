"""How many bits our encoders need for the same picture as PeerTube's.

Our side of a curve is encoded at PeerTube's frame rate and size, so that only the encoder's work is compared: the
settings of `ingest.coding`, without their ceiling, with keyframes where the engine plans them. What is measured follows
from the input, the command and the ffmpeg alone, so all of it is kept, and made again with FULL=1.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import scipy
from scipy.interpolate import PchipInterpolator

from ingest import binaries, coding, content, graphs, ladder, packets, probe, runner, transcode
from ingest.ladder import VideoRung
from tests.benchmarks import engine, inputs, peers, vmaf
from tests.benchmarks.inputs import Input
from tests.benchmarks.row import Row
from tests.benchmarks.vmaf import Score

FPS = 25
#: The rung whose encoder settings are compared at each height, and the CRFs that make its curve.
CURVES: dict[int, tuple[str, tuple[int, ...]]] = {480: ("a720", (36, 42, 46, 50)), 720: ("a720", (32, 34, 42, 50))}
SLIDES_RUNG, SLIDES_PEER_HEIGHT = "v480", 480


@dataclass(frozen=True, slots=True)
class Point:
    """A rendition: bits per second of its picture, and what it scores."""

    bit_rate: float
    score: Score


def measure_equal_vmaf() -> Row:
    """The worst over sizes and statistics of our rate at PeerTube's score, as a share of PeerTube's rate.

    The lecture is judged. The screen share and the noisy lecture, which take half an hour, are shown with FULL=1.
    """
    sources = [inputs.lecture()]
    if peers.fresh():
        sources += [inputs.screen_share(), inputs.noisy_lecture()]
    shares: dict[str, float] = {}
    curves: dict[str, list[str]] = {}
    for source in sources:
        for height in CURVES:
            theirs, ours = _peer_point(source, height), _curve(source, height)
            for statistic in ("mean", "low"):
                shares[f"{source.name} {height}p {statistic}"] = _share(theirs, ours, statistic)
            curves[f"{source.name} {height}p"] = [f"{point.bit_rate / 1000:.0f}k {point.score}" for point in ours]
            curves[f"{source.name} {height}p PeerTube"] = [f"{theirs.bit_rate / 1000:.0f}k {theirs.score}"]
    print("\n".join(f"{name}: {', '.join(points)}" for name, points in curves.items()), flush=True)
    judged = {name: share for name, share in shares.items() if name.startswith(sources[0].name)}
    return Row(
        name="bits-equal-vmaf",
        what=f"bits at equal VMAF NEG, {sources[0].name}, the worst of {', '.join(judged)}",
        ours=max(judged.values()),
        bound=1.0,
        unit="of PeerTube's bits",
        side="<=",
        goal=0.45,
        details={
            "shares": {name: round(share, 3) for name, share in shares.items()},
            **_versions(),
        },
    )


def measure_slides() -> Row:
    """The real rung, at its own frame rate, on slides with a speaker in the corner."""
    source = inputs.light_lecture()
    theirs, ours = _peer_point(source, SLIDES_PEER_HEIGHT, model=vmaf.DEFAULT), _rung_point(source)
    return Row(
        name="bits-slides",
        what=f"480p H.264 bits on slides, {source.name}, against PeerTube's 480p",
        ours=ours.bit_rate / 1000,
        bound=theirs.bit_rate / 1000,
        unit="kbit/s",
        side="<=",
        # A rung that shows less than PeerTube's misses the goal whatever it weighs.
        goal=0.29 if ours.score.mean >= theirs.score.mean else 0.0,
        details={"vmaf_ours": str(ours.score), "vmaf_peer": str(theirs.score), **_versions()},
    )


def _share(theirs: Point, ours: Sequence[Point], statistic: str) -> float:
    """Our rate at their score ÷ their rate; beyond the ends of our curve it would be a guess, so that is infinite."""
    scores = [getattr(point.score, statistic) for point in ours]
    due = getattr(theirs.score, statistic)
    order = np.argsort(scores)
    if due > max(scores):
        return float("inf")
    if due < min(scores):  # Even our leanest point shows more: its rate is an upper bound.
        return min(point.bit_rate for point in ours) / theirs.bit_rate
    rate = PchipInterpolator(np.take(scores, order), np.take([np.log(point.bit_rate) for point in ours], order))
    return float(np.exp(rate(due)) / theirs.bit_rate)


def _curve(source: Input, height: int) -> list[Point]:
    name, crfs = CURVES[height]
    rung = next(rung for rung in ladder.RUNGS if rung.name == name)
    facts = probe.inspect(source.path)
    assert facts.video is not None
    width = round(height * facts.video.width / facts.video.height / 2) * 2
    chunks = transcode.plan_chunks(facts, content.look(source.path, facts), chunk_seconds=2 * inputs.SECONDS)
    places = [chunk.first + place for chunk in chunks for place in chunk.keyframes]
    times = ",".join(f"{place * ladder.GRID_SECONDS:.1f}" for place in places)
    return [
        _kept(source, partial(_encoded, source, replace(rung, width=width, height=height, crf=crf), times), vmaf.NEG)
        for crf in crfs
    ]


def _encoded(source: Input, rung: VideoRung, keyframes: str, out: Path) -> list[str]:
    """The command that encodes the whole input at PeerTube's rate with a rung's own settings."""
    options = coding.options(rung) | {"force_key_frames": keyframes}
    del options["maxrate"], options["bufsize"]
    picture = graphs.uploaded(source.path)["v:0"].filter("fps", FPS)
    picture = picture.filter("scale", rung.width, rung.height, **coding.SCALING)
    return graphs.command_of(picture.filter("format", "yuv420p").output(str(out), an=None, **options))


def _kept(source: Input, command: Callable[[Path], list[str]], model: str) -> Point:
    shown = " ".join(command(Path("OUT")))
    result = peers.kept("curve", shown, source.digest, model, vmaf.version()).with_suffix(".json")
    if result.exists() and not peers.fresh():
        return _point(json.loads(result.read_text(encoding="utf-8")))
    with TemporaryDirectory(prefix="diemcau-bench-") as scratch:
        out = Path(scratch) / "out.mp4"
        runner.run(command(out), deadline_seconds=peers.DEADLINE_SECONDS)
        point = Point(_bit_rate(out), vmaf.score(out, source.original, model=model))
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(asdict(point)), encoding="utf-8")
    return point


def _peer_point(source: Input, height: int, model: str = vmaf.NEG) -> Point:
    made = peers.peertube_rung(source, height)
    result = peers.kept("peer-score", made.command, source.digest, model, vmaf.version()).with_suffix(".json")
    if result.exists() and not peers.fresh():
        return _point(json.loads(result.read_text(encoding="utf-8")))
    point = Point(_bit_rate(made.main_file), vmaf.score(made.main_file, source.original, model=model))
    result.write_text(json.dumps(asdict(point)), encoding="utf-8")
    return point


def _rung_point(source: Input) -> Point:
    with TemporaryDirectory(prefix="diemcau-bench-") as scratch:
        run = engine.begin(source, Path(scratch), SLIDES_RUNG)
        engine.look(run)
        engine.encode(run, transcode.CHUNK_SECONDS)
        file = engine.joined(run, SLIDES_RUNG)
        return Point(_bit_rate(file), vmaf.score(file, source.original))


def _bit_rate(file: Path) -> float:
    """The picture's packets alone, without what any container adds."""
    return float(packets.weigh(file, index=0).size.sum()) * 8 / inputs.SECONDS


def _point(known: dict[str, Any]) -> Point:
    return Point(known["bit_rate"], Score(**known["score"]))


def _versions() -> dict[str, str]:
    return {"ffmpeg": binaries.find().version, "vmaf": vmaf.version(), "scipy": scipy.__version__}
