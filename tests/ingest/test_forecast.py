"""The forecast, as a table of queues: each line says what is open, and when it will be done."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from ingest import jobs
from ingest.forecast import Finished, Outlook, Pace, Step, Work, calibrate, forecast
from ingest.models import JobStep, StepKind, StepState, Upload
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician.

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCAN, LOOK, SPEECH, TIMELINE, REFINE, CHUNK, PACKAGE, PAGES = (
    StepKind(name) for name in ["scan", "look", "speech", "timeline", "refine", "chunk", "package", "pages"]
)
WAITING, RUNNING, DONE, FAILED = StepState.WAITING, StepState.RUNNING, StepState.DONE, StepState.FAILED


def waits(kind, weight, number=0):
    return Step(kind, number, weight, WAITING)


def runs(kind, weight, progress=0.0, elapsed=0.0):
    return Step(kind, 0, weight, RUNNING, progress, elapsed)


def done(kind, weight=10.0, number=0):
    return Step(kind, number, weight, DONE)


def work(number, *steps, minutes=0):
    return Work(UUID(int=number), NOON + timedelta(minutes=minutes), steps)


def seen(queue, workers=1, pace=None):
    outlooks = forecast(queue, workers, pace or Pace())
    return [outlooks[each.job_id] for each in queue]


TWO_CHUNKS = [waits(CHUNK, 10, 0), waits(CHUNK, 10, 1), waits(PACKAGE, 3, 0), waits(PACKAGE, 4, 1)]


@pytest.mark.parametrize(
    ("queue", "workers", "outlooks"),
    [
        pytest.param([], 2, [], id="nothing to do"),
        pytest.param([work(1, waits(PAGES, 8))], 2, [Outlook(0, 8, 8)], id="one deck"),
        pytest.param([work(1, waits(SCAN, 1))], 2, [Outlook(0, None, None)], id="before the scan nothing is known"),
        pytest.param(
            [work(1, done(SCAN), waits(SPEECH, 5), waits(LOOK, 3))],
            1,
            [Outlook(0, 5, None)],
            id="before the look only when it can be heard",
        ),
        pytest.param(
            [work(1, done(SPEECH), *TWO_CHUNKS)], 1, [Outlook(0, 0, 27)], id="it is ready, and one worker does the rest"
        ),
        pytest.param(
            [work(1, done(SPEECH), *TWO_CHUNKS)], 2, [Outlook(0, 0, 14)], id="packaging waits for the last chunk"
        ),
        pytest.param(
            [work(1, done(SPEECH), waits(CHUNK, 10, 0), done(CHUNK, 10, 1))],
            1,
            [Outlook(0, 0, 14)],
            id="packaging that is not planned yet is reckoned with",
        ),
        pytest.param(
            [work(1, waits(SPEECH, 100), minutes=-5), work(2, waits(SPEECH, 10))],
            1,
            [Outlook(10, 110, 110), Outlook(0, 10, 10)],
            id="the short job goes before the older long one",
        ),
        pytest.param(
            [work(1, done(SPEECH, 500), waits(CHUNK, 20)), work(2, waits(SPEECH, 30), waits(LOOK, 9), minutes=1)],
            1,
            [Outlook(39, 0, 63), Outlook(0, 30, None)],
            id="sound goes before every picture",
        ),
        pytest.param(
            [work(1, waits(SPEECH, 30), waits(LOOK, 9)), work(2, done(SPEECH), waits(LOOK, 50), minutes=1)],
            2,
            [Outlook(0, 30, None), Outlook(0, 0, None)],
            id="a picture waits for its own speech",
        ),
        pytest.param(
            [work(1, waits(SPEECH, 10), minutes=1), work(2, waits(SPEECH, 10))],
            1,
            [Outlook(10, 20, 20), Outlook(0, 10, 10)],
            id="of equal ones the older goes first",
        ),
        pytest.param(
            [work(1, runs(SPEECH, 60, 0.5, 30.0)), work(2, waits(SPEECH, 10))],
            1,
            [Outlook(0, 30, 30), Outlook(30, 40, 40)],
            id="who runs is let finish",
        ),
        pytest.param(
            [work(1, done(CHUNK), waits(PACKAGE, 5, 0), waits(PACKAGE, 7, 1))],
            1,
            [Outlook(0, 5, 12)],
            id="a silent film is ready with its first rung",
        ),
        pytest.param(
            [work(1, done(SPEECH), Step(PACKAGE, 0, 5, FAILED), waits(REFINE, 4))],
            1,
            [Outlook(0, 0, 4)],
            id="what failed for good is not waited for",
        ),
    ],
)
def test_plays_the_queue_forward(queue, workers, outlooks):
    assert seen(queue, workers) == outlooks


@pytest.mark.parametrize(
    ("progress", "elapsed", "left"),
    [
        pytest.param(0.0, 0.0, 100.0, id="just begun: its usual seconds"),
        pytest.param(0.5, 50.0, 50.0, id="as usual"),
        pytest.param(0.5, 150.0, 100.0, id="three times as slow, half believed"),
        pytest.param(0.9, 270.0, 28.0, id="three times as slow, nearly done, believed: its own pace says 30"),
        pytest.param(1.0, 90.0, 0.0, id="done but for the word of it"),
    ],
)
def test_a_running_step_trusts_its_own_pace_the_more_the_further_it_is(progress, elapsed, left):
    (outlook,) = seen([work(1, runs(SPEECH, 100, progress, elapsed))])
    assert outlook.complete == pytest.approx(left)


def test_learns_from_what_really_took_how_long_and_one_outlier_does_not_count():
    pace = calibrate(
        [Finished(CHUNK, 10, seconds) for seconds in (20, 21, 0.1)] + [Finished(SPEECH, 4, 2), Finished(SCAN, 0, 9)]
    )
    assert (pace.of(CHUNK), pace.of(SPEECH)) == (2.0, 0.5)
    assert pace.of(PACKAGE) == 1.25, "the median of all four stands for a kind that nobody knows"
    assert calibrate([]).of(CHUNK) == 1.0
    (outlook,) = seen([work(1, done(SPEECH), waits(CHUNK, 10), waits(PACKAGE, 4))], pace=pace)
    assert outlook.complete == 25.0


def test_more_workers_never_make_it_later_and_work_never_takes_less_than_it_weighs():
    queue = [work(n, waits(SPEECH, n), *(waits(CHUNK, 10 + n, k) for k in range(n))) for n in range(1, 6)]
    whole = sum(step.weight for each in queue for step in each.steps)
    last = [max(one.complete for one in seen(queue, workers)) for workers in (1, 2, 4)]
    assert last == sorted(last, reverse=True)
    assert last[0] == pytest.approx(whole + 0.2 * sum(n * (10 + n) for n in range(1, 6)))


def test_begins_the_jobs_in_the_order_in_which_workers_claim_them(db, cast, job):  # noqa: F811
    """One list of steps, played forward here and claimed for good there."""
    planned = [(CHUNK, 9.0), (SPEECH, 40.0), (TIMELINE, 2.0), (CHUNK, 3.0), (SPEECH, 4.0), (PACKAGE, 1.0), (PAGES, 8.0)]
    upload = db.get_one(Upload, job.upload_id)
    made = []
    for kind, weight in planned:
        fields = {name: getattr(upload, name) for name in Upload.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        again = Upload(id=uuid4(), **fields)
        db.add(again)
        db.flush()
        made.append(jobs.open_job(db, again))
        db.execute(delete(JobStep).where(JobStep.job_id == made[-1].id))
        jobs.add_steps(db, made[-1], [jobs.Planned(kind, 0, weight)])
    db.execute(delete(JobStep).where(JobStep.job_id == job.id))
    queue = [
        Work(each.id, each.created_at, [done(SPEECH), waits(kind, weight)])
        for each, (kind, weight) in zip(made, planned, strict=True)
    ]
    outlooks = forecast(queue, 1, Pace())
    claimed = []
    while held := jobs.claim(db, "worker"):
        jobs.finish(db, held)
        claimed.append(held.job_id)
    assert claimed == sorted(outlooks, key=lambda job_id: outlooks[job_id].begins)
    assert len(set(claimed)) == len(planned)
