"""From the bytes of any meeting log to its participants: each name once, with all its stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sessions.meetings import bigbluebutton, reports
from sessions.meetings.logs import Line, Log, LogEmpty, RowUnreadable
from sessions.meetings.moments import Frame
from sessions.meetings.presence import Stay
from sessions.models.meetings import Platform
from sessions.names import search_key

#: No call lasts longer; a stay that does comes from a clock or a date that is wrong.
_LONGEST_STAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Participant:
    """One name and address as the platform knew it, with every stay; `row` is the first that tells of it."""

    row: int
    name: str
    email: str | None
    account: str | None
    stays: list[Stay]


def read(data: bytes, frame: Frame) -> Log:
    """A log of any platform. Raises an `Invalid` whose sentence says what is wrong, and in which row."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise LogEmpty
    if bigbluebutton.is_dashboard(data):
        log = bigbluebutton.read_dashboard(data)
    elif bigbluebutton.is_markup(data):
        log = bigbluebutton.read_events(data)
    else:
        log = reports.read(data, frame)
    _demand_somebody(log)
    _demand_sane(log.lines)
    return log


def _demand_somebody(log: Log) -> None:
    if log.lines:
        return
    if log.platform is Platform.BIGBLUEBUTTON and log.skipped:
        first = log.skipped[0]
        raise RowUnreadable(row=first.row, why_vi=first.vi, why_en=first.en)
    raise LogEmpty


def _demand_sane(lines: Iterable[Line]) -> None:
    for line in lines:
        seconds = (line.left - line.joined).total_seconds() if line.joined and line.left else 60 * (line.minutes or 0)
        if not 0 <= seconds <= _LONGEST_STAY_SECONDS:
            why_vi = "giờ ra sớm hơn giờ vào" if seconds < 0 else "ở lại quá 24 giờ"
            why_en = "somebody left before they came" if seconds < 0 else "somebody stayed for more than 24 hours"
            raise RowUnreadable(row=line.row, why_vi=why_vi, why_en=why_en)


def span(lines: Sequence[Line]) -> tuple[datetime, datetime] | None:
    """The first and the last moment that a log tells of; None when it only has lengths."""
    told = [moment for line in lines for moment in (line.joined, line.left) if moment]
    return (min(told), max(told)) if told else None


def participants(log: Log) -> list[Participant]:
    """The stays of a log put together by who they are: the account, or the address and the name.

    Whoever never left was there until the last moment that the log tells of.
    """
    whole = span(log.lines)
    found: dict[tuple[str, str], Participant] = {}
    for line in log.lines:
        known = found.setdefault(
            (line.account or line.email or "", search_key(line.name)),
            Participant(line.row, line.name, line.email, line.account, []),
        )
        known.stays.append(_stay(line, whole[1] if whole else None))
    return list(found.values())


def _stay(line: Line, last: datetime | None) -> Stay:
    left = line.left or (last if line.joined else None)
    return Stay(line.joined.timestamp() if line.joined else None, left.timestamp() if left else None, line.minutes)
