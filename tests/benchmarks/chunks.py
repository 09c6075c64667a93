"""What it costs to encode in chunks that any worker may take, against one run from end to end."""

from pathlib import Path
from tempfile import TemporaryDirectory

from ingest import binaries, content
from tests.benchmarks import engine, inputs, vmaf
from tests.benchmarks.engine import Run
from tests.benchmarks.row import Row

#: Real chunks last two minutes, which is all of the input: it is cut into more, so that there is something to see.
CHUNK_SECONDS = 30.0
#: Each is run so often, in turn, and the least taken: the machine's noise is larger than what is looked for.
ROUNDS = 3
SCORED_RUNG = "v480"


def measure() -> Row:
    source = inputs.light_lecture()
    with TemporaryDirectory(prefix="diemcau-bench-") as scratch:
        whole, parted = engine.begin(source, Path(scratch) / "whole"), engine.begin(source, Path(scratch) / "parted")
        whole.content = parted.content = content.look(source.path, whole.facts)
        costs: dict[str, list[float]] = {"whole": [], "parted": []}
        for _ in range(ROUNDS):
            costs["whole"].append(_encode(whole, inputs.SECONDS * 2))
            costs["parted"].append(_encode(parted, CHUNK_SECONDS))
        scores = [vmaf.score(engine.joined(run, SCORED_RUNG), source.original) for run in (parted, whole)]
        sizes = [sum(file.stat().st_size for files in run.chunks.values() for file in files) for run in (parted, whole)]
    return Row(
        name="chunks",
        what=f"encoding in chunks of {CHUNK_SECONDS:g} s, {source.name}, against all in one",
        ours=min(costs["parted"]),
        bound=min(costs["whole"]),
        unit="CPU s",
        side="<=",
        goal=1.02,
        details={
            "vmaf_difference": round(scores[0].mean - scores[1].mean, 2),
            "bytes_ratio": round(sizes[0] / sizes[1], 4),
            "chunks": len(parted.chunks[SCORED_RUNG]),
            "rounds": {name: [round(seconds, 2) for seconds in spent] for name, spent in costs.items()},
            "ffmpeg": binaries.find().version,
            "vmaf": vmaf.version(),
        },
    )


def _encode(run: Run, chunk_seconds: float) -> float:
    run.folder.mkdir(exist_ok=True)
    run.seconds.clear()
    run.chunks.clear()
    engine.encode(run, chunk_seconds)
    return run.total
