"""Packaging: one clock for picture and sound, a master playlist that tells the truth, and checks that find defects."""

import re

import numpy as np
import pytest

from ingest import hls, ladder, probe, transcode
from tests import media


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Half a minute of flashes and clicks: three segments, the last one short, in two chunks."""
    return media.click_and_flash(tmp_path_factory.mktemp("source") / "a.mp4", seconds=29.4)


def packaged(source, folder, chunk_seconds=12.0):
    facts = probe.inspect(source)
    rungs = ladder.for_source(facts)
    speech = {made.name: made.path for made in transcode.encode_speech(source, facts, folder)}
    files = []
    for chunk in transcode.plan_chunks(facts, rungs, chunk_seconds):
        files.append(folder / f"{chunk.index}.mp4")
        transcode.encode_chunk(source, facts, rungs.video, chunk, files[-1])
    return hls.package(files, speech.get("aac"), folder / "hls", rungs.video)


@pytest.fixture(scope="module")
def made(source, tmp_path_factory):
    return packaged(source, tmp_path_factory.mktemp("made"))


@pytest.fixture
def copy(made, tmp_path):
    """A copy of the finished tree that a test may spoil."""
    for file in made.files:
        place = tmp_path / file.relative_to(made.master.parent)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(file.read_bytes())
    return tmp_path / "master.m3u8"


def folder_of(made, name):
    return made.master.parent / name


def test_picture_and_sound_start_at_zero_and_stay_on_their_grid(made):
    picture = hls.read_segments(folder_of(made, "v360") / "index.m3u8")
    assert [segment.seconds for segment in picture] == pytest.approx([12.0, 12.0, 5.4])
    assert [hls.earliest_seconds(segment.path) for segment in picture] == [0.0, 12.0, 24.0]
    sound = hls.read_segments(folder_of(made, "audio") / "index.m3u8")
    assert [hls.earliest_seconds(segment.path) for segment in sound] == pytest.approx([0, 12, 24], abs=0.05)
    assert hls.earliest_seconds(sound[0].path) == 0.0


def test_frames_are_even_across_chunks(made):
    shown = [at for at, _ in media.packets(folder_of(made, "v360") / "index.m3u8")]
    assert len(shown) == 147
    assert np.diff(shown) == pytest.approx(0.2)


def test_flash_and_click_come_together(made):
    light = media.brightness(folder_of(made, "v360") / "index.m3u8")
    flashes = (np.flatnonzero(np.diff((light > 128).astype(int)) == 1) + 1) / 5
    assert flashes.tolist() == list(range(1, 30))
    clicks = media.onsets(folder_of(made, "audio") / "index.m3u8")[1:]
    assert clicks == pytest.approx(list(range(1, 30)), abs=0.012)


def test_the_master_tells_the_truth(made):
    master = made.master.read_text(encoding="utf-8")
    said = dict(re.findall(r"([A-Z-]+)=([^,\n]+)", master.splitlines()[-2]))
    assert (said["RESOLUTION"], said["FRAME-RATE"]) == ("320x180", "5.000")
    assert re.search(r'CODECS="avc1\.4d40[0-9a-f]{2},mp4a\.40\.2"', master)
    size = sum(file.stat().st_size for file in made.files if file.suffix == ".m4s")
    assert int(said["AVERAGE-BANDWIDTH"]) == made.bit_rate == pytest.approx(size * 8 / 29.4, rel=0.01)
    assert int(said["BANDWIDTH"]) == made.peak_bit_rate >= made.bit_rate
    assert made.bytes == sum(file.stat().st_size for file in made.files)


def test_a_film_without_sound_has_no_sound_group(tmp_path):
    made = packaged(media.clip(tmp_path / "a.mp4", seconds=2, audio=False), tmp_path)
    master = made.master.read_text(encoding="utf-8")
    assert "AUDIO" not in master
    assert "mp4a" not in master
    assert hls.verify(made.master, 2.0) == []


def test_packaging_again_leaves_nothing_of_before(tmp_path):
    folder = tmp_path / "khó 'tính'"
    folder.mkdir()
    packaged(media.clip(tmp_path / "long.mp4", seconds=25, size=(64, 36), audio=False), folder)
    made = packaged(media.clip(tmp_path / "short.mp4", seconds=2, size=(64, 36), audio=False), folder)
    assert {file.name for file in made.files} == {"master.m3u8", "index.m3u8", "init.mp4", "00000.m4s"}
    assert set(made.files) == {file for file in (folder / "hls").rglob("*") if file.is_file()}


def test_what_is_whole_passes(source, made):
    assert hls.verify(made.master, probe.inspect(source).duration_seconds) == []


def test_progress_goes_from_nothing_to_all(made):
    shares = []
    hls.verify(made.master, 29.4, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_finds_a_rendition_that_is_too_short(made):
    faults = hls.verify(made.master, 35.0)
    assert [fault.split(":")[0] for fault in faults] == ["audio", "v360"]
    assert "29.400 s instead of 35.000 s" in faults[1]


def test_finds_a_spoilt_segment(copy):
    segment = copy.parent / "v360" / "00001.m4s"
    data = bytearray(segment.read_bytes())
    data[-len(data) // 3 :] = bytes(len(data) // 3 + 1)
    segment.write_bytes(data)
    assert hls.verify(copy, 29.4)


def test_finds_a_missing_segment(copy):
    (copy.parent / "audio" / "00001.m4s").unlink()
    assert any("00001.m4s" in fault for fault in hls.verify(copy, 29.4))


def test_finds_segments_in_the_wrong_order(copy):
    first, second = (copy.parent / "v360" / f"0000{n}.m4s" for n in (0, 1))
    first_bytes = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(first_bytes)
    assert any("begins at 12.000 s instead of 0.000 s" in fault for fault in hls.verify(copy, 29.4))


def test_checks_a_single_file_too(tmp_path):
    made = media.clip(tmp_path / "a.mp4", seconds=3)
    assert hls.verify(made, 3.0) == []
    assert "lasts 3.0" in hls.verify(made, 5.0)[0]
    cut = media.truncated(tmp_path / "b.mkv", media.clip(tmp_path / "whole.mkv", seconds=3), share=0.6)
    assert hls.verify(cut, 3.0)
