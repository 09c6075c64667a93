"""Leases and their signed logs on a real database: what is accepted once, and what earns nothing."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from archive import catalogue, leases, offline, offline_doubts, watchlog
from archive.leases import KeyNotProved, LeaseEnded, LeaseNotFound, TooManyDevices, TooManyLeases
from archive.models import Beat, Viewing
from archive.offline_models import LeaseEnd, LogEntry, OfflineDoubt
from archive.watchlog import Report
from sessions import clock, devices
from sessions.intervals import union
from sessions.models import AttendanceCredit
from tests.archive.test_watchlog import Clock, keep_recording
from tests.cast import conference
from tests.phones import Log, Phone

DAY = 24 * 3600.0


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def session(db, cast):
    return conference(db, cast)


@pytest.fixture
def recording(db, session):
    return keep_recording(db, session, seconds=120.0)


@pytest.fixture
def phone():
    return Phone()


def lend(db, person, recording, phone):
    return leases.grant(db, person, recording, phone.public_key, phone.proof(recording, person), "phone")


@pytest.fixture
def lease(db, cast, time, recording, phone):
    return lend(db, cast.member, recording, phone)


@pytest.fixture
def log(lease, phone):
    return Log(phone, lease.id)


def deliver(db, cast, lease, log, texts, signature=None):
    return offline.take(db, cast.member, lease, texts, signature or log.sign(texts))


def doubts(db, lease):
    return [doubt.code for doubt in offline_doubts.of_lease(db, lease.id)]


def covered(db, cast, recording):
    """What was played as far as it can be, whether or not questions about it are still to be answered."""
    kept = watchlog.coverage_of(db, cast.member.id, recording.id)
    return union((start, end) for start, end in [*kept.covered, *kept.waiting]) if kept else []


def test_a_log_that_comes_a_week_later_is_covered_and_taken_once(db, cast, time, recording, lease, log):
    time.wait(DAY)
    texts = log.start(clock.now()).watch(120)
    time.wait(6 * DAY)
    first = deliver(db, cast, lease, log, texts)
    again = deliver(db, cast, lease, log, texts)
    assert first.refusal is again.refusal is None
    assert (first.next_number, again.next_number) == (8, 8)
    assert covered(db, cast, recording) == [(0.0, 120.0)]
    assert db.scalar(select(func.count()).select_from(Beat)) == 8
    viewing = db.scalars(select(Viewing)).one()
    assert viewing.ended_at - viewing.opened_at == timedelta(seconds=120)
    assert doubts(db, lease) == []
    assert watchlog.verify(db).wrong == []


def test_a_log_comes_in_pieces_and_goes_on_after_a_cut(db, cast, time, recording, lease, log):
    texts = log.start(clock.now()).watch(120)
    time.wait(DAY)
    assert deliver(db, cast, lease, log, texts[:3]).next_number == 3
    # The answer to the second piece was lost, so it comes again together with the third.
    assert deliver(db, cast, lease, log, texts[3:5]).next_number == 5
    assert deliver(db, cast, lease, log, texts[3:]).next_number == 8
    assert covered(db, cast, recording) == [(0.0, 120.0)]
    assert db.scalar(select(func.count()).select_from(Viewing)) == 1


def test_an_edited_entry_is_refused_and_what_came_before_it_is_kept(db, cast, time, recording, lease, log):
    texts = log.start(clock.now()).watch(60)
    time.wait(DAY)
    deliver(db, cast, lease, log, texts[:2])
    edited = [texts[2].replace("45.0, 1.0", "120.0, 1.0"), texts[3]]
    assert edited[0] != texts[2]
    refused = deliver(db, cast, lease, log, edited, signature=log.sign(texts[2:]))
    assert refused.refusal.code == "log-signature-wrong"
    assert covered(db, cast, recording) == [(0.0, 30.0)]
    assert doubts(db, lease) == ["log-signature-wrong"]


def test_a_signed_log_with_an_entry_left_out_is_taken_up_to_the_break(db, cast, time, recording, lease, log):
    texts = log.start(clock.now()).watch(90)
    time.wait(DAY)
    broken = [*texts[:2], *texts[3:]]
    taken = deliver(db, cast, lease, log, broken)
    assert (taken.refusal.code, taken.refusal.facts["number"]) == ("log-broken", 3)
    assert (taken.next_number, covered(db, cast, recording)) == (2, [(0.0, 30.0)])
    assert doubts(db, lease) == ["log-broken"]


def test_an_entry_that_was_delivered_cannot_be_told_differently(db, cast, time, recording, lease, log, phone):
    texts = log.start(clock.now()).watch(15)
    time.wait(DAY)
    deliver(db, cast, lease, log, texts)
    other = Log(phone, lease.id).start(clock.now() - timedelta(hours=1))
    again = [other.write(0.0, 60.0)]
    assert deliver(db, cast, lease, other, again).refusal.code == "log-rewritten"
    assert covered(db, cast, recording) == [(0.0, 15.0)]


def test_another_phones_log_another_leases_log_and_another_persons_lease_earn_nothing(
    db, cast, time, session, recording, lease, log
):
    began = clock.now()
    time.wait(DAY)
    stranger = Log(Phone(), lease.id).start(began)
    assert deliver(db, cast, lease, stranger, stranger.watch(120)).refusal.code == "log-signature-wrong"
    second = lend(db, cast.member, keep_recording(db, session), log.phone)
    copied = log.start(began).watch(120)
    taken = offline.take(db, cast.member, second, copied, log.phone.sign(offline.piece_text(second.id, hashes(copied))))
    assert taken.refusal.code == "log-broken"
    assert covered(db, cast, recording) == []
    with pytest.raises(LeaseNotFound):
        leases.find_own(db, cast.technician, lease.id)


def hashes(texts):
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def test_a_log_longer_than_the_time_since_the_lease_earns_only_that_time(db, cast, time, recording, lease, log):
    texts = log.start(clock.now()).watch(120)
    time.wait(40)
    deliver(db, cast, lease, log, texts)
    assert covered(db, cast, recording) == [(0.0, 45.0)]  # The last ten seconds at the highest rate.
    assert doubts(db, lease) == ["longer-than-elapsed"]


def test_two_runs_at_the_same_time_earn_that_time_once(db, cast, time, recording, lease, log):
    began = clock.now()
    first = log.start(began).watch(60)
    second = [log.start(began).write(0.0, 60.0, (60.0, 120.0, 1.0))]
    time.wait(60)
    deliver(db, cast, lease, log, first + second)
    assert covered(db, cast, recording) == [(0.0, 60.0)]
    assert watchlog.verify(db).wrong == []


@pytest.mark.parametrize("hours_off", [-48, 48], ids=["set back", "set forward"])
def test_a_moved_calendar_clock_costs_an_honest_person_nothing(db, cast, time, recording, lease, log, hours_off):
    time.wait(DAY)
    texts = log.start(clock.now() + timedelta(hours=hours_off)).watch(120)
    time.wait(130)
    deliver(db, cast, lease, log, texts)
    assert covered(db, cast, recording) == [(0.0, 120.0)]
    assert doubts(db, lease) == ["clock-moved"]


def test_time_spent_in_front_of_another_recording_is_not_earned_again_off_line(
    db, cast, time, session, recording, lease, log
):
    other = watchlog.open_viewing(db, cast.member, keep_recording(db, session, seconds=90.0), "laptop")
    texts = log.start(clock.now()).watch(120)
    time.wait(90)
    watchlog.record(db, other, [Report(0, 0.0, 90.0, [(0.0, 90.0, 1.0)], 0.0, 0.0)])
    watchlog.close(db, other)
    time.wait(30)
    deliver(db, cast, lease, log, texts)
    assert sum(end - start for start, end in covered(db, cast, recording)) <= 30.0


def test_a_log_that_comes_after_the_lease_has_ended_is_held_for_a_person_to_decide(
    db, cast, time, recording, lease, log
):
    texts = log.start(clock.now()).watch(120)
    time.wait(15 * DAY)
    assert deliver(db, cast, lease, log, texts).refusal is None
    assert doubts(db, lease) == ["log-too-late"]
    assert db.scalars(select(Viewing)).one().doubts == [{"code": "log-too-late", "times": 1}]
    assert db.scalar(select(func.count()).select_from(LogEntry)) == 8


def test_what_was_watched_before_the_lease_was_given_back_is_still_taken(db, cast, time, recording, lease, log):
    texts = log.start(clock.now()).watch(60)
    time.wait(60)
    leases.give_back(db, cast.member, lease)
    time.wait(DAY)
    more = [log.write(60.0, 120.0)]
    deliver(db, cast, lease, log, texts + more)
    assert covered(db, cast, recording) == [(0.0, 60.0)]


def test_a_piece_that_is_no_log_is_refused(db, cast, time, lease, log):
    log.start(clock.now())
    for number, text in enumerate(["{}", "no JSON", log.write(10.0, 5.0), log.write(0, 5, (0, 5, 1.0), extra="x")]):
        assert deliver(db, cast, lease, log, [text]).refusal.code == "log-unreadable", number
    assert db.scalar(select(func.count()).select_from(OfflineDoubt)) == 4


def test_a_lease_lasts_two_weeks_and_is_renewed_while_it_lives(db, cast, time, lease):
    time.wait(13 * DAY)
    leases.renew(db, cast.member, lease)
    time.wait(13 * DAY)
    assert leases.is_live(lease)
    time.wait(2 * DAY)
    with pytest.raises(LeaseEnded):
        leases.renew(db, cast.member, lease)
    assert leases.lent_to(db, cast.member) == []


def test_the_same_device_gets_the_same_lease_until_it_has_run_out(db, cast, time, recording, phone, lease):
    time.wait(DAY)
    assert lend(db, cast.member, recording, phone).id == lease.id
    time.wait(20 * DAY)
    assert lend(db, cast.member, recording, phone).id != lease.id


def test_a_key_has_to_be_the_devices_own_and_one_persons_only(db, cast, recording, phone, lease):
    with pytest.raises(KeyNotProved):
        leases.grant(
            db, cast.member, recording, Phone().public_key, phone.proof(recording, cast.member), "somebody else"
        )
    with pytest.raises(devices.DeviceKeyTaken):
        lend(db, cast.staff, recording, phone)
    with pytest.raises(devices.DeviceKeyUnfit):
        leases.grant(db, cast.member, recording, "bm90IGEga2V5", "x", "phone")


def test_so_many_devices_and_no_more(db, cast, time, recording, lease):
    phones = [Phone() for _ in range(leases.MOST_DEVICES)]
    held = [lend(db, cast.member, recording, each) for each in phones[:-1]]
    with pytest.raises(TooManyDevices):
        lend(db, cast.member, recording, phones[-1])
    leases.give_back(db, cast.member, held[0])
    lend(db, cast.member, recording, phones[-1])


def test_so_many_recordings_and_no_more(db, cast, time, session, phone, lease):
    for _ in range(leases.MOST_LEASES - 1):
        lend(db, cast.member, keep_recording(db, session), phone)
    with pytest.raises(TooManyLeases):
        lend(db, cast.member, keep_recording(db, session), phone)


def test_a_retracted_recording_ends_its_leases_at_the_next_contact(db, cast, time, recording, lease):
    catalogue.retract(db, recording, cast.staff)
    found = leases.find_own(db, cast.member, lease.id)
    assert (found.ending, leases.is_live(found)) == (LeaseEnd.RETRACTED, False)
    with pytest.raises(LeaseEnded):
        leases.media_key(db, cast.member, found, "speech.webm")


def test_no_credit_is_given_twice_for_what_was_watched_on_and_off_line(db, cast, time, recording, lease, log):
    viewing = watchlog.open_viewing(db, cast.member, recording, "phone")
    time.wait(60)
    watchlog.record(db, viewing, [Report(0, 0.0, 60.0, [(0.0, 60.0, 1.0)], 0.0, 0.0)])
    log.start(clock.now())
    texts = [log.write(0.0, 60.0, (60.0, 120.0, 1.0))]
    time.wait(DAY)
    for _ in range(2):
        deliver(db, cast, lease, log, texts)
    assert covered(db, cast, recording) == [(0.0, 120.0)]
    assert db.scalar(select(func.count()).select_from(AttendanceCredit)) <= 1


@pytest.fixture
def hour(db, cast):
    """An hour's recording of a conference that asks presence questions."""
    return keep_recording(db, conference(db, cast, prompts=0.75), seconds=3600.0)


def watch_off_line(db, cast, time, recording, phone):
    """The whole recording on a phone without a link, told a day later; gives the next viewing with a link."""
    lease = lend(db, cast.member, recording, phone)
    log = Log(phone, lease.id).start(clock.now())
    texts = log.watch(recording.duration_seconds)
    time.wait(DAY)
    for piece in range(0, len(texts), 40):
        deliver(db, cast, lease, log, texts[piece : piece + 40])
    return watchlog.open_viewing(db, cast.member, recording, "phone")


def ask(db, time, viewing):
    """The next question of a viewing that merely polls; nothing once there is none within two minutes."""
    for _ in range(5):
        prompt = watchlog.record(db, viewing, []).prompt
        if prompt is not None:
            watchlog.record(db, viewing, [], prompt_shown=prompt.id)
            time.wait(7 + prompt.number)  # Nobody takes the same time for each.
            return prompt
        time.wait(30)
    return None


def test_at_delivery_at_least_three_questions_an_hour_are_asked_and_answering_them_is_credited(
    db, cast, time, hour, phone
):
    viewing = watch_off_line(db, cast, time, hour, phone)
    kept = watchlog.coverage_of(db, cast.member.id, hour.id)
    assert (kept.covered_seconds, kept.waiting) == (0.0, [[0.0, 3600.0]])
    asked = []
    while prompt := ask(db, time, viewing):
        asked.append(prompt.at_seconds)
        watchlog.answer(db, viewing, prompt.id, prompt.answer)
    assert len(asked) >= 3
    assert len(set(asked)) == len(asked)
    standing = watchlog.record(db, viewing, [])
    assert standing.verdict.credited
    assert db.scalar(select(func.count()).select_from(AttendanceCredit)) == 1
    assert watchlog.verify(db).wrong == []


def test_failed_questions_at_delivery_are_held_for_a_person_and_not_refused(db, cast, time, hour, phone):
    viewing = watch_off_line(db, cast, time, hour, phone)
    for _ in range(2):
        prompt = ask(db, time, viewing)
        assert watchlog.answer(db, viewing, prompt.id, "nothing of the kind")[0] == "wrong"
    while prompt := ask(db, time, viewing):
        watchlog.answer(db, viewing, prompt.id, prompt.answer)
    db.refresh(viewing)
    assert "offline-questions-failed" in {doubt["code"] for doubt in viewing.doubts}
    standing = watchlog.record(db, viewing, [])
    assert not standing.verdict.credited
    assert standing.covered  # What lies between the answered ones counts all the same.


def test_a_log_whose_questions_are_never_answered_earns_nothing(db, cast, time, hour, phone):
    viewing = watch_off_line(db, cast, time, hour, phone)
    for _ in range(12):
        ask(db, time, viewing)
        time.wait(200)
    standing = watchlog.record(db, viewing, [])
    assert standing.covered == []
    assert not standing.verdict.credited
