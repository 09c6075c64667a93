"""The code that a point shows: who is checked in by it, who is refused in which words, and what is only claimed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from sessions import checkins, claims, clock, doors, register
from sessions.errors import TooMany
from sessions.models import Attendance, AuditEntry, Basis, CheckIn, CheckInMethod, ClaimReason, PresenceClaim, WrongCode
from sessions.roles import OutsideScope
from tests import factories


class Hands:
    """The clock that a test moves."""

    def __init__(self, monkeypatch):
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def wait(self, **span):
        self.at += timedelta(**span)


@pytest.fixture
def time(monkeypatch):
    return Hands(monkeypatch)


@pytest.fixture
def stage(db, cast, time):
    """A conference that runs, its first part, the commune's point, and its door, held by the technician."""
    session = factories.open_session(db, cast, starts_in=timedelta(minutes=-10))
    factories.summon(db, cast, session)
    part, point = factories.first_part(db, session), factories.join(db, cast, session)
    return session, part, point, doors.show(db, cast.technician, point, part)


def shown(door, moment=None):
    """What the QR code on the screen says at a moment."""
    code = next(doors.codes_of(door).ahead(moment or clock.now(), timedelta(0)))
    return doors.token(door, code.step, code.mark)


def digits(door):
    return doors.codes_of(door).at(clock.now())


def test_a_scan_within_the_minute_checks_in_and_makes_the_part_attended(db, cast, stage, time):
    _, part, point, door = stage
    time.wait(seconds=100)
    text = shown(door)
    time.wait(seconds=44)
    entered = doors.enter_by_scan(db, cast.member, text)
    assert (entered.check_in.method, entered.check_in.session_point_id) == (CheckInMethod.CODE, point.id)
    assert db.get_one(Attendance, (part.id, cast.member.id)).basis == Basis.LIVE
    again = doors.enter_by_scan(db, cast.member, text)
    assert again.check_in.id == entered.check_in.id
    assert doors.present(db, door) == 1


def test_the_digits_do_the_same_at_the_point_that_shows_them(db, cast, stage):
    _, _, point, door = stage
    assert doors.enter_by_digits(db, cast.member, point, digits(door)).check_in


def test_a_photograph_is_useless_a_minute_later_and_so_is_yesterdays_code(db, cast, stage, time):
    _, _, point, door = stage
    photograph, number = shown(door), digits(door)
    time.wait(seconds=61)
    with pytest.raises(doors.DoorCodeStale) as refusal:
        doors.enter_by_scan(db, cast.member, photograph)
    assert "60 giây" in refusal.value.sentence("vi")
    with pytest.raises(doors.DoorDigitsWrong):
        doors.enter_by_digits(db, cast.member, point, number)
    time.wait(days=1)
    # Not even a phone that says it was there makes a claim of that.
    with pytest.raises(doors.DoorCodeStale):
        doors.enter_by_scan(db, cast.member, photograph, scanned_at=clock.now())


def test_a_code_of_a_later_step_is_taken_by_nobody_before_it_is_shown(db, cast, stage, time):
    _, _, _, door = stage
    with pytest.raises(doors.DoorCodeStale):
        doors.enter_by_scan(db, cast.member, shown(door, clock.now() + timedelta(seconds=40)))


@pytest.mark.parametrize("text", ["", "https://example.vn", "ABCDEFGH-1-0123456789ab", "Ω" * 8 + "-1-0123456789ab"])
def test_any_other_qr_code_is_told_from_a_points_own(db, cast, stage, text):
    with pytest.raises(doors.DoorCodeUnknown):
        doors.enter_by_scan(db, cast.member, text)


def test_an_edited_code_is_refused_naming_the_point(db, cast, stage, time):
    _, _, _, door = stage
    slug, step, mark = shown(door).split("-")
    time.wait(minutes=10)
    with pytest.raises(doors.DoorCodeForged):
        doors.enter_by_scan(db, cast.member, f"{slug}-{int(step) + 40}-{mark}")


def test_another_points_code_and_another_conferences_are_refused_each_in_its_own_words(db, cast, stage):
    session, part, point, _ = stage
    other = factories.join(db, cast, session, cast.other_commune)
    theirs = shown(doors.show(db, cast.staff, other, part))
    with pytest.raises(doors.DoorCodeElsewhere):
        doors.enter_by_scan(db, cast.member, theirs, chosen=point.id)
    second = factories.open_session(db, cast, starts_in=timedelta(minutes=-10))
    foreign = doors.show(db, cast.staff, factories.join(db, cast, second), factories.first_part(db, second))
    with pytest.raises(doors.DoorCodeOfAnotherSession):
        doors.enter_by_scan(db, cast.member, shown(foreign), chosen=point.id)
    # Without having said where they are, they are told that they were not summoned there.
    with pytest.raises(doors.NotOnRoster):
        doors.enter_by_scan(db, cast.member, shown(foreign))


def test_whoever_is_not_on_the_roster_is_refused(db, cast, stage):
    _, _, _, door = stage
    with pytest.raises(doors.NotOnRoster):
        doors.enter_by_scan(db, cast.stranger, shown(door))


def test_nobody_is_in_two_places_whether_in_one_conference_or_in_two(db, cast, stage):
    session, part, _, door = stage
    other = factories.join(db, cast, session, cast.other_commune)
    there = doors.show(db, cast.staff, other, part)
    assert doors.enter_by_scan(db, cast.member, shown(door)).check_in
    with pytest.raises(doors.CheckedInElsewhere) as refusal:
        doors.enter_by_scan(db, cast.member, shown(there))
    assert "Hội trường" in refusal.value.facts["point"]
    second = factories.open_session(db, cast, starts_in=timedelta(minutes=-20))
    factories.summon(db, cast, second)
    same_time = doors.show(db, cast.staff, factories.join(db, cast, second), factories.first_part(db, second))
    with pytest.raises(doors.CheckedInElsewhere):
        doors.enter_by_scan(db, cast.member, shown(same_time))


def test_whoever_was_given_the_codes_is_not_checked_in_by_them(db, cast, stage):
    _, part, point, door = stage
    with pytest.raises(doors.OwnDoor):
        doors.enter_by_scan(db, cast.technician, shown(door))
    assert len(checkins.tick(db, cast.staff, point, part, [cast.technician.id], clock.now(), uuid4())) == 1
    # Staff who may look at the codes, and never did, are like anybody else.
    assert doors.enter_by_scan(db, cast.staff, shown(door)).check_in


def test_only_those_who_look_after_the_point_are_shown_its_codes(db, cast, stage):
    _, part, point, door = stage
    for person in (cast.member, cast.stranger):
        with pytest.raises(OutsideScope):
            doors.show(db, person, point, part)
    assert doors.show(db, cast.technician, point, part).id == door.id
    notes = select(func.count()).where(AuditEntry.action == "door.shown", AuditEntry.actor_id == cast.technician.id)
    assert db.scalar(notes) == 1


def test_guessing_digits_ends_after_five(db, cast, stage):
    _, _, point, door = stage
    db.commit()
    wrong = f"{(int(digits(door)) + 1) % 10**6:06d}"
    for _ in range(5):
        with pytest.raises(doors.DoorDigitsWrong):
            doors.enter_by_digits(db, cast.member, point, wrong)
    with pytest.raises(TooMany):
        doors.enter_by_digits(db, cast.member, point, digits(door))
    assert db.scalar(select(func.count()).select_from(WrongCode)) == 5


def test_a_part_that_is_not_open_yet_over_or_closed_takes_nobody(db, cast, stage, time):
    session, _, point, door = stage
    second = register.parts_of(db, session.id)[1]
    time.wait(hours=-2)
    early = doors.show(db, cast.technician, point, second)
    with pytest.raises(checkins.TooEarly):
        doors.enter_by_scan(db, cast.member, shown(early))
    time.wait(hours=5)
    with pytest.raises(doors.PartOver):
        doors.enter_by_scan(db, cast.member, shown(door))
    time.wait(hours=-2.9)
    register.close(db, cast.staff, session)
    time.wait(seconds=30)
    with pytest.raises(register.RegisterClosed):
        doors.enter_by_scan(db, cast.member, shown(door))


def test_a_code_that_waited_for_a_link_is_a_claim_until_somebody_in_the_room_confirms_it(db, cast, stage, time):
    _, part, point, door = stage
    text, read_at = shown(door), clock.now()
    time.wait(minutes=9)
    entered = doors.enter_by_scan(db, cast.member, text, scanned_at=read_at)
    assert (entered.check_in, entered.claim.reason) == (None, ClaimReason.LATE_CODE)
    assert doors.enter_by_scan(db, cast.member, text, scanned_at=read_at).claim.id == entered.claim.id
    assert db.get(Attendance, (part.id, cast.member.id)) is None
    ((claim, person, _),) = claims.waiting_at(db, cast.technician, point, part)
    assert (claim.id, person) == (entered.claim.id, cast.member)
    claims.settle(db, cast.technician, claim.id, seen=True)
    assert db.scalars(select(CheckIn)).one().checked_at == claim.claimed_at
    assert claims.waiting_at(db, cast.technician, point, part) == []
    # The first answer stands.
    assert claims.settle(db, cast.staff, claim.id, seen=False).seen is True


def test_a_claim_that_nobody_saw_checks_in_nobody(db, cast, stage, time):
    *_, door = stage
    text, read_at = shown(door), clock.now()
    time.wait(minutes=3)
    claim = doors.enter_by_scan(db, cast.member, text, scanned_at=read_at).claim
    with pytest.raises(claims.ClaimUnknown):
        claims.settle(db, cast.stranger, claim.id, seen=True)
    claims.settle(db, cast.technician, claim.id, seen=False)
    assert db.scalars(select(CheckIn)).all() == []


def test_a_phone_that_checked_in_somebody_else_makes_a_claim_only(db, cast, stage):
    _, _, _, door = stage
    neighbour = factories.enrol(db, cast.commune)
    factories.summon(db, cast, stage[0])
    assert doors.enter_by_scan(db, cast.member, shown(door), phone="one").check_in
    assert doors.enter_by_scan(db, neighbour, shown(door), phone="one").claim.reason is ClaimReason.SHARED_PHONE
    assert doors.enter_by_scan(db, cast.releaser, shown(door), phone="two").check_in
    assert db.scalars(select(PresenceClaim.person_id)).all() == [neighbour.id]


def test_a_person_sees_what_they_may_check_in_to_and_where(db, cast, stage):
    session, part, point, door = stage
    hall = factories.join(db, cast, session, cast.province)
    factories.join(db, cast, session, cast.other_commune)
    (open_part,) = [each for each in doors.open_to(db, cast.member) if each.part.id == part.id]
    assert (open_part.session.id, open_part.check_in) == (session.id, None)
    assert [near.id for near, _ in doors.points_near(db, cast.member, session)] == [point.id, hall.id]
    doors.enter_by_scan(db, cast.member, shown(door))
    assert next(each for each in doors.open_to(db, cast.member) if each.part.id == part.id).room.name
    assert doors.open_to(db, cast.stranger) == []


def test_a_conference_that_was_called_off_has_no_door(db, cast, stage):
    session, part, *_ = stage
    assert part in [each.part for each in doors.open_to(db, cast.member)]
    session.cancelled_at = clock.now()
    assert doors.open_to(db, cast.member) == []
