"""The quality gate: what is whole passes, and each kind of damage is found and named."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from ingest import hls, probe, soundness
from ingest.decoding import Original
from ingest.ladder import AAC
from tests import chunks, media

SECONDS = 9.0
RUNGS = {**chunks.RUNGS, **chunks.SOUNDS}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", 25)
    return media.clip(
        tmp_path_factory.mktemp("source") / "a.mp4", seconds=SECONDS, size=(160, 90), fps=25, coding=coding
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def made(source, home):
    """Two rungs of a moving picture in three segments, its sound, and its own picture; the caps are wide."""
    facts = probe.inspect(source)
    streams = chunks.package(source, facts, home, (0, 2, 6), (0, 6, 9), ("a360", "v360"))
    return {**streams, "copy": hls.copy_picture(source, facts, home / "copy", chunks.COPY)}


@pytest.fixture
def copy_of(made, home, tmp_path):
    """Gives a copy of a stream's folder, which a test may spoil, and its stream."""

    def give(name):
        shutil.copytree(home / name, tmp_path / name)
        return tmp_path / name, made[name]

    return give


def check(stream, folder, seconds=SECONDS, **more):
    rung = chunks.COPY if stream.name == "copy" else RUNGS[stream.name]
    if stream.name not in chunks.SOUNDS:
        rung = replace(rung, cap=10_000_000)
    return soundness.check(stream, folder, rung, seconds, **more)


@pytest.mark.parametrize("name", ["a360", "v360", "copy", "aac", "opus"])
def test_what_is_whole_passes(made, home, name):
    assert check(made[name], home / name) == []


def test_progress_goes_from_nothing_to_all(made, home):
    shares = []
    check(made["v360"], home / "v360", pulse=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("name", ["a360", "v360", "opus"])
def test_finds_a_stream_that_is_too_short(made, home, name):
    (fault,) = check(made[name], home / name, seconds=SECONDS + 0.3)
    assert fault.startswith(f"{name}: lasts to 9.0")
    assert "instead of 9.300 s" in fault


@pytest.mark.parametrize("name", ["a360", "v360", "copy", "aac"])
def test_finds_a_spoilt_segment(copy_of, name):
    folder, stream = copy_of(name)
    segment = folder / "00001.m4s"
    data = bytearray(segment.read_bytes())
    tail = len(data) // 3
    data[-tail:] = np.random.default_rng(7).bytes(tail)
    segment.write_bytes(data)
    assert check(stream, folder)


@pytest.mark.parametrize("name", ["a360", "v360", "aac"])
def test_finds_a_segment_cut_off(copy_of, name):
    folder, stream = copy_of(name)
    segment = folder / "00001.m4s"
    segment.write_bytes(segment.read_bytes()[:-30])
    (fault,) = check(stream, folder)
    assert "00001.m4s" in fault or "does not end" in fault


def test_finds_a_missing_segment(copy_of):
    folder, stream = copy_of("aac")
    (folder / "00001.m4s").unlink()
    assert "aac/00001.m4s: the segment is missing." in check(stream, folder)


def test_finds_segments_in_the_wrong_order(copy_of):
    folder, stream = copy_of("v360")
    first, second = folder / "00000.m4s", folder / "00001.m4s"
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    assert any("00001.m4s: begins at 0.000 s instead of 6.000 s" in fault for fault in check(stream, folder))


def test_finds_a_hole_in_the_time(copy_of):
    folder, stream = copy_of("v360")
    playlist = folder / "index.m3u8"
    playlist.write_text(playlist.read_text().replace("#EXTINF:4.000000,\n00001.m4s\n", ""))
    faults = check(stream, folder)
    assert any("00002.m4s: begins at 6.000 s instead of 2.000 s" in fault for fault in faults)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#EXT-X-ENDLIST", "", "it has no end"),
        ("TARGETDURATION:4", "TARGETDURATION:3", "does not go with the target of 3 s"),
        ("init.mp4", "other.mp4", "initialisation segment is missing"),
        ("EXTM3U", "EXTM", "does not begin with #EXTM3U"),
        ("VERSION:7", "VERSION:3", "version 3"),
        ("#EXTINF:2.000000", "#EXTINF:-2", "does not go with the target"),
        ("#EXTINF:2.000000", "#EXTINF:2.2", "by its playlist at 2.200 s"),
    ],
)
def test_finds_a_playlist_that_is_not_valid(copy_of, old, new, said):
    folder, stream = copy_of("v360")
    playlist = folder / "index.m3u8"
    text = playlist.read_text()
    assert old in text
    playlist.write_text(text.replace(old, new))
    assert any(said in fault for fault in check(stream, folder))


def test_finds_frames_that_lie_outside_of_their_segment(copy_of):
    folder, stream = copy_of("v360")
    playlist = folder / "frames.m3u8"
    playlist.write_text(playlist.read_text().replace("BYTERANGE:", "BYTERANGE:9"))
    assert any("lie outside" in fault for fault in check(stream, folder))


def test_finds_a_rung_that_is_over_its_cap(made, home):
    stream = made["v360"]
    measured = min(1.0, SECONDS / soundness.LEAST_MEASURED_SECONDS)
    cap = int(stream.bit_rate * measured) + AAC.bit_rate - 1
    faults = soundness.check(stream, home / "v360", replace(chunks.RUNGS["v360"], cap=cap), SECONDS)
    assert "on average with its sound, over its cap" in faults[0]
    roomy = replace(chunks.RUNGS["v360"], cap=cap + 9)
    assert soundness.check(stream, home / "v360", roomy, SECONDS) == []
    loud = replace(made["aac"], bit_rate=AAC.bit_rate + 20)
    assert soundness.check(stream, home / "v360", roomy, SECONDS, sound=loud)


def test_finds_the_heaviest_window():
    seconds, bits = np.array([2.0, 10, 12, 12, 12]), np.array([2.0, 10, 120, 144, 12]) * 1000
    at, rate = soundness.heaviest_window(seconds, bits, 24)
    assert (at, rate) == (12.0, 11_000.0)
    assert soundness.heaviest_window(np.array([4.0]), np.array([8000.0]), 24) == (0.0, pytest.approx(8000 / 24))


def test_a_copy_is_proven_by_its_packets(source, made, home):
    original = Original(source, probe.inspect(source).video.index)
    assert check(made["copy"], home / "copy", original=original) == []


@pytest.mark.parametrize("container", ["ts", "mkv", "flv"])
def test_a_copy_from_any_container_is_proven_by_its_packets(source, tmp_path, container):
    other = tmp_path / f"a.{container}"
    media.ffmpeg("-i", source, "-c", "copy", other)
    facts = probe.inspect(other)
    stream = hls.copy_picture(other, facts, tmp_path / "copy", chunks.COPY)
    assert check(stream, tmp_path / "copy", facts.duration_seconds, original=Original(other, facts.video.index)) == []


def test_finds_a_copy_that_differs_from_its_original(source, copy_of):
    folder, stream = copy_of("copy")
    segment = folder / "00001.m4s"
    data = bytearray(segment.read_bytes())
    data[-20] ^= 1
    segment.write_bytes(data)
    faults = check(stream, folder, original=Original(source, probe.inspect(source).video.index))
    assert faults[0] == "copy: Frame 224 is not the recording's."


def test_finds_that_a_damaged_recording_cannot_be_copied(source, tmp_path):
    damaged = tmp_path / "damaged.mp4"
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 700] = np.random.default_rng(7).bytes(700)
    damaged.write_bytes(data)
    facts = probe.inspect(damaged)
    stream = hls.copy_picture(damaged, facts, tmp_path / "copy", chunks.COPY)
    assert any("The decoder says" in fault for fault in check(stream, tmp_path / "copy", facts.duration_seconds))


def test_finds_a_copy_that_begins_before_the_recording(source, tmp_path):
    cut = tmp_path / "cut.mp4"
    media.ffmpeg("-ss", 1.6, "-i", source, "-c", "copy", cut)
    facts = probe.inspect(cut)
    stream = hls.copy_picture(cut, facts, tmp_path / "copy", chunks.COPY)
    faults = check(stream, tmp_path / "copy", facts.duration_seconds)
    assert any("begins at -0.600 s" in fault for fault in faults)


@pytest.mark.parametrize(("late", "passes"), [(0.16, True), (0.5, False)])
def test_a_copied_picture_may_come_a_moment_late_but_no_more(source, tmp_path, late, passes):
    other = tmp_path / "late.mkv"
    media.ffmpeg("-i", source, "-itsoffset", late, "-i", source, "-map", "0:a", "-map", "1:v", "-c", "copy", other)
    facts = probe.inspect(other)
    stream = hls.copy_picture(other, facts, tmp_path / "copy", chunks.COPY)
    faults = check(stream, tmp_path / "copy", facts.duration_seconds)
    assert (faults == []) is passes
    assert passes or "more than a frame" in faults[0]
