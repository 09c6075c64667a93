"""The ladder: which forms a recording gets, from its facts alone."""

import pytest

from ingest import ladder
from ingest.probe import AudioFacts, MediaFacts, VideoFacts

SOUND = AudioFacts(1, "aac", 2, 48_000, 128_000, 0.0, 60.0, "vie")


def facts(size=(1280, 720), audio=(SOUND,)):
    video = size and VideoFacts(0, "h264", *size, 25.0, "yuv420p", True, 500_000, 0.0, 60.0, 4.0)
    return MediaFacts("mov", 0.0, 60.0, 5_000_000, video, audio)


@pytest.mark.parametrize(
    ("source", "rung"),
    [
        pytest.param((1280, 720), (640, 360), id="16:9"),
        pytest.param((3840, 2160), (640, 360), id="4K"),
        pytest.param((1024, 768), (480, 360), id="4:3 keeps its shape"),
        pytest.param((1920, 930), (640, 310), id="wide screen share"),
        pytest.param((1080, 1920), (360, 640), id="upright phone"),
        pytest.param((320, 240), (320, 240), id="never larger than the source"),
        pytest.param((321, 181), (320, 180), id="even numbers"),
        pytest.param((3, 1), (2, 2), id="absurdly small"),
    ],
)
def test_fits_the_picture(source, rung):
    video = ladder.for_source(facts(size=source)).video
    assert (video.width, video.height) == rung


def test_keeps_the_low_rung_under_64_kbit_with_its_sound():
    rungs = ladder.for_source(facts())
    assert rungs.video.max_bit_rate + ladder.AAC.bit_rate <= 0.97 * 64_000


def test_gives_speech_in_a_form_for_every_browser():
    assert [rung.file_name for rung in ladder.for_source(facts()).speech] == ["speech.webm", "speech.m4a"]


def test_gives_a_silent_film_no_speech_and_a_sound_recording_no_picture():
    assert ladder.for_source(facts(audio=())).speech == ()
    assert ladder.for_source(facts(size=None)).video is None
