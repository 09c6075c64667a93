"""The conference of March 2021 on the old tree: 145 points, 11,873 attendees, as Lai Châu reported it."""

from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import insert

from api.seed import conferences, tree, turnout
from api.seed.conferences import at
from sessions import audit, clock, points, register
from sessions.db import Db
from sessions.models import (
    ConferenceSession,
    ConnectionPoint,
    Headcount,
    Moment,
    Person,
    PointState,
    SessionPart,
    SessionPoint,
    Unit,
    UnitKind,
)
from sessions.points import Joining
from sessions.register import PartPlan

TITLE = "Hội nghị học tập, quán triệt Nghị quyết Đại hội XIII của Đảng"
DAY = date(2021, 3, 27)
ATTENDEES = 11_873


@dataclass(frozen=True)
class _Hall:
    """What rooms of one kind of unit are like; `size` weighs how many people sit there."""

    name: str
    size: tuple[int, int]
    equipment: str
    line: str


_HALLS = {
    UnitKind.PROVINCE: _Hall(
        "Hội trường lớn {}", (230, 260), "Hệ thống hội nghị truyền hình, màn hình LED", "Truyền số liệu chuyên dùng"
    ),
    UnitKind.DISTRICT: _Hall(
        "Hội trường {}", (130, 190), "Thiết bị hội nghị truyền hình, 2 màn chiếu", "Truyền số liệu chuyên dùng"
    ),
    UnitKind.COMMUNE: _Hall("Hội trường {}", (55, 110), "Máy tính, máy chiếu, loa, micrô", "FTTH 60 Mbit/s"),
    UnitKind.AGENCY: _Hall("Phòng họp {}", (40, 95), "Máy tính, màn hình 65 inch, micrô đa hướng", "FTTH 100 Mbit/s"),
}


def record(db: Db, by: Person, province: Unit) -> ConferenceSession:
    """Register the rooms, hold the conference, count in every room at every moment, and close the register."""
    random = Random(2021)  # Always the same draw, so that every demo shows the same figures.
    units = list(chain([province], *(tree.standing(db, kind, DAY) for kind in list(_HALLS)[1:])))
    weights = [random.uniform(*_HALLS[unit.kind].size) for unit in units]
    morning = turnout.share_out(ATTENDEES, weights)
    afternoon = turnout.swap_some(random, morning, swaps=40)
    expected = [[turnout.draw(random, opening) for opening in openings] for openings in (morning, afternoon)]

    session = _open(db, by, province)
    seats = [_round_up(max(room.expected for room in both)) for both in zip(*expected, strict=True)]
    rooms = [_add_room(db, by, unit, count) for unit, count in zip(units, seats, strict=True)]
    taking_part = _join(db, by, session, rooms, units, [room.expected for room in expected[0]])
    for part, counts in zip(register.parts_of(db, session.id), expected, strict=True):
        _bring_in(db, by, part, {taking_part[room.id]: each for room, each in zip(rooms, counts, strict=True)})
    for point in taking_part.values():
        points.set_state(db, by, point, PointState.CLOSED)
    return register.close(db, by, session)


def _open(db: Db, by: Person, province: Unit) -> ConferenceSession:
    parts = [
        PartPlan("Buổi sáng: Những nội dung cốt lõi của Nghị quyết", at(DAY, 7, 30), at(DAY, 11, 30)),
        PartPlan("Buổi chiều: Chương trình hành động của Tỉnh ủy", at(DAY, 13, 30), at(DAY, 17, 0)),
    ]
    return register.open_session(db, by, TITLE, province, parts[0].starts_at, parts[-1].ends_at, parts)


def _round_up(people: int) -> int:
    return -(-people // 10) * 10


def _add_room(db: Db, by: Person, unit: Unit, seats: int) -> ConnectionPoint:
    hall = _HALLS[unit.kind]
    # Within a sentence the kind of a place is written small: Hội trường xã Bình Lư, Trụ sở Ban Tổ chức Tỉnh ủy.
    place = unit.name if unit.kind == UnitKind.AGENCY else unit.name[0].lower() + unit.name[1:]
    name, address = hall.name.format(place), f"Trụ sở {place}"
    return points.add(db, by, unit, name, address, seats=seats, equipment=hall.equipment, line=hall.line)


def _join(
    db: Db,
    by: Person,
    session: ConferenceSession,
    rooms: list[ConnectionPoint],
    units: list[Unit],
    expected: list[int],
) -> dict[UUID, SessionPoint]:
    """Province, then districts and agencies, then communes: each is relayed from the room of the unit above it.

    Gives the session points by the key of their room.
    """
    at: dict[UUID, SessionPoint] = {}
    taking_part: dict[UUID, SessionPoint] = {}
    for depth in range(3):
        level = [each for each in zip(rooms, units, expected, strict=True) if each[1].depth == depth]
        entries = [
            Joining(room.id, count, at[unit.parent_id].id if unit.parent_id else None) for room, unit, count in level
        ]
        joined = {point.connection_point_id: point for point in points.join_session(db, by, session, entries)}
        at |= {unit.id: joined[room.id] for room, unit, _ in level}
        taking_part |= joined
    return taking_part


def _bring_in(db: Db, by: Person, part: SessionPart, counts: dict[SessionPoint, turnout.Room]) -> None:
    """Put one part's counts on record, all at once as from the province's old report.

    Counted one by one by `headcounts.record`, the conference would take most of the demo's minute.
    """
    rows = [
        {
            "session_point_id": point.id,
            "part_id": part.id,
            "moment": moment,
            **asdict(room.counted[moment]),
            "recorded_by": by.id,
            "counted_at": counted_at,
            "received_at": clock.now(),
            "client_key": uuid4(),
        }
        for point, room in counts.items()
        for moment, counted_at in conferences.counting_times(part).items()
    ]
    db.execute(insert(Headcount), rows)
    opening = sum(room.counted[Moment.START].present for room in counts.values())
    audit.note(
        db, by, "headcounts.imported", "session", part.session_id, part_id=part.id, rows=len(rows), opening=opening
    )
