"""Participation by unit, and the same as a file."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from sessions import agenda, reports
from sessions.models import AttendanceCredit, Basis, CreditState, Expected, SessionPart
from tests import factories
from tests.cast import conference


def summon(db, session, person, unit, exempt=None):
    for part_id in db.scalars(select(SessionPart.id).where(SessionPart.session_id == session.id)):
        db.merge(
            Expected(
                part_id=part_id,
                person_id=person.id,
                session_id=session.id,
                unit_id=unit.id,
                exempt_reason=exempt,
                added_at=session.starts_at,
            )
        )
    db.flush()


def credit(db, session, person, basis):
    db.add(
        AttendanceCredit(
            id=uuid4(),
            person_id=person.id,
            session_id=session.id,
            unit_id=person.unit_id,
            state=CreditState.GRANTED,
            basis=basis,
            policy_version=1,
            rule_version="1",
            evidence=[],
            granted_at=session.ends_at,
        )
    )
    db.flush()


def test_people_are_counted_once_below_their_branch_whatever_the_number_of_parts(db, cast):
    session = conference(db, cast, parts=3)
    summon(db, session, cast.technician, cast.commune, exempt="nghỉ ốm")
    summon(db, session, cast.stranger, cast.other_commune)
    summon(db, session, cast.staff, cast.province)
    credit(db, session, cast.member, Basis.REPLAY)
    credit(db, session, cast.staff, Basis.LIVE)
    rows, total = reports.participation(db, session, cast.province)
    assert [(row.unit.name, row.counts.expected, row.counts.exempt, row.counts.credited) for row in rows] == [
        ("Lai Châu", 1, 0, 1),
        ("Phong Thổ", 1, 0, 0),
        ("Sìn Hồ", 2, 1, 1),
    ]
    assert rows[2].counts.rate == 1.0
    assert (total.expected, total.live, total.replay, total.rate) == (4, 1, 1, 2 / 3)


def test_a_commune_reports_on_itself_alone(db, cast):
    session = conference(db, cast)
    summon(db, session, cast.stranger, cast.other_commune)
    rows, total = reports.participation(db, session, cast.commune)
    assert [(row.unit.name, row.counts.expected) for row in rows] == [("Sìn Hồ", 1)]
    assert total.expected == 1


def test_the_file_opens_in_a_spreadsheet_and_runs_nothing(db, cast):
    cast.commune.name = "=HYPERLINK(1)"
    session = conference(db, cast)
    table = reports.to_csv(*reports.participation(db, session, cast.province))
    assert table.startswith("\ufeffĐơn vị,")
    assert "'=HYPERLINK(1),1,0" in table


def test_people_of_a_unit_are_listed_in_vietnamese_order_with_their_credit(db, cast):
    session = conference(db, cast)
    summon(db, session, cast.technician, cast.commune)
    credit(db, session, cast.member, Basis.REPLAY)
    everyone, total = reports.people_of(db, session, cast.province, credited=None, offset=0, limit=10)
    assert ([person.full_name for person, _, _ in everyone], total) == (["Lò Văn Kỹ", "Nguyễn Thị Mai"], 2)
    missing, _ = reports.people_of(db, session, cast.province, credited=False, offset=0, limit=10)
    assert [person.full_name for person, _, _ in missing] == ["Lò Văn Kỹ"]


def test_the_file_of_a_conference_that_was_called_off_says_so_first_and_has_no_rates(db, cast):
    session = factories.open_session(db, cast, starts_in=timedelta(days=3))
    factories.summon(db, cast, session)
    assert reports.called_off(db, session) is None
    agenda.cancel(db, cast.staff, session, "Bão số 9")
    told = reports.called_off(db, session)
    assert told.startswith("Hội nghị đã hủy lúc ")
    assert "Bão số 9" in told
    table = reports.to_csv(*reports.participation(db, session, cast.province), called_off=told)
    first, heads, *_, total = csv.reader(io.StringIO(table.removeprefix("\ufeff")))
    assert (first, heads[0], total[0], total[-1]) == ([told], "Đơn vị", "Tổng cộng", "")
    assert "called off" in reports.called_off(db, session, "en")
