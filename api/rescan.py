"""Searches everything that was let in again, after the gate's rules changed."""

import sys
from argparse import Namespace

from ingest import rescan
from ingest.models import InspectionResult
from ingest.rescan import Rescanned

_SAID = {
    None: "không đọc được, hoặc đã được quyết định / could not be read, or was decided on meanwhile",
    InspectionResult.CLEAN: "không có gì / clean",
    InspectionResult.DOUBTFUL: "bị giữ, chờ người xem / held for a person",
    InspectionResult.SEALED: "bị niêm phong, chờ người xem / sealed for a person",
    InspectionResult.REFUSED: "bị từ chối và huỷ / refused and destroyed",
}


def run(_: Namespace) -> int:
    """Print one line for each file; 1 when something was found, like `verify`."""
    done = rescan.rescan(tell)
    found = [each for each in done if each.result is not InspectionResult.CLEAN]
    sys.stdout.write(
        f"{len(done)} tệp đã soát lại, {len(found)} bị chặn / {len(done)} searched, {len(found)} stopped\n"
    )
    return 1 if found else 0


def tell(done: Rescanned) -> None:
    """Name a file by its job: its own name may be what was found."""
    sys.stdout.write(f"{done.job_id}  {_SAID[done.result]}  {', '.join(done.rules)}".rstrip() + "\n")
    sys.stdout.flush()  # Each file takes a while.
