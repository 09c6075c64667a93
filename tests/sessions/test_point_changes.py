"""A registered room changed, retired and brought back, and what becomes of the conferences it takes part in."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from sessions import board, people, point_changes, points, register, units
from sessions.bookings import PointsBusy
from sessions.db import transaction
from sessions.models import AuditEntry, ConferenceSession, PointState, Role, SessionPoint
from sessions.point_changes import Description
from sessions.points import Joining, Reached
from tests import factories


@pytest.fixture
def room(db, cast):
    return factories.add_room(db, cast.commune, name="Hội trường xã", technician=cast.technician)


def told_of(room):
    """The room as it is registered, to be changed from there."""
    reached = Reached(room.measured_mbits, room.backup_line, room.video_address, room.phone)
    return Description(room.name, room.address, room.seats, room.equipment, room.line, room.technician_id, reached)


def change(db, by, room, **changes):
    told = replace(told_of(room), **changes)
    return point_changes.change(db, by, room.id, told, known_version=point_changes.version_of(room))


def noted(db, action):
    return db.scalars(select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()


def test_a_room_is_described_anew_and_found_by_its_new_words(db, cast, room):
    before = point_changes.version_of(room)
    change(db, cast.technician, room, name=" Nhà văn hóa  xã ", seats=80, reached=Reached(phone="0213 387 6543"))
    assert (room.name, room.seats, room.phone) == ("Nhà văn hóa xã", 80, "0213 387 6543")
    assert point_changes.version_of(room) != before
    assert [each.point for each in board.rooms(db, cast.staff, q="nha van hoa")[0]] == [room]
    assert board.rooms(db, cast.staff, q="hoi truong") == ([], 0)
    (detail,) = noted(db, "point.changed")
    assert detail["before"] == {"name": "Hội trường xã", "seats": 100}
    assert detail["after"] == {"name": "Nhà văn hóa xã", "seats": 80}
    assert sorted(detail["changed"]) == ["name", "phone", "seats"]  # That it changed, but no number in the trail.


def test_saying_the_same_again_changes_nothing(db, cast, room):
    change(db, cast.staff, room)
    assert noted(db, "point.changed") == []


def test_those_who_register_rooms_of_the_unit_change_them_and_the_rooms_own_technician(db, cast, room):
    change(db, cast.staff, room, seats=81)
    change(db, cast.technician, room, seats=82)
    change(db, cast.staff, room, technician_id=cast.member.id)
    change(db, cast.member, room, seats=83)
    for nobody in (cast.stranger, factories.enrol(db, cast.commune)):
        with pytest.raises(points.PointUnknown):
            change(db, nobody, room, seats=84)
        for verb in (point_changes.retire, point_changes.bring_back):
            with pytest.raises(points.PointUnknown):
                verb(db, nobody, room.id)
    assert room.seats == 83


def test_a_new_technician_is_somebody_whom_the_writer_looks_after_but_the_old_one_may_stay(db, cast, room):
    with pytest.raises(people.PersonUnknown):
        change(db, cast.staff, room, technician_id=cast.stranger.id)
    room.technician_id = cast.stranger.id
    change(db, cast.staff, room, seats=90)
    assert (room.technician_id, room.seats) == (cast.stranger.id, 90)


def test_one_unit_has_one_room_in_use_of_a_name(db, cast, room):
    other = factories.add_room(db, cast.commune, name="Phòng họp")
    with pytest.raises(points.PointNameTaken):
        change(db, cast.staff, other, name="Hội trường  xã")
    point_changes.retire(db, cast.staff, room.id)
    change(db, cast.staff, other, name="Hội trường xã")
    with pytest.raises(points.PointNameTaken):
        point_changes.bring_back(db, cast.staff, room.id)


def test_of_two_who_change_a_room_at_once_the_second_is_told(db, cast, room):
    seen = point_changes.version_of(room)
    told = told_of(room)
    point_changes.change(db, cast.technician, room.id, replace(told, seats=80), known_version=seen)
    with pytest.raises(point_changes.PointChangedMeanwhile):
        point_changes.change(db, cast.staff, room.id, replace(told, address="Bản Lang"), known_version=seen)
    assert (room.seats, room.address) == (80, told.address)


def test_of_many_who_save_at_the_same_moment_one_is_taken(db, cast, room):
    seen, told = point_changes.version_of(room), told_of(room)
    db.commit()

    def save(seats):
        with transaction() as desk:
            try:
                point_changes.change(desk, cast.staff, room.id, replace(told, seats=seats), known_version=seen)
            except point_changes.PointChangedMeanwhile:
                return 0
            return 1

    with ThreadPoolExecutor(4) as desks:
        assert sum(desks.map(save, range(1, 9))) == 1
    assert len(noted(db, "point.changed")) == 1


def test_of_conferences_that_take_a_room_at_the_same_moment_one_gets_it_unasked(db, cast, room):
    coming = [factories.open_session(db, cast, starts_in=timedelta(days=1)).id for _ in range(4)]
    db.commit()

    def join(session_id):
        with transaction() as desk:
            try:
                points.join_session(desk, cast.staff, desk.get_one(ConferenceSession, session_id), [Joining(room.id)])
            except PointsBusy:
                return 0
            return 1

    with ThreadPoolExecutor(4) as desks:
        assert sum(desks.map(join, coming)) == 1
    assert len(db.scalars(select(SessionPoint.id)).all()) == 1


def test_a_new_technician_takes_over_what_has_not_started_and_was_not_handed_over(db, cast, room):
    begun, coming, handed = (
        factories.open_session(db, cast, starts_in=timedelta(hours=hours)) for hours in (-1, 24, 48)
    )
    at = {
        session: points.join_session(db, cast.staff, session, [Joining(room.id)])[0]
        for session in (begun, coming, handed)
    }
    stand_in, successor = (factories.enrol(db, cast.commune) for _ in range(2))
    at[handed].technician_id = stand_in.id
    elsewhere = factories.join(db, cast, coming, technician=cast.technician)
    change(db, cast.staff, room, technician_id=successor.id)
    looked_after = {session: point.technician_id for session, point in at.items()}
    assert looked_after == {begun: cast.technician.id, coming: successor.id, handed: stand_in.id}
    assert elsewhere.technician_id == cast.technician.id
    assert noted(db, "point.changed")[0]["session_point_ids"] == [str(at[coming].id)]


def test_a_room_that_nobody_looked_after_hands_its_points_on_too(db, cast):
    room = factories.add_room(db, cast.commune)
    coming = factories.open_session(db, cast, starts_in=timedelta(days=1))
    (point,) = points.join_session(db, cast.staff, coming, [Joining(room.id)])
    change(db, cast.staff, room, technician_id=cast.technician.id)
    assert point.technician_id == cast.technician.id
    change(db, cast.staff, room, technician_id=None)
    assert point.technician_id is None


def test_a_retired_room_leaves_the_lists_and_stays_in_past_conferences_until_it_is_brought_back(db, cast, room):
    past = factories.open_session(db, cast, starts_in=timedelta(days=-2))
    (point,) = points.join_session(db, cast.staff, past, [Joining(room.id)])
    for _ in range(2):
        point_changes.retire(db, cast.technician, room.id)
    assert board.rooms(db, cast.staff) == ([], 0)
    assert [each.point for each in board.rooms(db, cast.staff, retired=True)[0]] == [room]
    assert [taking.point for taking in board.points_of(db, past)[0]] == [point]
    coming = factories.open_session(db, cast, starts_in=timedelta(days=2))
    with pytest.raises(points.PointUnknown):
        points.join_session(db, cast.staff, coming, [Joining(room.id)])
    with pytest.raises(point_changes.PointRetired):
        change(db, cast.staff, room, seats=80)
    for _ in range(2):
        point_changes.bring_back(db, cast.technician, room.id)
    assert [each.point for each in board.rooms(db, cast.staff)[0]] == [room]
    assert noted(db, "point.retired") == noted(db, "point.brought-back") == [{"name": "Hội trường xã"}]


def test_a_room_is_not_retired_under_a_conference_that_has_not_ended(db, cast, room):
    running = factories.open_session(db, cast, starts_in=timedelta(hours=-1))
    (point,) = points.join_session(db, cast.staff, running, [Joining(room.id)])
    with pytest.raises(point_changes.PointStillJoined) as refused:
        point_changes.retire(db, cast.staff, room.id)
    assert running.title in refused.value.sentence("vi")
    assert room.retired_at is None
    points.set_state(db, cast.staff, point, PointState.DECLINED)
    assert point_changes.retire(db, cast.staff, room.id).retired_at


def test_a_register_that_was_closed_early_holds_no_room(db, cast, room):
    running = factories.open_session(db, cast, starts_in=timedelta(hours=-1))
    points.join_session(db, cast.staff, running, [Joining(room.id)])
    register.close(db, cast.staff, running)
    assert point_changes.retire(db, cast.staff, room.id).retired_at


def test_no_room_comes_back_to_a_unit_that_has_ended(db, cast):
    room = factories.add_room(db, cast.other_commune)
    point_changes.retire(db, cast.staff, room.id)
    units.end(db, cast.administrator, cast.other_commune, units.today().replace(year=2024))
    with pytest.raises(units.UnitNotValid):
        point_changes.bring_back(db, cast.staff, room.id)


def test_whoever_has_a_role_above_the_unit_may_change_its_rooms(db, cast, room):
    clerk = factories.enrol(db, cast.province)
    factories.entrust(db, clerk, Role.TECHNICIAN, cast.province)
    assert change(db, clerk, room, seats=70).seats == 70
    assert db.scalars(select(SessionPoint.id)).all() == []
