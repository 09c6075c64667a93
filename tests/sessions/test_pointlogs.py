"""A point without a link: its device scans people's own codes into a signed log that comes later, exactly once."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from sessions import cards, checkins, claims, clock, pointlogs
from sessions.models import CheckIn, CheckInMethod, ClaimReason
from sessions.roles import OutsideScope
from sessions.signedlog import piece_text
from tests import factories
from tests.phones import Phone
from tests.sessions.test_doors import Hands


class Scanner:
    """The point's device, as its page writes the log."""

    def __init__(self, db, by, point, part):
        self.db, self.by, self.part, self.phone = db, by, part, Phone()
        proof = self.phone.sign(pointlogs.proof_text(point.id, by.id))
        self.log = pointlogs.open_log(db, by, point, self.phone.public_key, proof, "phone")
        self.number, self.head = 0, self.log.head_sha256

    def scan(self, card, at=None):
        entry = {
            "log": str(self.log.id),
            "number": self.number,
            "previous": self.head,
            "part": str(self.part.id),
            "card": card,
            "scanned": int((at or clock.now()).timestamp() * 1000),
        }
        text = json.dumps(entry)
        self.number, self.head = self.number + 1, hashlib.sha256(text.encode()).hexdigest()
        return text

    def deliver(self, *texts, signed=None):
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in signed or texts]
        signature = self.phone.sign(piece_text(self.log.id, hashes))
        return pointlogs.take(self.db, self.by, self.log, texts, signature)


@pytest.fixture
def time(monkeypatch):
    return Hands(monkeypatch)


@pytest.fixture
def stage(db, cast, time):
    session = factories.open_session(db, cast, starts_in=timedelta(minutes=-10))
    factories.summon(db, cast, session)
    return session, factories.first_part(db, session), factories.join(db, cast, session)


@pytest.fixture
def scanner(db, cast, stage):
    _, part, point = stage
    return Scanner(db, cast.technician, point, part)


def card(db, person, session, at=None):
    return cards.text_of(cards.card_of(db, person, session.id), at or clock.now())


def outcomes(taken):
    return [entry.outcome for entry in taken.entries]


def test_a_log_that_comes_hours_later_checks_in_at_the_moment_of_the_scan_and_once(db, cast, stage, scanner, time):
    session, _, point = stage
    time.wait(minutes=2)
    scanned_at = clock.now()
    text = scanner.scan(card(db, cast.member, session))
    time.wait(hours=5)
    assert outcomes(scanner.deliver(text)) == ["in"]
    again = scanner.deliver(text)
    assert (outcomes(again), again.refusal, again.next_number) == ([], None, 1)
    (check_in,) = db.scalars(select(CheckIn))
    assert (check_in.method, check_in.session_point_id) == (CheckInMethod.CARD, point.id)
    assert abs(check_in.checked_at - scanned_at) < timedelta(seconds=1)


def test_an_edited_a_shortened_and_a_foreign_log_are_refused_each_in_its_own_words(db, cast, stage, scanner, time):
    session, part, point = stage
    first, second = (scanner.scan(card(db, person, session)) for person in (cast.member, cast.releaser))
    edited = second.replace(str(part.id), str(session.id))
    assert scanner.deliver(first, edited, signed=[first, second]).refusal.code == "log-signature-wrong"
    assert scanner.deliver(second).refusal.code == "log-broken"
    assert outcomes(scanner.deliver(first)) == ["in"]
    assert scanner.deliver(first.replace('"number": 0', '"number": 0 '), second).refusal.code == "log-rewritten"
    other = Scanner(db, cast.staff, point, part)
    assert other.deliver(second).refusal.code == "log-broken"
    assert [check_in.person_id for check_in in db.scalars(select(CheckIn))] == [cast.member.id]
    assert outcomes(scanner.deliver(second)) == ["in"]


def test_a_picture_of_a_card_and_a_clock_a_day_wrong_are_claims_for_somebody_to_look_at(db, cast, stage, scanner, time):
    session, part, point = stage
    picture = card(db, cast.member, session)
    time.wait(minutes=10)
    wrong_clock = card(db, cast.releaser, session, clock.now() + timedelta(days=1))
    taken = scanner.deliver(scanner.scan(picture), scanner.scan(wrong_clock))
    assert outcomes(taken) == ["claimed", "claimed"]
    waiting = claims.waiting_at(db, cast.technician, point, part)
    assert {claim.reason for claim, _, _ in waiting} == {ClaimReason.CLOCKS}
    assert db.scalars(select(CheckIn)).all() == []


def test_cards_that_prove_nothing_are_refused_and_the_next_one_is_taken(db, cast, stage, scanner):
    session, *_ = stage
    other_session = factories.open_session(db, cast, starts_in=timedelta(hours=5))
    factories.summon(db, cast, other_session)
    mine = card(db, cast.member, session)
    late = factories.open_session(db, cast, unit=cast.province, starts_in=timedelta(minutes=-20))
    factories.summon(db, cast, late)
    hall = factories.join(db, cast, late, cast.province)
    checkins.tick(db, cast.staff, hall, factories.first_part(db, late), [cast.releaser.id], clock.now(), late.id)
    texts = [
        "hello",
        card(db, cast.member, other_session),
        mine.replace(cards.card_of(db, cast.member, session.id).code, "AAAAAAAA"),
        mine[:-1] + ("0" if mine[-1] != "0" else "1"),
        card(db, cast.technician, session),
        card(db, cast.releaser, session),
        mine,
    ]
    taken = scanner.deliver(*(scanner.scan(text) for text in texts))
    assert outcomes(taken) == [
        "card-unreadable",
        "card-of-another-session",
        "card-unknown",
        "card-forged",
        "own-check-in",
        "checked-in-elsewhere",
        "in",
    ]


def test_only_those_who_look_after_the_point_and_prove_their_device_keep_its_log(db, cast, stage):
    _, part, point = stage
    with pytest.raises(OutsideScope):
        Scanner(db, cast.member, point, part)
    phone, other = Phone(), Phone()
    proof = other.sign(pointlogs.proof_text(point.id, cast.technician.id))
    with pytest.raises(pointlogs.DeviceNotProved):
        pointlogs.open_log(db, cast.technician, point, phone.public_key, proof, "phone")
