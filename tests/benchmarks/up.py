"""How long a set-up site takes from its start to a healthy answer, and what it weighs when it has nothing to do."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from tests.benchmarks.row import Row
from tests.journeys.site import Site
from tests.servers import free_ports

STARTS = 5
#: What people are asked to wait at most (the product's own promise).
BOUND_SECONDS = 10.0


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as folder:
        site = Site(Path(folder), free_ports(1)[0])
        first = site.start()
        site.stop()
        later = []
        for _ in range(STARTS):
            later.append(site.start())
            time.sleep(3)
            weight = idle_megabytes(site)
            site.stop()
    return Row(
        name="up",
        what="start to a healthy answer",
        ours=statistics.median(later),
        bound=BOUND_SECONDS,
        unit="s",
        side="<=",
        goal=1.0,
        details={"first_start_s": round(first, 2), "slowest_s": round(max(later), 2), "idle_pss_mb": weight},
    )


def idle_megabytes(site: Site) -> int:
    """Proportional set size of all of the site's processes together."""
    kilobytes = 0
    for pid in {*site.children(""), site.process.pid}:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        kilobytes += int(found.group(1)) if found else 0
    return kilobytes // 1024
