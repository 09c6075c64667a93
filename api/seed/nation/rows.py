"""The rows of one place as text for COPY, table by table.

They are the rows that the front desk's own functions leave behind: for every person ticked off a check-in, the part
attended live, the credit, and the audit entries of both. tests/api/test_seed_nation.py holds them equal.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from uuid import UUID

from api.seed import turnout
from api.seed.conferences import counting_times
from api.seed.nation import facts
from api.seed.nation.plan import Place, draw_ids, rooms_of
from sessions.credit import RULE_VERSION
from sessions.models import (
    Basis,
    CheckInMethod,
    ConferenceSession,
    CreditState,
    PointState,
    SessionPart,
    UnitKind,
)
from sessions.names import person_sort_key, search_key, sort_key

#: How many people a technician ticks before the phone sends them.
DELIVERY = 25
#: How long after the tick it reached the register.
_ON_THE_WAY = timedelta(minutes=1)
_TICK = timedelta(seconds=2)
_EXEMPT_REASON = "Nghỉ hưu, tuổi cao sức yếu"


@dataclass(frozen=True)
class Held:
    """The conference that the rows are about, and its one part."""

    session: ConferenceSession
    part: SessionPart


def unit(place: Place, above: Place | None) -> str:
    columns = (place.id, place.code or r"\N", place.kind, place.name, above.id if above else r"\N", place.path)
    keys = (sort_key(place.name), search_key(place.name))
    return _line(*columns, place.depth, facts.SINCE, *keys)


def people(place: Place, held: Held) -> str:
    names = Random(f"names {place.number}").choices(_names(), k=place.people)
    number, rest = place.code or "00", f"{place.id}\t{_at(held.session.created_at)}\n"
    return "".join(
        [
            f"{key}\t{number}-{count:06}\t{name}\t{rest}"
            for count, (key, name) in enumerate(zip(_people(place), names, strict=True), start=1)
        ]
    )


def expected(place: Place, held: Held) -> str:
    begin, middle = f"{held.part.id}\t", f"\t{held.session.id}\t{place.id}\t"
    at = f"\t{_at(held.session.created_at)}\n"
    must, may = rf"{middle}\N{at}", f"{middle}{_EXEMPT_REASON}{at}"
    keys, due = _people(place), place.people - place.exempt
    return "".join([f"{begin}{key}{must}" for key in keys[:due]] + [f"{begin}{key}{may}" for key in keys[due:]])


def connection_points(place: Place, held: Held) -> str:
    lines = []
    for number, (key, size) in enumerate(zip(_rooms(place), rooms_of(place), strict=True), start=1):
        name, address = _room(place, number), f"Trụ sở {place.name}" if number == 1 else place.name
        words = (name, address, _seats(size), "Máy tính, máy chiếu, loa, micrô", "FTTH 60 Mbit/s")
        technician, search = _people(place)[number - 1], search_key(f"{name} {address}")
        lines.append(_line(key, place.id, *words, technician, search, _at(held.session.created_at)))
    return "".join(lines)


def session_points(place: Place, held: Held, above: Place | None) -> str:
    """The first room is relayed from the first one of the unit above, the others from the first one here."""
    random, points = Random(f"states {place.number}"), _points(place)
    lines = []
    for number, (key, room, seen) in enumerate(zip(points, _rooms(place), _counted(place), strict=True)):
        relay = points[0] if number else (_points(above)[0] if above else r"\N")
        state = random.choices((PointState.CLOSED, PointState.CONNECTED, PointState.TROUBLE), (97, 2, 1))[0]
        ours = (seen.expected, state, _at(held.session.ends_at), _people(place)[number])
        lines.append(_line(key, held.session.id, room, place.id, relay, *ours))
    return "".join(lines)


def headcounts(place: Place, held: Held) -> str:
    return "".join(_line(*row.values()) for row in _headcounts(place, held))


def check_ins(place: Place, held: Held) -> str:
    keys, times = draw_ids(f"clients {place.number}", place.present), _times(place, held.part)
    part, method = held.part.id, CheckInMethod.ROSTER
    rows = zip(_check_ins(place), keys, times, _ticks(place), strict=True)
    return "".join(
        [
            f"{own}\t{point}\t{part}\t{person}\t{method}\t{at}\t{arrived}\t{by}\t{client}\n"
            for own, client, (at, arrived), (person, point, by) in rows
        ]
    )


def attendance(place: Place, held: Held) -> str:
    begin, basis = f"{held.part.id}\t", f"\t{held.session.id}\t{Basis.LIVE}\t"
    rows = zip(_check_ins(place), _times(place, held.part), _present(place), strict=True)
    return "".join([f"{begin}{person}{basis}{own}\t{at}\n" for own, (at, _), person in rows])


def credits_of(place: Place, held: Held) -> str:
    seen = {"part_id": str(held.part.id), "basis": Basis.LIVE, "exempt": False, "decided": [], "watched": []}
    begin = f"\t{held.session.id}\t{place.id}\t{CreditState.GRANTED}\t{Basis.LIVE}\t1\t{RULE_VERSION}\t"
    begin += f"{json.dumps([seen])}\t"
    rows = zip(_credits(place), _times(place, held.part), _present(place), strict=True)
    return "".join([f"{own}\t{person}{begin}{arrived}\n" for own, (_, arrived), person in rows])


def tallies(place: Place, held: Held) -> str:
    counts = (place.people, place.exempt, place.present, 0, 0, 0, 0)
    return _line(held.session.id, place.id, *counts, "true")


ROOM = (
    "id",
    "unit_id",
    "name",
    "address",
    "seats",
    "equipment",
    "line",
    "technician_id",
    "search_key",
    "created_at",
)
POINT = (
    "id",
    "session_id",
    "connection_point_id",
    "unit_id",
    "relay_id",
    "expected_count",
    "state",
    "state_at",
    "technician_id",
)
HEADCOUNT = (
    "id",
    "session_point_id",
    "part_id",
    "moment",
    "present",
    "excused",
    "absent",
    "late",
    "recorded_by",
    "counted_at",
    "received_at",
    "client_key",
)
_PERSON = ("id", "member_number", "full_name", "sort_key", "search_key", "unit_id", "created_at")
_EXPECTED = ("part_id", "person_id", "session_id", "unit_id", "exempt_reason", "added_at")
_CHECK_IN = (
    "id",
    "session_point_id",
    "part_id",
    "person_id",
    "method",
    "checked_at",
    "received_at",
    "recorded_by",
    "client_key",
)
_ATTENDANCE = ("part_id", "person_id", "session_id", "basis", "shown_by", "at")
_CREDIT = (
    "id",
    "person_id",
    "session_id",
    "unit_id",
    "state",
    "basis",
    "policy_version",
    "rule_version",
    "evidence",
    "granted_at",
)
_TALLY = ("session_id", "unit_id", "expected", "exempt", "live", "replay", "grouped", "mixed", "decided", "folded")
#: The tables that a batch fills, with their columns.
TABLES: tuple[tuple[str, tuple[str, ...], Callable[[Place, Held], str]], ...] = (
    ("people", _PERSON, people),
    ("expected", _EXPECTED, expected),
    ("check_ins", _CHECK_IN, check_ins),
    ("attendance", _ATTENDANCE, attendance),
    ("attendance_credits", _CREDIT, credits_of),
    ("participation_tallies", _TALLY, tallies),
)


@dataclass(frozen=True)
class Noted:
    """One entry of the audit trail, before it is sealed."""

    at: datetime
    actor_id: str | None
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, object]


def audit_entries(place: Place, held: Held) -> Iterator[Noted]:
    """What counting and checking in left in the trail, room by room."""
    moments, granted, part_id = _moments(held.part.starts_at), iter(_credits(place)), str(held.part.id)
    for point, technician, ticked, begun in _deliveries(place):
        at, names = moments[begun] + _ON_THE_WAY, [_dashed(person) for person in ticked]
        for person in names:
            detail = {"person_id": person, "session_id": str(held.session.id), "basis": Basis.LIVE}
            yield Noted(at, None, "credit.granted", "credit", _dashed(next(granted)), detail)
        people = {"part_id": part_id, "person_ids": sorted(names)}
        yield Noted(at, _dashed(technician), "people.checked-in", "session_point", _dashed(point), people)
    for row in _headcounts(place, held):
        ids = {"headcount_id": _dashed(str(row["id"])), "part_id": part_id}
        rest = {name: row[name] for name in ("moment", "counted_at", "present", "excused", "absent", "late")}
        counted = ids | rest | {"counted_at": str(row["counted_at"]), "reason": None}
        by, point = _dashed(str(row["recorded_by"])), _dashed(str(row["session_point_id"]))
        yield Noted(held.part.ends_at, by, "headcount.recorded", "session_point", point, counted)


def _headcounts(place: Place, held: Held) -> Iterator[dict[str, object]]:
    """Three of each room, in the order of the columns."""
    keys = iter(draw_ids(f"headcounts {place.number}", 6 * place.points))
    technicians, moments = _people(place), counting_times(held.part)
    for number, (point, room) in enumerate(zip(_points(place), _counted(place), strict=True)):
        for moment, counted_at in moments.items():
            numbers = room.counted[moment]
            yield {
                "id": next(keys),
                "session_point_id": point,
                "part_id": held.part.id,
                "moment": moment,
                "present": numbers.present,
                "excused": numbers.excused,
                "absent": numbers.absent,
                "late": numbers.late,
                "recorded_by": technicians[number],
                "counted_at": counted_at,
                "received_at": counted_at + _ON_THE_WAY,
                "client_key": next(keys),
            }


def _deliveries(place: Place) -> Iterator[tuple[str, str, list[str], int]]:
    """Point, technician, the people who were ticked off together, and which of the moments that began at."""
    random, people, technicians, at = Random(f"deliveries {place.number}"), _present(place), _people(place), 0
    for number, (point, size) in enumerate(zip(_points(place), rooms_of(place), strict=True)):
        for first in range(at, at + size, DELIVERY):
            ticked = people[first : min(first + DELIVERY, at + size)]
            yield point, technicians[number], ticked, random.randrange(2400)
        at += size


def _ticks(place: Place) -> Iterator[tuple[str, str, str]]:
    """Person, point and technician of every check-in."""
    return ((person, point, by) for point, by, ticked, _ in _deliveries(place) for person in ticked)


def _counted(place: Place) -> list[turnout.Room]:
    """What each room counted: those ticked off, and up to three who are on nobody's roster."""
    random = Random(f"counted {place.number}")
    return [turnout.draw(random, size + random.choice((0, 0, 0, 1, 2, 3))) for size in rooms_of(place)]


def _room(place: Place, number: int) -> str:
    # Within a sentence the kind of a place is written small: Hội trường xã Tân Phú.
    name = place.name[0].lower() + place.name[1:]
    if number == 1:
        return f"Hội trường {name}"
    return f"Nhà văn hóa thôn {number - 1}, {name}" if place.kind == UnitKind.COMMUNE else f"Phòng họp {number}, {name}"


def _seats(people: int) -> int:
    return -(-(people + 10) // 10) * 10


@lru_cache(1)
def _time_columns(starts_at: datetime) -> list[list[tuple[str, str]]]:
    """When a person was ticked off and when that arrived, by delivery and place in it."""
    return [
        [(_at(first + place * _TICK), _at(first + _ON_THE_WAY)) for place in range(DELIVERY)]
        for first in _moments(starts_at)
    ]


@lru_cache(1)
def _moments(starts_at: datetime) -> list[datetime]:
    """When a technician may begin with those of one delivery: people come within forty minutes."""
    return [starts_at + timedelta(seconds=second - 1800) for second in range(2400)]


def _times(place: Place, part: SessionPart) -> list[tuple[str, str]]:
    """When each was ticked off, and when that arrived."""
    columns = _time_columns(part.starts_at)
    return [columns[begun][count] for _, _, people, begun in _deliveries(place) for count in range(len(people))]


@lru_cache(1)
def _names() -> list[str]:
    """Three columns for each: full name, sort key, search key."""
    made = {name: f"{name}\t{person_sort_key(name)}\t{search_key(name)}" for name in set(facts.full_names())}
    return [made[name] for name in facts.full_names()]


@lru_cache(8)
def _people(place: Place) -> list[str]:
    return draw_ids(f"people {place.number}", place.people)


def _present(place: Place) -> list[str]:
    return _people(place)[place.points : place.points + place.present]


@lru_cache(8)
def _check_ins(place: Place) -> list[str]:
    return draw_ids(f"check-ins {place.number}", place.present)


@lru_cache(8)
def _credits(place: Place) -> list[str]:
    return draw_ids(f"credits {place.number}", place.present)


@lru_cache(64)
def _points(place: Place) -> list[str]:
    return draw_ids(f"points {place.number}", place.points)


def _rooms(place: Place) -> list[str]:
    return draw_ids(f"rooms {place.number}", place.points)


def _dashed(key: str) -> str:
    return str(UUID(key))


def _at(moment: datetime) -> str:
    return moment.isoformat()


def _line(*columns: object) -> str:
    return "\t".join(map(str, columns)) + "\n"
