"""What holds for any beats whatever: the order of arrival changes nothing, and nobody is credited beyond the clock."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive import plain, watchlog
from archive.watchlog import Report
from sessions.intervals import total, union
from tests.archive.test_watchlog import Clock, keep_recording
from tests.cast import conference

LENGTH = 2400.0
MAX_RATE = 1.5

#: Few examples, for each is a dozen transactions on a real database; none is made smaller, which takes minutes.
few = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def scene(db, cast, monkeypatch):
    """A person, a clock, a recording where questions are asked and one where they are not; for all examples."""
    recordings = [keep_recording(db, conference(db, cast, prompts=share), LENGTH) for share in (0.75, 0.0)]
    return cast.member, recordings, Clock(monkeypatch)


def beats_of(drawn):
    """Honest and dishonest beats, one behind the other on the player's clock, unless they go back by `back`."""
    reports, clock = [], 0.0
    for seq, (span, back, at, content, rate, muted) in enumerate(drawn):
        start = max(0.0, clock - back)
        played = [(float(at), float(at + content), rate)]
        reports.append(Report(seq, start, start + span, played, 0.0, min(muted, span)))
        clock = start + span
    return reports


a_beat = st.tuples(
    st.integers(0, 400),
    st.sampled_from([0, 0, 0, 30]),
    st.integers(0, int(LENGTH)),
    st.integers(0, 400),
    st.sampled_from([0.75, 1.0, 1.5, 2.0]),
    st.sampled_from([0.0, 0.0, 20.0]),
)


def taken(db, viewing, reports):
    """As the server takes them: together with others' if they are plain, and else alone."""
    (progress,) = plain.record(db, [plain.Delivery(viewing.person_id, viewing.id, reports)])
    return progress or watchlog.record(db, viewing, reports)


def answered(db, time, viewing, progress):
    """Answer every question that is asked, as an honest person does, until none is left."""
    while progress.prompt:
        time.wait(3)
        _, progress = watchlog.answer(db, viewing, progress.prompt.id, progress.prompt.answer)
    return progress


@few
@given(st.lists(a_beat, min_size=1, max_size=8), st.sampled_from([0, 1]), st.data())
def test_order_repeats_and_batches_change_neither_coverage_nor_credit(db, scene, drawn, which, data):
    """Where questions are asked, when they fall due depends on what has come by then, and so where the tail begins
    that waits for the next one; what counts and what waits is the same together, and so is the credit."""
    member, recordings, time = scene
    reports = beats_of(drawn)
    arriving = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports), max_size=3))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(arriving)), max_size=3)))
    batches = [arriving[start:end] for start, end in pairwise([0, *cuts, len(arriving)])]
    told = []
    ways = [(watchlog.record, [reports]), (watchlog.record, batches)]
    ways += [(take, [[each] for each in reports]) for take in (watchlog.record, taken)]
    for take, deliveries in ways:
        viewing = watchlog.open_viewing(db, member, recordings[which], "test")
        time.wait(5000)
        for batch in deliveries:
            answered(db, time, viewing, take(db, viewing, batch))
        progress = answered(db, time, viewing, watchlog.record(db, viewing, []))
        assert watchlog.verify(db).wrong == []
        counted = progress.covered if which == 1 else union([*progress.covered, *progress.waiting])
        told.append((counted, progress.missing, progress.verdict.credited))
        db.rollback()
    assert all(each == told[0] for each in told)


an_act = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 300)),
    st.tuples(st.just("open"), st.integers(0, 1)),
    st.tuples(st.just("beat"), a_beat),
    st.tuples(st.just("late"), a_beat),
)


@few
@given(st.lists(an_act, min_size=3, max_size=14))
def test_nobody_is_credited_with_more_than_the_time_that_passed_over_all_their_viewings(db, scene, acts):
    member, recordings, time = scene
    begun, viewings, clocks, seqs = time.at, [], {}, {}

    def send(viewing, drawn):
        span, back, at, content, rate, muted = drawn
        start = max(0.0, clocks.get(viewing.id, 0.0) - back)
        seq = seqs[viewing.id] = seqs.get(viewing.id, -1) + 1
        report = Report(seq, start, start + span, [(float(at), float(at + content), rate)], 0.0, min(muted, span))
        clocks[viewing.id] = start + span
        answered(db, time, viewing, taken(db, viewing, [report]))

    for act, value in [("open", 0), *acts]:
        if act == "wait":
            time.wait(value)
        elif act == "open":
            viewings.append(watchlog.open_viewing(db, member, recordings[value], "test"))
        else:
            send(viewings[-1] if act == "beat" else viewings[0], value)
    passed = (time.at - begun) / timedelta(seconds=1)
    kept = [watchlog.coverage_of(db, member.id, recording.id) for recording in recordings]
    credited = sum(each.covered_seconds for each in kept if each)
    assert credited <= MAX_RATE * (passed + 5) + 0.1
    assert all(total(each.covered) == each.covered_seconds for each in kept if each)
    assert watchlog.verify(db).wrong == []
    db.rollback()
