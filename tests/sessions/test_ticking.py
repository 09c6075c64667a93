"""Many technicians at once: the plain ticks are taken as `checkins.tick` takes them, all others are left to it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from sessions import attendance, audit, checkins, clock, register, ticking, withdrawals
from sessions.errors import DomainError
from sessions.models import (
    Attendance,
    AttendanceCredit,
    AuditEntry,
    Basis,
    CheckIn,
    CheckInMethod,
    Person,
    SessionPart,
    SessionPoint,
)
from sessions.ticking import Ticks
from tests import factories

_COLUMNS = ("session_point_id", "part_id", "person_id", "method", "checked_at", "recorded_by", "client_key")


@pytest.fixture
def stage(db, cast):
    """A conference of one part with everybody summoned, and the commune's point with its own technician."""
    session = factories.open_session(db, cast, parts=1)
    factories.summon(db, cast, session)
    point = factories.join(db, cast, session, technician=cast.technician)
    db.flush()
    return session, factories.first_part(db, session), point


def ticks(by, point, part, *people, **other):
    ids = [person.id for person in people]
    plain = Ticks(by.id, point.id, part.id, ids, clock.now(), uuid4(), CheckInMethod.ROSTER)
    return replace(plain, **other)


def alone(db, one):
    """The same by `checkins.tick`: who is new, or None when it is refused; and what is left of it."""
    by, point, part = (
        db.get_one(kind, key)
        for kind, key in ((Person, one.by_id), (SessionPoint, one.point_id), (SessionPart, one.part_id))
    )
    try:
        added = checkins.tick(db, by, point, part, one.person_ids, one.checked_at, one.client_key, one.method)
    except DomainError:
        return None
    return [each.person_id for each in added]


def kept(db):
    """What ticks leave behind, without keys and times of its own."""
    db.flush()
    db.expire_all()
    check_ins = {tuple(getattr(each, name) for name in _COLUMNS) for each in db.scalars(select(CheckIn))}
    parts = {(each.part_id, each.person_id, each.basis, each.at) for each in db.scalars(select(Attendance))}
    credits_ = {
        (each.person_id, each.unit_id, each.basis, str(each.evidence)) for each in db.scalars(select(AttendanceCredit))
    }
    trail = sorted(
        (each.action, str(each.actor_id), str({**each.detail, "person_ids": sorted(each.detail.get("person_ids", []))}))
        for each in db.scalars(select(AuditEntry).where(AuditEntry.action.in_(["credit.granted", "people.checked-in"])))
    )
    return check_ins, parts, credits_, trail


def test_leaves_what_one_tick_after_another_leaves(db, cast, stage):
    session, part, point = stage
    other = factories.join(db, cast, session, cast.other_commune, technician=cast.releaser)
    neighbours = [factories.enrol(db, cast.other_commune) for _ in range(3)]
    factories.summon(db, cast, session)
    many = [
        ticks(cast.technician, point, part, cast.member, cast.staff),
        ticks(cast.releaser, other, part, *neighbours, method=CheckInMethod.PAPER),
        ticks(cast.releaser, other, part, cast.staff, neighbours[0]),
    ]
    with db.begin_nested() as trial:
        for one in many:
            alone(db, one)
        expected = kept(db)
        trial.rollback()
    together = ticking.tick_together(db, many)
    assert [len(each) for each in together] == [2, 3, 0]
    assert kept(db) == expected
    assert db.scalar(select(func.count()).select_from(AttendanceCredit)) == 5
    assert {each.basis for each in db.scalars(select(AttendanceCredit))} == {Basis.LIVE}
    assert audit.verify(db).broken is None
    audit.seal(db)
    assert audit.verify(db).broken is None
    assert attendance.is_credited(db, cast.member.id, session.id)


def test_the_same_delivery_again_and_twice_at_once_adds_nobody(db, cast, stage):
    _, part, point = stage
    one = ticks(cast.technician, point, part, cast.member, cast.member)
    first = ticking.tick_together(db, [one, replace(one)])
    assert sorted(map(len, first)) == [0, 1]
    assert ticking.tick_together(db, [one]) == [[]]
    assert len(db.scalars(select(CheckIn)).all()) == 1


def test_what_was_taken_back_does_not_come_again(db, cast, stage):
    _, part, point = stage
    one = ticks(cast.technician, point, part, cast.member)
    ticking.tick_together(db, [one])
    withdrawals.withdraw(db, cast.staff, point, part, cast.member.id, "Nhầm tên", clock.now(), uuid4())
    assert ticking.tick_together(db, [one]) == [[]]
    assert ticking.tick_together(db, [replace(one, client_key=uuid4())]) == [[cast.member.id]]


def test_whatever_is_refused_or_needs_a_closer_look_is_left_alone_and_holds_up_nobody(db, cast, stage):
    session, part, point = stage
    register.close(db, cast.staff, session)
    foreign = factories.first_part(db, factories.open_session(db, cast))
    plain = ticks(cast.technician, point, part, cast.member, checked_at=session.closed_at - timedelta(minutes=5))
    odd = {
        "staff of above": replace(plain, by_id=cast.staff.id, client_key=uuid4()),
        "no right": replace(plain, by_id=cast.stranger.id),
        "oneself": replace(plain, person_ids=[cast.technician.id]),
        "not summoned": replace(plain, person_ids=[cast.member.id, cast.stranger.id]),
        "another conference's part": replace(plain, part_id=foreign.id),
        "no such point": replace(plain, point_id=uuid4()),
        "too early": replace(plain, checked_at=part.starts_at - timedelta(hours=2, seconds=1)),
        "a clock a day fast": replace(plain, checked_at=clock.now() + timedelta(hours=25)),
        "after the closing": replace(plain, checked_at=session.closed_at + timedelta(minutes=5)),
    }
    together = ticking.tick_together(db, [*odd.values(), plain])
    assert dict(zip(odd, together[:-1], strict=True)) == dict.fromkeys(odd)
    assert together[-1] == [cast.member.id]
    assert len(db.scalars(select(CheckIn)).all()) == 1
    db.flush()
    # Of all these only the first may be ticked at all, by the way that looks closer.
    refused = [name for name, one in odd.items() if name != "no such point" and alone(db, one) is None]
    assert refused == [name for name in odd if name not in {"staff of above", "no such point"}]
