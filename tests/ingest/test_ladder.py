"""The ladder: which forms a recording gets, from its facts alone."""

from dataclasses import replace

import pytest

from ingest import ladder
from ingest.content import Content, Motion, Section
from ingest.probe import AudioFacts, MediaFacts, VideoFacts

SOUND = AudioFacts(1, "aac", 2, 48_000, 128_000, 0.0, 60.0, "vie")
WHOLE = ["a360", "v360", "v480", "a720"]


def facts(
    size=(1280, 720), audio=(SOUND,), *, codec="h264", pix_fmt="yuv420p", rate=5_000_000, gap=4.0, peak=0, fps=25.0
):
    video = size and VideoFacts(0, codec, *size, fps, pix_fmt, True, rate, 0.0, 60.0, gap, peak)
    return MediaFacts("mov", 0.0, 60.0, 5_000_000, video, audio)


def light(*, container="mov", **shown):
    """A recording that may be handed on, but for what is said of it."""
    whole = facts(rate=350_000)
    return replace(whole, container=container, video=replace(whole.video, **shown))


def names(source):
    return [rung.name for rung in ladder.for_source(source).video]


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
    low = ladder.for_source(facts(size=source)).rung("v360")
    assert (low.width, low.height) == rung


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(facts(), WHOLE, id="a heavy recording is encoded at every size"),
        pytest.param(facts(size=(854, 480)), WHOLE[:3], id="none larger than the source"),
        pytest.param(facts(size=(640, 400)), WHOLE[:2], id="none hardly larger than a lighter one"),
        pytest.param(facts(rate=350_000), [*WHOLE[:3], "copy"], id="a light one is handed on"),
        pytest.param(facts(rate=350_000, peak=900_000), WHOLE, id="but not over its peaks"),
        pytest.param(facts(rate=350_000, gap=20.0), WHOLE, id="nor with keyframes far apart"),
        pytest.param(facts(rate=350_000, codec="vp8"), WHOLE, id="nor what not every browser plays"),
        pytest.param(facts(rate=350_000, pix_fmt="yuv444p"), WHOLE, id="nor in colours that phones cannot decode"),
        pytest.param(facts(rate=100_000), ["a360", "v360", "copy"], id="which outdoes a rung that may weigh as much"),
        pytest.param(facts(rate=30_000), ["a360", "copy"], id="or two"),
    ],
)
def test_offers_no_rung_that_another_outdoes(source, expected):
    assert names(source) == expected


@pytest.mark.parametrize(
    ("source", "handed_on"),
    [
        pytest.param(light(start_seconds=0.15, end_seconds=59.85), True, id="nearly as long as its sound"),
        pytest.param(light(start_seconds=0.3), False, id="the picture begins late"),
        pytest.param(light(end_seconds=59.5), False, id="the picture ends early"),
        pytest.param(light(trimmed=True), False, id="an edit list hides some of it"),
        pytest.param(light(interlaced=True), False, id="two fields in each frame"),
        pytest.param(light(turned=True), False, id="a phone held upright"),
        pytest.param(light(uniform=False), False, id="another size on the way, or a broken packet"),
        pytest.param(light(container="avi"), False, id="B-frames without times"),
        pytest.param(light(container="avi", has_b_frames=False), True, id="even frames in order"),
    ],
)
def test_hands_on_only_what_shows_each_moment_when_it_should(source, handed_on):
    assert names(source) == ([*WHOLE[:3], "copy"] if handed_on else WHOLE)


@pytest.mark.parametrize(("rate", "plain"), [(5_000_000, "v360"), (100_000, "v360"), (30_000, "copy"), (9_000, "copy")])
def test_there_is_always_one_that_plays_everywhere(rate, plain):
    assert ladder.for_source(facts(rate=rate)).plain.name == plain


def test_makes_up_no_frames():
    assert {rung.fps for rung in ladder.for_source(facts(fps=1.0)).video} == {5}


def test_shows_pages_and_a_small_speaker_at_five_frames_a_second():
    still = Content((Section(0.0, 20.0, Motion.STILL), Section(20.0, 60.0, Motion.INSET)))
    film = Content((*still.sections[:1], Section(20.0, 60.0, Motion.MOVING)))
    assert [rung.fps for rung in ladder.for_source(facts(), still).video] == [5, 5, 5, 5]
    assert [rung.fps for rung in ladder.for_source(facts(), film).video] == [5, 5, 10, 10]
    assert ladder.for_source(light(), still).copied.fps == 25


def test_keeps_every_rung_under_its_cap_with_its_sound():
    for rung in ladder.for_source(facts()).video:
        assert rung.max_bit_rate + rung.sound.reserved <= 0.97 * rung.cap


def test_gives_speech_in_a_form_for_every_browser():
    assert [rung.file_name for rung in ladder.for_source(facts()).speech] == ["speech.webm", "speech.m4a"]


def test_gives_a_silent_film_no_speech_and_a_sound_recording_no_picture():
    assert ladder.for_source(facts(audio=())).speech == ()
    assert ladder.for_source(facts(size=None)).video == ()
