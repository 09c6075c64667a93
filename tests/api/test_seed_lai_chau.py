from datetime import date

from api.seed import lai_chau


def test_counts_eight_districts_and_106_communes_before_the_reform_and_38_after():
    province = lai_chau.province()
    before = [commune for district in province.districts for commune in district.communes]
    assert (len(province.districts), len(before), len(province.communes)) == (8, 106, 38)
    assert province.changed_on == date(2025, 7, 1)
    assert len({commune.code for commune in before}) == 106
    assert len({commune.code for commune in province.communes}) == 38


def test_every_old_commune_went_into_a_new_one_and_every_new_one_has_a_past():
    province = lai_chau.province()
    before = {commune.code for district in province.districts for commune in district.communes}
    taken_over = [code for commune in province.communes for code in commune.made_from]
    assert sorted(taken_over) == sorted(before)
    assert all(commune.made_from for commune in province.communes)


def test_thirty_agencies_held_rooms_and_later_ones_were_made_of_them():
    province = lai_chau.province()
    names = {agency.name for agency in province.agencies}
    assert len(names) == 30
    assert {name for agency in province.agencies_after for name in agency.made_from} < names
    assert not names & {agency.name for agency in province.agencies_after}
