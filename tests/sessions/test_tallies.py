"""The tally sheet is what the rows say after whatever happened to them, folded or not."""

from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from sessions import reports, tallies
from sessions.models import AttendanceCredit, Basis, CreditState, Expected, ParticipationTally, SessionPart
from tests.cast import conference
from tests.factories import enrol, summon


def expect(db, session, person, unit, part_ids, exempt=None):
    common = {"person_id": person.id, "session_id": session.id, "unit_id": unit.id, "added_at": session.starts_at}
    db.add_all(Expected(part_id=part_id, exempt_reason=exempt, **common) for part_id in part_ids)
    db.flush()


def credit(db, session, person, basis):
    common = {"policy_version": 1, "rule_version": "1", "evidence": [], "granted_at": session.ends_at}
    given = {"session_id": session.id, "unit_id": person.unit_id, "state": CreditState.GRANTED, "basis": basis}
    db.add(AttendanceCredit(id=uuid4(), person_id=person.id, **given, **common))
    db.flush()


def total(db, session, unit):
    return reports.participation(db, session, unit)[1]


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_the_lines_add_up_to_what_the_rows_say(db, cast, seed):
    random, session = Random(seed), conference(db, cast, parts=2, summon=False)
    parts = list(db.scalars(select(SessionPart.id).where(SessionPart.session_id == session.id)))
    people = [enrol(db, unit, f"Người {n}") for n in range(6) for unit in (cast.commune, cast.other_commune)]
    credited, expected = set(), set()
    for turn in range(60):
        person, part = random.choice(people), random.choice(parts)
        mine = (Expected.person_id == person.id) & (Expected.session_id == session.id)
        match random.randrange(6):
            case 0 | 1 if (person.id, part) not in expected:
                expect(db, session, person, db.get_one(type(cast.commune), person.unit_id), [part])
                expected.add((person.id, part))
            case 2:
                reason = random.choice((None, "ốm"))
                db.execute(update(Expected).where(mine, Expected.part_id == part).values(exempt_reason=reason))
            case 3:
                db.execute(delete(Expected).where(mine, Expected.part_id == part))
                expected.discard((person.id, part))
            case 4 if person.id not in credited:
                credit(db, session, person, random.choice(list(Basis)))
                credited.add(person.id)
            case 5:
                now = {"basis": random.choice(list(Basis)), "state": random.choice(list(CreditState))}
                db.execute(update(AttendanceCredit).where(AttendanceCredit.person_id == person.id).values(**now))
        if turn % 10 == 9:
            assert tallies.verify(db).wrong == []
            tallies.fold(db)
            assert tallies.verify(db).wrong == []
    db.execute(delete(Expected))
    assert tallies.verify(db).wrong == []
    assert total(db, session, cast.province) == reports.Counts(0, 0, 0, 0, 0, 0, 0)


def test_folding_makes_one_line_a_unit_and_changes_no_figure(db, cast):
    session = conference(db, cast, parts=3, summon=False)
    summon(db, cast, session)
    for person in (cast.member, cast.technician):
        credit(db, session, person, Basis.LIVE)
    before = total(db, session, cast.province)
    assert (before.expected, before.live) == (5, 2)
    assert tallies.fold(db) == 2
    lines = db.scalars(select(ParticipationTally)).all()
    assert sorted(line.expected for line in lines) == [2, 3]
    assert total(db, session, cast.province) == before
    assert tallies.fold(db) == 0


def test_a_line_that_is_not_true_is_found(db, cast):
    session = conference(db, cast)
    assert tallies.verify(db).wrong == []
    db.execute(update(ParticipationTally).values(live=1))
    assert tallies.verify(db).wrong == [(session.id, cast.commune.id)]
