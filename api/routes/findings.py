"""What to know of a recording before it is released, and which of its sound tracks is heard."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks
from pydantic import BaseModel, Field

from api.deps import DbDep, LanguageDep, Technician
from api.routes.jobs import HeldDep, JobDep, JobView, views
from api.schemas import PROBLEMS
from archive.models import Recording
from ingest import findings, sound_steps, tasks
from ingest.findings import Code
from ingest.probe import AudioFacts, MediaFacts

router = APIRouter(tags=["intake"], responses=PROBLEMS)


class FindingView(BaseModel):
    """One stretch, in seconds of the recording. What was lost at its end lies behind `duration_seconds`."""

    code: Code
    start_seconds: float
    end_seconds: float


class TrackView(BaseModel):
    #: From 0 on, as it is chosen.
    track: int
    #: As the file says, "" where it says nothing.
    language: str
    channels: int
    heard: bool


class FindingsView(BaseModel):
    duration_seconds: float
    #: How much of the recording is missing, all stretches together.
    lost_seconds: float
    items: list[FindingView]
    tracks: list[TrackView]
    #: Whether another track can still be chosen.
    can_choose: bool


class TrackIn(BaseModel):
    track: Annotated[int, Field(ge=0, le=1000)]


@router.get("/jobs/{job_id}/findings")
def read_findings(db: DbDep, _person: Technician, job: JobDep) -> FindingsView:
    """What was found amiss with a recording so far, in the order of time; nothing of a deck."""
    recording = db.get(Recording, job.recording_id) if job.recording_id else None
    if recording is None:
        return FindingsView(duration_seconds=0.0, lost_seconds=0.0, items=[], tracks=[], can_choose=False)
    found = findings.of(recording)
    return FindingsView(
        duration_seconds=recording.duration_seconds,
        lost_seconds=sum(each.end_seconds - each.start_seconds for each in found if each.code is Code.LOST),
        items=[FindingView(**each.to_json()) for each in found],
        tracks=_tracks(recording),
        can_choose=sound_steps.may_choose(job),
    )


@router.post("/jobs/{job_id}/sound-track")
def choose_sound_track(
    db: DbDep, person: Technician, language: LanguageDep, job: HeldDep, asked: TrackIn, background: BackgroundTasks
) -> JobView:
    """Have another sound track heard, before the recording is published; what was made of the former is made again."""
    sound_steps.choose_track(db, person, job, asked.track)
    # After the answer, which a broker that is away must not hold up.
    background.add_task(tasks.nudge)
    return views(db, person, [job], language)[0]


def _tracks(recording: Recording) -> list[TrackView]:
    chosen, heard = recording.sound_track, findings.heard(recording)
    wanted = heard if chosen is None else chosen
    return [
        _track(place, audio, heard=place == wanted)
        for place, audio in enumerate(MediaFacts.from_json(recording.facts).audio)
    ]


def _track(place: int, audio: AudioFacts, *, heard: bool) -> TrackView:
    language = "" if audio.language == "und" else audio.language
    return TrackView(track=place, language=language, channels=audio.channels, heard=heard)
