"""Encoding: speech that is level and on time, and chunks of exactly the frames they should have."""

import re
import subprocess

import numpy as np
import pytest

from ingest import binaries, ladder, probe, transcode
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def speech(source, folder):
    return {made.name: made for made in transcode.encode_speech(source, probe.inspect(source), folder)}


def chunks(source, folder, chunk_seconds=12.0):
    """Encode the whole picture of a source, and return the rung, the plan and the files."""
    facts = probe.inspect(source)
    rungs = ladder.for_source(facts)
    plan = transcode.plan_chunks(facts, rungs, chunk_seconds)
    files = [folder / f"{chunk.index}.mp4" for chunk in plan]
    for chunk, file in zip(plan, files, strict=True):
        transcode.encode_chunk(source, facts, rungs.video, chunk, file)
    return rungs.video, plan, files


def loudness_of(path):
    command = [
        str(binaries.find().ffmpeg),
        "-nostdin",
        "-i",
        str(path),
        "-af",
        "ebur128=framelog=quiet",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"I:\s+(-[\d.]+) LUFS", said)[-1])


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_speech_keeps_the_time_of_the_recording(tmp_path, container):
    made = speech(media.click_and_flash(tmp_path / f"a.{container}", seconds=4, coding=H264), tmp_path)
    assert media.onsets(made["opus"].path)[1:] == pytest.approx([1, 2, 3], abs=0.012)
    assert media.onsets(made["aac"].path)[1:] == pytest.approx([1, 2, 3], abs=0.012)


def test_speech_lasts_as_long_as_the_picture(tmp_path):
    short = media.clip(tmp_path / "short.mp3", seconds=1, video=False)
    words = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=5:d=4", "-i", short, "-c:a", "copy", *H264)
    media.ffmpeg(*words, tmp_path / "a.mkv")
    for made in speech(tmp_path / "a.mkv", tmp_path).values():
        assert probe.inspect(made.path).duration_seconds == pytest.approx(4.0, abs=0.1)


def test_speech_that_starts_late_is_not_moved_forward(tmp_path):
    source = media.click_and_flash(tmp_path / "whole.mkv", seconds=4, coding=H264)
    media.ffmpeg("-i", source, "-c:v", "copy", "-af", "atrim=start=1.5", tmp_path / "late.ts")
    for made in speech(tmp_path / "late.ts", tmp_path).values():
        assert media.onsets(made.path) == pytest.approx([2, 3], abs=0.012)


def voice(path, *, seconds=5, volume="0dB"):
    """Write something like a vowel, spoken four times a second."""
    tones = "0.3*sin(2*PI*140*t)+0.2*sin(2*PI*560*t)+0.15*sin(2*PI*1260*t)+0.05*sin(2*PI*2520*t)"
    media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc='({tones})*abs(sin(4*PI*t))':d={seconds},volume={volume}", path)
    return path


@pytest.mark.parametrize("volume", ["-20dB", "-6dB", "6dB"])
def test_speech_is_levelled(tmp_path, volume):
    for made in speech(voice(tmp_path / "a.wav", volume=volume), tmp_path).values():
        assert loudness_of(made.path) == pytest.approx(transcode.TARGET_LUFS, abs=0.6)


def test_silence_is_not_made_louder(tmp_path):
    media.ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:d=2", tmp_path / "a.wav")
    facts = probe.inspect(tmp_path / "a.wav")
    assert transcode.measure_loudness(tmp_path / "a.wav", facts).gain_db == 0.0


def test_hiss_is_not_made_a_storm():
    assert transcode.Loudness(-60.0).gain_db == transcode.MOST_GAIN_DB


def test_the_index_comes_before_the_sound(tmp_path):
    made = speech(media.clip(tmp_path / "a.mp3", seconds=25, video=False), tmp_path)
    webm, mp4 = made["opus"].path.read_bytes(), made["aac"].path.read_bytes()
    cues, cluster = b"\x1c\x53\xbb\x6b", b"\x1f\x43\xb6\x75"
    assert 0 < webm.index(cues, 100) < webm.index(cluster, 100) < 1000
    assert webm.count(cluster) == 2
    assert 0 < mp4.index(b"sidx") < mp4.index(b"moof") < 1500
    assert mp4.count(b"moof") == 2


def test_speech_costs_what_the_ladder_says(tmp_path):
    made = speech(voice(tmp_path / "a.wav", seconds=20), tmp_path)
    assert made["opus"].bit_rate < 1.1 * ladder.OPUS.bit_rate
    assert made["aac"].bit_rate < 1.1 * ladder.AAC.bit_rate
    assert made["aac"].bytes == made["aac"].path.stat().st_size


def test_a_silent_film_has_no_speech_to_encode(tmp_path):
    assert speech(media.clip(tmp_path / "a.mp4", seconds=1, audio=False), tmp_path) == {}


def plan(seconds, chunk_seconds=120.0):
    video = probe.VideoFacts(0, "h264", 640, 360, 25.0, "yuv420p", True, 1, 0.0, seconds, 4.0)
    facts = probe.MediaFacts("mov", 0.0, seconds, 1, video, ())
    return [
        (chunk.start_seconds, chunk.frames)
        for chunk in transcode.plan_chunks(facts, ladder.for_source(facts), chunk_seconds)
    ]


@pytest.mark.parametrize(
    ("seconds", "chunk_seconds", "expected"),
    [
        pytest.param(0.01, 120, [(0, 1)], id="never none"),
        pytest.param(30, 120, [(0, 150)], id="shorter than a chunk"),
        pytest.param(240, 120, [(0, 600), (120, 600)], id="whole chunks"),
        pytest.param(300.1, 120, [(0, 600), (120, 600), (240, 300)], id="to the nearest frame"),
        pytest.param(250, 120, [(0, 600), (120, 650)], id="a tail shorter than a segment joins"),
        pytest.param(50, 20, [(0, 120), (24, 130)], id="whole segments whatever was asked"),
        pytest.param(30, 1, [(0, 60), (12, 90)], id="at least one segment"),
    ],
)
def test_plans_chunks_of_whole_segments(seconds, chunk_seconds, expected):
    assert plan(seconds, chunk_seconds) == expected


def test_plans_no_chunk_for_sound_alone(tmp_path):
    facts = probe.inspect(media.clip(tmp_path / "a.mp3", seconds=1, video=False))
    assert transcode.plan_chunks(facts, ladder.for_source(facts)) == []


def test_every_chunk_has_its_frames_with_keyframes_on_the_grid(tmp_path):
    rung, plan, files = chunks(media.clip(tmp_path / "a.mp4", seconds=31, size=(64, 36)), tmp_path)
    assert [chunk.frames for chunk in plan] == [60, 95]
    for chunk, file in zip(plan, files, strict=True):
        shown = media.packets(file)
        assert [at for at, _ in shown] == pytest.approx([n / rung.fps for n in range(chunk.frames)])
        keyframes = [at for at, key in shown if key]
        assert keyframes == pytest.approx([12.0 * n for n in range(-(-chunk.frames // rung.segment_frames))])


def test_a_picture_of_noise_stays_under_its_cap(tmp_path):
    noise = "color=gray:s=192x108:r=5:d=26,noise=alls=100:allf=t"
    media.ffmpeg("-f", "lavfi", "-i", noise, *H264, "-crf", 10, tmp_path / "a.mp4")
    rung, [chunk], [file] = chunks(tmp_path / "a.mp4", tmp_path, chunk_seconds=24)
    allowed = rung.max_bit_rate * (chunk.seconds + transcode.BUFFER_SECONDS)
    assert 0.8 * allowed < file.stat().st_size * 8 < 1.02 * allowed


def test_the_same_chunk_gives_the_same_bytes(tmp_path):
    source = media.clip(tmp_path / "a.mp4", seconds=2)
    (tmp_path / "again").mkdir()
    _, _, [once] = chunks(source, tmp_path)
    _, _, [again] = chunks(source, tmp_path / "again")
    assert once.read_bytes() == again.read_bytes()


def test_chunks_show_what_the_source_shows_at_that_second(tmp_path):
    """A picture that grows brighter by 8 every second, once a second, tells the second by its brightness."""
    ramp = "color=black:s=64x36:r=1:d=30,format=gray,geq=lum='16+7*N',format=yuv420p"
    for name in ("a.mp4", "a.ts"):
        media.ffmpeg("-f", "lavfi", "-i", ramp, *H264, "-g", 300, tmp_path / name)
        _, _, files = chunks(tmp_path / name, tmp_path)
        shown = np.concatenate([media.brightness(file) for file in files]).astype(float)
        assert np.polyfit(np.arange(len(shown)) // 5, shown, 1)[0] == pytest.approx(
            shown[-1] / 29 - shown[0] / 29, rel=0.05
        )
        steps = np.flatnonzero(np.diff(shown) > 3) + 1
        assert steps.tolist() == [5 * second for second in range(1, 30)]


def test_a_slide_from_before_the_chunk_stands_at_its_start(tmp_path):
    frames = "color=black:s=64x36:r=1:d=30,format=gray,geq=lum='if(lt(N,10),40,if(lt(N,20),120,200))',format=yuv420p"
    thinned = "select='eq(n,0)+eq(n,10)+eq(n,20)+eq(n,29)'"
    media.ffmpeg("-f", "lavfi", "-i", frames, "-vf", thinned, "-fps_mode", "vfr", *H264, tmp_path / "slides.mkv")
    _, _, [first, second] = chunks(tmp_path / "slides.mkv", tmp_path)
    levels = [int(media.brightness(first)[0]), int(media.brightness(first)[-1])]
    assert media.brightness(second)[:39] == pytest.approx(levels[1], abs=3)
    assert media.brightness(second)[41] > levels[1] + 30 > levels[0] + 60


def test_a_picture_that_ends_early_stands_still_to_the_end(tmp_path):
    words = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=2", "-f", "lavfi", "-i", "sine=440:d=30")
    media.ffmpeg(*words, *H264, tmp_path / "a.mp4")
    _, plan, files = chunks(tmp_path / "a.mp4", tmp_path)
    assert [len(media.brightness(file)) for file in files] == [chunk.frames for chunk in plan]
    last = media.brightness(files[0])[9]
    assert last > 30, "The last frame must not be black, or standing still would prove nothing."
    assert np.concatenate([media.brightness(file) for file in files])[9:] == pytest.approx(last, abs=2)


def test_frames_that_cannot_be_decoded_are_black_not_missing(tmp_path):
    whole = media.clip(tmp_path / "whole.mp4", seconds=26, size=(320, 180), audio=False, coding=(*H264, "-g", 20))
    data, facts = bytearray(whole.read_bytes()), probe.inspect(whole)
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[(start + end) // 3 : end] = bytes(end - (start + end) // 3)
    whole.write_bytes(data)
    rungs = ladder.for_source(facts)
    first, second = transcode.plan_chunks(facts, rungs, 12.0)
    transcode.encode_chunk(whole, facts, rungs.video, second, tmp_path / "b.mp4")
    assert len(media.brightness(tmp_path / "b.mp4")) == second.frames
    transcode.encode_chunk(whole, facts, rungs.video, first, tmp_path / "a.mp4")
    assert len(media.brightness(tmp_path / "a.mp4")) == first.frames


def test_a_cut_recording_is_encoded_as_far_as_it_goes(tmp_path):
    cut = media.truncated(tmp_path / "cut.mkv", media.clip(tmp_path / "whole.mkv", seconds=10), share=0.5)
    seconds = probe.inspect(cut).duration_seconds
    _, [chunk], [file] = chunks(cut, tmp_path)
    assert chunk.seconds == pytest.approx(seconds, abs=0.1)
    assert len(media.brightness(file)) == chunk.frames
    for made in speech(cut, tmp_path).values():
        assert probe.inspect(made.path).duration_seconds == pytest.approx(seconds, abs=0.1)


def test_a_phone_held_upright_gives_an_upright_picture(tmp_path):
    flat = media.clip(tmp_path / "flat.mp4", seconds=1, size=(1280, 720))
    media.ffmpeg("-display_rotation", 90, "-i", flat, "-c", "copy", tmp_path / "turned.mp4")
    _, _, [file] = chunks(tmp_path / "turned.mp4", tmp_path)
    assert media.size_of(file) == (360, 640)


def test_oblong_pixels_are_made_square(tmp_path):
    source = media.clip(tmp_path / "a.mp4", seconds=1, size=(320, 180), coding=(*H264, "-vf", "setsar=2/1"))
    _, _, [file] = chunks(source, tmp_path)
    assert media.size_of(file) == (640, 180)


def test_a_change_of_size_in_the_middle_changes_nothing(tmp_path):
    small = media.clip(tmp_path / "1.ts", seconds=2, size=(320, 180), audio=False, coding=(*H264, "-g", 10))
    large = media.clip(tmp_path / "2.ts", seconds=2, size=(640, 480), audio=False, coding=(*H264, "-g", 10), start=2)
    (tmp_path / "a.ts").write_bytes(small.read_bytes() + large.read_bytes())
    _, [chunk], [file] = chunks(tmp_path / "a.ts", tmp_path)
    assert chunk.frames == pytest.approx(20, abs=1)
    assert [at for at, _ in media.packets(file)] == pytest.approx([n / 5 for n in range(chunk.frames)])


def test_sound_that_changes_its_format_is_refused_rather_than_out_of_step(tmp_path):
    first = media.clip(tmp_path / "1.ts", seconds=2, coding=(*H264, "-ar", "48000"))
    second = media.clip(tmp_path / "2.ts", seconds=2, coding=(*H264, "-ar", "32000"), start=2)
    (tmp_path / "a.ts").write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(transcode.SoundOutOfStep):
        speech(tmp_path / "a.ts", tmp_path)
    assert not (tmp_path / "speech.webm").exists()


def test_progress_goes_from_nothing_to_all(tmp_path):
    source = media.clip(tmp_path / "a.mp4", seconds=2)
    facts, shares = probe.inspect(source), []
    transcode.encode_speech(source, facts, tmp_path, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_lost_lease_leaves_no_file(tmp_path):
    class LeaseLost(Exception):
        pass

    def lose(share):
        raise LeaseLost

    source, out = media.clip(tmp_path / "a.mp4", seconds=2), tmp_path / "out"
    out.mkdir()
    facts = probe.inspect(source)
    rungs = ladder.for_source(facts)
    (chunk,) = transcode.plan_chunks(facts, rungs)
    with pytest.raises(LeaseLost):
        transcode.encode_chunk(source, facts, rungs.video, chunk, out / "0.mp4", lose)
    with pytest.raises(LeaseLost):
        transcode.encode_speech(source, facts, out, lose)
    assert list(out.iterdir()) == []
