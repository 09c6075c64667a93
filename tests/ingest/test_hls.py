"""Packaging: one clock for pictures and sound, whatever they were made from, and every byte where it is said to be."""

from dataclasses import replace

import numpy as np
import pytest

from archive import playlists
from archive.playlists import StreamKind
from ingest import hls, probe, speech
from tests import chunks, media

#: As the planner places them: a short first segment, then where the picture changes, never more than 12 s apart.
KEYFRAMES = (0.0, 2.0, 7.4, 12.6, 24.6)
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", 50)
RUNGS = ("a360", "v360", "v480")
#: What a listener may find apart, beside half a frame.
IN_STEP_SECONDS = 0.020


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Half a minute of flashes and clicks, with B-frames and a keyframe every two seconds."""
    return media.click_and_flash(tmp_path_factory.mktemp("source") / "a.mp4", seconds=29.4, coding=H264)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def made(source, home):
    """Its three rungs, stitched from two chunks each, and both sounds, below `home`."""
    return chunks.package(source, probe.inspect(source), home, KEYFRAMES, (0, 12.6, 29.4), RUNGS)


def playlist(folder, name="index.m3u8"):
    return playlists.read((folder / name).read_text(encoding="utf-8"))


def clicks_of(path):
    """Tell at which seconds a click is heard, but for the very first, half of which is lost in the encoder's start."""
    return np.array([at for at in media.onsets(path) if at > 0.5])


def copied(source, folder):
    """Copy a recording's own picture, and encode its speech: (stream, seconds of its flashes, those of its clicks)."""
    facts = probe.inspect(source)
    stream = hls.copy_picture(source, facts, folder / "copy", chunks.COPY)
    aac = next(each for each in speech.encode_speech(source, facts, folder) if each.name == "aac")
    hls.cut_sound(aac.path, folder / "aac", chunks.SOUNDS["aac"])
    return stream, chunks.flashes(folder / "copy"), clicks_of(folder / "aac" / "index.m3u8")


@pytest.mark.parametrize("rung", RUNGS)
def test_each_keyframe_begins_a_segment_on_one_clock(made, home, rung):
    parts = chunks.fragments(home / rung)
    assert [part.begins for part in parts] == pytest.approx(KEYFRAMES, abs=1e-9)
    assert [part.ends for part in parts] == pytest.approx([*KEYFRAMES[1:], 29.4], abs=1e-9)
    assert [piece.seconds for piece in playlist(home / rung).pieces] == pytest.approx([2.0, 5.4, 5.2, 12.0, 4.8])


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("sound", ["aac", "opus"])
def test_flash_and_click_come_together(made, home, rung, sound):
    flashes, clicks = chunks.flashes(home / rung), clicks_of(home / sound / "index.m3u8")
    assert len(flashes) == len(clicks) == 29
    half_a_frame = 0.5 / chunks.RUNGS[rung].fps
    assert flashes == pytest.approx(clicks, abs=IN_STEP_SECONDS + half_a_frame)
    assert flashes == pytest.approx(range(1, 30), abs=IN_STEP_SECONDS)


def test_frames_are_even_across_chunks(made, home):
    shown = [at for at, _ in media.packets(home / "v360" / "index.m3u8")]
    assert len(shown) == 147
    assert np.diff(shown) == pytest.approx(0.2)


def test_a_stream_says_what_it_is(made, home):
    assert [made[name].codecs[:7] for name in made] == ["av01.0.", "avc1.4d", "avc1.4d", "opus", "mp4a.40"]
    v480, opus = made["v480"], made["opus"]
    assert (v480.kind, v480.width, v480.height, v480.frame_rate) == (StreamKind.VIDEO, 160, 90, 10.0)
    assert (v480.sound, v480.target_seconds) == ("aac", 12)
    assert (opus.kind, opus.sound, opus.target_seconds) == (StreamKind.SOUND, None, 6)


def test_rates_and_sizes_are_those_of_the_files(made, home):
    for name, stream in made.items():
        files = list((home / name).iterdir())
        assert set(stream.files) == {file.name for file in files}
        assert stream.bytes == sum(file.stat().st_size for file in files)
        segments = sum(file.stat().st_size for file in files if file.suffix == ".m4s")
        assert stream.bit_rate == pytest.approx(segments * 8 / 29.4, rel=0.01)
        assert stream.peak_bit_rate >= stream.bit_rate


def test_bytes_of_a_keyframe_are_enough_to_show_it(made, home, tmp_path):
    assert made["v360"].frames_bit_rate > 0
    listed = playlist(home / "v360", "frames.m3u8")
    assert listed.frames_only
    assert [piece.seconds for piece in listed.pieces] == pytest.approx([2.0, 5.4, 5.2, 12.0, 4.8])
    for piece in listed.pieces:
        size, offset = piece.span
        whole = (home / "v360" / piece.name).read_bytes()
        assert size < len(whole) - offset
        alone = tmp_path / "alone.mp4"
        alone.write_bytes((home / "v360" / listed.init).read_bytes() + whole[offset : offset + size])
        media.ffmpeg("-i", alone, "-frames:v", 1, tmp_path / "frame.bmp")
        assert media.size_of(tmp_path / "frame.bmp") == (160, 90)


def test_only_the_low_rung_has_frames_for_seeking(made):
    assert [name for name in made if made[name].frames_bit_rate] == ["v360"]


def test_packaging_again_leaves_nothing_of_before(source, made, tmp_path):
    folder = tmp_path / "khó 'tính'"
    folder.mkdir()
    rung = chunks.RUNGS["v480"]
    hls.cut_picture(chunks.encode(source, folder, rung, (0, 1, 2), (0, 1, 3)), folder / "hls", rung)
    again = hls.cut_picture(chunks.encode(source, folder, rung, (0,), (0, 1)), folder / "hls", rung)
    assert set(again.files) == {"index.m3u8", "init.mp4", "00000.m4s"}
    assert {file.name for file in (folder / "hls").iterdir()} == set(again.files)


def test_the_download_is_one_file_that_starts_at_once_and_in_step(source, made, home, tmp_path):
    files = [home / "v360-0.mp4", home / "v360-1.mp4"]
    out = hls.write_download(files, home / "speech.m4a", tmp_path / "a.mp4")
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    facts = probe.inspect(out)
    assert (facts.video.start_seconds, facts.audio[0].start_seconds) == (0.0, 0.0)
    assert facts.duration_seconds == pytest.approx(29.4, abs=0.05)
    turned = np.flatnonzero(np.diff((media.brightness(out) > 128).astype(int)) == 1) + 1
    assert turned / 5 == pytest.approx(clicks_of(out), abs=IN_STEP_SECONDS)


def test_a_silent_film_can_be_downloaded(home, made, tmp_path):
    out = hls.write_download([home / "v360-0.mp4"], None, tmp_path / "a.mp4")
    assert probe.inspect(out).audio == ()


def test_what_is_light_enough_to_be_handed_on_alone_can_be_sought_in_and_downloaded(source, home, tmp_path):
    facts = probe.inspect(source)
    stream = hls.copy_picture(source, facts, tmp_path / "copy", chunks.COPY, seeking=True)
    assert stream.frames_bit_rate > 0
    assert len(playlist(tmp_path / "copy", "frames.m3u8").pieces) == len(playlist(tmp_path / "copy").pieces)
    out = hls.write_copied_download(source, facts, home / "speech.m4a", tmp_path / "a.mp4")
    assert out.read_bytes().index(b"moov") < out.read_bytes().index(b"mdat")
    turned = np.flatnonzero(np.diff((media.brightness(out) > 128).astype(int)) == 1) + 1
    assert turned / 25 == pytest.approx(clicks_of(out), abs=IN_STEP_SECONDS)


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts", "flv"])
def test_a_copied_picture_stays_in_step_whatever_it_lay_in(tmp_path, container):
    source = media.click_and_flash(tmp_path / f"a.{container}", seconds=9, coding=H264)
    stream, flashes, clicks = copied(source, tmp_path)
    assert stream.codecs.startswith("avc1.64")
    assert [piece.seconds for piece in playlist(tmp_path / "copy").pieces] == pytest.approx([6, 3])
    assert len(flashes) == 8
    assert flashes == pytest.approx(clicks, abs=IN_STEP_SECONDS)


def test_a_copied_picture_that_starts_late_starts_late(source, tmp_path):
    late = tmp_path / "late.mkv"
    media.ffmpeg("-i", source, "-itsoffset", "0.16", "-i", source, "-map", "0:a", "-map", "1:v", "-c", "copy", late)
    _, flashes, clicks = copied(late, tmp_path)
    assert flashes - clicks == pytest.approx(0.16, abs=IN_STEP_SECONDS)


@pytest.mark.parametrize(("gap_frames", "longest"), [(25, 7), (100, 12), (250, 12)])
def test_a_copied_segment_is_neither_short_nor_longer_than_twelve_seconds(tmp_path, gap_frames, longest):
    coding = (*H264[:-1], gap_frames, "-sc_threshold", 0)
    source = media.clip(tmp_path / "a.mp4", seconds=41, size=(64, 36), fps=25, coding=coding, audio=False)
    hls.copy_picture(source, probe.inspect(source), tmp_path / "copy", chunks.COPY)
    lengths = [piece.seconds for piece in playlist(tmp_path / "copy").pieces]
    assert max(lengths) <= longest
    assert np.mean(lengths[:-1]) >= 5.9


def test_sound_and_picture_do_not_drift_apart(tmp_path):
    source, seconds = tmp_path / "long.mp4", 180
    media.ffmpeg(
        *("-f", "lavfi", "-i", f"color=black:s=32x32:r=5:d={seconds}"),
        *("-f", "lavfi", "-i", f"aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,20),0.05)':s=8000:d={seconds}"),
        *("-vf", "drawbox=t=fill:color=white:enable='lt(mod(t+0.001,20),0.4)'"),
        *(*H264, "-c:a", "aac", source),
    )
    facts = probe.inspect(source)
    chunks.package(source, facts, tmp_path, range(0, seconds, 12), range(0, seconds + 1, 36))
    hls.copy_picture(source, facts, tmp_path / "copy", replace(chunks.COPY, fps=5))
    for sound in ("aac", "opus"):
        clicks = clicks_of(tmp_path / sound / "index.m3u8")
        for rung in (*RUNGS, "copy"):
            apart = chunks.flashes(tmp_path / rung) - clicks
            assert len(apart) == 8
            assert np.abs(apart).max() <= IN_STEP_SECONDS, (rung, sound)
            trend_over_three_hours = np.polyfit(clicks, apart, 1)[0] * 3 * 3600
            assert abs(trend_over_three_hours) < IN_STEP_SECONDS, (rung, sound)
