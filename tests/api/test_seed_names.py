from random import Random

from api.seed import names
from sessions.names import clean, search_key


def test_draws_the_same_people_from_the_same_seed_and_no_two_alike():
    drawn = names.draw_many(Random(2021), 200)
    assert drawn == names.draw_many(Random(2021), 200)
    assert len(set(drawn)) == 200
    assert drawn != names.draw_many(Random(2022), 200)


def test_names_are_full_clean_vietnamese_names():
    for name in names.draw_many(Random(1), 200):
        assert name == clean(name)
        assert len(name.split()) >= 3
        assert search_key(name).replace(" ", "").isascii()


def test_leaves_out_the_names_already_given():
    taken = frozenset(names.draw_many(Random(5), 50))
    assert not taken & set(names.draw_many(Random(5), 50, apart_from=taken))
