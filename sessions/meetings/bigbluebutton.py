"""BigBlueButton's own logs: a recording's events.xml, and the data behind the learning dashboard.

The clock of the events has changed over the years: since 1970, or since the server was started. Newer servers give
both, older ones at least the moment at which the meeting was made, in its id.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sessions.meetings.logs import Line, Log, LogDamaged, NotAMeetingLog, RowUnreadable, Skipped, short
from sessions.models.meetings import Platform
from sessions.names import clean

#: Milliseconds since 1970 from September 2001 on; anything less counts from somewhere else.
_SINCE_1970 = 10**12
_MADE_AT = re.compile(r"-(1\d{12})$")
_DEEPEST = 100


@dataclass
class _Stay:
    row: int
    user: str
    came: int
    left: int | None = None


@dataclass
class _Meeting:
    """What the events tell, in their own clock (ms)."""

    names: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    stays: list[_Stay] = field(default_factory=list)
    open: dict[str, _Stay] = field(default_factory=dict)
    #: What must be added to an event's own time to come to milliseconds since 1970, once known.
    ahead: int | None = None
    #: When the meeting was made, by its id: about when the first event happened.
    made_at: int | None = None
    last: int = 0

    def take(self, row: int, event: str, at: int, told: dict[str, str]) -> None:
        self.last = max(self.last, at)
        if self.ahead is None:
            self.ahead = self._ahead(at, told.get("timestampUTC", ""))
        user = told.get("userId") or told.get("userid") or ""
        if told.get("name") and event in {"ParticipantJoinEvent", "AssignPresenterEvent"}:
            self.names.setdefault(user, clean(told["name"]))
        if event == "ParticipantJoinEvent":
            self.accounts[user] = told.get("externalUserId", "")
            self._open(row, user, at)
        elif event == "ParticipantLeftEvent" and user in self.open:
            self.open.pop(user).left = at
        elif event == "EndAndKickAllEvent":
            for stay in self.open.values():
                stay.left = at
            self.open.clear()

    def _ahead(self, at: int, utc: str) -> int | None:
        if at >= _SINCE_1970:
            return 0
        if utc.isdigit():
            return int(utc) - at
        return self.made_at - at if self.made_at else None

    def _open(self, row: int, user: str, at: int) -> None:
        """Joining again while still there is a reconnect whose leaving was lost: the stay goes on."""
        if user not in self.open:
            self.open[user] = _Stay(row, user, at)
            self.stays.append(self.open[user])


def is_dashboard(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def is_markup(data: bytes) -> bool:
    return data.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def read_events(data: bytes) -> Log:
    """All stays of an events.xml. Raises `LogDamaged` with the line, or `NotAMeetingLog` for other XML."""
    meeting = _Meeting()
    for row, element in _elements(data):
        if row == 0:
            _demand_recording(element)
            made = _MADE_AT.search(element.get("meeting_id", ""))
            meeting.made_at = int(made[1]) if made else None
        elif element.tag == "event" and element.get("timestamp", "").isdigit():
            told = {child.tag: (child.text or "").strip() for child in element}
            meeting.take(row, element.get("eventname", ""), int(element.get("timestamp", "")), told)
    return _log(meeting)


def _demand_recording(root: Element) -> None:
    if root.tag not in {"recording", "events"}:
        raise NotAMeetingLog(
            why_vi=f"tệp XML này bắt đầu bằng <{root.tag[:40]}>, không phải events.xml của BigBlueButton",
            why_en=f"this XML begins with <{root.tag[:40]}> and is no events.xml of BigBlueButton",
        )


def _log(meeting: _Meeting) -> Log:
    lines, skipped = [], []
    for stay in meeting.stays:
        name = meeting.names.get(stay.user, "")
        if name:
            lines.append(_line(meeting, stay, name))
        else:
            skipped.append(Skipped(stay.row, "sự kiện vào phòng không kèm tên", "somebody joined without a name"))
    return Log(Platform.BIGBLUEBUTTON, lines, skipped)


def _line(meeting: _Meeting, stay: _Stay, name: str) -> Line:
    left = meeting.last if stay.left is None else stay.left
    account = meeting.accounts.get(stay.user) or stay.user
    if meeting.ahead is None:
        return Line(stay.row, name, minutes=(left - stay.came) / 60_000, account=account)
    joined, until = _moment(stay.came + meeting.ahead), _moment(left + meeting.ahead)
    return Line(stay.row, name, joined=joined, left=until, account=account)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _elements(data: bytes) -> Iterator[tuple[int, Element]]:
    """The root without its children as number 0, then each child with its line: never the whole tree at once."""
    reader = _Reader()
    for start in range(0, len(data), 2**18):
        yield from reader.feed(data[start : start + 2**18])
    yield from reader.feed(b"", last=True)


class _Reader:
    """Expat with what does harm refused: a document type may hold entities without end, and no recording needs one."""

    def __init__(self) -> None:
        self._depth = 0
        self._row = 0
        self._done: list[tuple[int, Element]] = []
        self._builder = TreeBuilder()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, last: bool = False) -> list[tuple[int, Element]]:
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # The latter two: an encoding nobody knows.
            raise self._damaged(
                "không còn đúng dạng XML, có lẽ tệp bị cắt ngang", "it is no XML from here on"
            ) from error
        done, self._done = self._done, []
        return done

    def _damaged(self, vi: str, en: str) -> LogDamaged:
        return LogDamaged(kind="events.xml", row=max(self._parser.CurrentLineNumber, 1), why_vi=vi, why_en=en)

    def _doctype(self, *_: object) -> None:
        raise self._damaged("có khai báo thực thể (DOCTYPE)", "it declares a document type, which may hold entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            self._done.append((0, Element(name, attributes)))
        else:
            self._row = self._row if self._depth > 1 else self._parser.CurrentLineNumber
            self._builder.start(name, attributes)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._damaged("lồng quá sâu", "it is nested too deeply")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth >= 1:
            self._builder.end(name)
        if self._depth == 1:
            self._done.append((self._row, self._builder.close()))
            self._builder = TreeBuilder()

    def _text(self, text: str) -> None:
        if self._depth > 1:
            self._builder.data(text)


def read_dashboard(data: bytes) -> Log:
    """All stays of a learning dashboard's JSON. Raises `LogDamaged` with the line, or `NotAMeetingLog`."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise LogDamaged(kind="JSON", row=1, why_vi="không phải UTF-8", why_en="it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", 1)
        raise LogDamaged(
            kind="JSON", row=row, why_vi="không còn đúng dạng", why_en="it is no JSON from here on"
        ) from None
    users = told.get("users") if isinstance(told, dict) else None
    if not isinstance(users, dict):
        raise NotAMeetingLog(
            why_vi="tệp JSON này không có danh sách “users” của bảng học tập BigBlueButton",
            why_en="this JSON has no “users” as BigBlueButton's learning dashboard has",
        )
    ended = _number(told.get("endedOn"))
    lines = [line for row, user in enumerate(users.values(), 1) for line in _of_user(row, user, ended)]
    return Log(Platform.BIGBLUEBUTTON, lines, [])


def _of_user(row: int, user: Any, ended: int) -> Iterator[Line]:
    """The stays of one user, in each of the three forms that servers have written over the years."""
    name = clean(str(user.get("name") or "")) if isinstance(user, dict) else ""
    if not name:
        raise RowUnreadable(row=row, why_vi="người dùng này không có tên", why_en="this user has no name")
    inner = user.get("intIds")
    devices = list(inner.values()) if isinstance(inner, dict) else [user]
    for device in devices:
        sessions = device.get("sessions") if isinstance(device, dict) else None
        for stay in sessions if isinstance(sessions, list) else [device]:
            came, left = (_number(stay.get(key)) if isinstance(stay, dict) else 0 for key in ("registeredOn", "leftOn"))
            if came <= 0:
                why_vi, why_en = f"“{short(name)}” không có giờ vào", f"“{short(name)}” has no time of joining"
                raise RowUnreadable(row=row, why_vi=why_vi, why_en=why_en)
            until = left or ended
            yield Line(
                row,
                name,
                joined=_moment(came),
                left=_moment(until) if until >= came else None,
                account=str(user.get("extId") or ""),
            )


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 10**14 else 0
