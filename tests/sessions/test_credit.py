"""The credit rule as a table of cases: each line is a promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from sessions.credit import PartSeen, Terms, Watched, Why, judge
from sessions.models import Basis

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)
LATE = NOON + timedelta(days=31)
TERMS = Terms(1, 0.9, 0.75, NOON + timedelta(days=30), reflection_required=False)
MORNING, AFTERNOON = UUID(int=1), UUID(int=2)


def watched(share: float, missing=(), **changes) -> Watched:
    seen = Watched(uuid4(), uuid4(), Basis.REPLAY, 3600, 3600 * share, tuple(missing), 0, 0, NOON)
    return replace(seen, **changes)


@pytest.mark.parametrize(
    ("parts", "credited", "basis", "codes"),
    [
        pytest.param([PartSeen(MORNING, attended=Basis.LIVE)], True, Basis.LIVE, [], id="present at the only part"),
        pytest.param([PartSeen(MORNING, watched=(watched(0.95),))], True, Basis.REPLAY, [], id="watched enough"),
        pytest.param([PartSeen(MORNING, watched=(watched(0.9),))], True, Basis.REPLAY, [], id="watched just enough"),
        pytest.param(
            [PartSeen(MORNING, watched=(watched(0.899, [(0, 360)]),))],
            False,
            None,
            [Why.MISSING_MINUTES],
            id="watched a little too little",
        ),
        pytest.param([PartSeen(MORNING)], False, None, [Why.NOT_ATTENDED], id="neither came nor watched"),
        pytest.param([], False, None, [], id="was not expected at all"),
        pytest.param([PartSeen(MORNING, exempt=True)], False, None, [], id="exempt from everything is no attendance"),
        pytest.param(
            [PartSeen(MORNING, exempt=True), PartSeen(AFTERNOON, attended=Basis.LIVE)],
            True,
            Basis.LIVE,
            [],
            id="exempt from one part, present at the other",
        ),
        pytest.param(
            [PartSeen(MORNING, attended=Basis.LIVE), PartSeen(AFTERNOON, watched=(watched(1),))],
            True,
            Basis.MIXED,
            [],
            id="morning live, afternoon by replay",
        ),
        pytest.param(
            [PartSeen(MORNING, attended=Basis.LIVE), PartSeen(AFTERNOON)],
            False,
            None,
            [Why.NOT_ATTENDED],
            id="half a conference",
        ),
        pytest.param(
            [PartSeen(MORNING, watched=(watched(0.2, [(0, 60)]), watched(0.95)))],
            True,
            Basis.REPLAY,
            [],
            id="the better of two recordings counts",
        ),
        pytest.param(
            [PartSeen(MORNING, watched=(watched(1, prompts_asked=4, prompts_answered=2),))],
            False,
            None,
            [Why.PROMPTS_MISSED],
            id="was not there when asked",
        ),
        pytest.param(
            [PartSeen(MORNING, watched=(watched(1, prompts_asked=4, prompts_answered=3),))],
            True,
            Basis.REPLAY,
            [],
            id="three of four questions answered",
        ),
        pytest.param(
            [PartSeen(MORNING, watched=(watched(1, last_watched_at=LATE),))],
            False,
            None,
            [Why.PAST_DEADLINE],
            id="watched after the deadline",
        ),
        pytest.param(
            [PartSeen(MORNING, attended=Basis.REPLAY, watched=(watched(1, last_watched_at=LATE),))],
            True,
            Basis.REPLAY,
            [],
            id="what was earned in time stays when watched again later",
        ),
    ],
)
def test_the_rule(parts, credited, basis, codes):
    verdict = judge(parts, TERMS)
    assert (verdict.credited, verdict.basis) == (credited, basis)
    assert [reason.code for reason in verdict.reasons] == codes


def test_a_reflection_is_asked_for_only_where_the_policy_says_so():
    strict = replace(TERMS, reflection_required=True)
    attended = [PartSeen(MORNING, attended=Basis.LIVE)]
    assert [reason.code for reason in judge(attended, strict).reasons] == [Why.REFLECTION_MISSING]
    assert judge(attended, strict, reflection_passed=True).credited


def test_missing_minutes_are_said_as_people_count_them():
    seen = watched(0.3, [(40 * 60, 63 * 60), (100.0, 100.5), (0, 45)])
    (reason,) = judge([PartSeen(MORNING, watched=(seen,))], TERMS).reasons
    assert reason.sentence("vi") == "Còn thiếu phút 1, 41-63."
    assert reason.sentence("en") == "Still missing: minute 1, 41-63."
