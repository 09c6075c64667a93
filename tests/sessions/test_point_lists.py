"""Many points at once: from the last conference, a unit, or a file; with what stands against each."""

from datetime import timedelta

import pytest

from sessions import point_lists, point_rows, points, relays
from sessions.point_lists import Fate
from sessions.points import Joining, RelayLoop
from tests import factories

LIST = """DANH SÁCH ĐIỂM CẦU;;;;;;
Đơn vị;Điểm cầu;Địa chỉ;Số chỗ;Tốc độ;Điện thoại;Nhận tín hiệu từ
Lai Châu;Hội trường tỉnh;Đường 30/4;300;100 Mbit/s;0213 387 6543;
Sìn Hồ;Hội trường xã;Bản Sìn Hồ;1.200;;;Hội trường tỉnh
Sìn Hồ;Hội trường  xã;;;;;
Xã Không Có;Phòng họp;;;;;
Phong Thổ;Phòng họp;;nhiều;;;
Điện Biên;Phòng họp;;;;;
"""


@pytest.fixture
def session(db, cast):
    return factories.open_session(db, cast, starts_in=timedelta(hours=2))


def fates(entries):
    return [(entry.name, entry.fate) for entry in entries]


def relay_of(db, joined):
    names = {point.id: db.get_one(points.ConnectionPoint, point.connection_point_id).name for point in joined}
    return {names[point.id]: names.get(point.relay_id) for point in joined}


def test_the_rooms_of_the_last_conference_come_again_with_numbers_and_relays(db, cast, session):
    last = factories.open_session(db, cast)
    hall = factories.join(db, cast, last, cast.province, name="Hội trường tỉnh")
    room = factories.add_room(db, cast.commune, name="Hội trường xã")
    points.join_session(db, cast.administrator, last, [Joining(room.id, 70, hall.id)])
    entries = point_lists.from_last(db, cast.staff, session)
    assert [(entry.name, entry.expected, entry.fate) for entry in entries] == [
        ("Hội trường tỉnh", 50, Fate.JOINS),
        ("Hội trường xã", 70, Fate.JOINS),
    ]
    joined = point_lists.add(db, cast.staff, session, entries)
    db.expire_all()
    assert relay_of(db, joined) == {"Hội trường tỉnh": None, "Hội trường xã": "Hội trường tỉnh"}
    assert fates(point_lists.from_last(db, cast.staff, session)) == [
        ("Hội trường tỉnh", Fate.ALREADY),
        ("Hội trường xã", Fate.ALREADY),
    ]


def test_without_a_conference_before_there_is_nothing_to_repeat(db, cast, session):
    with pytest.raises(point_lists.NoConferenceBefore):
        point_lists.from_last(db, cast.staff, session)


def test_a_units_rooms_join_unless_they_are_booked_elsewhere_at_that_time(db, cast, session):
    free, booked = (factories.add_room(db, cast.commune, name=name, seats=80) for name in ("Phòng A", "Phòng B"))
    at_once = factories.open_session(db, cast, starts_in=timedelta(hours=3))
    points.join_session(db, cast.administrator, at_once, [Joining(booked.id)])
    entries = point_lists.from_unit(db, cast.staff, session, cast.province)
    assert fates(entries) == [("Phòng A", Fate.JOINS), ("Phòng B", Fate.BUSY)]
    assert at_once.title in entries[1].about
    (joined,) = point_lists.add(db, cast.staff, session, entries)
    assert (joined.connection_point_id, joined.expected_count) == (free.id, 80)


def test_a_file_registers_rooms_and_says_of_each_row_what_stands_against_it(db, cast, session):
    entries = point_lists.from_rows(db, cast.staff, session, point_rows.read(LIST.encode("utf-16")))
    assert [(entry.row.number, entry.fate, entry.about) for entry in entries] == [
        (3, Fate.REGISTERED, ""),
        (4, Fate.REGISTERED, ""),
        (5, Fate.TWICE, "4"),
        (6, Fate.UNIT_UNKNOWN, "Xã Không Có"),
        (7, Fate.WRONG, "nhiều"),
        (8, Fate.NOT_YOURS, ""),
    ]
    point_lists.add(db, cast.staff, session, entries)
    again = point_lists.from_rows(db, cast.staff, session, point_rows.read(LIST.encode()))
    assert [entry.fate for entry in again][:3] == [Fate.ALREADY, Fate.ALREADY, Fate.TWICE]
    hall = again[0].room
    assert (hall.seats, hall.measured_mbits, hall.phone) == (300, 100, "0213 387 6543")
    assert again[1].room.seats == 1200


def test_every_point_receives_from_the_nearest_unit_above_it(db, cast, session):
    names = [(cast.province, "Hội trường tỉnh"), (cast.commune, "Hội trường xã"), (cast.commune, "Nhà văn hóa")]
    joined = [factories.join(db, cast, session, unit, name=name) for unit, name in names]
    assert relays.fan_out(db, cast.staff, session) == 2
    assert relays.fan_out(db, cast.staff, session) == 0
    db.expire_all()
    assert relay_of(db, joined) == {
        "Hội trường tỉnh": None,
        "Hội trường xã": "Hội trường tỉnh",
        "Nhà văn hóa": "Hội trường xã",
    }
    hubs = [(hub.room.name if hub.room else None, hub.reaches) for hub in relays.hubs_of(db, session)]
    assert hubs == [(None, 1), ("Hội trường tỉnh", 1), ("Hội trường xã", 1)]
    assert relays.relay_unit(db, cast.staff, session, cast.commune, joined[0]) == 1
    with pytest.raises(RelayLoop):
        relays.relay_unit(db, cast.staff, session, cast.province, joined[1])
