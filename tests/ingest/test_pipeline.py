"""The walk of a file through the workshop, on a real database, storage and ffmpeg, step by step in this process."""

import hashlib
import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from archive import catalogue
from archive.models import Deck, Recording, Rendition, RenditionKind, SlideCue, SlidePage
from archive.playlists import Stream
from archive.storage import storage
from ingest import jobs, ladder, pipeline, quarantine, soundness
from ingest.models import Incident, IngestJob, JobState, JobStep, StepKind, StepState, Upload, UploadKind
from ingest.probe import MediaFacts
from sessions import clock
from sessions.models import Person
from tests import media
from tests.cast import conference


@dataclass
class Workshop:
    """Puts files in as finished uploads and does what there is to do."""

    db: object
    cast: object
    session: object

    def take(self, path, kind=UploadKind.RECORDING) -> IngestJob:
        now = clock.now()
        upload = Upload(
            id=uuid4(),
            session_id=self.session.id,
            kind=kind,
            filename=path.name,
            length=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            uploaded_by=self.cast.technician.id,
            created_at=now,
            finished_at=now,
            expires_at=now + timedelta(days=1),
        )
        self.db.add(upload)
        self.db.flush()
        arrived = quarantine.path_of(upload)
        arrived.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, arrived)
        job = jobs.open_job(self.db, upload)
        self.db.commit()
        return job

    def work(self) -> int:
        steps = 0
        while pipeline.run("test"):
            steps += 1
        self.db.expire_all()
        return steps

    def release(self, job, by: Person) -> None:
        pipeline.release(self.db, by, jobs.lock_job(self.db, job.id))
        self.db.commit()


def unusual(path):
    """A clip in colours that few browsers decode: so light a one would be handed on as it is, and nothing encoded."""
    return media.clip(path, seconds=3, coding=("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"))


@pytest.fixture
def workshop(db, cast):
    return Workshop(db, cast, conference(db, cast))


def test_a_recording_and_its_deck_are_published_with_their_slide_times(db, cast, workshop, tmp_path):
    deck = media.deck(tmp_path / "slides.pdf")
    media.talk(tmp_path / "talk.mp4", deck, [(1, 4), (2, 4), (3, 4)])
    recorded, decked = workshop.take(tmp_path / "talk.mp4"), workshop.take(deck, UploadKind.DECK)
    workshop.release(recorded, cast.releaser)
    workshop.work()
    assert recorded.state is JobState.PUBLISHED
    assert decked.state is JobState.READY
    workshop.release(decked, cast.releaser)
    assert decked.state is JobState.PUBLISHED
    recording = db.get_one(Recording, recorded.recording_id)
    names = set(db.scalars(select(Rendition.name).where(Rendition.recording_id == recording.id)))
    # Pages that stand still weigh so little that only the lightest rung outdoes the recording's own picture, which is
    # therefore also what can be carried away.
    assert names == {"opus", "aac", "hls-opus", "hls-aac", "a360", "copy", "mp4"}
    cues = db.scalars(select(SlideCue).order_by(SlideCue.at_seconds)).all()
    assert [cue.page for cue in cues] == [1, 2, 3]
    assert [cue.at_seconds for cue in cues] == pytest.approx([0, 4, 8], abs=0.5)
    assert db.scalar(select(func.count()).select_from(SlidePage)) >= 3
    assert not quarantine.path_of(db.get_one(Upload, recorded.upload_id)).exists()
    assert storage().checksum(recording.source_key) == recording.source_sha256


def test_nothing_is_visible_before_somebody_else_released_it(db, cast, workshop, tmp_path):
    job = workshop.take(media.clip(tmp_path / "clip.mp4"))
    workshop.work()
    assert job.state is JobState.READY
    assert db.scalars(catalogue.visible_to(db, cast.member)).all() == []
    with pytest.raises(jobs.OwnRelease):
        workshop.release(job, cast.technician)
    db.rollback()
    workshop.release(job, cast.releaser)
    assert len(db.scalars(catalogue.visible_to(db, cast.member)).all()) == 1
    assert db.scalars(catalogue.visible_to(db, cast.stranger)).all() == []
    pipeline.retract(db, cast.releaser, jobs.lock_job(db, job.id))
    assert db.scalars(catalogue.visible_to(db, cast.member)).all() == []


@pytest.mark.parametrize(
    ("make", "kind", "code"),
    [
        pytest.param(media.text_named_mp4, UploadKind.RECORDING, "not-a-recording", id="a text file named .mp4"),
        pytest.param(media.deck, UploadKind.RECORDING, "not-a-recording", id="a deck as a recording"),
        pytest.param(media.text_named_mp4, UploadKind.DECK, "not-a-deck", id="a text as a deck"),
    ],
)
def test_what_is_none_of_ours_is_refused_with_a_sentence_and_nothing_of_it_is_kept(
    db, workshop, tmp_path, make, kind, code
):
    path = tmp_path / "file.mp4"
    make(path)
    job = workshop.take(path, kind)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, code)
    assert job.problem["vi"] != job.problem["en"]
    upload = db.get_one(Upload, job.upload_id)
    assert not quarantine.path_of(upload).exists()
    assert not storage().exists(f"originals/{upload.sha256}")
    assert (
        db.scalar(select(func.count()).select_from(Recording)) + db.scalar(select(func.count()).select_from(Deck)) == 0
    )


def test_a_truncated_recording_without_its_index_is_refused(db, workshop, tmp_path):
    whole = media.clip(tmp_path / "whole.mp4")
    job = workshop.take(media.truncated(tmp_path / "cut.mp4", whole))
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, "recording-unreadable")


def test_a_recording_without_sound_becomes_video_and_one_without_picture_becomes_speech(db, workshop, tmp_path):
    silent = workshop.take(media.clip(tmp_path / "silent.mp4", audio=False))
    blind = workshop.take(media.clip(tmp_path / "blind.m4a", video=False))
    workshop.work()
    made = {
        job.recording_id: set(db.scalars(select(Rendition.name).where(Rendition.recording_id == job.recording_id)))
        for job in (silent, blind)
    }
    assert [silent.state, blind.state] == [JobState.READY, JobState.READY]
    assert made == {silent.recording_id: {"a360", "v360", "mp4", "copy"}, blind.recording_id: {"opus", "aac"}}


def test_a_file_that_was_refused_as_classified_is_refused_again_by_its_hash(db, cast, workshop, tmp_path):
    path = media.clip(tmp_path / "clip.mp4")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    db.add(Incident(at=clock.now(), person_id=cast.technician.id, rule="declared", sha256=sha256))
    db.commit()
    job = workshop.take(path)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, "refused-before")


def test_of_two_workers_on_one_row_exactly_one_does_the_work(db, workshop, tmp_path):
    job = workshop.take(media.clip(tmp_path / "clip.mp4"))
    step_id = db.scalars(select(JobStep.id).where(JobStep.job_id == job.id)).one()
    db.rollback()
    barrier, did = threading.Barrier(4), []

    def compete(name):
        barrier.wait()
        did.append(pipeline.run(name, step_id))

    workers = [threading.Thread(target=compete, args=(f"worker-{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(did) == [False, False, False, True]
    assert db.scalar(select(func.count()).select_from(Recording)) == 1
    assert db.scalars(select(JobStep.attempts).where(JobStep.id == step_id)).one() == 1


def test_a_step_whose_lease_was_lost_meanwhile_writes_nothing(db, workshop, tmp_path, monkeypatch):
    job = workshop.take(media.clip(tmp_path / "clip.mp4"))
    from_probe = pipeline.steps.WORK[StepKind.SCAN]

    def slow(held, folder, pulse):
        outcome = from_probe(held, folder, pulse)
        # Another worker took the step over while this one was away.
        db.execute(update(JobStep).where(JobStep.id == held.step_id).values(lease_token=uuid4()))
        db.commit()
        return outcome

    monkeypatch.setitem(pipeline.steps.WORK, StepKind.SCAN, slow)
    assert pipeline.run("slow")
    assert db.scalar(select(func.count()).select_from(Recording)) == 0
    step = db.scalars(select(JobStep).where(JobStep.job_id == job.id)).one()
    assert step.state is StepState.RUNNING


def test_a_worker_that_is_told_to_end_does_not_wait_for_its_step(db, workshop, tmp_path, monkeypatch):
    workshop.take(media.clip(tmp_path / "clip.mp4"))
    left = []

    def endless(_held, _folder, pulse):
        try:
            while True:
                pulse(0.5)
                time.sleep(0.01)
        finally:
            left.append(threading.get_native_id())

    def end(*_):
        sys.exit("told to end")

    monkeypatch.setitem(pipeline.steps.WORK, StepKind.SCAN, endless)
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(SystemExit):
            pipeline.run("test")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert len(left) == 1


def test_what_nobody_waits_for_stands_back_furthest(db, workshop, tmp_path, monkeypatch):
    workshop.take(unusual(tmp_path / "clip.mp4"))
    own, found = os.getpriority(os.PRIO_PROCESS, 0), {}

    def noting(kind, work):
        def noted(*given):
            found[kind] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
            return work(*given)

        return noted

    for kind, work in list(pipeline.steps.WORK.items()):
        monkeypatch.setitem(pipeline.steps.WORK, kind, noting(kind, work))
    workshop.work()
    assert found[StepKind.SPEECH] == found[StepKind.SCAN] == max(own, 10)
    assert found[StepKind.LOOK] == found[StepKind.CHUNK] == found[StepKind.PACKAGE] == 19
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


def test_what_was_encoded_before_is_not_encoded_again(db, workshop, tmp_path):
    job = workshop.take(unusual(tmp_path / "clip.mp4"))
    while (step := pipeline.run("first")) and not _done(db, job, StepKind.CHUNK):
        assert step
    before = {key: storage().stat(key).modified_at for key in storage().list("work")}
    assert {key.split("/")[3] for key in before} == {"a360", "v360"}
    db.execute(update(JobStep).where(JobStep.kind == StepKind.CHUNK).values(state=StepState.WAITING))
    db.execute(JobStep.__table__.delete().where(JobStep.kind == StepKind.PACKAGE))
    db.commit()
    while (step := pipeline.run("again")) and not _done(db, job, StepKind.CHUNK):
        assert step
    assert {key: storage().stat(key).modified_at for key in storage().list("work")} == before
    workshop.work()
    assert job.state is JobState.READY
    assert list(storage().list("work")) == []
    assert _faults(db, job) == {"a360": [], "v360": []}


def _faults(db, job) -> dict[str, list[str]]:
    """What is wrong with each rung of video of a job's recording, as it is kept."""
    recording = db.get_one(Recording, job.recording_id)
    rungs, faults = ladder.for_source(MediaFacts.from_json(recording.facts)), {}
    videos = select(Rendition).where(Rendition.recording_id == recording.id, Rendition.kind == RenditionKind.VIDEO)
    for each in db.scalars(videos):
        with storage().local_path(f"{catalogue.folder_of(recording)}/{each.entry}") as playlist:
            faults[each.name] = soundness.check(
                Stream.from_json(each.stream), playlist.parent, rungs.rung(each.name), recording.duration_seconds
            )
    return faults


def test_speech_and_slides_are_out_before_the_picture_is_encoded(db, cast, workshop, tmp_path):
    job = workshop.take(unusual(tmp_path / "clip.mp4"))
    workshop.release(job, cast.releaser)
    while job.state is not JobState.PUBLISHED:
        assert pipeline.run("test")
        db.expire_all()
    assert not _done(db, job, StepKind.CHUNK)
    recording = db.get_one(Recording, job.recording_id)
    assert set(db.scalars(select(Rendition.name).where(Rendition.recording_id == recording.id))) == {"opus", "aac"}
    workshop.work()
    assert set(_faults(db, job)) == {"a360", "v360"}
    assert job.complete_at


def test_a_rung_that_fails_holds_back_no_other_and_says_why(db, workshop, tmp_path, monkeypatch):
    job = workshop.take(unusual(tmp_path / "clip.mp4"))
    check = soundness.check

    def find_fault(stream, *rest, **named):
        return ["Segment 3 cannot be decoded."] if stream.name == "a360" else check(stream, *rest, **named)

    monkeypatch.setattr(soundness, "check", find_fault)
    workshop.work()
    assert job.state is JobState.READY
    assert set(_faults(db, job)) == {"v360"}
    (failed,) = db.scalars(select(JobStep).where(JobStep.job_id == job.id, JobStep.state == StepState.FAILED))
    assert (failed.kind, failed.rung) == (StepKind.PACKAGE, "a360")
    assert "Segment 3 cannot be decoded." in failed.problem["en"]
    monkeypatch.undo()
    jobs.retry(db, db.get_one(Person, db.get_one(Upload, job.upload_id).uploaded_by), job)
    db.commit()
    workshop.work()
    assert _faults(db, job) == {"a360": [], "v360": []}


def test_the_rest_of_a_replay_that_is_there_can_be_stopped_and_taken_up_again(db, cast, workshop, tmp_path):
    job = workshop.take(unusual(tmp_path / "clip.mp4"))
    while job.state is not JobState.READY:
        assert pipeline.run("test")
        db.expire_all()
    jobs.cancel(db, cast.technician, job)
    db.commit()
    assert workshop.work() == 0
    assert job.state is JobState.READY
    jobs.retry(db, cast.technician, job)
    db.commit()
    workshop.work()
    assert set(_faults(db, job)) == {"a360", "v360"}


def _done(db, job, kind) -> bool:
    db.rollback()
    states = db.scalars(select(JobStep.state).where(JobStep.job_id == job.id, JobStep.kind == kind)).all()
    return bool(states) and all(state is StepState.DONE for state in states)


def test_the_same_file_in_two_conferences_leaves_each_its_chunks(db, cast, workshop, tmp_path):
    path = unusual(tmp_path / "clip.mp4")
    elsewhere = Workshop(db, cast, conference(db, cast))
    jobs_of_both = [workshop.take(path), elsewhere.take(path)]
    workshop.work()
    assert [job.state for job in jobs_of_both] == [JobState.READY, JobState.READY]
    assert list(storage().list("work")) == []
