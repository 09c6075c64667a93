"""The ways to watch a recording, and what each takes of a link: slides with speech, or a rung of video.

A rung of video is a picture and the sound that goes with it, two renditions of their own. Which rungs there are is
asked of the renditions each time, so one that is encoded later appears by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from archive import playlists, replay
from archive.models import Recording, Rendition, RenditionKind
from archive.playlists import Stream, StreamKind
from sessions.db import Db
from sessions.intervals import Interval

#: Where players find the master playlist, below the recording: beside the folders of the streams that it names.
MASTER: Final = "video/master.m3u8"


@dataclass(frozen=True, slots=True)
class Rung:
    """One size of the picture with its sound: bytes of the whole recording, and bit/s on average.

    Size, frame rate and codecs (RFC 6381, picture and sound) are unknown for what was encoded before they were kept.
    """

    name: str
    bytes: int
    bit_rate: int
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    codecs: str | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way to watch takes of a link: bytes for the whole recording, and bit/s while it plays."""

    mode: Literal["slides", "video"]
    bytes: int
    bit_rate: int
    rung: Rung | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """What a player opens for video, below the recording, and the rungs it finds there, the lightest first."""

    entry: str
    media_type: str
    rungs: list[Rung]


def costs_of(db: Db, recordings: Sequence[Recording]) -> dict[UUID, list[Cost]]:
    """What each way to watch each recording takes: its pages with the lightest speech, then every rung of video."""
    renditions = replay.renditions_of(db, [recording.id for recording in recordings])
    return {
        recording.id: costs(renditions.get(recording.id, []), _pages_bytes(db, recording)) for recording in recordings
    }


def costs(renditions: Sequence[Rendition], pages_bytes: int) -> list[Cost]:
    """The same for one recording's renditions, the lightest first."""
    speech = next((each for each in renditions if each.kind is RenditionKind.SPEECH), None)
    video = video_of(renditions)
    slides = [Cost("slides", speech.bytes + pages_bytes, speech.bit_rate)] if speech else []
    return slides + [Cost("video", rung.bytes, rung.bit_rate, rung) for rung in (video.rungs if video else [])]


def video_of(renditions: Sequence[Rendition]) -> Video | None:
    """The video made of these renditions; one from before the rungs were packaged apart is a master playlist itself."""
    pictures = [each for each in renditions if each.kind is RenditionKind.VIDEO]
    packaged = [each for each in pictures if each.stream]
    if packaged:
        sounds = [each for each in renditions if each.kind is RenditionKind.SOUND]
        rungs = sorted((_rung(picture, sounds) for picture in packaged), key=lambda rung: rung.bit_rate)
        return Video(MASTER, playlists.MEDIA_TYPE, rungs)
    if not pictures:
        return None
    whole = pictures[0]
    return Video(whole.entry, whole.media_type, [Rung(whole.name, whole.bytes, whole.bit_rate)])


def download_of(renditions: Sequence[Rendition]) -> Rendition | None:
    """The lightest plain file of picture and sound to carry away, where there is one."""
    return next((each for each in renditions if each.kind is RenditionKind.DOWNLOAD), None)


def master_of(db: Db, recording: Recording, rung: str | None = None) -> str | None:
    """Write the master playlist from what is complete by now; with one rung alone for players that cannot be told.

    None where nothing was packaged so, or no such rung: then what lies in the storage is all there is.
    """
    streams = [
        Stream.from_json(each.stream)
        for each in replay.renditions_of(db, [recording.id]).get(recording.id, [])
        if each.stream and (each.kind is RenditionKind.SOUND or rung in {None, each.name})
    ]
    if not any(stream.kind is StreamKind.VIDEO for stream in streams):
        return None
    return playlists.master(streams)


def moving_of(recording: Recording) -> list[Interval]:
    """The stretches, in seconds, in which the picture moves: worth the video for whoever follows by slides."""
    sections: list[dict[str, Any]] = (recording.content or {}).get("sections", [])
    return [(each["start_seconds"], each["end_seconds"]) for each in sections if each["motion"] == "moving"]


def _rung(picture: Rendition, sounds: Sequence[Rendition]) -> Rung:
    stream = Stream.from_json(picture.stream or {})
    rung = Rung(
        name=picture.name,
        bytes=picture.bytes,
        bit_rate=picture.bit_rate,
        width=stream.width,
        height=stream.height,
        frame_rate=stream.frame_rate,
        codecs=stream.codecs,
    )
    # As in the master playlist: a picture whose own sound is missing is heard with another.
    sound = next((each for each in sounds if each.name == stream.sound), sounds[0] if sounds else None)
    if sound is None:
        return rung
    return replace(
        rung,
        bytes=rung.bytes + sound.bytes,
        bit_rate=rung.bit_rate + sound.bit_rate,
        codecs=f"{rung.codecs},{Stream.from_json(sound.stream).codecs}" if sound.stream else rung.codecs,
    )


def _pages_bytes(db: Db, recording: Recording) -> int:
    # A page that is shown again is not fetched again.
    pages = {(slide.page.deck_id, slide.page.position): slide.page for slide in replay.slides_of(db, recording)}
    return sum(page.bytes for page in pages.values())
