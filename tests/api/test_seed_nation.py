"""The large samples, at a small size: the same code, cut off, gone on with, and found whole and sound."""

import pytest
from sqlalchemy import func, select, text

from api import login, seed
from api.seed import conferences, nation
from api.seed.nation import plan
from api.seed.nation.facts import Province
from sessions import attendance, audit, register, reports, summons
from sessions.db import Base, transaction
from sessions.models import (
    AttendanceCredit,
    AuditEntry,
    CheckIn,
    Expected,
    Headcount,
    Person,
    SessionPoint,
    Unit,
    UnitKind,
)

PROVINCES = (
    Province("01", "Thành phố Hà Nội", 4, 3),
    Province("12", "Tỉnh Lai Châu", 5, 1),
    Province("91", "Tỉnh An Giang", 2, 1, 1),
)
SMALL = plan.Size(PROVINCES, points=60, people=2000, check_ins=700)
#: Constraints and indexes as PostgreSQL describes them.
SCHEMA = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace =
'public'::regnamespace UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


class PowerCut(Exception):
    pass


def row_counts(db):
    return {table.name: db.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}


def schema(db):
    return set(db.execute(text(SCHEMA)).all())


@pytest.fixture
def standing_again(db):
    """Whatever became of the seed, the next test finds all keys in their places."""
    yield
    db.rollback()
    if nation.loading.has_begun(db):
        for table in Base.metadata.sorted_tables:
            db.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL; DELETE FROM {table.name}"))
            db.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER ALL"))
        for place, _, definition in nation.loading.waiting(db):
            nation.loading.put_up(db, place, definition)
        db.commit()
        nation.loading.finish()


@pytest.fixture
def cut_at(monkeypatch):
    """Ends the seed the n-th time that it comes to note what it has done, before that is on disk."""

    def cut(turn: int) -> None:
        note, turns = nation.loading.note, iter(range(1, 1000))

        def noting(db, step):
            if next(turns) == turn:
                raise PowerCut
            note(db, step)

        monkeypatch.setattr(nation.loading, "note", noting)

    return cut


@pytest.mark.usefixtures("standing_again")
def test_a_seed_that_was_cut_off_goes_on_and_ends_in_the_same_state(db, cut_at, monkeypatch, capsys):
    before = schema(db)
    db.rollback()
    for turn in (2, 3):  # While the keys come down, and after the first batches of people.
        cut_at(turn)
        with pytest.raises(PowerCut):
            nation.seed(SMALL, batch=500)
        monkeypatch.undo()
    nation.seed(SMALL, batch=500)
    assert schema(db) == before
    assert not db.scalar(text("SELECT to_regclass('seed.steps')"))

    counted = row_counts(db)
    assert counted["people"] == counted["expected"] == SMALL.people + len(nation.cast.CAST)
    assert counted["connection_points"] == counted["session_points"] == counted["headcounts"] / 3 == SMALL.points
    assert {counted[table] for table in ("check_ins", "attendance", "attendance_credits")} == {SMALL.check_ins}
    _what_was_checked_in_is_what_is_reported(db)
    _everything_is_as_the_front_desk_leaves_it(db)
    db.rollback()

    capsys.readouterr()
    nation.seed(SMALL)
    assert "there already" in capsys.readouterr().out
    assert row_counts(db) == counted


def _what_was_checked_in_is_what_is_reported(db):
    session, top = conferences.find(db, SMALL.title), db.scalars(select(Unit).where(Unit.depth == 0)).one()
    rows, total = reports.participation(db, session, top)
    assert [row.unit.kind for row in rows] == [UnitKind.CENTRE] + [UnitKind.PROVINCE] * 3
    assert total.expected == summons.size(db, session) == SMALL.people + len(nation.cast.CAST)
    assert total.live == total.credited == SMALL.check_ins
    assert 0 < total.exempt < 0.02 * SMALL.people
    by_point = select(CheckIn.session_point_id, func.count()).group_by(CheckIn.session_point_id)
    ticked = dict(db.execute(by_point).all())
    opening = select(Headcount.session_point_id, Headcount.present).where(Headcount.moment == "start")
    for point_id, present in db.execute(opening):
        assert 0 <= present - ticked.get(point_id, 0) <= 3


def _everything_is_as_the_front_desk_leaves_it(db):
    chain = audit.verify(db)
    assert (chain.broken, chain.unsealed) == (None, 0)
    session = conferences.find(db, SMALL.title)
    credit = db.scalars(select(AttendanceCredit).limit(1)).one()
    verdict = attendance.evaluate(db, credit.person_id, session.id)
    assert (verdict.credited, verdict.basis) == (True, credit.basis)
    exempt = db.scalars(select(Expected.person_id).where(Expected.exempt_reason.is_not(None)).limit(1)).one()
    assert not attendance.evaluate(db, exempt, session.id).credited
    granted = select(AuditEntry).where(AuditEntry.subject_id == credit.id)
    assert db.scalars(granted).one().detail["person_id"] == str(credit.person_id)
    point = db.get_one(SessionPoint, db.scalars(select(CheckIn.session_point_id).limit(1)).one())
    assert register.may_count(db, db.get_one(Person, point.technician_id), session, point)
    assert {each.role for each in seed.logins_of(db)} == {"technician", "member", "staff", "administrator"}
    for each in seed.logins_of(db)[:1]:
        login.sign_in(db, each.username, each.password, address="127.0.0.1", user_agent="tests")


def test_every_place_of_the_nation_has_the_people_that_its_rooms_and_figures_need():
    size = nation.SIZES["nation"]
    tree = plan.places(size)
    kinds = [place.kind for place in tree]
    assert (kinds.count(UnitKind.PROVINCE), kinds.count(UnitKind.COMMUNE)) == (34, 3321)
    assert sum(place.points for place in tree) == size.points == 31_000
    assert sum(place.people for place in tree) == size.people == 5_600_000
    assert sum(place.present for place in tree) == size.check_ins == 1_930_000
    assert all(place.points + place.present + place.exempt <= place.people for place in tree)
    assert len({place.id for place in tree}) == len(tree)


def test_a_database_that_holds_units_of_its_own_is_left_alone(cast):
    with pytest.raises(nation.NotEmpty):
        nation.seed(SMALL)
    with transaction() as db:
        assert not nation.loading.has_begun(db)
