"""The rule of group replay: the table of cases is the specification, and what must hold for any is drawn."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.group import codes, rule
from archive.group.rule import Asked, Seen, Shown, Stretch
from sessions.intervals import total, union

START = Asked(0, 900, random=False)
FIRST = Asked(600, 780, random=True)
SECOND = Asked(1300, 1480, random=True)
END = Asked(2000, 2900, random=False, last=True)
MOMENTS = (START, FIRST, SECOND, END)
#: The room plays at once and without a pause, in beats of 20 seconds.
ROOM = [Shown(at, at + 20, ((at, at + 20),), 20_000) for at in range(0, 2000, 20)]


def phone(*instants):
    return [Seen(at, personal=True) for at in instants]


def word(*instants):
    return [Seen(at, personal=False) for at in instants]


def spans(found):
    return [(each.start, each.end) for each in found]


@pytest.mark.parametrize(
    ("seen", "there"),
    [
        pytest.param(phone(10, 610, 1310, 2010), [(10, 610), (610, 1310), (1310, 2010)], id="from start to end"),
        pytest.param(phone(10), [], id="the start alone"),
        pytest.param(phone(10, 2010), [], id="start and end alone"),
        pytest.param(phone(10, 610, 2010), [(10, 610)], id="missed a random moment"),
        pytest.param(phone(10, 700, 790, 1310), [(10, 700), (700, 1310)], id="the first of a round counts"),
        pytest.param(phone(10, 790, 1310, 2010), [(790, 1310), (1310, 2010)], id="answered after the window"),
        pytest.param(phone(300, 610, 1310, 2010), [(300, 610), (610, 1310), (1310, 2010)], id="came late at the start"),
        pytest.param(phone(1000, 1310, 2010), [(1000, 1310), (1310, 2010)], id="came late in the middle"),
        pytest.param(phone(10, 610, 900), [(10, 610)], id="left early, and said so"),
        pytest.param(phone(10, 610, 1310), [(10, 610), (610, 1310)], id="left early"),
        pytest.param(phone(10, 610, 1310, 2950), [(10, 610), (610, 1310)], id="after the last window"),
        pytest.param([], [], id="never there"),
    ],
)
def test_when_a_person_was_there(seen, there):
    assert spans(rule.stretches(MOMENTS, seen)) == there


@pytest.mark.parametrize(
    ("seen", "firm"),
    [
        pytest.param(word(10, 610, 1310, 2010), [False, False, False], id="the proctor's word alone"),
        pytest.param(word(10) + phone(610, 1310) + word(2010), [True, True, True], id="confirmed at random moments"),
        pytest.param(phone(10) + word(610) + phone(1310, 2010), [False, False, True], id="one random moment by word"),
        pytest.param(word(10, 605) + phone(620, 1310, 2010), [True, True, True], id="by word first, then by phone"),
    ],
)
def test_what_rests_on_the_proctors_word_alone_is_not_firm(seen, firm):
    assert [each.firm for each in rule.stretches(MOMENTS, seen)] == firm


def test_a_random_moment_cut_short_by_the_end_asks_nothing():
    moments = [START, FIRST, Asked(700, 1600, random=False, last=True)]
    assert spans(rule.stretches(moments, phone(10, 710))) == [(10, 710)]
    assert spans(rule.stretches(moments, phone(10, 610, 710))) == [(10, 710)]


def test_whoever_was_checked_in_to_another_room_meanwhile_was_not_here():
    seen = phone(10, 610, 1310, 2010)
    assert spans(rule.stretches(MOMENTS, seen, [1000])) == [(10, 610), (1310, 2010)]


def test_a_person_gets_what_was_played_while_they_were_there_less_the_time_they_watched_alone():
    found = rule.stretches(MOMENTS, phone(305, 610, 1310))
    got = rule.share(ROOM, found, [(1000, 1100)], longest=1500)
    assert got.covered == [(320, 1000), (1100, 1300)]
    assert got.times == got.covered
    assert got.firm == got.covered


def test_a_stretch_without_any_moment_for_too_long_is_not_firm():
    long = [START, Asked(2000, 2900, random=False, last=True)]
    found = rule.stretches(long, phone(0, 2010))
    assert rule.share(ROOM, found, [], longest=1500).covered == [(0, 2000)]
    assert rule.share(ROOM, found, [], longest=1500).firm == []
    assert rule.share(ROOM, found, [], longest=2100).firm == [(0, 2000)]


moments = st.lists(st.integers(1, 2000), max_size=5, unique=True).map(
    lambda opens: [START, *(Asked(at, at + 90, random=True) for at in sorted(opens)), Asked(2100, 2400, False, True)]
)
check_ins = st.lists(st.tuples(st.floats(0, 2500), st.booleans()).map(lambda drawn: Seen(*drawn)), max_size=12)
elsewhere = st.lists(st.tuples(st.floats(0, 2500), st.floats(0, 400)).map(lambda drawn: (drawn[0], sum(drawn))))


@given(moments, check_ins, elsewhere, st.randoms(use_true_random=False))
def test_order_and_repeats_change_nothing(asked, seen, away, chance: random.Random):
    again = seen + (chance.choices(seen, k=3) if seen else [])
    shuffled = list(asked) * 2
    chance.shuffle(again)
    chance.shuffle(shuffled)
    found = rule.stretches(asked, seen, [10.0, 900.0])
    assert rule.stretches(shuffled, again, [900.0, 10.0, 10.0]) == found
    assert rule.share(ROOM, found, away, 1500) == rule.share(ROOM[::-1], found[::-1], away * 2, 1500)


@given(moments, check_ins, elsewhere)
def test_nobody_gets_more_than_the_room_played_between_two_of_their_check_ins(asked, seen, away):
    found = rule.stretches(asked, seen)
    got = rule.share(ROOM, found, away, 1500)
    instants = {each.at for each in seen}
    assert all(each.start in instants and each.end in instants for each in found)
    assert total(got.covered) <= total(union(spans(found))) + 0.001
    assert total(got.firm) <= total(got.covered)
    played = rule.share(ROOM, [Stretch(0, 2500, True)], [], 9999).covered
    assert total(union([*got.covered, *played])) == total(played)
    lost = rule.share(ROOM, found, [*away, (0, 2500)], 1500)
    assert lost.covered == []


@given(check_ins, check_ins)
def test_times_in_two_rooms_never_overlap(here, there):
    """Two rooms play side by side; whatever somebody does in both, no second counts twice."""
    first = rule.stretches(MOMENTS, here, [each.at for each in there])
    second = rule.stretches(MOMENTS, there, [each.at for each in here])
    for one in first:
        assert not any(max(one.start, other.start) < min(one.end, other.end) for other in second)


@given(st.integers(0, 2**32), st.integers(0, 40), st.floats(600, 40_000), st.integers(1080, 7200))
def test_random_moments_come_at_least_twice_an_hour_and_at_least_once_in_any_recording(seed, number, length, longest):
    gap = rule.gap_ms(str(seed), number, length, longest) / 1000
    window = rule.window(length, longest)
    assert 0 < gap <= min(1080, length / 2)
    assert gap == rule.gap_ms(str(seed), number, length, longest) / 1000
    # Even whoever answers first here and last there stays within what the policy allows.
    assert gap + window + 120 <= longest


def test_gaps_differ_from_room_to_room_and_from_moment_to_moment():
    gaps = {rule.gap_ms(secret, number, 10_800, 1500) for secret in "abc" for number in range(5)}
    assert len(gaps) == 15


OPENED = datetime(2026, 11, 22, 2, tzinfo=UTC)


def after(seconds):
    return OPENED + timedelta(seconds=seconds)


def test_a_code_changes_every_few_seconds_and_lives_for_a_minute():
    shown = codes.at("s", OPENED, after(101))
    assert shown == codes.at("s", OPENED, after(104))
    assert shown != codes.at("s", OPENED, after(105))
    assert codes.is_alive("s", OPENED, shown, after(100))
    assert codes.is_alive("s", OPENED, shown, after(159))
    assert not codes.is_alive("s", OPENED, shown, after(160))
    assert not codes.is_alive("s", OPENED, shown, after(99))
    assert not codes.is_alive("another", OPENED, shown, after(100))
    assert not codes.is_alive("s", OPENED, "không", after(100))


def test_the_screen_is_given_the_codes_of_the_next_while():
    ahead = list(codes.ahead("s", OPENED, after(101), timedelta(seconds=60)))
    assert [each.in_seconds for each in ahead[:3]] == [0, 4, 9]
    assert len(ahead) == 13
    for each in ahead:
        assert each.code == codes.at("s", OPENED, after(101 + each.in_seconds))
