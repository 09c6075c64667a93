"""What happens at the points of a conference, minute by minute, and what the board has to show of it.

The rules of the board stand here a second time, in other words than the register's, so that one checks the other.
Minutes are counted from the start of the first part.
"""

from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from api.seed.turnout import Room

MOMENTS = ("start", "middle", "end")
ITEMS = ("link", "video", "display", "camera", "sound", "power", "backup", "trial")
DAY = 24 * 60


@dataclass
class Part:
    begins: int
    ends: int
    id: str = ""

    def at(self, moment: str) -> float:
        return {"start": self.begins, "middle": (self.begins + self.ends) / 2, "end": self.ends}[moment]

    def late(self, moment: str) -> float:
        return self.at(moment) + min(15, (self.ends - self.begins) / 4)


@dataclass
class Told:
    """What the server has acknowledged of one point, and so what the board knows."""

    expected: int
    state: str = "invited"
    since: int = -10 * DAY
    #: Troubles that go on, each with the state before it.
    troubles: dict[str, str] = field(default_factory=dict)
    #: For each part and moment the number that holds.
    counts: dict[tuple[int, str], int] = field(default_factory=dict)

    def turn(self, state: str, minute: int) -> None:
        if state != self.state:
            self.state, self.since = state, minute

    def owes(self, minute: int, parts: list[Part]) -> list[str]:
        """What the point ought to have told by this minute and has not."""
        owed = []
        if minute >= 0 and self.state in ("invited", "confirmed", "ready"):
            owed.append("connect")
        elif -30 <= minute < 0 and self.state in ("invited", "confirmed"):
            owed.append("ready")
        elif -DAY <= minute < -30 and self.state == "invited":
            owed.append("confirm")
        place = current(parts, minute)
        for moment in MOMENTS:
            gone = self.state == "closed" and self.since < parts[place].at(moment)
            if minute >= parts[place].late(moment) and (place, moment) not in self.counts:
                owed += [] if gone or self.state == "declined" else [moment]
        return owed

    def shown(self, minute: int, parts: list[Part], closed: bool) -> dict[str, object]:
        """The tile, as the board must show it."""
        place = current(parts, minute)
        missing = [] if closed else self.owes(minute, parts)
        counted = [self.counts[place, moment] for moment in MOMENTS if (place, moment) in self.counts]
        in_trouble = self.state == "trouble" or bool(self.troubles)
        return {
            "state": self.state,
            "standing": "trouble" if in_trouble else "silent" if missing else "well",
            "missing": missing,
            "expected": self.expected,
            "present": counted[-1] if counted else None,
        }


def current(parts: list[Part], minute: int) -> int:
    """The part that began last."""
    return max((place for place, part in enumerate(parts) if part.begins <= minute), default=0)


@dataclass(frozen=True)
class Entry:
    """One thing that a technician tells: made at a minute, perhaps delivered later, as `kind` of call."""

    made: int
    kind: str
    body: dict
    #: What to add to the address of the point.
    path: str
    #: Which of the body's times is the minute in which it was made.
    timed: str | None = None


@dataclass
class Happening:
    """Everything that one point tells, in order, and the stretches in which it has no link."""

    entries: list[Entry]
    outages: list[tuple[int, int]]

    def due(self, minute: int, since: int) -> list[Entry]:
        """What is delivered by this minute and was not by the last: what was made off line comes with the link."""
        return [entry for entry in self.entries if since < self._arrives(entry.made) <= minute]

    def _arrives(self, made: int) -> int:
        return next((end for begin, end in self.outages if begin <= made < end), made)


def draw(random: Random, parts: list[Part], rooms: list[Room], people: list[str]) -> Happening:
    """What happens at one point: mostly all goes well; a few confirm late, lack something, or are cut off."""
    end = parts[-1].ends
    entries = [*_before(random, rooms[0].expected), *_troubles(random, parts)]
    for place, (part, room) in enumerate(zip(parts, rooms, strict=True)):
        entries += _counts(random, place, part, room)
        if place == 0:
            entries += _ticks(random, part, people)
    if random.random() < 0.95:
        entries.append(Entry(end + random.randint(2, 10), "state", {"state": "closed"}, "/state"))
    outages = []
    if random.random() < 0.15:
        begin = random.randint(-20, end - 20)
        outages = [(begin, begin + random.randint(10, 45))]
        entries += _trouble(begin, outages[0][1], "link")
    return Happening(sorted(entries, key=lambda entry: entry.made), outages)


def _before(random: Random, expected: int) -> list[Entry]:
    coming = {"coming": True, "expected_count": expected}
    answered = -DAY - random.randint(5, 50) if random.random() < 0.85 else random.randint(-60, -20)
    entries = [_told(answered, "answer", coming, "/answers", "answered_at")]
    if random.random() < 0.03:
        changed = {"coming": False, "reason": "Xã mất điện theo lịch"}
        entries.append(_told(answered + 1, "answer", changed, "/answers", "answered_at"))
        entries.append(_told(-45, "answer", coming, "/answers", "answered_at"))
    checked = random.randint(-58, -25)
    if random.random() < 0.15:
        entries.append(_check(checked - 2, fault=random.choice(ITEMS)))
    if random.random() < 0.95:
        entries.append(_check(checked))
    connected = random.randint(-14, -1) if random.random() < 0.96 else random.randint(2, 9)
    entries.append(Entry(connected, "state", {"state": "connected"}, "/state"))
    return entries


def _told(made: int, kind: str, body: dict, path: str, timed: str) -> Entry:
    return Entry(made, kind, body | {"client_key": str(uuid4())}, path, timed)


def _check(made: int, fault: str | None = None) -> Entry:
    found = [
        {"item": item, "works": item != fault, "note": "Chưa chạy, đang sửa" if item == fault else ""} for item in ITEMS
    ]
    return _told(made, "check", {"items": found}, "/checks", "checked_at")


def _counts(random: Random, place: int, part: Part, room: Room) -> list[Entry]:
    entries = []
    length = part.ends - part.begins
    for moment, numbers in room.counted.items():
        made = int(part.at(moment)) + random.randint(-2 if moment != "start" else 1, min(9, length // 5))
        if random.random() < 0.07:
            made = int(part.late(moment)) + random.randint(1, 9)
        body = {"part": place, "moment": moment.value, "present": numbers.present, "excused": numbers.excused}
        body |= {"absent": numbers.absent, "late": numbers.late, "confirmed": True}
        entry = _told(made, "count", body, "/headcounts", "counted_at")
        if random.random() < 0.08:  # First a slip of the thumb, and put right a little later.
            slip = _told(made, "count", body | {"present": numbers.present + 3}, "/headcounts", "counted_at")
            right = body | {"corrects": [slip.body["client_key"]], "reason": "Đếm nhầm"}
            entries += [slip, _told(made + random.randint(2, 9), "correction", right, "/headcounts", "counted_at")]
        else:
            entries.append(entry)
    return entries


def _ticks(random: Random, part: Part, people: list[str]) -> list[Entry]:
    """Named people ticked off the roster, ten at a time, as they come in."""
    tens = [people[first : first + 10] for first in range(0, len(people), 10)]
    return [
        _told(part.begins + random.randint(-12, 10), "tick", {"part": 0, "person_ids": ten}, "/check-ins", "checked_at")
        for ten in tens
    ]


def _troubles(random: Random, parts: list[Part]) -> list[Entry]:
    if random.random() > 0.12:
        return []
    begin = random.randint(-5, parts[-1].ends - 5)
    return _trouble(begin, begin + random.randint(3, 15), random.choice(("picture", "sound", "power")))


def _trouble(begin: int, end: int, kind: str) -> list[Entry]:
    key = str(uuid4())
    over = {"action": "Đã thay thiết bị dự phòng"}
    return [
        Entry(begin, "trouble", {"kind": kind, "note": "", "id": key}, "/troubles", "began_at"),
        Entry(end, "trouble-over", over, f"/troubles/{key}/end", "ended_at"),
    ]


def take(told: Told, entry: Entry, minute: int) -> None:
    """What the board knows once the server has acknowledged this entry."""
    body = entry.body
    if entry.kind == "state":
        told.turn(body["state"], minute)
    elif entry.kind == "answer":
        told.expected = body["expected_count"] if body["coming"] else 0
        if not body["coming"]:
            told.turn("declined", minute)
        elif told.state in ("invited", "declined"):
            told.turn("confirmed", minute)
    elif entry.kind == "check":
        whole = all(each["works"] for each in body["items"])
        if whole and told.state in ("invited", "confirmed"):
            told.turn("ready", minute)
        elif not whole and told.state == "ready":
            told.turn("confirmed", minute)
    elif entry.kind == "trouble":
        already = next(iter(told.troubles.values()), None)
        told.troubles[body["id"]] = already or ("confirmed" if told.state == "trouble" else told.state)
        told.turn("trouble", minute)
    elif entry.kind == "trouble-over":
        before = told.troubles.pop(entry.path.split("/")[2])
        if told.state == "trouble" and not told.troubles:
            told.turn(before, minute)
    elif entry.kind in ("count", "correction"):
        told.counts[body["part"], body["moment"]] = body["present"]
