"""The ways to watch, and what each costs: every rung is a picture with its own sound, and the lightest comes first."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from archive import ways
from archive.models import Recording, Rendition, RenditionKind
from archive.playlists import Stream, StreamKind

RECORDING = UUID(int=1)


def stream(name, kind=StreamKind.VIDEO, *, sound=None, codecs="avc1.42c01e"):
    return Stream(
        name=name,
        kind=kind,
        codecs=codecs,
        bit_rate=1,
        peak_bit_rate=1,
        target_seconds=12,
        bytes=1,
        files=(),
        width=640,
        height=360,
        frame_rate=5.0,
        sound=sound,
    )


def rendition(kind, name, bit_rate, *, made=None, entry=None):
    """A rendition of 1000 seconds, as heavy as its rate says."""
    return Rendition(
        recording_id=RECORDING,
        kind=kind,
        name=name,
        ladder_version="test",
        entry=entry or f"video/{name}/index.m3u8",
        media_type="application/vnd.apple.mpegurl",
        bytes=bit_rate * 1000 // 8,
        bit_rate=bit_rate,
        stream=made.to_json() if made else None,
        created_at=datetime.now(UTC),
    )


def sound(name, bit_rate, codecs):
    made = stream(name, StreamKind.SOUND, codecs=codecs)
    return rendition(RenditionKind.SOUND, name, bit_rate, made=made)


def picture(name, bit_rate, heard_with, codecs="avc1.42c01e"):
    return rendition(RenditionKind.VIDEO, name, bit_rate, made=stream(name, sound=heard_with, codecs=codecs))


OPUS, AAC = sound("hls-opus", 12_000, "opus"), sound("hls-aac", 24_000, "mp4a.40.2")
SPEECH = rendition(RenditionKind.SPEECH, "opus", 13_000, entry="speech.webm")


def test_a_rung_costs_its_picture_and_its_own_sound_and_the_lightest_comes_first():
    made = [picture("v360", 30_000, "hls-aac"), OPUS, AAC, picture("a360", 25_000, "hls-opus", "av01.0.01M.08")]
    video = ways.video_of(made)
    assert (video.entry, video.media_type) == ("video/master.m3u8", "application/vnd.apple.mpegurl")
    assert [(rung.name, rung.bit_rate, rung.bytes) for rung in video.rungs] == [
        ("a360", 37_000, 4_625_000),
        ("v360", 54_000, 6_750_000),
    ]
    assert [rung.codecs for rung in video.rungs] == ["av01.0.01M.08,opus", "avc1.42c01e,mp4a.40.2"]
    assert {(rung.width, rung.height, rung.frame_rate) for rung in video.rungs} == {(640, 360, 5.0)}


@pytest.mark.parametrize(
    ("made", "rate", "codecs"),
    [
        pytest.param([picture("v360", 30_000, None)], 30_000, "avc1.42c01e", id="a silent film"),
        pytest.param(
            [picture("a360", 30_000, "hls-opus"), AAC], 54_000, "avc1.42c01e,mp4a.40.2", id="its sound to come"
        ),
    ],
)
def test_a_rung_without_its_own_sound_costs_what_it_is_heard_with(made, rate, codecs):
    (rung,) = ways.video_of(made).rungs
    assert (rung.bit_rate, rung.codecs) == (rate, codecs)


def test_each_way_has_its_cost_and_slides_come_first_with_their_pages():
    costs = ways.costs([SPEECH, AAC, picture("v360", 30_000, "hls-aac")], pages_bytes=500)
    assert [(cost.mode, cost.bytes, cost.rung and cost.rung.name) for cost in costs] == [
        ("slides", 1_625_500, None),
        ("video", 6_750_000, "v360"),
    ]


def test_a_video_from_before_plays_from_the_playlist_that_was_stored_with_it():
    old = rendition(RenditionKind.VIDEO, "v360", 60_000, entry="video/old.m3u8")
    video = ways.video_of([SPEECH, old])
    assert video.entry == "video/old.m3u8"
    assert [(rung.name, rung.bytes, rung.codecs) for rung in video.rungs] == [("v360", 7_500_000, None)]
    assert ways.video_of([old, AAC, picture("v480", 90_000, "hls-aac")]).entry == ways.MASTER


def test_sound_alone_is_no_video():
    assert ways.video_of([SPEECH, AAC]) is None


@pytest.mark.parametrize(
    ("content", "moving"),
    [
        pytest.param(None, [], id="not looked at"),
        pytest.param({"sections": [], "cuts": [], "noise": 0.0}, [], id="no picture"),
        pytest.param(
            {
                "sections": [
                    {"start_seconds": 0.0, "end_seconds": 40.0, "motion": "still"},
                    {"start_seconds": 40.0, "end_seconds": 70.5, "motion": "moving"},
                    {"start_seconds": 70.5, "end_seconds": 90.0, "motion": "inset"},
                ]
            },
            [(40.0, 70.5)],
            id="a film among pages",
        ),
    ],
)
def test_only_stretches_of_motion_are_worth_the_video(content, moving):
    assert ways.moving_of(Recording(content=content)) == moving
