"""Group commit: who comes meanwhile is taken together, who cannot be is taken alone, and nobody fails for another."""

import threading

import pytest

from api.gathering import Gathering

PATIENCE = 60


@pytest.fixture
def counter():
    """Doubles even numbers together and odd ones alone; 13 breaks whatever it is part of. It waits until let go."""
    let_go, crowds = threading.Event(), []

    def together(crowd):
        crowds.append(list(crowd))
        assert let_go.wait(PATIENCE)
        if 13 in crowd:
            raise RuntimeError("13")
        return [number * 2 if number % 2 == 0 else None for number in crowd]

    def alone(number):
        if number == 13:
            raise ValueError("13")
        return number * 2

    return Gathering(together, alone), let_go, crowds


def test_who_comes_while_others_are_taken_goes_together_next(counter):
    gathering, let_go, crowds = counter
    answers = [gathering.bring(number) for number in range(1, 8)]
    let_go.set()
    assert [answer.result(PATIENCE) for answer in answers] == [2, 4, 6, 8, 10, 12, 14]
    assert [number for crowd in crowds for number in crowd] == [1, 2, 3, 4, 5, 6, 7]
    assert len(crowds) == 2, "the first alone, and the rest together"
    assert gathering.bring(8).result(PATIENCE) == 16, "it goes on after a rest"


def test_one_failure_is_nobody_elses(counter):
    gathering, let_go, _ = counter
    answers = {number: gathering.bring(number) for number in (2, 4, 13, 5)}
    let_go.set()
    with pytest.raises(ValueError, match="13"):
        answers.pop(13).result(PATIENCE)
    assert {number: answer.result(PATIENCE) for number, answer in answers.items()} == {2: 4, 4: 8, 5: 10}


def test_who_has_left_is_not_waited_for(counter):
    gathering, let_go, crowds = counter
    first, gone, last = (gathering.bring(number) for number in (2, 4, 6))
    assert gone.cancel()
    let_go.set()
    assert (first.result(PATIENCE), last.result(PATIENCE)) == (4, 12)
    assert [number for crowd in crowds for number in crowd] == [2, 6]
