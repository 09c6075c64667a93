"""Which viewings and credits are told in xAPI, and that each is told once, on a real database."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from archive import watchlog
from archive.xapi import telling
from archive.xapi.journal import Scope
from archive.xapi.models import XapiStatement, XapiTelling
from archive.xapi.viewings import segments_in
from archive.xapi.words import BASIS, CMI5_REASON
from sessions import clock
from sessions.models import AttendanceCredit, Basis, CreditState
from tests.archive.test_watchlog import Clock, keep_recording, played, watch
from tests.archive.test_xapi import SESSION_ID, extensions
from tests.cast import conference


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


HOME = "https://diemcau.example.vn"


def tell_all(db, **scope):
    """Tell, and give the verbs of what was new."""
    before = {row.id for row in db.scalars(select(XapiStatement))}
    while telling.tell_some(db, Scope(HOME, **scope)):
        db.commit()
    rows = db.scalars(select(XapiStatement).order_by(XapiStatement.position)).all()
    return [row for row in rows if row.id not in before]


def words(rows):
    return " ".join(row.verb for row in rows)


def open_viewing(db, cast, recording):
    viewing = watchlog.open_viewing(db, cast.member, recording, "Mozilla/5.0 (Linux; Android 9; SM-J260G)")
    db.commit()
    return viewing


def test_a_viewing_is_told_once_and_leads_to_the_satisfied_conference(db, cast, time):
    recording = keep_recording(db, conference(db, cast))
    viewing = open_viewing(db, cast, recording)
    for n in range(4):
        watch(db, time, viewing, 15.0 * n, 15.0 * n + 15, n)
    watchlog.close(db, viewing)
    db.commit()
    rows = tell_all(db)
    assert words(rows) == "initialized played completed paused passed terminated satisfied"
    satisfied = rows[-1].body
    assert satisfied["result"] == {"extensions": {BASIS: "replay"}}
    assert satisfied["object"]["definition"]["type"] == "https://w3id.org/xapi/cmi5/activitytype/course"
    assert {row.body["context"]["registration"] for row in rows} == {satisfied["context"]["registration"]}
    assert tell_all(db) == []


def test_the_credit_that_comes_by_a_late_last_beat_is_passed_before_the_end(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    time.wait(60)
    watchlog.close(db, viewing)
    time.wait(2)
    watchlog.record(db, viewing, [played(0, 0.0, 60.0, (0.0, 60.0, 1.0))])
    rows = tell_all(db)
    assert words(rows) == "initialized played completed paused passed terminated satisfied"
    assert rows[-2].at == viewing.ended_at
    assert rows[-1].body["context"]["extensions"] == {
        "https://w3id.org/xapi/cmi5/context/extensions/sessionid": str(viewing.id)
    }


def test_nothing_of_a_person_leaves_but_an_account_that_means_nothing_elsewhere(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    watch(db, time, viewing, 0.0, 60.0)
    watchlog.close(db, viewing)
    rows = tell_all(db)
    assert {json.dumps(row.body["actor"]) for row in rows} == {
        json.dumps({"account": {"name": str(cast.member.id), "homePage": HOME}, "objectType": "Agent"})
    }
    all_of_it = json.dumps([row.body for row in rows], ensure_ascii=False)
    for private in (cast.member.full_name, cast.member.member_number, "mai", "Android", cast.commune.name):
        assert private not in all_of_it


def test_beats_that_come_after_the_end_was_told_are_told_as_another_session(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    watch(db, time, viewing, 0.0, 15.0)
    time.wait(30)
    watchlog.close(db, viewing)
    assert words(tell_all(db)) == "initialized played paused terminated"
    time.wait(3600)
    watchlog.record(db, viewing, [played(1, 15.0, 30.0, (15.0, 30.0, 1.0))])
    late = tell_all(db)
    assert words(late) == "initialized played paused terminated"
    assert segments_in(late[-1].body) == [(0.0, 30.0)]
    session = extensions(late[0].body, "context")["session-id"]
    assert SESSION_ID.match(session)
    assert session != str(viewing.id)


def test_an_open_viewing_is_told_so_far_and_ended_later_in_the_same_session(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    watch(db, time, viewing, 0.0, 15.0)
    assert words(tell_all(db)) == "initialized played paused"
    watch(db, time, viewing, 15.0, 30.0, 1)
    watchlog.close(db, viewing)
    rest = tell_all(db)
    assert words(rest) == "played paused terminated"
    assert {extensions(row.body, "context")["session-id"] for row in rest} == {str(viewing.id)}
    assert rest[-1].body["result"]["duration"] == "PT30.00S"


def test_the_forwarder_waits_until_nothing_comes_any_more_and_looks_again_later(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    watch(db, time, viewing, 0.0, 15.0)
    watchlog.close(db, viewing)
    db.commit()
    assert tell_all(db, quiet=timedelta(minutes=10)) == []
    time.wait(601)
    assert words(tell_all(db, quiet=timedelta(minutes=10))) == "initialized played paused terminated"
    time.wait(60)
    watchlog.record(db, viewing, [played(1, 15.0, 15.5, (15.0, 15.5, 1.0))])
    assert tell_all(db, quiet=timedelta(minutes=10)) == []
    time.wait(2 * 3600)
    watchlog.record(db, viewing, [played(2, 15.0, 15.2, (15.5, 15.7, 1.0))])
    assert tell_all(db, quiet=timedelta(minutes=10)) == []
    time.wait(601)
    tell_all(db, quiet=timedelta(minutes=10))
    assert db.get_one(XapiTelling, viewing.id).beats == [[0, 2]]
    time.wait(100 * 24 * 3600)
    tell_all(db, quiet=timedelta(minutes=10))
    assert db.get_one(XapiTelling, viewing.id).look_again_at is None


def test_a_viewing_that_nobody_closed_is_over_when_its_player_was_silent_for_a_day(db, cast, time):
    viewing = open_viewing(db, cast, keep_recording(db, conference(db, cast)))
    watch(db, time, viewing, 0.0, 15.0)
    time.wait(25 * 3600)
    rows = tell_all(db)
    assert words(rows) == "initialized played paused terminated"
    assert rows[-1].at == viewing.opened_at + timedelta(seconds=15)


def test_a_credit_by_hand_is_waived_and_one_taken_back_is_voided(db, cast, time):
    session = conference(db, cast)
    recording = keep_recording(db, session)
    credit = AttendanceCredit(
        person_id=cast.member.id,
        session_id=session.id,
        unit_id=cast.commune.id,
        state=CreditState.GRANTED,
        basis=Basis.REPLAY,
        policy_version=1,
        rule_version="1",
        evidence=[],
        granted_at=clock.now(),
        decided_by=cast.staff.id,
        reason="Máy của đồng chí Mai hỏng, cán bộ xã đã xác nhận",
    )
    db.add(credit)
    db.commit()
    waived, satisfied = tell_all(db)
    assert (waived.verb, satisfied.verb) == ("waived", "satisfied")
    assert waived.body["object"]["id"].endswith(str(recording.id))
    assert waived.body["result"]["extensions"] == {CMI5_REASON: "Administrative"}
    assert "xác nhận" not in json.dumps(waived.body, ensure_ascii=False)
    credit.state = CreditState.REVOKED
    db.commit()
    (voided,) = tell_all(db)
    assert voided.body["object"] == {"objectType": "StatementRef", "id": str(satisfied.id)}
    assert tell_all(db) == []


def test_a_live_credit_is_not_told(db, cast, time):
    session = conference(db, cast)
    db.add(
        AttendanceCredit(
            person_id=cast.member.id,
            session_id=session.id,
            unit_id=cast.commune.id,
            state=CreditState.GRANTED,
            basis=Basis.LIVE,
            policy_version=1,
            rule_version="1",
            evidence=[],
            granted_at=clock.now(),
        )
    )
    db.commit()
    assert tell_all(db) == []
