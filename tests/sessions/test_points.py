from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from sessions import agenda, board, bookings, clock, points, register, units
from sessions.models import AuditEntry, PointState, SessionPoint
from sessions.points import Joining
from sessions.roles import OutsideScope
from tests import factories


def test_a_technician_registers_a_room_of_their_own_unit(db, cast):
    room = points.add(
        db, cast.technician, cast.commune, " Hội trường  xã ", "Trung tâm xã", seats=120, technician=cast.technician
    )
    assert (room.name, room.search_key) == ("Hội trường xã", "hoi truong xa trung tam xa")
    for person, unit in ((cast.technician, cast.other_commune), (cast.member, cast.commune)):
        with pytest.raises(OutsideScope):
            points.add(db, person, unit, "Hội trường khác", "Trung tâm xã")


def test_one_unit_has_one_room_of_a_name(db, cast):
    factories.add_room(db, cast.commune, name="Hội trường A")
    with pytest.raises(points.PointNameTaken):
        factories.add_room(db, cast.commune, name="Hội trường  A")
    assert factories.add_room(db, cast.other_commune, name="Hội trường A")


def test_a_unit_that_has_ended_gets_no_new_room(db, cast):
    units.end(db, cast.administrator, cast.other_commune, units.today().replace(year=2024))
    with pytest.raises(units.UnitNotValid):
        factories.add_room(db, cast.other_commune)


def test_rooms_are_listed_to_those_who_look_after_them(db, cast):
    near = factories.add_room(db, cast.commune, name="Hội trường Sìn Hồ")
    far = factories.add_room(db, cast.other_commune, name="Nhà văn hóa", technician=cast.member)

    def seen_by(person, **narrowed):
        rooms, total = board.rooms(db, person, **narrowed)
        assert total == len(rooms)
        return [room.point for room in rooms]

    assert seen_by(cast.staff) == [far, near]  # Phong Thổ before Sìn Hồ.
    assert seen_by(cast.technician) == [near]
    assert seen_by(cast.member) == [far]
    assert seen_by(cast.stranger) == []
    assert seen_by(cast.staff, unit=cast.commune) == [near]
    assert seen_by(cast.staff, q="nha van") == [far]
    assert seen_by(cast.staff, q="vo nguyen giap") == [far, near]


def test_rooms_join_a_conference_as_they_stand_that_day(db, cast):
    session = factories.open_session(db, cast)
    room = factories.add_room(db, cast.commune, technician=cast.technician)
    (point,) = points.join_session(db, cast.technician, session, [Joining(room.id, expected_count=70)])
    assert (point.unit_id, point.technician_id, point.expected_count) == (cast.commune.id, cast.technician.id, 70)
    assert point.state == PointState.INVITED


def test_joining_again_changes_what_is_expected_and_nothing_else(db, cast):
    session = factories.open_session(db, cast)
    room = factories.add_room(db, cast.commune)
    (first,) = points.join_session(db, cast.staff, session, [Joining(room.id, expected_count=70)])
    points.set_state(db, cast.technician, first, PointState.READY)
    (again,) = points.join_session(db, cast.staff, session, [Joining(room.id, expected_count=80)])
    assert (again.id, again.expected_count, again.state) == (first.id, 80, PointState.READY)
    (kept,) = points.join_session(db, cast.staff, session, [Joining(room.id), Joining(room.id)])
    assert kept.expected_count == 80
    assert len(db.scalars(select(SessionPoint.id)).all()) == 1


@pytest.mark.parametrize("by", ["technician", "member", "stranger"])
def test_nobody_lets_in_a_room_that_is_not_theirs(db, cast, by):
    session = factories.open_session(db, cast)
    own, other = factories.add_room(db, cast.commune), factories.add_room(db, cast.other_commune)
    with pytest.raises(points.PointUnknown):
        points.join_session(db, getattr(cast, by), session, [Joining(own.id), Joining(other.id)])
    assert db.scalars(select(SessionPoint.id)).all() == []


def test_no_room_joins_once_the_register_is_closed_nor_one_that_is_not_there(db, cast):
    session = factories.open_session(db, cast)
    with pytest.raises(points.PointUnknown):
        points.join_session(db, cast.staff, session, [Joining(uuid4())])
    register.close(db, cast.staff, session)
    with pytest.raises(register.RegisterClosed):
        points.join_session(db, cast.staff, session, [Joining(factories.add_room(db, cast.commune).id)])


def test_a_room_that_another_conference_has_at_that_time_is_asked_about_and_taken_when_that_is_right(db, cast):
    session, other = (factories.open_session(db, cast, starts_in=timedelta(hours=hours)) for hours in (2, 3))
    free, busy = (factories.add_room(db, cast.commune, name=name) for name in ("Phòng A", "Phòng B"))
    points.join_session(db, cast.staff, other, [Joining(busy.id)])
    with pytest.raises(bookings.PointsBusy) as asked:
        points.join_session(db, cast.staff, session, [Joining(free.id), Joining(busy.id)])
    assert db.scalars(select(SessionPoint.connection_point_id)).all() == [busy.id]
    assert asked.value.facts["rooms"] == str(busy.id)
    starts, ends = (each.astimezone(clock.VIETNAM) for each in (other.starts_at, other.ends_at))
    for language in ("vi", "en"):
        sentence = asked.value.sentence(language)
        assert all(word in sentence for word in ("Phòng B", other.title, f"{starts:%H:%M}", f"{ends:%H:%M %d/%m/%Y}"))
    taken = points.join_session(db, cast.staff, session, [Joining(free.id), Joining(busy.id, although_busy=True)])
    assert {point.connection_point_id for point in taken} == {free.id, busy.id}
    (again,) = points.join_session(db, cast.staff, session, [Joining(busy.id, expected_count=80)])
    assert again.expected_count == 80  # It takes part already, and was asked about then.


def test_only_so_many_busy_rooms_are_told_of(db, cast):
    session, other = (factories.open_session(db, cast, starts_in=timedelta(hours=2)) for _ in range(2))
    rooms = [factories.add_room(db, cast.commune, name=f"Phòng {number}") for number in range(1, 8)]
    asked = [Joining(room.id) for room in rooms]
    points.join_session(db, cast.staff, other, asked)
    with pytest.raises(bookings.PointsBusy) as told:
        points.join_session(db, cast.staff, session, asked)
    assert set(str(told.value.facts["rooms"]).split()) == {str(room.id) for room in rooms}
    assert "Phòng 5 (" in str(told.value)
    assert "Phòng 6 (" not in str(told.value)
    assert "; +2." in str(told.value)


def test_nobody_is_asked_about_a_room_that_is_free_by_then(db, cast):
    day = timedelta(days=2)
    session = factories.open_session(db, cast, starts_in=day)
    room = factories.add_room(db, cast.commune)
    before = factories.open_session(db, cast, starts_in=day - timedelta(hours=2))  # It ends when this one starts.
    declined, cancelled = (factories.open_session(db, cast, starts_in=day) for _ in range(2))
    for other in (before, declined, cancelled):
        (point,) = points.join_session(db, cast.staff, other, [Joining(room.id, although_busy=True)])
        if other is declined:
            points.set_state(db, cast.staff, point, PointState.DECLINED)
    agenda.cancel(db, cast.administrator, cancelled, "Hoãn")
    before.ends_at = session.starts_at
    assert points.join_session(db, cast.staff, session, [Joining(room.id)])


def test_points_are_relayed_by_points_of_the_same_conference_without_loops(db, cast):
    session = factories.open_session(db, cast)
    top = factories.join(db, cast, session, cast.province)
    room = factories.add_room(db, cast.commune)
    (below,) = points.join_session(db, cast.staff, session, [Joining(room.id, relay_id=top.id)])
    assert below.relay_id == top.id
    foreign = factories.join(db, cast, factories.open_session(db, cast))
    with pytest.raises(points.RelayUnknown):
        points.join_session(db, cast.staff, session, [Joining(room.id, relay_id=foreign.id)])
    for loop in (Joining(top.connection_point_id, relay_id=below.id), Joining(room.id, relay_id=below.id)):
        with pytest.raises(points.RelayLoop), db.begin_nested():
            points.join_session(db, cast.staff, session, [loop])


def test_two_points_do_not_relay_each_other_in_one_go(db, cast):
    session = factories.open_session(db, cast)
    one, other = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune))
    loop = [Joining(one.connection_point_id, relay_id=other.id), Joining(other.connection_point_id, relay_id=one.id)]
    with pytest.raises(points.RelayLoop):
        points.join_session(db, cast.staff, session, loop)


def test_whoever_looks_after_a_point_says_how_it_is_doing(db, cast):
    session = factories.open_session(db, cast)
    point, other = (factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune))
    before = point.state_at
    points.set_state(db, cast.technician, point, PointState.TROUBLE)
    assert point.state == PointState.TROUBLE
    assert point.state_at > before
    points.set_state(db, cast.technician, point, PointState.TROUBLE)
    changes = db.scalars(select(AuditEntry.detail).where(AuditEntry.action == "point.state-changed")).all()
    assert changes == [{"before": "invited", "after": "trouble"}]
    for person, at in ((cast.technician, other), (cast.member, point)):
        with pytest.raises(OutsideScope):
            points.set_state(db, person, at, PointState.READY)


def test_a_point_is_seen_by_those_whom_its_conference_concerns(db, cast):
    session = factories.open_session(db, cast)
    point = factories.join(db, cast, session, cast.commune)
    assert points.see(db, cast.technician, point.id) == (point, session)
    with pytest.raises(register.SessionUnknown):
        points.see(db, cast.stranger, point.id)
    with pytest.raises(points.PointUnknown):
        points.see(db, cast.staff, uuid4())
