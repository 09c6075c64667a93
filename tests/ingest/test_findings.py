"""What is reported before a release: each kind on a clip made to have it, with its times; of a good one, nothing."""

import pytest

from archive.models import Recording
from ingest import content, findings, probe, speech
from ingest.findings import Code, Finding
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", 20)
#: A word of noise every other second, which rises as far above its mean as speech does.
SPEECH = "0.5*pow(2*random(0)-1,5)*gt(sin(PI*t),0)"


def heard(tmp_path, sound):
    """Tell (code, from, to) of a sound recording made of an expression of `t`."""
    media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{sound}':s=8000:d=60", "-c:a", "flac", tmp_path / "a.flac")
    facts = probe.inspect(tmp_path / "a.flac")
    return _told(findings.of_sound(speech.listen(tmp_path / "a.flac", facts)))


def seen(tmp_path, *source):
    media.ffmpeg(*source, *H264, tmp_path / "a.mp4")
    return _told(findings.of_picture(content.look(tmp_path / "a.mp4", probe.inspect(tmp_path / "a.mp4"))))


def _told(found):
    return [
        (each.code, pytest.approx(each.start_seconds, abs=3), pytest.approx(each.end_seconds, abs=3)) for each in found
    ]


def test_nothing_is_said_of_ordinary_speech(tmp_path):
    assert heard(tmp_path, SPEECH) == []


def test_a_muted_line_is_silence(tmp_path):
    assert heard(tmp_path, f"{SPEECH}*not(between(t,20,45))") == [(Code.SILENCE, 20, 45)]


def test_speech_that_no_gain_makes_loud_enough_is_told(tmp_path):
    [(code, start, end)] = heard(tmp_path, f"{SPEECH}*if(between(t,20,45),0.03,1)")
    assert code is Code.LOW_LEVEL
    assert (start, end) == (20, 45)


def test_tops_that_are_cut_off_are_told(tmp_path):
    loud = f"{SPEECH}*if(between(t,30,45),40,1)"
    assert heard(tmp_path, f"min(1,max(-1,{loud}))") == [(Code.CLIPPING, 30, 45)]


def test_a_black_stretch_is_told(tmp_path):
    dark = "drawbox=t=fill:color=black:enable='between(t,10,22)'"
    assert seen(tmp_path, "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=10:d=34,{dark}") == [(Code.BLACK, 10, 22)]


def test_a_camera_that_stops_without_a_cut_is_frozen(tmp_path):
    stopped = "mandelbrot=s=160x90:r=10,trim=duration=20,tpad=stop_mode=clone:stop_duration=36"
    assert seen(tmp_path, "-f", "lavfi", "-i", stopped) == [(Code.FROZEN, 20, 56)]


def test_a_page_that_stands_after_a_film_is_none(tmp_path):
    deck = media.deck(tmp_path / "deck.pdf")
    media.talk(tmp_path / "talk.mp4", deck, [(1, 10), (None, 14), (2, 40)], size=(160, 90))
    facts = probe.inspect(tmp_path / "talk.mp4")
    assert findings.of_picture(content.look(tmp_path / "talk.mp4", facts)) == []


def test_a_silent_film_is_told_from_its_packets(tmp_path):
    facts = probe.inspect(media.clip(tmp_path / "a.mp4", seconds=2, audio=False))
    assert findings.of_source(facts) == [Finding(Code.NO_SOUND, 0.0, 2.0)]


def test_what_each_step_learnt_stands_beside_the_rest_in_order():
    recording = Recording(findings=None)
    findings.keep(recording, "sound", [Finding(Code.SILENCE, 50.0, 80.0)])
    findings.keep(recording, "picture", [Finding(Code.BLACK, 5.0, 10.0)])
    findings.keep(recording, "sound", [Finding(Code.SILENCE, 60.0, 90.0)])
    assert findings.of(recording) == [Finding(Code.BLACK, 5.0, 10.0), Finding(Code.SILENCE, 60.0, 90.0)]
