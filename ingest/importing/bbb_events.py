"""What BigBlueButton's events.xml tells: when files began, which page was shown when, who was there, what was written.

The clock of the events has changed over the years (since 1970, or since the server was started), but within one file
all events use the same. Names of elements have changed too; what is read here goes by what all of them have in common.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from archive.models import AttachmentKind
from ingest.importing import markup
from ingest.importing.package import Attached, Shown

#: Events that tell that a file begins, with the child that names it.
_BEGINS = {
    "StartRecordingEvent": "filename",
    "DeskshareStartedEvent": "file",
    "StartWebRTCShareEvent": "filename",
    "StartWebRTCDesktopShareEvent": "filename",
    "StartWebcamShareEvent": "stream",
}
_EPOCH = re.compile(r"(1\d{12})$")


class _Turn(NamedTuple):
    """A page was shown from this moment (ms) on."""

    at: int
    deck: str
    page: int


class _Stay(NamedTuple):
    name: str
    came: str
    left: str


@dataclass
class Events:
    """One meeting's events, in their own clock (ms)."""

    path: Path
    title: str = ""
    first: int = 0
    last: int = 0
    #: The stems of the files that were recorded, and when each began.
    begun: dict[str, int] = field(default_factory=dict)
    presentations: set[str] = field(default_factory=set)
    #: How the file of a presentation was called by whoever brought it.
    filenames: dict[str, str] = field(default_factory=dict)
    turns: list[_Turn] = field(default_factory=list)
    stays: list[_Stay] = field(default_factory=list)
    chat: list[tuple[str, str, str]] = field(default_factory=list)
    marks_recording: bool = False

    @classmethod
    def of(cls, path: Path) -> "Events":
        """Read the file in one go. Raises `MarkupRefused`."""
        told = cls(path)
        reading = _Reading(told)
        for element in markup.children_of(path):
            if element.tag == "event" and element.get("timestamp", "").isdigit():
                inner = {child.tag: (child.text or "").strip() for child in element}
                reading.take(element.get("eventname", ""), int(element.get("timestamp", "")), inner)
            elif element.tag in {"meeting", "metadata", "head"}:
                named = (element.get(name, "") for name in ("name", "meetingName", "title"))
                told.title = told.title or next(filter(None, named), markup.text_of(element, "title", "meetingName"))
        reading.finish()
        return told

    @property
    def files(self) -> set[str]:
        return set(self.begun)

    def begin_of(self, path: Path) -> int | None:
        """When a file began: as the events tell, or else as the number at the end of its name does."""
        if (told := self.begun.get(path.stem)) is not None:
            return told
        named = _EPOCH.search(path.stem)
        # The name of a file that began before the first event, or after the last, is of another clock.
        return int(named[1]) if named and self.first - 60_000 <= int(named[1]) <= self.last else None

    def shown_from(self, begun: int, known: Iterable[str]) -> tuple[Shown, ...]:
        """The pages that were shown from this moment on, on the clock of a file that began then."""
        shown: dict[float, Shown] = {}
        for turn in self.turns:
            if turn.deck in known:
                at = max(0.0, (turn.at - begun) / 1000)  # What stood there already is shown from the start.
                shown[at] = Shown(at, turn.deck, turn.page)
        return tuple(each for at, each in sorted(shown.items()))

    def attendance(self) -> Attached | None:
        """Who came and left when, as a table for the register; nothing when the events name nobody."""
        if not self.stays:
            return None
        return Attached(
            AttachmentKind.ATTENDANCE, "attendance.csv", _table(("name", "joined", "left"), self.stays), self.path
        )

    def chat_file(self) -> Attached:
        return Attached(AttachmentKind.CHAT, "chat.csv", _table(("at", "name", "message"), self.chat), self.path)


class _Reading:
    """What must be remembered from one event to the next."""

    def __init__(self, told: Events) -> None:
        self._told = told
        self._deck = ""
        self._page: dict[str, int] = {}
        self._here: dict[str, tuple[str, str]] = {}

    def take(self, event: str, at: int, inner: dict[str, str]) -> None:
        told = self._told
        told.first, told.last = told.first or at, at
        if event in _BEGINS and (name := inner.get(_BEGINS[event])):
            told.begun.setdefault(PurePosixPath(name).stem, at)
        elif event == "ParticipantStatusChangeEvent" and inner.get("status") == "hasStream":
            self._take_webcam(at, inner.get("value", ""))
        elif event in {"SharePresentationEvent", "ConversionCompletedEvent", "GotoSlideEvent"}:
            self._take_slides(event, at, inner)
        elif event in {"ParticipantJoinEvent", "ParticipantLeftEvent", "EndAndKickAllEvent"}:
            self._take_person(event, at, inner)
        elif event == "PublicChatEvent":
            told.chat.append((_moment(at, inner), inner.get("sender", ""), inner.get("message", "")))
        elif event == "RecordStatusEvent":
            told.marks_recording = True

    def finish(self) -> None:
        """Nobody outstays the last event."""
        for name, came in self._here.values():
            self._told.stays.append(_Stay(name, came, ""))

    def _take_webcam(self, at: int, value: str) -> None:
        on, _, stream = value.partition(",stream=")
        if on == "true" and stream:
            self._told.begun.setdefault(stream, at)

    def _take_slides(self, event: str, at: int, inner: dict[str, str]) -> None:
        deck = inner.get("presentationName") or inner.get("presentation") or self._deck
        if deck:
            self._told.presentations.add(deck)
        if event == "ConversionCompletedEvent":
            self._told.filenames[deck] = inner.get("originalFilename", "")
        if event == "ConversionCompletedEvent" or not deck:
            return
        if event == "GotoSlideEvent" and inner.get("slide", "").isdigit():
            self._page[deck] = int(inner["slide"]) + 1
        self._deck = deck
        self._told.turns.append(_Turn(at, deck, self._page.setdefault(deck, 1)))

    def _take_person(self, event: str, at: int, inner: dict[str, str]) -> None:
        moment, who = _moment(at, inner), inner.get("userId", "")
        if event == "ParticipantJoinEvent":
            self._here.setdefault(who, (inner.get("name") or who, moment))
            return
        for left in [who] if event == "ParticipantLeftEvent" else list(self._here):
            if left in self._here:
                self._told.stays.append(_Stay(*self._here.pop(left), moment))


def _moment(at: int, inner: dict[str, str]) -> str:
    """The time of day of an event in UTC; as the bare milliseconds where the clock says nothing of days."""
    told = inner.get("timestampUTC", "")
    milliseconds = int(told) if told.isdigit() else at
    if milliseconds < 10**12:
        return str(milliseconds)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode()
