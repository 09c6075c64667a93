"""Group replay on a real database: a room from its opening to the credit of whoever was in it, and ways to cheat it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from archive import watchlog
from archive.group import arrivals, codes, rule, seen, shares, showings
from archive.group.models import ArrivalMethod, MomentKind, ShowingBeat, ShowingShare
from archive.group.seen import Doubt
from archive.watchlog import Report
from sessions import attendance, cards, checkins
from sessions.errors import TooMany
from sessions.models import AttendanceCredit, AuditEntry, Basis, CreditPolicy, Evidence, Expected
from tests import factories
from tests.archive.test_watchlog import Clock, keep_recording
from tests.cast import conference

LENGTH = 1800.0
BEAT = 20.0


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


class Room:
    """A room of the commune in which the technician shows half an hour; its clock is the test's."""

    def __init__(self, db, cast, time, *, recording=None, seats=30, unit=None, by=None):
        self.db, self.time, self.by = db, time, by or cast.technician
        self.recording = recording or keep_recording(db, conference(db, cast), seconds=LENGTH)
        self.place = factories.add_room(db, unit or cast.commune, seats=seats)
        self.showing = showings.open_showing(
            db, self.by, self.recording.id, self.place.id, address="10.1.1.5", user_agent="test"
        )
        self.opened = time.at
        self.position, self.seq, self.asked = 0.0, 0, 0

    def play(self, seconds):
        """Plays on in beats, and says how many random moments were opened meanwhile."""
        before = len(self.moments())
        for _ in range(int(seconds // BEAT)):
            self.time.wait(BEAT)
            self.beat(self.position, self.position + BEAT)
        return len(self.moments()) - before

    def beat(self, start, end, *, span=BEAT):
        now = (self.time.at - self.opened).total_seconds()
        report = Report(self.seq, now - span, now, [(start, end, 1.0)], 0.0, 0.0)
        showings.record(self.db, self.showing, [report], address="10.1.1.5")
        self.position, self.seq = end, self.seq + 1

    def play_out(self, *people, **others):
        """To the end, with these people answering every random moment by their own phones."""
        while self.position < LENGTH:
            if self.play(BEAT):
                self.check_in(*people, **others)

    def moments(self):
        return showings.moments_of(self.db, self.showing)

    def code(self):
        return codes.at(self.showing.secret, self.showing.opened_at, self.time.at)

    def check_in(self, *people, code=None, address="10.1.1.77"):
        self.time.wait(2)
        self.db.commit()  # A wrong code is remembered beside the transaction that refuses it.
        for person in people:
            arrivals.by_phone(self.db, person, self.showing, code or self.code(), address=address)

    def tick(self, *people):
        arrivals.by_roster(self.db, self.by, self.showing, [each.id for each in people])

    def end(self):
        showings.end(self.db, self.by, self.showing)
        return self

    def sign(self):
        """Each person's share, by id."""
        got = shares.sign(self.db, self.by, self.showing, "Tôi có mặt suốt buổi.")
        return {share.person_id: share for share in got}


@pytest.fixture
def room(db, cast, time):
    return Room(db, cast, time)


def credits(db):
    return set(db.scalars(select(AttendanceCredit.person_id)))


def summon(db, session, *people):
    """These people too are expected at the conference."""
    (part,) = db.scalars(select(Expected.part_id).where(Expected.session_id == session).distinct())
    for person in people:
        db.add(
            Expected(
                part_id=part,
                person_id=person.id,
                session_id=session,
                unit_id=person.unit_id,
                added_at=person.created_at,
            )
        )
    db.flush()


def test_whoever_was_there_from_start_to_end_is_credited_by_group_replay_once_it_is_signed(db, cast, room):
    room.check_in(cast.member)
    room.play_out(cast.member)
    room.end().check_in(cast.member)
    assert sum(moment.kind is MomentKind.RANDOM for moment in room.moments()) >= 1
    assert credits(db) == set()
    got = room.sign()[cast.member.id]
    assert got.covered == [[0.0, LENGTH]]
    assert got.doubts == []
    assert credits(db) == {cast.member.id}
    evidence = db.scalars(select(Evidence)).one()
    assert (evidence.basis, evidence.doubts) == (Basis.GROUP, [])
    assert db.scalars(select(AttendanceCredit)).one().basis is Basis.GROUP
    actions = set(db.scalars(select(AuditEntry.action)))
    assert {"group-replay.opened", "group-replay.ended", "group-replay.signed"} <= actions
    assert shares.verify(db) == watchlog.Proof(1, [])


def test_signing_again_and_beats_after_it_change_nothing(db, cast, room):
    room.check_in(cast.member)
    room.play_out(cast.member)
    room.end().check_in(cast.member)
    before = room.sign()[cast.member.id].covered
    with pytest.raises(showings.ShowingEnded):
        room.beat(0.0, 20.0)
    assert room.sign()[cast.member.id].covered == before
    assert db.scalar(select(func.count()).where(AuditEntry.action == "group-replay.signed")) == 1


def test_late_comers_and_early_leavers_get_only_what_they_saw(db, cast, room):
    late, early = factories.enrol(db, cast.commune), factories.enrol(db, cast.commune)
    summon(db, room.recording.session_id, late, early)
    room.check_in(cast.member, early)
    while not room.play(BEAT):
        pass
    room.check_in(cast.member, early)
    left_at = room.position
    room.time.wait(200)
    room.play(100)
    room.check_in(late)
    came_at = room.position
    room.play_out(cast.member, late)
    room.end().check_in(cast.member, late)
    got = room.sign()
    assert got[early.id].covered[-1][1] == left_at
    assert got[late.id].covered == [[came_at, LENGTH]]
    assert got[cast.member.id].covered[-1][1] == LENGTH
    assert credits(db) == {cast.member.id}


def test_a_photograph_of_the_code_is_worth_nothing_a_minute_later_nor_at_the_moments_that_follow(db, cast, room):
    absent = factories.enrol(db, cast.commune)
    summon(db, room.recording.session_id, absent)
    room.time.wait(2)
    photograph = room.code()
    room.check_in(cast.member)
    # At home within the minute: that alone is one check-in, and no stretch.
    room.check_in(absent, code=photograph, address="113.160.1.1")
    room.play_out(cast.member)
    with pytest.raises(arrivals.CodeExpired):
        room.check_in(absent, code=photograph)
    room.end().check_in(cast.member)
    got = room.sign()
    assert got[absent.id].covered == []
    assert credits(db) == {cast.member.id}
    first = arrivals.arrivals_of(db, room.showing, absent.id)[0]
    assert first.same_network is False
    assert arrivals.arrivals_of(db, room.showing, cast.member.id)[0].same_network is True


def test_start_and_end_without_the_random_moments_between_earn_nothing(db, cast, room):
    room.check_in(cast.member)
    room.play_out()
    room.end().check_in(cast.member)
    assert room.sign()[cast.member.id].covered == []
    assert credits(db) == set()


def test_people_on_the_proctors_word_alone_go_to_review_and_are_not_credited(db, cast, room):
    room.tick(cast.member)
    while room.position < LENGTH:
        if room.play(BEAT):
            room.tick(cast.member)
    room.end().tick(cast.member)
    got = room.sign()[cast.member.id]
    assert got.covered
    assert got.firm == []
    assert credits(db) == set()
    evidence = db.scalars(select(Evidence)).one()
    assert evidence.doubts == [Doubt.UNCONFIRMED]
    verdict = attendance.standing(db, cast.member.id, room.recording.session_id)
    assert [reason.code for reason in verdict.reasons] == ["under-review"]


def test_people_on_the_proctors_word_who_are_confirmed_at_random_moments_are_credited(db, cast, room):
    code = cards.card_of(db, cast.member, room.recording.session_id).code
    room.tick(cast.member)
    while room.position < LENGTH:
        if room.play(BEAT):
            arrivals.by_card(db, room.by, room.showing, f" {code[:4].lower()}-{code[4:]} ")
    room.end().tick(cast.member)
    room.sign()
    assert credits(db) == {cast.member.id}


def test_there_are_never_more_people_at_a_moment_than_seats(db, cast, time):
    room = Room(db, cast, time, seats=1)
    other = factories.enrol(db, cast.commune)
    summon(db, room.recording.session_id, other)
    room.check_in(cast.member)
    room.check_in(cast.member)
    with pytest.raises(arrivals.RoomFull):
        room.check_in(other)
    with pytest.raises(arrivals.RoomFull):
        room.tick(other)


def test_a_room_whose_seats_nobody_knows_is_not_opened(db, cast, time):
    with pytest.raises(showings.SeatsUnknown):
        Room(db, cast, time, seats=None)


def test_a_room_shows_one_thing_at_a_time_and_a_proctor_watches_over_one_room(db, cast, room):
    with pytest.raises(showings.RoomBusy):
        showings.open_showing(db, cast.staff, room.recording.id, room.place.id, address="", user_agent="")
    with pytest.raises(showings.ProctorBusy):
        Room(db, cast, room.time, recording=room.recording)
    room.end()
    assert Room(db, cast, room.time, recording=room.recording).showing.ended_at is None


def test_nobody_is_in_two_rooms_at_once(db, cast, room):
    other = Room(db, cast, room.time, recording=room.recording, by=cast.staff)
    for each in (room, other):
        each.check_in(cast.member)
    while room.position < LENGTH:
        room.time.wait(BEAT)
        for each in (room, other):
            before = len(each.moments())
            each.beat(each.position, each.position + BEAT)
            if len(each.moments()) > before:
                each.check_in(cast.member)
    got = []
    for each in (room, other):
        each.end().check_in(cast.member)
        got.append(each.sign()[cast.member.id])
    assert any(share.doubts and share.doubts[0]["code"] == Doubt.ELSEWHERE for share in got)
    assert credits(db) == set()
    assert shares.verify(db).wrong == []


def test_nobody_watches_alone_while_they_sit_in_a_room(db, cast, room):
    room.check_in(cast.member)
    room.play(100)
    viewing = watchlog.open_viewing(db, cast.member, room.recording, "phone at home")
    room.play_out(cast.member)
    assert viewing.ended_at is not None
    alone = ((viewing.opened_at - room.opened).total_seconds(), (viewing.ended_at - room.opened).total_seconds())
    room.end().check_in(cast.member)
    share = room.sign()[cast.member.id]
    assert all(end <= alone[0] or start >= alone[1] for start, end in share.times)
    assert shares.verify(db).wrong == []


def test_the_proctors_word_does_not_stand_against_somebody_who_is_watching_alone(db, cast, room):
    viewing = watchlog.open_viewing(db, cast.member, room.recording, "phone at home")
    with pytest.raises(arrivals.WatchingElsewhere):
        room.tick(cast.member)
    room.time.wait(600)
    room.tick(cast.member)
    db.refresh(viewing)
    assert viewing.ended_at is not None


def test_the_proctor_gets_no_credit_in_their_own_room_nor_does_anyone_who_checks_others_in(db, cast, room):
    summon(db, room.recording.session_id, cast.technician, cast.staff)
    with pytest.raises(arrivals.OwnRoom):
        room.check_in(cast.technician)
    with pytest.raises(arrivals.OwnRoom):
        room.tick(cast.technician)
    arrivals.by_roster(db, cast.staff, room.showing, [cast.member.id])
    with pytest.raises(arrivals.OwnRoom):
        room.check_in(cast.staff)


def test_whoever_was_checked_in_cannot_sign(db, cast, room):
    summon(db, room.recording.session_id, cast.staff)
    room.check_in(cast.staff)
    room.end()
    with pytest.raises(arrivals.OwnRoom):
        shares.sign(db, cast.staff, room.showing, "Tôi xác nhận.")


def test_only_people_of_the_summons_are_taken(db, cast, room):
    with pytest.raises(showings.ShowingNotFound):
        arrivals.find_running(db, cast.stranger, room.showing.id)
    with pytest.raises(arrivals.NotSummoned):
        room.tick(cast.stranger)
    assert [near.showing.id for near in arrivals.running_for(db, cast.member)] == [room.showing.id]
    assert arrivals.running_for(db, cast.stranger) == []


def test_nobody_is_checked_in_after_the_end(db, cast, room):
    room.check_in(cast.member)
    room.end()
    room.time.wait(rule.LAST_WINDOW + 1)
    with pytest.raises(showings.ShowingEnded):
        room.check_in(cast.member)
    with pytest.raises(showings.ShowingEnded):
        room.tick(cast.member)


def test_a_check_in_sent_again_changes_nothing(db, cast, room):
    room.check_in(cast.member)
    first = arrivals.arrivals_of(db, room.showing, cast.member.id)
    room.check_in(cast.member)
    assert arrivals.arrivals_of(db, room.showing, cast.member.id) == first
    assert first[0].method is ArrivalMethod.PHONE


def test_codes_are_not_to_be_guessed(db, cast, room):
    wrong = f"{(int(room.code()) + 500_000) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(arrivals.CodeExpired):
            room.check_in(cast.member, code=wrong)
    with pytest.raises(TooMany):
        room.check_in(cast.member)
    room.time.wait(300)
    room.check_in(cast.member)


def test_what_the_room_did_not_play_nobody_saw(db, cast, room):
    """The room's own beats are judged like a person's: no more content than time, and none that jumps."""
    room.check_in(cast.member)
    room.time.wait(60)
    room.beat(0.0, LENGTH, span=50.0)
    room.time.wait(60)
    room.end().check_in(cast.member)
    share = room.sign()[cast.member.id]
    assert share.covered == [[0.0, 75.0]]
    assert credits(db) == set()


def test_a_share_that_was_improved_by_hand_is_found(db, cast, room):
    room.check_in(cast.member)
    room.play(100)
    room.end().check_in(cast.member)
    share = room.sign()[cast.member.id]
    assert shares.verify(db).wrong == []
    share.covered = [[0.0, LENGTH]]
    db.flush()
    assert shares.verify(db).wrong == [room.showing.id]


def test_a_share_that_overlaps_a_viewing_of_the_same_person_is_found(db, cast, room):
    room.check_in(cast.member)
    room.play(100)
    room.end().check_in(cast.member)
    room.sign()
    viewing = watchlog.open_viewing(db, cast.member, room.recording, "test")
    room.time.wait(60)
    watchlog.record(db, viewing, [Report(0, 0.0, 60.0, [(0.0, 60.0, 1.0)], 0.0, 0.0)])
    assert shares.verify(db).wrong == []
    viewing.opened_at -= timedelta(seconds=120)
    db.flush()
    assert shares.verify(db).wrong == [room.showing.id]


def test_the_room_yields_to_a_live_check_in_that_comes_later(db, cast, time):
    session = factories.open_session(db, cast, parts=1, starts_in=timedelta(minutes=-5))
    point = factories.join(db, cast, session)
    factories.summon(db, cast, session)
    room = Room(db, cast, time)
    room.check_in(cast.member)
    room.play(200)
    room.end().check_in(cast.member)
    assert room.sign()[cast.member.id].covered
    part = factories.first_part(db, session)
    checkins.tick(db, cast.technician, point, part, [cast.member.id], room.time.at, uuid4())
    assert shares.verify(db).wrong == [room.showing.id]
    shares.settle_again(db, [cast.member.id])
    assert shares.verify(db).wrong == []
    assert db.get_one(ShowingShare, (room.showing.id, cast.member.id)).covered == []


def test_watching_alone_and_in_a_room_adds_up(db, cast, room):
    """What is missing of the room is watched alone, and both together are enough."""
    room.check_in(cast.member)
    while not room.play(BEAT):
        pass
    room.check_in(cast.member)
    room.time.wait(200)
    room.end()
    (got,) = room.sign()[cast.member.id].covered
    assert credits(db) == set()
    policy = db.scalars(select(CreditPolicy)).one()
    policy.prompts_required = 0.0
    viewing = watchlog.open_viewing(db, cast.member, room.recording, "test")
    room.time.wait(LENGTH - got[1])
    watchlog.record(db, viewing, [Report(0, 0.0, LENGTH - got[1], [(got[1], LENGTH, 1.0)], 0.0, 0.0)])
    evidence = db.scalars(select(Evidence)).one()
    assert (evidence.covered_seconds, evidence.missing) == (LENGTH, [])
    assert evidence.basis is Basis.MIXED
    assert credits(db) == {cast.member.id}


def test_beats_sent_twice_are_taken_once(db, cast, room):
    room.play(100)
    room.seq = 0
    room.beat(500.0, 520.0)
    assert db.scalar(select(func.count(ShowingBeat.seq))) == 5
    assert showings.content_of(db, room.showing) == [(0.0, 100.0)]


def test_a_log_that_comes_later_from_a_phone_without_a_link_yields_to_the_room(db, cast, room):
    """Times that already count in a room are spoken for."""
    room.check_in(cast.member)
    room.play(100)
    room.end().check_in(cast.member)
    room.sign()
    (one,) = seen.taken_by(db, cast.member.id, room.opened, room.time.at)
    assert (one[1] - one[0]).total_seconds() == 100
    assert seen.taken_by(db, cast.stranger.id, room.opened, room.time.at) == []
    half = room.opened + timedelta(seconds=52)
    assert seen.taken_by(db, cast.member.id, half, half + timedelta(seconds=10))[0][0] == half
