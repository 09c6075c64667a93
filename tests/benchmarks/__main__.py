"""`make bench [ONLY=name]`: runs the benchmarks, prints a row for each, and appends one line of JSON to bench.json."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import (
    beats,
    beats_kills,
    bits,
    checkins,
    chunks,
    evidence,
    gate,
    kills,
    ladder_cpu,
    live_conference,
    register,
    roster_import,
    slides_bytes,
    start,
    time_to_replay,
    timeline,
    up,
    uploads,
)
from tests.benchmarks.row import Row

BENCHMARKS: dict[str, Callable[[], Row]] = {
    "up": up.measure,
    "upload": uploads.measure,
    "uploads-kills": uploads.measure_troubles,
    "ladder-cpu-copy": ladder_cpu.measure_copy,
    "ladder-cpu-encode": ladder_cpu.measure_encode,
    "low-rung-cpu": ladder_cpu.measure_low_rung,
    "bits-equal-vmaf": bits.measure_equal_vmaf,
    "bits-slides": bits.measure_slides,
    "chunks": chunks.measure,
    "slides-bytes": slides_bytes.measure,
    "timeline": timeline.measure,
    "time-to-replay": time_to_replay.measure,
    "gate": gate.measure,
    "kills": kills.measure,
    "beats": beats.measure,
    "beats-kills": beats_kills.measure,
    "cheats": evidence.measure_cheats,
    "honest": evidence.measure_honest,
    "start-64k": start.measure,
    "live-board": live_conference.measure,
    "roster-import": roster_import.measure,
    "rollup": register.measure_rollup,
    "board": register.measure_board,
    "unit-page": register.measure_unit_page,
    "checkin-writes": checkins.measure,
}
LOG = Path(__file__).parent.parent.parent / "bench.json"


def main(only: list[str]) -> int:
    unknown = [name for name in only if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
        return 2
    rows = []
    for name in only or BENCHMARKS:
        row = BENCHMARKS[name]()
        rows.append(row)
        print(row, flush=True)
        entry = row.as_json() | {"versions": {"diemcau": version("diemcau")}, "at": datetime.now(UTC).isoformat()}
        with LOG.open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
