"""kill -9 in the middle of a transcode: after the restart the recording is published whole, nothing is left over."""

import time

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from archive.models import Recording, Rendition
from archive.playlists import Stream
from ingest import ladder, probe, soundness
from ingest.models import JobStep, StepKind, StepState, Upload
from ingest.probe import MediaFacts
from tests import media
from tests.journeys.site import site
from tests.journeys.walk import Walk

#: Six chunks of small pictures: enough to be met half way, and soon made again.
SECONDS = 72


@pytest.fixture(scope="module")
def ours():
    """A site with short chunks and short leases, so that a kill meets a transcode that is half done."""
    with site(
        DIEMCAU_CHUNK_SECONDS="12", DIEMCAU_WORKERS="1", DIEMCAU_LEASE_SECONDS="4", DIEMCAU_SWEEP_SECONDS="1"
    ) as running:
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        yield running, walk
        walk.close()


@pytest.mark.parametrize(
    "victim", ["worker", "postgres", "valkey", ""], ids=["worker", "postgres", "valkey", "everything"]
)
def test_a_transcode_survives_kill_9_of(victim, ours, tmp_path):
    running, walk = ours
    # Another tone for each, or the file would be recognised as one that is held already.
    name = f"ban-ghi-{victim or 'tat-ca'}.mp4"
    clip = media.clip(tmp_path / name, seconds=SECONDS, size=(320, 180), fps=2, coding=["-metadata", f"title={name}"])
    job = walk.upload(clip, "recording")
    database = running.database_url
    _wait_for_a_half_done_transcode(database, job)

    running.kill(victim)
    if not victim:
        running.start()
    _wait_until_ready(running)

    walk.wait_for([job], {"ready"}, patience=240)
    walk.release(job)
    walk.wait_for([job], {"published"}, patience=240)
    walk.wait_until_complete([job], patience=240)
    with Db(create_engine(running.database_url, poolclass=NullPool)) as db:
        assert db.scalar(select(func.count(Upload.id)).where(Upload.filename == name)) == 1
        unfinished = db.scalars(select(JobStep).where(JobStep.state != StepState.DONE)).all()
        assert [(step.kind, step.rung, step.state, step.problem) for step in unfinished] == []
        recording = db.scalars(
            select(Recording).join(Upload, Upload.sha256 == Recording.source_sha256).where(Upload.filename == name)
        ).one()
        renditions = db.scalars(select(Rendition).where(Rendition.recording_id == recording.id)).all()
        folder = running.home / "storage" / "recordings" / str(recording.id)
        assert {each.name for each in renditions} == {"opus", "aac", "hls-opus", "hls-aac", "a360", "v360", "mp4"}
        rungs = ladder.for_source(MediaFacts.from_json(recording.facts))
        tracks = {rung.name: rung for rung in (*rungs.video, *rungs.speech)}
        for each in renditions:
            if each.stream is None:
                assert probe.inspect(folder / each.entry).duration_seconds == pytest.approx(SECONDS, abs=0.2)
                continue
            stream = Stream.from_json(each.stream)
            packaged = folder / "video" / stream.name
            assert soundness.check(stream, packaged, tracks[stream.name], recording.duration_seconds) == []
    assert not list((running.home / "storage").glob("work/*/*/*/*.mp4"))
    assert not _programs(running, "ffmpeg")


def _wait_for_a_half_done_transcode(database: str, job: str) -> None:
    chunks = select(JobStep.state).where(JobStep.job_id == job, JobStep.kind == StepKind.CHUNK)
    engine = create_engine(database, poolclass=NullPool)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with Db(engine) as db:
            states = db.scalars(chunks).all()
        if StepState.DONE in states and StepState.WAITING in states:
            return
        assert not states or StepState.WAITING in states, "it was over too soon to kill"
        time.sleep(0.05)
    raise AssertionError("no chunk was ever encoded")


def _wait_until_ready(running) -> None:
    deadline = time.monotonic() + 60
    while not running.is_ready():
        assert time.monotonic() < deadline, (running.home / "up.log").read_text()
        time.sleep(0.2)


def _programs(running, name: str) -> list[int]:
    return running.children(name)
