"""The step that makes the sound of a replay, and makes it again when a person wants another track heard."""

from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import delete, select

from archive import catalogue
from archive.models import Recording, Rendition, RenditionKind
from archive.playlists import Stream
from archive.storage import storage
from ingest import findings, hls, jobs, ladder, picture_steps, speech
from ingest.jobs import Claim, JobEnded, Planned
from ingest.ladder import AAC
from ingest.models import IngestJob, JobState, JobStep, StepKind
from ingest.picture_steps import DOWNLOAD, VIDEO
from ingest.probe import MediaFacts
from ingest.speech import Made, Voice
from ingest.work import Outcome, Pulse, keep_files, part, recording_of
from sessions import audit
from sessions.db import Db, transaction
from sessions.errors import Invalid
from sessions.models import Person

#: Seconds of machine time per second of recording, measured; only a weight for progress and the forecast.
SPEECH_COST = 0.03
#: Who watches a replay already must not hear it change on the way.
_CHANGEABLE = frozenset({JobState.ENCODING, JobState.READY})


class NoSuchTrack(Invalid):
    code = "no-such-track"
    vi = "Bản ghi này không có đường tiếng số {number}; chỉ có {count}."
    en = "This recording has no sound track {number}; it has {count}."


def planned(facts: MediaFacts) -> Planned:
    """The step that encodes the sound of a recording."""
    return Planned(StepKind.SPEECH, 0, 1 + SPEECH_COST * facts.duration_seconds)


def choose_track(db: Db, by: Person, job: IngestJob, track: int) -> None:
    """Have another sound track heard (a place in the facts), and all that was made of the former one made again.

    Only before the recording is published. Raises JobEnded, NoSuchTrack.
    """
    if job.recording_id is None or job.state not in _CHANGEABLE:
        raise JobEnded
    recording = db.get_one(Recording, job.recording_id)
    facts = MediaFacts.from_json(recording.facts)
    if not 0 <= track < len(facts.audio):
        raise NoSuchTrack(number=track + 1, count=len(facts.audio))
    recording.sound_track = track
    packages = select(JobStep).where(JobStep.job_id == job.id, JobStep.kind == StepKind.PACKAGE)
    if any(jobs.is_open(step) for step in db.scalars(packages)):
        # Some would be packaged with the former sound; they are planned anew when the other one is there.
        db.execute(delete(JobStep).where(JobStep.job_id == job.id, JobStep.kind == StepKind.PACKAGE))
        db.expire_all()
    jobs.add_steps(db, job, [planned(facts)])
    audit.note(db, by, "recording.sound-track", "recording", recording.id, track=track)


def may_choose(job: IngestJob) -> bool:
    """Whether another track can still be chosen."""
    return job.recording_id is not None and job.state in _CHANGEABLE


def encode(held: Claim, folder: Path, pulse: Pulse) -> Outcome:
    """Encode the sound once for the whole recording, in every form that a browser may want."""
    recording = recording_of(held)
    facts, home = MediaFacts.from_json(recording.facts), catalogue.folder_of(recording)
    heard: list[Voice] = []
    with storage().local_path(recording.played_key) as source:
        made = speech.encode_speech(
            source, facts, folder, part(pulse, 0, 0.9), track=recording.sound_track, on_voice=heard.append
        )
    for each in made:
        storage().put(f"{home}/{each.path.name}", each.path)
    streams, carried = _renew(recording, made, folder, pulse)

    def write(db: Db, _job: IngestJob) -> None:
        for voice in heard:
            findings.keep_voice(db.get_one(Recording, recording.id), voice)
        for each in made:
            _keep_speech(db, recording, each)
        for stream in streams:
            picture_steps.keep_stream(db, recording, stream, RenditionKind.SOUND, f"hls-{stream.name}")
        if carried:
            picture_steps.keep_download(db, picture_steps.picture_of(recording), carried)

    return write


def _renew(recording: Recording, made: list[Made], folder: Path, pulse: Pulse) -> tuple[list[Stream], int]:
    """Make again what was packaged with a former sound; gives the streams, and the bytes of the file to carry away."""
    with transaction() as db:
        packaged = set(db.scalars(select(Rendition.name).where(Rendition.recording_id == recording.id)))
        download = db.scalar(
            select(Rendition.id).where(Rendition.recording_id == recording.id, Rendition.kind == RenditionKind.DOWNLOAD)
        )
    picture, streams = picture_steps.picture_of(recording), []
    with ExitStack() as stack:
        for rung in picture.rungs.speech:
            if f"hls-{rung.name}" in packaged:
                streams.append(picture_steps.package_sound(picture, rung, folder, stack))
                keep_files(recording, folder / rung.name, f"{VIDEO}/{rung.name}")
                pulse(0.95)
        aac = next((each.path for each in made if each.name == AAC.name), None)
        if download is None or aac is None:
            return streams, 0
        key = f"{catalogue.folder_of(recording)}/{DOWNLOAD}"
        former = stack.enter_context(storage().local_path(key))
        renewed = hls.write_renewed_download(former, aac, folder / DOWNLOAD)
        carried = renewed.stat().st_size
        storage().put(key, renewed)
    return streams, carried


def _keep_speech(db: Db, recording: Recording, made: Made) -> None:
    catalogue.keep_rendition(
        db,
        recording_id=recording.id,
        kind=RenditionKind.SPEECH,
        name=made.name,
        ladder_version=ladder.LADDER_VERSION,
        entry=made.path.name,
        media_type=made.media_type,
        bytes=made.bytes,
        bit_rate=made.bit_rate,
        stream=None,
    )
