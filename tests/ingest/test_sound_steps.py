"""Which sound is heard: chosen by the machine, changed by a person, in every form that a replay is made of."""

import numpy as np
import pytest
from sqlalchemy import select

from archive import catalogue
from archive.models import Recording, Rendition
from archive.storage import storage
from ingest import findings, jobs, pipeline, sound_steps
from ingest.models import JobState, JobStep, StepKind, StepState
from tests import media
from tests.ingest.test_pipeline import workshop  # noqa: F401 - A fixture: a conference, and what works on its files.

INTERPRETED, ORIGINAL = 300, 900


def conference_in_two_languages(path):
    """A camera that was switched off and on again, with two sound tracks that are told apart by their pitch."""
    media.ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=5:d=3"),
        *("-f", "lavfi", "-i", f"sine={INTERPRETED}:r=48000:d=3", "-f", "lavfi", "-i", f"sine={ORIGINAL}:r=48000:d=3"),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"),
        *("-c:a", "aac", path),
    )
    path.write_bytes(2 * path.read_bytes())
    return path


def pitch(key):
    """The loudest frequency of a stored file in its second second, in Hz, to 5 Hz."""
    with storage().local_path(key) as file:
        samples = np.frombuffer(media.decoded(file, "-vn", "-ac", 1, "-ar", 8000, "-f", "f32le"), np.float32)
    return round(float(np.abs(np.fft.rfft(samples[8000:16000])).argmax()) / 5) * 5


def pitches(db, recording):
    """The pitch of everything that sounds."""
    home = catalogue.folder_of(recording)
    made = db.scalars(select(Rendition).where(Rendition.recording_id == recording.id))
    files = {each.name: each.entry for each in made if each.name in {"opus", "aac", "mp4"}}
    return {name: pitch(f"{home}/{entry}") for name, entry in files.items()}


def test_another_sound_track_takes_the_place_of_the_first_in_every_form(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(conference_in_two_languages(tmp_path / "a.ts"))
    workshop.work()
    assert job.state is JobState.READY
    recording = db.get_one(Recording, job.recording_id)
    assert recording.duration_seconds == pytest.approx(6, abs=0.3)
    assert storage().exists(recording.mended_key)
    assert findings.heard(recording) == 0
    assert set(pitches(db, recording).values()) == {INTERPRETED}
    before = {row.name: row.stream for row in db.scalars(select(Rendition).where(Rendition.name.like("hls-%")))}
    home = f"{catalogue.folder_of(recording)}/video"
    segments = {name: storage().checksum(f"{home}/{name[4:]}/00000.m4s") for name in before}

    sound_steps.choose_track(db, cast.technician, jobs.lock_job(db, job.id), 1)
    db.commit()
    workshop.work()
    assert job.complete_at
    assert findings.heard(recording) == 1
    assert pitches(db, recording) == dict.fromkeys(("opus", "aac", "mp4"), ORIGINAL)
    for name, checksum in segments.items():
        assert storage().checksum(f"{home}/{name[4:]}/00000.m4s") != checksum
    packages = db.scalars(select(JobStep).where(JobStep.job_id == job.id, JobStep.kind == StepKind.PACKAGE)).all()
    assert {step.state for step in packages} == {StepState.DONE}

    workshop.release(job, cast.releaser)
    with pytest.raises(jobs.JobEnded):
        sound_steps.choose_track(db, cast.technician, jobs.lock_job(db, job.id), 0)


def test_what_waits_to_be_packaged_waits_for_the_other_sound(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(conference_in_two_languages(tmp_path / "a.ts"))
    packages = select(JobStep).where(JobStep.job_id == job.id, JobStep.kind == StepKind.PACKAGE)
    while not db.scalars(packages).all():
        assert pipeline.run("test")
        db.expire_all()
    sound_steps.choose_track(db, cast.technician, jobs.lock_job(db, job.id), 1)
    db.commit()
    assert db.scalars(packages).all() == []
    with pytest.raises(sound_steps.NoSuchTrack):
        sound_steps.choose_track(db, cast.technician, jobs.lock_job(db, job.id), 2)
    db.rollback()
    workshop.work()
    assert set(pitches(db, db.get_one(Recording, job.recording_id)).values()) == {ORIGINAL}
