"""The credit rule as a table of cases: each line is a promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from sessions.credit import Needed, PartSeen, Terms, Watched, Why, judge
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
            [PartSeen(MORNING, watched=(watched(1, doubts=("altered-beats",)),))],
            False,
            None,
            [Why.UNDER_REVIEW],
            id="watched whole, and something about it is doubtful",
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


FIRST, SECOND, COPY, WHOLE = (UUID(int=number) for number in range(11, 15))
TWO_FILES = (Needed(FIRST, "first", "Buổi sáng 1", 3600), Needed(SECOND, "second", "Buổi sáng 2", 1800))


def of(recording, share, length=3600.0, **changes):
    missing = ((share * length, length),) if share < 1 else ()
    return watched(
        share, missing, recording_id=recording, length_seconds=length, covered_seconds=length * share, **changes
    )


@pytest.mark.parametrize(
    ("needed", "seen", "credited", "sentences"),
    [
        pytest.param(
            TWO_FILES,
            [of(FIRST, 1)],
            False,
            ["Còn thiếu phút 1-30 của bản ghi “Buổi sáng 2”."],
            id="one of two files",
        ),
        pytest.param(TWO_FILES, [of(FIRST, 1), of(SECOND, 0.8, 1800)], True, [], id="enough of the two together"),
        pytest.param(
            TWO_FILES,
            [of(FIRST, 0.5), of(SECOND, 0.5, 1800)],
            False,
            ["Còn thiếu phút 31-60 của bản ghi “Buổi sáng 1”.", "Còn thiếu phút 16-30 của bản ghi “Buổi sáng 2”."],
            id="half of each",
        ),
        pytest.param(
            (*TWO_FILES[:1], Needed(COPY, "first", "Bản tải lại", 3600)),
            [of(COPY, 1), of(FIRST, 0.2)],
            True,
            [],
            id="the same content twice is watched once",
        ),
        pytest.param(
            (*TWO_FILES, Needed(WHOLE, "whole", "Cả ngày", 7200, whole=True)),
            [of(WHOLE, 0.95, 7200)],
            True,
            [],
            id="a recording of the whole conference does for each part",
        ),
        pytest.param(
            TWO_FILES[:1],
            [of(WHOLE, 1)],
            False,
            ["Chưa dự và chưa xem lại phần này."],
            id="a recording that was taken away shows nothing any more",
        ),
        pytest.param(
            TWO_FILES,
            [
                of(FIRST, 1, prompts_asked=4, prompts_answered=4),
                of(SECOND, 1, 1800, prompts_asked=4, prompts_answered=1),
            ],
            False,
            ["Mới trả lời kịp 5/8 câu hỏi điểm danh."],
            id="the questions of both files together",
        ),
    ],
)
def test_a_part_in_several_recordings(needed, seen, credited, sentences):
    verdict = judge([PartSeen(MORNING, watched=tuple(seen), needed=needed)], TERMS)
    assert verdict.credited is credited
    assert [reason.sentence("vi") for reason in verdict.reasons] == sentences
