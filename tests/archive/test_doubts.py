"""What is held for staff, as a table of cases: each honest line is as much of a promise as each doubtful one."""

import pytest

from archive.doubts import Answered, doubts_of

PEOPLE = [4.2, 7.9, 3.1, 12.4, 5.0, 61.0]


@pytest.mark.parametrize(
    ("altered", "beyond", "answers", "codes"),
    [
        pytest.param(0, 0, [], [], id="nothing asked"),
        pytest.param(0, 0, [Answered(each, True, None) for each in PEOPLE], [], id="people at their own pace"),
        pytest.param(0, 4, [], [], id="an old browser that fires some events late"),
        pytest.param(0, 5, [], ["beyond-budget"], id="content beyond the time, again and again"),
        pytest.param(1, 0, [], ["altered-beats"], id="an edited beat"),
        pytest.param(
            0,
            0,
            [Answered(at, True, None) for at in (0.2, 0.3, 0.4)],
            ["answered-too-quickly"],
            id="faster than anyone reads",
        ),
        pytest.param(
            0,
            0,
            [Answered(2.0 + n / 50, True, None) for n in range(5)],
            ["answers-in-one-rhythm"],
            id="a clock's rhythm",
        ),
        pytest.param(0, 0, [Answered(2.0, True, None)] * 4, [], id="four alike can be chance"),
        pytest.param(
            0,
            0,
            [Answered(seconds, n == 0, 2) for n, seconds in enumerate(PEOPLE[:4])],
            ["answers-at-one-place"],
            id="always the third choice, and mostly wrong",
        ),
        pytest.param(
            0, 0, [Answered(seconds, True, 2) for seconds in PEOPLE[:4]], [], id="always the third, and always right"
        ),
    ],
)
def test_what_is_doubtful_about_a_viewing(altered, beyond, answers, codes):
    assert [doubt["code"] for doubt in doubts_of(altered, beyond, answers)] == codes
