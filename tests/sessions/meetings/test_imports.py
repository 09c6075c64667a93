"""A log from its bytes to check-ins: taken once, matched, looked through by staff, and only then counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from sessions import clock, reconciliation, register, roles
from sessions.errors import NotAllowed
from sessions.meetings import imports, review
from sessions.meetings.review import WhichRows
from sessions.models import (
    Attendance,
    AuditEntry,
    CheckIn,
    CheckInMethod,
    MatchedBy,
    MeetingRow,
    Platform,
    RowKind,
    RowState,
)
from sessions.summons import PersonNotSummoned
from tests import factories


@pytest.fixture
def stage(db, cast):
    """A conference of two hours that began three hours ago, with a hall of the province and a room of the commune."""
    session = factories.open_session(db, cast)
    hall = factories.join(db, cast, session, cast.province, name="Hội trường tỉnh")
    room = factories.join(db, cast, session, name="Hội trường Sìn Hồ")
    factories.summon(db, cast, session)
    return session, hall, room


def zoom(session, *stays):
    """A Zoom report: (name, minutes after the start when they came, when they left, e-mail)."""
    lines = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)"]
    for name, joined, left, *email in stays:
        starts_at = session.starts_at.astimezone(clock.VIETNAM)
        came, went = (f"{starts_at + timedelta(minutes=each):%d/%m/%Y %H:%M:%S}" for each in (joined, left))
        lines.append(f"{name},{''.join(email)},{came},{went},{left - joined}")
    return "\n".join(lines).encode()


def take(db, cast, session, *stays):
    kept, _ = imports.take(db, cast.staff, session, zoom(session, *stays), "participants.csv")
    return kept, {row.name: row for row in db.scalars(select(MeetingRow).where(MeetingRow.import_id == kept.id))}


def checked_in(db, session):
    return {
        (each.person_id, each.part_id): each
        for each in db.scalars(select(CheckIn))
        if each.method == CheckInMethod.IMPORT
    }


def test_rows_are_matched_and_kept_and_nobody_is_checked_in_by_that(db, cast, stage):
    session, hall, room = stage
    kept, rows = take(
        db,
        cast,
        session,
        ("UBND xã Sìn Hồ - Nguyễn Thị Mai", -10, 60, "mai@x.vn"),
        ("Phạm Thị Duyệt", 0, 120),
        ("Điểm cầu xã Sìn Hồ - 35 người", 0, 120),
        ("Hoàng Người Lạ", 0, 120),
    )
    mai, duyet, point, stranger = rows.values()
    assert (kept.platform, kept.participants) == (Platform.ZOOM, 4)
    assert (mai.person_id, mai.session_point_id, mai.matched_by) == (cast.member.id, room.id, MatchedBy.EMAIL)
    assert (duyet.person_id, duyet.session_point_id, duyet.matched_by) == (cast.releaser.id, hall.id, MatchedBy.NAME)
    assert (point.kind, point.session_point_id, point.said_count) == (RowKind.ROOM, room.id, 35)
    assert (stranger.person_id, stranger.matched_by) == (None, MatchedBy.NONE)
    assert {row.state for row in rows.values()} == {RowState.PROPOSED}
    assert checked_in(db, session) == {}
    assert review.counts_of(db, kept) == {
        WhichRows.ALL: 4,
        WhichRows.SURE: 2,
        WhichRows.LOOK: 0,
        WhichRows.UNKNOWN: 1,
        WhichRows.ROOMS: 1,
        WhichRows.DECIDED: 0,
    }


def test_accepted_people_are_checked_in_to_the_parts_of_which_the_log_proves_half(db, cast, stage):
    session, _, room = stage
    first, second = register.parts_of(db, session.id)
    mai, duyet = "Nguyễn Thị Mai", "Phạm Thị Duyệt"
    kept, rows = take(db, cast, session, (mai, 5, 25), (mai, 40, 55), (duyet, 35, 120))
    outcome = review.accept(db, cast.staff, kept, [row.id for row in rows.values()])
    # Mai: 20 + 15 of the first 60 minutes; Duyệt: 25 of the first and all of the second.
    assert (outcome.accepted, set(outcome.checked_in), outcome.too_short) == (2, {cast.member.id, cast.releaser.id}, 0)
    made = checked_in(db, session)
    assert set(made) == {(cast.member.id, first.id), (cast.releaser.id, second.id)}
    mine = made[cast.member.id, first.id]
    assert (mine.session_point_id, mine.recorded_by) == (room.id, cast.staff.id)
    assert mine.checked_at == first.starts_at.replace(microsecond=0) + timedelta(minutes=5)
    assert {each.person_id for each in db.scalars(select(Attendance))} == {cast.member.id, cast.releaser.id}
    accepted = select(AuditEntry).where(AuditEntry.action == "meeting-rows.accepted")
    assert db.scalars(accepted).one().actor_id == cast.staff.id


def test_accepting_and_importing_again_change_nothing(db, cast, stage):
    session, _, _ = stage
    kept, rows = take(db, cast, session, ("Nguyễn Thị Mai", 0, 60))
    ids = [row.id for row in rows.values()]
    review.accept(db, cast.staff, kept, ids)
    before = {each.id for each in checked_in(db, session).values()}
    assert review.accept(db, cast.staff, kept, ids).accepted == 0
    again, is_new = imports.take(db, cast.staff, session, zoom(session, ("Nguyễn Thị Mai", 0, 60)), "copy.csv")
    assert (again.id, is_new) == (kept.id, False)
    assert {each.id for each in checked_in(db, session).values()} == before


def test_a_meeting_that_was_restarted_is_added_up_over_both_its_logs(db, cast, stage):
    session, _, _ = stage
    for number, (joined, left) in enumerate([(0, 20), (20, 45)]):
        kept, rows = take(db, cast, session, ("Nguyễn Thị Mai", joined, left))
        outcome = review.accept(db, cast.staff, kept, [row.id for row in rows.values()])
        assert len(outcome.checked_in) == number
        assert outcome.too_short == 1 - number


def test_a_sum_without_times_proves_only_what_cannot_lie_in_the_other_part(db, cast, stage):
    session, _, _ = stage
    text = "Tên (Tên gốc),Email người dùng,Tổng thời gian (Phút)\nNguyễn Thị Mai,,100\nPhạm Thị Duyệt,,60\n"
    kept, _ = imports.take(db, cast.staff, session, text.encode(), "tong.csv")
    outcome, left = review.accept_sure(db, cast.staff, kept)
    assert (outcome.accepted, outcome.checked_in, outcome.too_short, left) == (2, [cast.member.id], 1, 0)
    assert len(checked_in(db, session)) == 2


def test_nobody_accepts_a_row_about_themselves(db, cast, stage):
    session, _, _ = stage
    kept, rows = take(db, cast, session, ("Trần Văn Bộ", 0, 120), ("Nguyễn Thị Mai", 0, 120))
    outcome = review.accept(db, cast.staff, kept, [row.id for row in rows.values()])
    assert (outcome.accepted, outcome.own) == (1, 1)
    (own,) = [row.id for row in rows.values() if row.person_id == cast.staff.id]
    assert review.accept(db, cast.releaser, kept, [own]).checked_in == [cast.staff.id]


def test_a_row_is_corrected_by_hand_to_somebody_of_the_summons_or_to_a_room(db, cast, stage):
    session, hall, room = stage
    kept, rows = take(db, cast, session, ("Cô Hiền", 0, 120), ("Xa Thị Bình", 0, 120))
    with pytest.raises(review.NobodyChosen):
        review.accept(db, cast.staff, kept, [rows["Cô Hiền"].id])
    with pytest.raises(PersonNotSummoned):
        review.correct(db, cast.staff, kept, rows["Cô Hiền"].id, person_id=cast.stranger.id, session_point_id=None)
    review.correct(db, cast.staff, kept, rows["Cô Hiền"].id, person_id=cast.member.id, session_point_id=None)
    review.correct(db, cast.staff, kept, rows["Xa Thị Bình"].id, person_id=None, session_point_id=hall.id)
    outcome = review.accept(db, cast.staff, kept, [row.id for row in rows.values()])
    assert (outcome.accepted, outcome.checked_in) == (2, [cast.member.id])
    assert {each.session_point_id for each in checked_in(db, session).values()} == {room.id}
    with pytest.raises(review.RowDecided):
        review.correct(db, cast.staff, kept, rows["Cô Hiền"].id, person_id=cast.releaser.id, session_point_id=None)


def test_what_was_refused_counts_for_nothing_and_may_be_taken_back(db, cast, stage):
    session, _, _ = stage
    kept, rows = take(db, cast, session, ("Nguyễn Thị Mai", 0, 120))
    ids = [row.id for row in rows.values()]
    assert review.refuse(db, cast.staff, kept, ids) == 1
    assert checked_in(db, session) == {}
    assert review.accept(db, cast.staff, kept, ids).checked_in == [cast.member.id]
    assert review.refuse(db, cast.staff, kept, ids) == 0


def test_a_log_of_another_day_is_refused_with_both_days(db, cast, stage):
    session, _, _ = stage
    with pytest.raises(imports.LogOfAnotherDay) as refused:
        take(db, cast, session, ("Nguyễn Thị Mai", 3 * 1440, 3 * 1440 + 30))
    assert f"{session.starts_at.astimezone(clock.VIETNAM):%d/%m/%Y}" in refused.value.sentence("vi")
    assert db.scalars(select(MeetingRow)).all() == []


def test_logs_are_for_staff_of_the_unit_that_holds_the_conference(db, cast, stage):
    session, _, _ = stage
    for person in (cast.technician, cast.member, cast.stranger):
        with pytest.raises((NotAllowed, roles.OutsideScope)):
            imports.take(db, person, session, zoom(session, ("Nguyễn Thị Mai", 0, 60)), "a.csv")
    kept, _ = take(db, cast, session, ("Nguyễn Thị Mai", 0, 60))
    with pytest.raises(imports.ImportUnknown):
        imports.see(db, cast.technician, kept.id)
    assert imports.see(db, cast.releaser, kept.id)[0] is kept


def test_three_numbers_of_a_point_stand_side_by_side_and_what_differs_by_a_tenth_is_flagged(db, cast, stage):
    session, hall, room = stage
    part = factories.first_part(db, session)
    factories.count_people(db, cast.technician, room, part, 35)
    factories.count_people(db, cast.administrator, hall, part, 1)
    present = ("Điểm cầu xã Sìn Hồ - 33 người", "Phạm Thị Duyệt", "Trần Văn Bộ")
    kept, rows = take(db, cast, session, *((name, 0, 120) for name in present))
    review.accept(db, cast.staff, kept, [rows["Phạm Thị Duyệt"].id])
    found, total, flagged = reconciliation.points_of(db, cast.staff, session, part)
    # The commune: 35 counted, nobody by name, 33 by the room's own name: 2 of 35 are within a tenth.
    # The province: 1 counted, 1 checked in, 2 in the log.
    assert [(each.point.id, each.counted, each.checked_in, each.logged, each.flagged) for each in found] == [
        (hall.id, 1, 1, 2, True),
        (room.id, 35, 0, 33, False),
    ]
    assert (total, flagged) == (2, 1)
    alone, _, _ = reconciliation.points_of(db, cast.staff, session, part, only_flagged=True)
    assert [each.point.id for each in alone] == [hall.id]
    assert found[1].rooms == 1
    assert found[1].room_seconds == pytest.approx(3600, abs=1)


def test_without_a_log_and_with_a_silent_room_only_what_is_known_is_compared(db, cast, stage):
    session, _, room = stage
    part = factories.first_part(db, session)
    factories.count_people(db, cast.technician, room, part, 35)
    before = {each.point.id: each for each in reconciliation.points_of(db, cast.staff, session, part)[0]}[room.id]
    assert (before.logged, before.flagged) == (None, False)
    take(db, cast, session, ("Điểm cầu xã Sìn Hồ", 0, 120))
    after = {each.point.id: each for each in reconciliation.points_of(db, cast.staff, session, part)[0]}[room.id]
    assert (after.logged, after.rooms, after.flagged) == (None, 1, False)


def test_a_room_that_counted_people_and_is_in_no_log_is_flagged(db, cast, stage):
    session, _, room = stage
    part = factories.first_part(db, session)
    factories.count_people(db, cast.technician, room, part, 35)
    take(db, cast, session, ("Phạm Thị Duyệt", 0, 120))
    found = {each.point.id: each for each in reconciliation.points_of(db, cast.staff, session, part)[0]}[room.id]
    assert (found.counted, found.logged, found.flagged) == (35, 0, True)


def test_staff_of_a_unit_below_reconcile_their_own_points_only(db, cast, stage):
    session, _, room = stage
    part = factories.first_part(db, session)
    local = factories.enrol(db, cast.commune, "Vàng Thị Sáo")
    factories.entrust(db, local, roles.Role.STAFF, cast.commune)
    assert [each.point.id for each in reconciliation.points_of(db, local, session, part)[0]] == [room.id]
    with pytest.raises(NotAllowed):
        reconciliation.points_of(db, cast.member, session, part)
