"""A meeting log once it has been read, whatever platform it came from, and the sentences for what can't be read."""

from dataclasses import dataclass, field
from datetime import datetime

from sessions.errors import Invalid
from sessions.models.meetings import Platform


class LogRefused(Invalid):
    """The one base of all that is wrong with a log itself, so that a caller can show the sentence and go on."""


class NotAMeetingLog(LogRefused):
    code = "not-a-meeting-log"
    vi = "Tệp này không phải nhật ký cuộc họp: {why_vi}."
    en = "This file is not a meeting log: {why_en}."


class LogEmpty(LogRefused):
    code = "meeting-log-empty"
    vi = "Nhật ký này không ghi ai vào phòng họp cả. Hãy tải lại báo cáo sau khi cuộc họp kết thúc."
    en = "Nobody ever joined according to this log. Download the report again once the meeting is over."


class LogDamaged(LogRefused):
    code = "meeting-log-damaged"
    vi = "Tệp {kind} bị hỏng ở dòng {row}: {why_vi}."
    en = "The {kind} file is damaged in line {row}: {why_en}."


class RowUnreadable(LogRefused):
    code = "meeting-row-unreadable"
    vi = "Dòng {row}: {why_vi}. Không có dòng nào được nhập; hãy sửa dòng đó hoặc tải lại báo cáo gốc."
    en = "Row {row}: {why_en}. Nothing was imported; correct that row or download the report again."


@dataclass(frozen=True)
class Line:
    """One stay of one name. `minutes` is the platform's own total, and nobody was there any longer than that.

    Without `joined` only the minutes are known; without `left` the name was still there when the log ended.
    """

    row: int
    name: str
    email: str | None = None
    joined: datetime | None = None
    left: datetime | None = None
    minutes: float | None = None
    #: What else the platform knows the account by; equal ones are one participant.
    account: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A row that says nobody was there, or not who: left out, and told of."""

    row: int
    vi: str
    en: str


@dataclass(frozen=True)
class Log:
    """All stays of one meeting, in the order of the file."""

    platform: Platform
    lines: list[Line]
    skipped: list[Skipped] = field(default_factory=list)


def short(text: str) -> str:
    """A piece of the file for a sentence about it."""
    return text if len(text) <= 40 else f"{text[:39]}…"
