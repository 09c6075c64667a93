"""`diemcau inspect`: what the gate and the probe would say of files, as a table or as JSON, without taking them in."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest import examine, runner
from ingest.examine import Examined, Reason, Verdict
from sessions.errors import Invalid

#: No file may take longer than this, whatever it is.
DEADLINE_SECONDS = 118.0

_VERDICTS = {
    Verdict.ADMITTED: "nhận / admitted",
    Verdict.HELD: "giữ lại / held",
    Verdict.REFUSED: "từ chối / refused",
}


class NothingThere(Invalid):
    code = "nothing-there"
    vi = "Không có tệp hay thư mục này: {path}"
    en = "There is no such file or folder: {path}"


def run(arguments: argparse.Namespace) -> int:
    """Inspect every file below the paths; exit status 1 when one is held or refused."""
    files = list(files_below(arguments.paths))
    said = []
    for file in files:
        said.append(one := inspect(file))
        if not arguments.json:
            _show(one)
    if arguments.json:
        sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    else:
        _sum_up(said)
    return 0 if all(one["verdict"] == Verdict.ADMITTED for one in said) else 1


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """Every plain file that is named or lies below what is named, by name. Raises NothingThere."""
    for path in paths:
        if not path.exists():
            raise NothingThere(path=path)
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file())


def inspect(file: Path) -> dict[str, Any]:
    """Examine one file in a process of its own, which is killed when it takes too long."""
    command = [sys.executable, "-I", "-m", examine.__name__, str(file.absolute())]
    try:
        done = runner.run(command, deadline_seconds=DEADLINE_SECONDS, nice=0)
    except runner.ToolTimedOut:
        return _given_up(
            file,
            Reason(
                "took-too-long",
                f"Không đọc xong trong {DEADLINE_SECONDS:.0f} giây, nên chưa kết luận được.",
                f"It could not be read within {DEADLINE_SECONDS:.0f} seconds, so nothing is decided.",
            ),
            Verdict.HELD,
            DEADLINE_SECONDS,
        )
    except runner.ToolFailed as fault:
        sys.stderr.write(fault.stderr_tail)
        return _given_up(
            file,
            Reason("inspection-failed", "Việc kiểm tra bị lỗi ngoài dự kiến.", "Inspecting it failed unexpectedly."),
        )
    said: dict[str, Any] = json.loads(done.stdout or b"")
    return {**said, "path": str(file)}


def _given_up(file: Path, why: Reason, verdict: Verdict = Verdict.REFUSED, seconds: float = 0.0) -> dict[str, Any]:
    return asdict(Examined(str(file), verdict, [why], seconds=seconds))


def _show(said: dict[str, Any]) -> None:
    peak = f"{said['peak_rss_bytes'] / 2**20:.0f} MB" if said["peak_rss_bytes"] else "?"
    lines = [f"{_VERDICTS[said['verdict']]:18} {said['seconds']:6.1f} s {peak:>8}  {said['path']}"]
    lines += [f"    {reason['text']} / {reason['en']}" for reason in said["reasons"]]
    lines += [
        f"    {found['code']}: {found['start_seconds']:.0f}-{found['end_seconds']:.0f} s" for found in said["findings"]
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _sum_up(said: Sequence[dict[str, Any]]) -> None:
    for verdict, words in _VERDICTS.items():
        sys.stdout.write(f"{words}: {sum(one['verdict'] == verdict for one in said)}\n")
