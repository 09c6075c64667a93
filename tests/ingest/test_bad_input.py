"""What a recording may be like at its worst: every form that is made of it is sound, and lasts as long as it does."""

import numpy as np
import pytest

from ingest import probe, standalone
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", 20)
SPEECH, LOW = ["aac", "opus"], ["a360", "v360"]


def black(path):
    source = ("-f", "lavfi", "-i", "color=black:s=160x90:r=10:d=30", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono")
    media.ffmpeg(*source, "-t", 30, *H264, path)


def slideshow(path):
    media.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=16:d=8", "-vf", "fps=0.25,fps=16", *H264, path)


def many_frames(path):
    media.clip(path, seconds=2, size=(160, 90), fps=60, coding=(*H264, "-c:a", "aac"))


def upright(path):
    lying = media.clip(path.with_name("lying.mp4"), seconds=3, size=(160, 90), coding=(*H264, "-c:a", "aac"))
    media.ffmpeg("-display_rotation", 90, "-i", lying, "-c", "copy", path)


def changing(path):
    """Another size, another frame rate, another sampling rate and other channels from the fourth second on."""
    parts = []
    for size, fps, rate, channels in ((160, 10, 48_000, 2), (120, 15, 44_100, 1)):
        parts.append(path.with_name(f"{size}.ts"))
        picture = ("-f", "lavfi", "-i", f"testsrc2=s={size}x90:r={fps}:d=4")
        sound = ("-f", "lavfi", "-i", f"sine=300:r={rate}:d=4", "-ac", channels, "-c:a", "aac")
        media.ffmpeg(*picture, *sound, *H264, parts[-1])
    media.ffmpeg("-i", f"concat:{parts[0]}|{parts[1]}", "-c", "copy", path)


def damaged(path):
    whole = media.clip(path.with_name("whole.mp4"), seconds=8, size=(160, 90), coding=(*H264, "-c:a", "aac"))
    data = bytearray(whole.read_bytes())
    third = len(data) // 3
    data[third : third + len(data) // 8] = np.random.default_rng(3).bytes(len(data) // 8)
    path.write_bytes(data)


def drifting(path):
    """The sound's clock is slow, so that it ends later than the picture."""
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=15", "-f", "lavfi", "-i", "sine=300:r=48000:d=15")
    media.ffmpeg(*inputs, "-af", "asetrate=46560,aresample=48000", *H264, path)


@pytest.mark.parametrize(
    ("make", "name", "expected"),
    [
        pytest.param(black, "a.mp4", [*SPEECH, "copy"], id="nothing but black"),
        pytest.param(slideshow, "a.mp4", [*LOW, "copy"], id="a slideshow of 16 frames a second without sound"),
        pytest.param(many_frames, "a.mp4", [*SPEECH, *LOW], id="60 frames a second"),
        pytest.param(upright, "a.mp4", [*SPEECH, *LOW], id="a phone held upright"),
        pytest.param(changing, "a.mkv", [*SPEECH, *LOW], id="another size and sampling rate on the way"),
        pytest.param(damaged, "a.mp4", [*SPEECH, *LOW], id="damaged in the middle"),
        pytest.param(drifting, "a.mkv", [*SPEECH, *LOW], id="sound that drifts"),
    ],
)
def test_every_form_of_it_is_sound(tmp_path, make, name, expected):
    make(tmp_path / name)
    report = standalone.transcode(tmp_path / name, tmp_path / "out", workers=1)
    assert report.warnings == []
    made = {rung["name"]: tmp_path / "out" / rung["file"] for rung in report.rungs}
    assert sorted(made) == sorted(expected)
    for rung in (rung for rung in made if rung in SPEECH):
        assert probe.inspect(made[rung]).duration_seconds == pytest.approx(report.seconds, abs=0.1)
    assert probe.inspect(tmp_path / "out" / "replay.mp4").duration_seconds == pytest.approx(report.seconds, abs=0.25)
