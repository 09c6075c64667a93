"""Plain beats taken for many people at once: as many statements as for one, and nothing of what is not plain."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from archive import plain, watchlog
from archive.models import Beat, PromptState, Recording
from archive.plain import Delivery
from archive.watchlog import Report
from sessions import clock
from tests.archive.test_watchlog import Clock, keep_recording
from tests.cast import conference

BEAT = 15.0


def beat(seq):
    return Report(seq, seq * BEAT, (seq + 1) * BEAT, [(seq * BEAT, (seq + 1) * BEAT, 1.0)], 0.0, 0.0)


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def crowd(db, cast, time):
    """Four people who watch an hour about which questions are asked, each with a first beat."""
    recording = keep_recording(db, conference(db, cast, prompts=0.75), 3600.0)
    people = (cast.member, cast.technician, cast.staff, cast.releaser)
    viewings = [watchlog.open_viewing(db, person, recording, "test") for person in people]
    time.wait(1000)
    for viewing in viewings:
        watchlog.record(db, viewing, [beat(0)])
    db.commit()
    return viewings


@contextmanager
def counted(db):
    said = []

    def note(_conn, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", note)
    yield said
    event.remove(db.get_bind(), "before_cursor_execute", note)


def deliveries(viewings, seq):
    return [Delivery(viewing.person_id, viewing.id, [beat(seq)]) for viewing in viewings]


def test_many_cost_as_many_statements_as_one_and_all_are_kept(db, crowd):
    first, *others = deliveries(crowd, 1)
    with counted(db) as for_one:
        (alone,) = plain.record(db, [first])
    with counted(db) as for_three:
        rest = plain.record(db, others)
    assert len(for_three) == len(for_one) <= 12
    assert [progress.waiting for progress in (alone, *rest)] == [[(0.0, 2 * BEAT)]] * 4
    assert {progress.verdict.credited for progress in (alone, *rest)} == {False}
    assert db.scalar(select(func.count()).select_from(Beat)) == 8
    assert watchlog.verify(db).wrong == []


def test_what_is_not_plain_is_left_alone(db, crowd):
    mine, other, third, fourth = deliveries(crowd, 1)
    strange = [
        replace(mine, reports=[beat(0)]),  # It was here before.
        replace(other, reports=[replace(beat(1), hidden_seconds=99.0)]),  # It cannot be.
        replace(third, reports=[replace(beat(1), played=[(15.0, 300.0, 1.0)])]),  # It tells of too much.
        replace(fourth, viewing_id=crowd[0].id),  # It is another person's.
    ]
    assert plain.record(db, strange) == [None] * 4
    assert db.scalar(select(func.count()).select_from(Beat)) == 4


def test_a_question_that_falls_due_takes_the_long_way(db, crowd):
    viewing = crowd[0]
    for seq in range(1, 60):
        (progress,) = plain.record(db, [Delivery(viewing.person_id, viewing.id, [beat(seq)])])
        if progress is None:
            break
        assert progress.prompt is None
    assert 36 <= seq <= 60, "nine to fifteen minutes of watching"
    asked = watchlog.record(db, viewing, [beat(seq)]).prompt
    assert asked is not None
    assert taken(db, viewing, seq) is None, "it may have been sent before the question came"
    again = Delivery(viewing.person_id, viewing.id, [beat(seq + 1)], prompt_shown=asked.id)
    assert plain.record(db, [again]) == [None], "its time runs from now on"
    assert plain.record(db, [Delivery(viewing.person_id, viewing.id, [])]) == [None]
    assert taken(db, viewing, seq + 1).prompt.shown_at == asked.sent_at, "whoever goes on has got the answer before"


def taken(db, viewing, seq):
    (progress,) = plain.record(db, [Delivery(viewing.person_id, viewing.id, [beat(seq)])])
    return progress


def test_a_question_on_the_screen_stays_there_until_its_time_is_over(db, crowd, time):
    viewing, *others = crowd
    seq = next(seq for seq in range(1, 60) if taken(db, viewing, seq) is None)
    asked = watchlog.record(db, viewing, [beat(seq)]).prompt
    taken(db, viewing, seq + 1)
    with_question, without = plain.record(db, [*deliveries([viewing], seq + 2), *deliveries(others[:1], 1)])
    assert (with_question.prompt.id, with_question.prompt.state) == (asked.id, PromptState.OPEN)
    assert without.prompt is None
    assert with_question.waiting == [(0.0, (seq + 3) * BEAT)]
    time.wait((asked.due_at - clock.now()).total_seconds() + 1)
    assert taken(db, viewing, seq + 3) is None
    assert watchlog.record(db, viewing, [beat(seq + 3)]).prompt is None
    db.refresh(asked)
    assert asked.state is PromptState.MISSED
    assert taken(db, viewing, seq + 4).prompt is None
    assert watchlog.verify(db).wrong == []


def test_a_question_of_another_viewing_is_not_taken_for_the_one_on_the_screen(db, crowd, cast):
    viewing = crowd[0]
    seq = next(seq for seq in range(1, 60) if taken(db, viewing, seq) is None)
    watchlog.record(db, viewing, [beat(seq)])
    watchlog.record(db, viewing, [beat(seq + 1)])
    again = watchlog.open_viewing(db, cast.member, db.get_one(Recording, viewing.recording_id), "test")
    assert taken(db, again, 0) is None
    assert watchlog.record(db, again, []).prompt is not None, "it is asked again"
