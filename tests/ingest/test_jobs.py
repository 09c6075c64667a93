"""Claims, leases and what becomes of steps whose worker fell silent."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from ingest import jobs
from ingest.jobs import JobEnded, LeaseLost, OwnRelease, Planned
from ingest.models import JobState, JobStep, StepKind, StepState, Upload, UploadKind
from ingest.settings import workshop_settings
from sessions import clock
from sessions.db import transaction
from sessions.errors import Unavailable
from tests.cast import conference


@pytest.fixture
def job(db, cast):
    session = conference(db, cast)
    upload = Upload(
        id=uuid4(),
        session_id=session.id,
        kind=UploadKind.RECORDING,
        filename="hoi-nghi.mp4",
        length=10,
        sha256="0" * 64,
        uploaded_by=cast.technician.id,
        created_at=clock.now(),
        finished_at=clock.now(),
        expires_at=clock.now(),
    )
    db.add(upload)
    db.flush()
    job = jobs.open_job(db, upload)
    db.commit()
    return job


def step_of(db, job):
    return db.scalars(select(JobStep).where(JobStep.job_id == job.id).execution_options(populate_existing=True)).one()


def expire(db, job):
    past = func.clock_timestamp() - timedelta(seconds=1)
    db.execute(update(JobStep).where(JobStep.job_id == job.id).values(lease_until=past))


def test_of_many_workers_on_one_step_exactly_one_gets_it(db, job):
    step_id, got, barrier = step_of(db, job).id, [], threading.Barrier(8)
    db.rollback()

    def compete(name):
        barrier.wait()
        with transaction() as mine:
            if jobs.claim(mine, name, step_id):
                got.append(name)

    workers = [threading.Thread(target=compete, args=(f"worker-{n}",)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(got) == 1
    step = step_of(db, job)
    assert (step.state, step.worker, step.attempts) == (StepState.RUNNING, got[0], 1)


def test_a_silent_workers_step_is_taken_back_and_its_late_result_is_refused(db, job):
    first = jobs.claim(db, "first")
    expire(db, job)
    assert jobs.sweep(db) == 1
    second = jobs.claim(db, "second")
    assert second.step_id == first.step_id
    for late in (lambda: jobs.finish(db, first), lambda: jobs.renew(db, first, 0.5)):
        with pytest.raises(LeaseLost):
            late()
    jobs.finish(db, second)
    assert step_of(db, job).state is StepState.DONE


def test_a_worker_that_keeps_reporting_keeps_its_step(db, job):
    held = jobs.claim(db, "steady")
    jobs.renew(db, held, 0.4)
    assert jobs.sweep(db) == 0
    assert step_of(db, job).progress == pytest.approx(0.4)


def test_a_step_that_keeps_killing_its_worker_is_given_up_with_a_sentence(db, job):
    for _ in range(workshop_settings().step_attempts):
        assert jobs.claim(db, "doomed")
        expire(db, job)
        jobs.sweep(db)
    assert jobs.claim(db, "next") is None
    job = jobs.lock_job(db, job.id)
    assert job.state is JobState.FAILED
    assert "thử lại" in job.problem["vi"]


def test_a_failed_job_can_be_retried_and_then_goes_on(db, cast, job):
    held = jobs.claim(db, "unlucky")
    jobs.fail(db, held, Unavailable())
    jobs.retry(db, cast.technician, jobs.lock_job(db, job.id))
    assert jobs.claim(db, "lucky")
    with pytest.raises(JobEnded):
        jobs.retry(db, cast.technician, jobs.lock_job(db, job.id))


def test_a_cancelled_job_stops_its_worker(db, cast, job):
    held = jobs.claim(db, "busy")
    jobs.cancel(db, cast.technician, jobs.lock_job(db, job.id))
    with pytest.raises(LeaseLost):
        jobs.renew(db, held, 0.5)


def test_the_uploader_cannot_release_their_own_file_and_another_person_can(db, cast, job):
    with pytest.raises(OwnRelease):
        jobs.allow_release(db, cast.technician, job)
    jobs.allow_release(db, cast.releaser, job)
    assert job.released_by == cast.releaser.id


def test_short_recordings_do_not_queue_behind_long_ones(db, cast, job):
    jobs.finish(db, jobs.claim(db, "scanner"))
    jobs.add_steps(db, job, [Planned(StepKind.CHUNK, number, 60.0) for number in range(20)])
    session = db.get_one(type(conference(db, cast)), job.session_id)
    short = Upload(
        id=uuid4(),
        session_id=session.id,
        kind=UploadKind.RECORDING,
        filename="ngan.mp4",
        length=1,
        uploaded_by=cast.technician.id,
        created_at=clock.now(),
        expires_at=clock.now(),
    )
    db.add(short)
    db.flush()
    short_job = jobs.open_job(db, short)
    jobs.finish(db, jobs.claim(db, "scanner"))
    jobs.add_steps(db, short_job, [Planned(StepKind.CHUNK, 0, 60.0)])
    assert jobs.claim(db, "worker").job_id == short_job.id


def test_the_picture_leaves_the_machine_to_the_speech_of_its_own_recording(db, job):
    jobs.finish(db, jobs.claim(db, "scanner"))
    jobs.add_steps(db, job, [Planned(StepKind.SPEECH, 0, 60.0), Planned(StepKind.LOOK, 0, 90.0)])
    speech = jobs.claim(db, "worker")
    assert speech.kind is StepKind.SPEECH
    assert jobs.claim(db, "another") is None
    jobs.finish(db, speech)
    assert jobs.claim(db, "another").kind is StepKind.LOOK
