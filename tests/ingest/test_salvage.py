"""Damage: what is left is used, at the times where it belongs, and what is lost is told with its times."""

import pytest

from ingest import probe, salvage, standalone
from ingest.losses import Way
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", 20)
SMALL = {"size": (160, 90)}


def lost(facts):
    return [(each.way, pytest.approx(each.start_seconds, abs=0.5), each.end_seconds) for each in facts.lost]


@pytest.mark.parametrize(
    ("container", "coding"),
    [
        pytest.param("mkv", (*H264, "-c:a", "aac"), id="Matroska"),
        pytest.param("webm", ("-c:v", "libvpx", "-b:v", "200k", "-c:a", "libopus"), id="WebM"),
        pytest.param("avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame"), id="AVI"),
        pytest.param("flv", ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", 44_100), id="FLV"),
        pytest.param("mp4", (*H264, "-c:a", "aac", "-movflags", "+faststart"), id="MP4 with its index in front"),
    ],
)
def test_a_copy_that_was_not_finished_says_what_is_missing_at_its_end(tmp_path, container, coding):
    whole = media.clip(tmp_path / f"whole.{container}", seconds=10, coding=coding, **SMALL)
    assert probe.inspect(whole).lost == ()
    facts = probe.inspect(media.truncated(tmp_path / f"cut.{container}", whole))
    assert 3 < facts.duration_seconds < 8
    [(way, start, end)] = lost(facts)
    assert (way, end) == (Way.CUT_OFF, pytest.approx(10, abs=0.2))
    assert start == facts.duration_seconds


def overwritten(path, source, *, begin, end):
    """Write a file of which a part, told in shares, is nothing but zeros."""
    data = bytearray(source.read_bytes())
    first, after = (round(len(data) * share) for share in (begin, end))
    data[first:after] = bytes(after - first)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("container", "way"), [("ts", Way.GAP), ("mkv", Way.GAP), ("mp4", Way.BLANK)], ids=["TS", "Matroska", "MP4"]
)
def test_a_middle_of_zeros_is_told_with_its_times(tmp_path, container, way):
    whole = media.clip(tmp_path / f"whole.{container}", seconds=12, coding=(*H264, "-c:a", "aac"), **SMALL)
    facts = probe.inspect(overwritten(tmp_path / f"holed.{container}", whole, begin=0.4, end=0.65))
    assert facts.duration_seconds == pytest.approx(12, abs=0.2)
    [hole] = facts.lost
    assert hole.way is way
    assert 2 < hole.start_seconds < 6
    assert 1 < hole.end_seconds - hole.start_seconds < 7


def test_silence_written_as_zeros_is_no_loss(tmp_path):
    media.ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", 4, tmp_path / "silence.wav")
    assert probe.inspect(tmp_path / "silence.wav").lost == ()


@pytest.fixture(scope="module")
def restarted(tmp_path_factory):
    """A camera that was switched off and on again: two recordings in one file, whose clock starts twice."""
    folder = tmp_path_factory.mktemp("restarted")
    parts = [
        media.clip(folder / f"{number}.ts", seconds=4, coding=(*H264, "-c:a", "aac"), **SMALL) for number in range(2)
    ]
    (folder / "joined.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    return folder / "joined.ts"


def test_a_clock_that_starts_anew_is_made_to_run_through(tmp_path, restarted):
    assert probe.inspect(restarted).restarted
    salvaged = salvage.inspect(restarted, tmp_path)
    assert not salvaged.facts.restarted
    assert salvaged.facts.duration_seconds == pytest.approx(8, abs=0.2)
    assert salvaged.facts.size_bytes == restarted.stat().st_size
    assert salvaged.mended.parent == tmp_path


def test_what_lies_behind_such_a_start_is_in_every_form(tmp_path, restarted):
    report = standalone.transcode(restarted, tmp_path, workers=1)
    assert report.warnings == []
    assert report.seconds == pytest.approx(8, abs=0.2)
    assert probe.inspect(tmp_path / "replay.mp4").duration_seconds == pytest.approx(8, abs=0.3)


def test_a_sound_recording_is_read_as_it_is(tmp_path):
    salvaged = salvage.inspect(media.clip(tmp_path / "a.ts", seconds=1, coding=(*H264, "-c:a", "aac")), tmp_path)
    assert salvaged.mended is None
    assert salvaged.facts.lost == ()
