"""What the gate lets through and holds, on decks and clips of a labelled set that the detector was not tuned on."""

import resource
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest import inspection, probe
from ingest.inspection import Material, Verdict
from ingest.models import InspectionResult, UploadKind
from tests.benchmarks import gate_set
from tests.benchmarks.gate_set import Item
from tests.benchmarks.row import Row

#: Seeds under 100 are for tuning.
FIRST_SEED, ITEMS = 1000, 400
LEAST_STOPPED, MOST_HELD = 0.99, 0.02


@dataclass(frozen=True)
class Judged:
    item: Item
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict.result is InspectionResult.CLEAN

    @property
    def refused(self) -> bool:
        return self.verdict.result is InspectionResult.REFUSED


def measure() -> Row:
    before = _cpu_seconds()
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as name:
        judged = [judge(seed, Path(name)) for seed in range(FIRST_SEED, FIRST_SEED + ITEMS)]
    print(confusion(judged), flush=True)
    figures = figures_of(judged)
    stopped, held = figures["marked_stopped"], figures["clean_held"]
    holds = stopped >= LEAST_STOPPED and held <= MOST_HELD and not figures["clean_refused"]
    return Row(
        name="gate",
        what=f"certain markings that pass, of {ITEMS} unseen decks and clips",
        ours=figures["certain_passed"] + (0 if holds else 1),
        bound=1,
        unit="",
        side="<=",
        goal=0,
        details=figures | {"cpu_s": round(_cpu_seconds() - before)},
    )


def judge(seed: int, folder: Path) -> Judged:
    """Make the item of a seed, have it inspected as an upload is, and throw its files away."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        item = gate_set.make(seed, Path(name))
        facts = probe.inspect(item.path) if item.kind is UploadKind.RECORDING else None
        pictures = Path(name) / "pictures"
        pictures.mkdir()
        return Judged(item, inspection.inspect(Material(item.path, item.kind, item.filename, facts=facts), pictures))


def figures_of(judged: Iterable[Judged]) -> dict[str, float]:
    marked = [one for one in judged if one.item.marked]
    clean = [one for one in judged if not one.item.marked]
    return {
        "certain_passed": sum(one.passed and one.item.certain for one in marked),
        "marked_stopped": round(sum(not one.passed for one in marked) / len(marked), 4),
        "clean_held": round(sum(not one.passed and not one.refused for one in clean) / len(clean), 4),
        "clean_refused": sum(one.refused for one in clean),
    }


def confusion(judged: Iterable[Judged]) -> str:
    """Lay out how each way of marking, and each kind of clean material, was judged."""
    results = list(InspectionResult)
    counts = Counter((one.item.marked, one.item.way, one.verdict.result) for one in judged)
    lines = [f"{'':<8}{'way':<18}" + "".join(f"{result.value:>10}" for result in results)]
    for marked, way in sorted({(marked, way) for marked, way, _ in counts}, reverse=True):
        row = "".join(f"{counts[marked, way, result]:>10}" for result in results)
        lines.append(f"{'marked' if marked else 'clean':<8}{way:<18}{row}")
    return "\n".join(lines)


def _cpu_seconds() -> float:
    """User and system seconds of this process and of the programs that it ran."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
