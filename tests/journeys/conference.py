"""A conference replayed through the public API: technicians tell, the board is asked, and compared with the truth.

The front desk is the shipped one, in a process of its own, by a clock that is moved from minute to minute.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from uuid import UUID

import httpx2
from sqlalchemy import insert

from api import login
from api.seed import tree, turnout
from api.seed.lai_chau import Province
from sessions import clock, people, points, roles, units
from sessions.db import Db
from sessions.models import Account, Login, Person, Role, Unit, UnitKind
from sessions.names import person_sort_key, search_key
from tests.journeys import happening
from tests.journeys.clocked import Clock
from tests.journeys.happening import Entry, Happening, Part, Told

API = "/api/v1"
#: Technicians who send at one moment.
AT_ONCE = 8
_NAME = "Người Dự {}"


@dataclass
class Point:
    """One point: its technician's cookie, everything that will happen there, and what the board knows of it."""

    unit: Unit
    room_id: str
    cookie: str
    happening: Happening
    told: Told
    id: str = ""


@dataclass
class Conference:
    """The replay. `wrong` names every minute at which the board was not what it had to be, and how."""

    address: str
    clock: Clock
    starts_at: datetime
    parts: list[Part]
    points: list[Point]
    staff: str
    top: Unit
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    minutes: int = 0
    late: int = 0
    twice: int = 0
    asked: int = 0
    session_id: str = ""
    closed: bool = False

    def __post_init__(self) -> None:
        self.http = httpx2.Client(base_url=self.address + API, timeout=60)
        self.turns = itertools.count()

    def at(self, minute: float) -> datetime:
        return self.starts_at + timedelta(minutes=minute)

    def open(self) -> None:
        """Staff open the conference two days before, let the rooms join, and summon everybody."""
        self.clock.set(self.at(-2 * happening.DAY))
        parts = [
            {"title": f"Phần {place}", "starts_at": self.at(part.begins), "ends_at": self.at(part.ends)}
            for place, part in enumerate(self.parts, start=1)
        ]
        asked = {"title": "Hội nghị trực tuyến", "unit_id": str(self.top.id), "parts": _plain(parts)}
        asked |= {"starts_at": parts[0]["starts_at"].isoformat(), "ends_at": parts[-1]["ends_at"].isoformat()}
        session = self._post("open", self.staff, "/sessions", asked)
        self.session_id = session["id"]
        for part, made in zip(self.parts, session["parts"], strict=True):
            part.id = made["id"]
        joining = [
            {"connection_point_id": point.room_id, "expected_count": point.told.expected} for point in self.points
        ]
        joined = self._post("join", self.staff, f"/sessions/{self.session_id}/points", {"points": joining})
        by_room = {each["point"]["id"]: each["id"] for each in joined}
        for point in self.points:
            point.id = by_room[point.room_id]
        summons = {"unit_ids": [str(self.top.id)]}
        self._post("summons", self.staff, f"/sessions/{self.session_id}/summons", summons)

    def replay(self, minutes: Sequence[int]) -> None:
        """Go through these minutes: everybody tells what they have to tell, and then the board is looked at."""
        since = -10 * happening.DAY
        with ThreadPoolExecutor(AT_ONCE) as phones:
            for minute in minutes:
                self.clock.set(self.at(minute))
                list(phones.map(lambda point, now=minute, then=since: self._deliver(point, now, then), self.points))
                since = minute
                self._look(minute)

    def close(self, minute: int) -> None:
        """Staff close the register; from then on nobody owes anything."""
        self.clock.set(self.at(minute))
        self._post("close", self.staff, f"/sessions/{self.session_id}/close", None)
        self.closed = True
        self._look(minute)

    def _deliver(self, point: Point, minute: int, since: int) -> None:
        """Everything that leaves this technician's phone now, in the order in which it was made."""
        for entry in point.happening.due(minute, since):
            path, body = f"/session-points/{point.id}{entry.path}", self._body(entry)
            self._post(entry.kind, point.cookie, path, body)
            happening.take(point.told, entry, minute)
            if minute > entry.made:
                self.late += 1
                if next(self.turns) % 10 == 0 and "client_key" in body:  # The answer got lost: it is sent once more.
                    self._post(entry.kind, point.cookie, path, body)
                    self.twice += 1

    def _body(self, entry: Entry) -> dict:
        body = dict(entry.body)
        if "part" in body:
            body["part_id"] = self.parts[body.pop("part")].id
        if entry.timed:
            body[entry.timed] = self.at(entry.made).isoformat()
        return body

    def _look(self, minute: int) -> None:
        """Ask for the board as its page does, and again: the second time nothing may have changed."""
        path = f"/sessions/{self.session_id}/live?limit=500"
        begun = perf_counter()
        shown = self.http.get(path, headers={"Cookie": self.staff})
        self.took["board"].append(perf_counter() - begun)
        assert shown.status_code == 200, shown.text
        begun = perf_counter()
        again = self.http.get(path, headers={"Cookie": self.staff, "If-None-Match": shown.headers["etag"]})
        self.took["board-unchanged"].append(perf_counter() - begun)
        self.minutes += 1
        faults = [*self._compare(minute, shown.json()), *([] if again.status_code == 304 else ["it was sent twice"])]
        if faults:
            self.wrong.append(f"minute {minute}: {'; '.join(faults[:5])}")

    def _compare(self, minute: int, board: dict) -> Iterable[str]:
        truth = {point.id: point.told.shown(minute, self.parts, self.closed) for point in self.points}
        tiles = {tile["id"]: tile for tile in board["points"]}
        if tiles.keys() != truth.keys():
            yield f"{len(tiles)} points are shown, not {len(truth)}"
        for key, wanted in truth.items():
            found = {name: tiles[key][name] for name in wanted}
            if found != wanted:
                yield f"{tiles[key]['name']} is shown as {found}, not {wanted}"
        order = [tile["standing"] for tile in board["points"]]
        if order != sorted(order, key=["silent", "trouble", "well"].index):
            yield "silent points are not first"
        total = self._total(minute, truth.values())
        shown = board["total"] | {"moments": [(one["counted"], one["present"]) for one in board["moments"]]}
        if shown != total:
            yield f"the figures are {shown}, not {total}"
        for name in ("points", "silent", "trouble", "present", "expected"):
            if sum(group["figures"][name] for group in board["groups"]) != total[name]:
                yield f"the units' {name} do not add up"

    def _total(self, minute: int, truth: Iterable[dict]) -> dict:
        tiles, place = list(truth), happening.current(self.parts, minute)
        states = ("invited", "declined", "confirmed", "ready", "connected", "trouble", "closed")
        at = {
            moment: [point.told.counts[place, moment] for point in self.points if (place, moment) in point.told.counts]
            for moment in happening.MOMENTS
        }
        return {
            "points": len(tiles),
            "silent": sum(tile["standing"] == "silent" for tile in tiles),
            "trouble": sum(tile["standing"] == "trouble" for tile in tiles),
            "states": {state: sum(tile["state"] == state for tile in tiles) for state in states},
            "expected": sum(tile["expected"] for tile in tiles if tile["state"] != "declined"),
            "counted": sum(tile["present"] is not None for tile in tiles),
            "present": sum(tile["present"] or 0 for tile in tiles),
            "moments": [(len(numbers), sum(numbers)) for numbers in at.values()],
        }

    def _post(self, kind: str, cookie: str, path: str, body: dict | None) -> dict:
        begun = perf_counter()
        answer = self.http.post(path, json=body, headers={"Cookie": cookie})
        if answer.status_code == 409 and kind in ("count", "correction"):
            self.asked += 1  # More than there are seats, or a leap: the technician says that it is right.
            answer = self.http.post(path, json=body | {"confirmed": True}, headers={"Cookie": cookie})
        self.took[kind].append(perf_counter() - begun)
        assert answer.is_success, f"{kind} {path}: {answer.text}"
        return answer.json()


def prepare(
    db: Db, address: str, hand: Clock, facts: Province, parts: list[Part], attendees: int, starts_at: datetime
) -> Conference:
    """Enter the province's units, a room with a technician in each, and everybody who will come; committed."""
    random = Random(11_873)
    top = tree.plant(db, facts)
    kinds = (UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE, UnitKind.AGENCY)
    found = (unit for kind in kinds for unit in tree.standing(db, kind, units.today()))
    all_units = [unit for unit in found if unit.path.startswith(top.path)]
    staff = people.enrol(db, None, "Trần Văn Bộ", top, "TV-STAFF")
    roles.grant(db, None, staff, Role.STAFF, top)
    openings = turnout.share_out(attendees, [random.uniform(40, 110) for _ in all_units])
    made = []
    for unit, opening in zip(all_units, openings, strict=True):
        rooms = [turnout.draw(random, opening) for _ in parts]
        seats = rooms[0].expected + random.choice((5, 10, -1))  # Some sit closer than they should.
        technician = people.enrol(db, None, f"Kỹ Thuật {len(made)}", unit, f"TV-{len(made)}")
        room = points.add(db, None, unit, f"Hội trường {unit.name}", "Trung tâm", seats=seats, technician=technician)
        names = _enrol_many(db, unit, opening)
        drawn = happening.draw(random, parts, rooms, names)
        cookie = _let_in(db, technician, starts_at)
        made.append(Point(unit, str(room.id), cookie, drawn, Told(rooms[0].expected)))
    cookie = _let_in(db, staff, starts_at)
    db.commit()
    return Conference(address, hand, starts_at, parts, made, cookie, top)


def _enrol_many(db: Db, unit: Unit, count: int) -> list[str]:
    rows = [
        {
            "full_name": _NAME.format(place),
            "unit_id": unit.id,
            "sort_key": person_sort_key(_NAME.format(place)),
            "search_key": search_key(_NAME.format(place)),
            "created_at": clock.now(),
        }
        for place in range(count)
    ]
    keys: Iterable[UUID] = db.scalars(insert(Person).returning(Person.id), rows)
    return [str(key) for key in keys]


def _let_in(db: Db, person: Person, around: datetime) -> str:
    """Sign somebody in without the half second that a password costs, for the days around the conference."""
    token = f"hop-{person.id}"
    db.add(Account(person_id=person.id, username=token, password_hash="-", created_at=clock.now()))
    db.flush()
    day = timedelta(days=1)
    db.add(
        Login(
            person_id=person.id,
            token_sha256=login.digest(token),
            created_at=around - 3 * day,
            expires_at=around + 30 * day,
            user_agent="replay",
        )
    )
    return f"{login.COOKIE}={token}"


def _plain(parts: list[dict]) -> list[dict]:
    return [{name: value.isoformat() if name != "title" else value for name, value in part.items()} for part in parts]
