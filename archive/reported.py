"""What a player reports of a stretch: the beat as it comes, as it is kept, and as the rule takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.coverage import CLOCK_GRACE, Played
from archive.models import Viewing
from archive.plainrows import ViewingRow
from sessions.errors import Invalid


class BeatImpossible(Invalid):
    code = "beat-impossible"
    vi = "Nhịp xem số {seq} có số liệu không thể có nên không được ghi nhận."
    en = "Beat number {seq} holds figures that cannot be, so it was not taken."


@dataclass(frozen=True)
class Report:
    """One beat as a player sends it; units as in `archive.coverage.Played`."""

    seq: int
    span_start: float
    span_end: float
    played: Sequence[tuple[float, float, float]]
    hidden_seconds: float
    muted_seconds: float


def demand_possible(report: Report) -> None:
    """Raise `BeatImpossible` for a beat whose figures contradict one another."""
    if not is_possible(report):
        raise BeatImpossible(seq=report.seq)


def is_possible(report: Report) -> bool:
    """Whether the figures of a beat agree with one another."""
    span = report.span_end - report.span_start
    return (
        0 <= report.span_start <= report.span_end
        and 0 <= report.hidden_seconds <= span + CLOCK_GRACE
        and 0 <= report.muted_seconds <= span + CLOCK_GRACE
        and all(0 <= start <= end and rate > 0 for start, end, rate in report.played)
    )


def row_of(viewing: Viewing | ViewingRow, report: Report, received_at: datetime) -> dict[str, Any]:
    """A beat as it is kept, columns of `Beat`."""
    return {
        "viewing_id": viewing.id,
        "seq": report.seq,
        "span_start": report.span_start,
        "span_end": report.span_end,
        "played": [list(segment) for segment in report.played],
        "hidden_seconds": report.hidden_seconds,
        "muted_seconds": report.muted_seconds,
        "received_at": received_at,
    }


def played_of(report: Report, received_at: datetime) -> Played:
    """A beat as the rule takes it."""
    return Played(
        report.seq,
        report.span_start,
        report.span_end,
        tuple((start, end, rate) for start, end, rate in report.played),
        report.hidden_seconds,
        report.muted_seconds,
        received_at,
    )
