"""The demo's tree before and after July 2025, made by the register's own functions in a real database."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select

from api.seed import cast, lai_chau, march_2021, tree
from sessions import units
from sessions.models import ConnectionPoint, Unit, UnitKind

OLD_DAY, LAST_DAY, FIRST_DAY = date(2021, 3, 27), date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture
def facts():
    return lai_chau.province()


@pytest.fixture
def province(db, facts):
    return tree.plant(db, facts)


def standing(db, day):
    return Counter(db.scalars(select(Unit.kind).where(units.valid_on(day))))


def test_the_old_tree_stands_until_the_last_of_june_and_the_new_one_from_the_first_of_july(db, facts, province):
    tree.reform(db, facts, province)
    assert (
        standing(db, OLD_DAY) == standing(db, LAST_DAY) == {"province": 1, "district": 8, "commune": 106, "agency": 30}
    )
    after = standing(db, FIRST_DAY)
    assert (after[UnitKind.PROVINCE], after[UnitKind.DISTRICT], after[UnitKind.COMMUNE]) == (1, 0, 38)
    assert standing(db, units.today()) == after


def test_every_old_commune_has_the_successor_that_the_facts_name(db, facts, province):
    tree.reform(db, facts, province)
    old = {unit.code: unit for unit in tree.standing(db, UnitKind.COMMUNE, LAST_DAY)}
    for commune in facts.communes:
        for code in commune.made_from:
            assert [unit.name for unit in units.successors_of(db, old[code])] == [commune.name]


def test_a_unit_with_two_followers_has_one_main_one(db, facts, province):
    tree.reform(db, facts, province)
    split = db.scalars(select(Unit).where(Unit.name == "Đảng ủy Khối các cơ quan và doanh nghiệp tỉnh")).one()
    assert [unit.name for unit in units.successors_of(db, split)] == [
        "Đảng ủy các cơ quan Đảng tỉnh",
        "Đảng ủy Ủy ban nhân dân tỉnh",
    ]


def test_new_communes_stand_directly_below_the_province(db, facts, province):
    tree.reform(db, facts, province)
    places = units.places_of(db, tree.standing(db, UnitKind.COMMUNE, FIRST_DAY), FIRST_DAY)
    assert {tuple(place.path_names[:-1]) for place in places} == {("Tỉnh Lai Châu",)}


def test_rooms_of_old_communes_are_handed_over_and_old_points_keep_their_unit(db, facts, province):
    cast.enrol_office(db, province)
    session = march_2021.record(db, cast.get(db, cast.STAFF), province)
    tree.reform(db, facts, province)
    new = {unit.id for unit in tree.standing(db, UnitKind.COMMUNE, FIRST_DAY)}
    owners = db.scalars(select(ConnectionPoint.unit_id).where(ConnectionPoint.name.startswith("Hội trường xã"))).all()
    assert len(owners) == 94
    assert set(owners) <= new
    assert session.tree_date == OLD_DAY
