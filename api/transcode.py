"""`diemcau transcode`: every form of one recording into a folder, with a bar that shows how far it is."""

import argparse
import sys
import time

from ingest import standalone
from ingest.standalone import Report

_WIDTH = 30
_STAGES = {
    "pages": "vẽ trang chiếu / drawing pages",
    "speech": "mã hoá tiếng nói / speech",
    "look": "xem qua hình / looking at the picture",
    "timeline": "tìm lúc chuyển trang / finding slide times",
    "chunk": "mã hoá hình / encoding the picture",
    "package": "đóng gói và kiểm tra / packaging and checking",
    "done": "xong / done",
}


def run(arguments: argparse.Namespace) -> int:
    """Transcode one file; exit status 1 when a rung failed its check."""
    bar = _Bar()
    report = standalone.transcode(
        arguments.file, arguments.out, slides=arguments.slides, workers=arguments.workers, on_stage=bar.show
    )
    print(file=sys.stderr)
    _tell(report)
    return 1 if report.warnings else 0


def _tell(report: Report) -> None:
    for rung in report.rungs:
        size = f"{rung['width']}x{rung['height']}@{rung['frame_rate']}" if "width" in rung else ""
        weight = f"{rung['bytes'] / 1e6:9.2f} MB {rung['bit_rate'] / 1000:7.1f} kbit/s"
        print(f"{rung['name']:6} {weight} {size:14} {rung['file']}")
    print(f"Trang chiếu / pages: {report.pages}; mốc chuyển trang / slide times: {len(report.timeline)}")
    spent = sum(report.cpu_seconds.values())
    print(f"CPU: {spent:.1f} s; {report.seconds:.0f} s bản ghi / of recording; {report.wall_seconds:.0f} s")
    for warning in report.warnings:
        print(f"! {warning}", file=sys.stderr)


class _Bar:
    """One line that is drawn anew; on a stream that is no terminal, a line for each stage."""

    def __init__(self) -> None:
        self._begun, self._stage = time.monotonic(), ""

    def show(self, stage: str, share: float) -> None:
        if not sys.stderr.isatty():
            if stage != self._stage:
                print(_STAGES[stage], file=sys.stderr, flush=True)
        else:
            filled = round(share * _WIDTH)
            left = self._left(share)
            line = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%} {left} {_STAGES[stage]}"
            print(f"\r{line:<110.110}", end="", file=sys.stderr, flush=True)
        self._stage = stage

    def _left(self, share: float) -> str:
        if not 0.02 < share < 1:
            return "       "
        seconds = (time.monotonic() - self._begun) * (1 - share) / share
        return f"~{seconds // 60:.0f}:{seconds % 60:02.0f}   "[:7]
