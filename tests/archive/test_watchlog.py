"""Viewings and beats on a real database, and the credit that follows from them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from archive import catalogue, expiry, watchlog
from archive.models import Beat, Recording, Viewing
from archive.watchlog import BeatImpossible, Report, ViewingNotFound
from sessions import clock
from sessions.models import Attendance, AttendanceCredit, AuditEntry, CreditPolicy, Evidence, SessionPart
from tests.cast import conference


def keep_recording(db, session, seconds=60.0):
    recording = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=seconds,
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=1,
        facts={},
        created_at=clock.now(),
        published_at=clock.now(),
    )
    db.add(recording)
    db.commit()
    return recording


class Clock:
    """Time that passes when told to; only ever in the process of a test."""

    def __init__(self, monkeypatch):
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def wait(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


def played(seq, start, end, *segments):
    return Report(seq, start, end, segments, 0.0, 0.0)


def watch(db, time, viewing, start, end, seq=0):
    time.wait(end - start)
    return watchlog.record(db, viewing, [played(seq, start, end, (start, end, 1.0))])


def test_watching_to_the_end_is_credited_once_with_its_evidence(db, cast, time):
    recording = keep_recording(db, conference(db, cast))
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    steps = [watch(db, time, viewing, 15.0 * n, 15.0 * n + 15, n) for n in range(4)]
    assert [step.verdict.credited for step in steps] == [False, False, False, True]
    assert steps[0].missing == [(15.0, 60.0)]
    watchlog.close(db, viewing)
    credit = db.scalars(select(AttendanceCredit)).one()
    assert credit.evidence[0]["watched"][0]["covered_seconds"] == 60.0
    assert db.scalar(select(func.count(Attendance.part_id))) == 1
    assert db.scalar(select(func.count()).where(AuditEntry.action == "credit.granted")) == 1


def test_a_conference_of_two_parts_is_credited_for_both_by_one_recording_of_the_whole(db, cast, time):
    recording = keep_recording(db, conference(db, cast, parts=2), seconds=15.0)
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    assert watch(db, time, viewing, 0.0, 15.0).verdict.credited
    assert db.scalar(select(func.count(Evidence.id))) == 2


def test_opening_again_ends_the_earlier_viewing_and_its_later_beats_count_for_nothing(db, cast, time):
    recording = keep_recording(db, conference(db, cast))
    first = watchlog.open_viewing(db, cast.member, recording, "phone")
    watch(db, time, first, 0.0, 15.0)
    second = watchlog.open_viewing(db, cast.member, recording, "laptop")
    late = watch(db, time, first, 15.0, 30.0, seq=1)
    assert late.superseded
    assert late.covered == [(0.0, 15.0)]
    assert watch(db, time, second, 0.0, 15.0).covered == [(0.0, 15.0)]
    assert db.scalar(select(func.count(Viewing.id)).where(Viewing.ended_at.is_(None))) == 1


def test_a_beat_delivered_twice_is_kept_once_as_it_first_came(db, cast, time):
    recording = keep_recording(db, conference(db, cast))
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    before = watch(db, time, viewing, 0.0, 15.0)
    again = watchlog.record(
        db, viewing, [played(0, 0.0, 15.0, (0.0, 15.0, 1.0)), played(0, 0.0, 15.0, (30.0, 45.0, 1.0))]
    )
    assert again.covered == before.covered
    assert db.scalar(select(func.count(Beat.seq))) == 1


def test_a_muted_replay_and_a_script_that_banks_an_hour_at_once_earn_nothing(db, cast, time):
    recording = keep_recording(db, conference(db, cast), seconds=3600.0)
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    time.wait(1)
    banked = watchlog.record(db, viewing, [played(0, 0.0, 3600.0, (0.0, 3600.0, 1.0))])
    assert banked.covered == [(0.0, 9.0)]
    time.wait(15)
    muted = watchlog.record(db, viewing, [Report(1, 6.0, 16.0, [(100.0, 110.0, 1.0)], 0.0, 10.0)])
    assert muted.covered == [(0.0, 9.0)]


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(played(0, 10.0, 5.0), id="ends before it starts"),
        pytest.param(played(0, 0.0, 5.0, (9.0, 3.0, 1.0)), id="plays backward"),
        pytest.param(played(0, 0.0, 5.0, (0.0, 3.0, 0.0)), id="plays at no speed"),
        pytest.param(Report(0, 0.0, 5.0, [], 0.0, 60.0), id="muted for longer than it lasted"),
    ],
)
def test_an_impossible_beat_is_refused_whole(db, cast, report):
    viewing = watchlog.open_viewing(db, cast.member, keep_recording(db, conference(db, cast)), "test")
    with pytest.raises(BeatImpossible):
        watchlog.record(db, viewing, [report])
    assert db.scalar(select(func.count(Beat.seq))) == 0


def test_another_persons_viewing_is_not_there(db, cast):
    viewing = watchlog.open_viewing(db, cast.member, keep_recording(db, conference(db, cast)), "test")
    with pytest.raises(ViewingNotFound):
        watchlog.find_own(db, cast.stranger, viewing.id)
    assert watchlog.find_own(db, cast.member, viewing.id) is viewing


def test_watching_earns_nothing_for_somebody_who_was_not_summoned(db, cast, time):
    recording = keep_recording(db, conference(db, cast), seconds=15.0)
    viewing = watchlog.open_viewing(db, cast.staff, recording, "test")
    progress = watch(db, time, viewing, 0.0, 15.0)
    assert progress.covered_ratio == 1.0
    assert not progress.verdict.credited
    assert db.scalar(select(func.count(AttendanceCredit.id))) == 0


def put_out(db, cast, session, part=None, sha256="0" * 64, seconds=60.0):
    """A recording that is published as the pipeline does it, so that the register hears of it."""
    recording = keep_recording(db, session, seconds)
    recording.published_at, recording.part_id, recording.source_sha256 = None, part, sha256
    catalogue.publish(db, recording, cast.staff)
    db.commit()
    return recording


def watch_whole(db, cast, time, recording):
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    progress = watch(db, time, viewing, 0.0, recording.duration_seconds)
    watchlog.close(db, viewing)
    return progress


def test_a_part_in_two_files_needs_both_and_a_copy_of_one_is_no_third(db, cast, time):
    session = conference(db, cast)
    (part,) = db.scalars(select(SessionPart.id))
    first, second, copy = (put_out(db, cast, session, part, sha256) for sha256 in ("a" * 64, "b" * 64, "a" * 64))
    half = watch_whole(db, cast, time, first)
    assert [reason.sentence("vi") for reason in half.verdict.reasons] == [
        "Còn thiếu phút 1 của bản ghi “Hội nghị học tập nghị quyết”."
    ]
    assert watch_whole(db, cast, time, second).verdict.credited
    assert db.scalar(select(func.count(AttendanceCredit.id))) == 1
    assert copy.source_sha256 == first.source_sha256


def test_a_file_that_was_taken_away_is_not_asked_for_any_more(db, cast, time):
    session = conference(db, cast)
    (part,) = db.scalars(select(SessionPart.id))
    first, second = (put_out(db, cast, session, part, sha256) for sha256 in ("a" * 64, "b" * 64))
    catalogue.retract(db, second, cast.staff)
    assert watch_whole(db, cast, time, first).verdict.credited


def set_policy(db, session, at, **terms):
    old = db.get_one(CreditPolicy, (session.id, 1))
    columns = {column.name: getattr(old, column.name) for column in CreditPolicy.__table__.columns}
    db.add(CreditPolicy(**columns | {"version": 2, "set_at": at} | terms))
    db.flush()


def test_a_stricter_policy_takes_nothing_back_and_binds_whoever_watches_under_it(db, cast, time):
    session = conference(db, cast)
    recording = keep_recording(db, session)
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    beats = [played(n, 15.0 * n, 15.0 * n + 15, (15.0 * n, 15.0 * n + 15, 1.0)) for n in range(3)]
    time.wait(57)
    late = played(3, 45.0, 57.0, (45.0, 57.0, 1.0))
    watchlog.record(db, viewing, beats)
    watchlog.close(db, viewing)
    time.wait(60)
    set_policy(db, session, time.at, coverage_required=1.0)
    assert watchlog.record(db, viewing, [late]).verdict.credited, "it was watched in time, and arrived late"
    assert db.scalars(select(AttendanceCredit)).one().policy_version == 1


def test_who_watches_on_under_a_new_policy_is_judged_by_it(db, cast, time):
    session = conference(db, cast)
    recording = keep_recording(db, session)
    viewing = watchlog.open_viewing(db, cast.member, recording, "test")
    watch(db, time, viewing, 0.0, 45.0)
    set_policy(db, session, time.at, coverage_required=1.0)
    assert not watch(db, time, viewing, 45.0, 57.0, seq=1).verdict.credited
    assert watch(db, time, viewing, 57.0, 60.0, seq=2).verdict.credited


def test_a_viewing_that_nobody_closes_ends_after_a_day_and_takes_what_was_kept_of_it(db, cast, time):
    recording = keep_recording(db, conference(db, cast))
    viewing = watchlog.open_viewing(db, cast.member, recording, "a phone that died")
    watch(db, time, viewing, 0.0, 15.0)
    db.commit()
    time.wait(23 * 3600)
    assert expiry.end_forgotten() == 0
    time.wait(2 * 3600)
    assert (expiry.end_forgotten(), expiry.end_forgotten()) == (1, 0)
    db.refresh(viewing)
    assert viewing.ended_at == time.at
    late = watchlog.record(db, viewing, [played(1, 15.0, 60.0, (15.0, 60.0, 1.0))])
    assert late.verdict.credited
    assert watchlog.verify(db).wrong == []
