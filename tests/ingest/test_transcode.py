"""Encoding the picture: keyframes where it changes, and chunks of exactly the frames they should have."""

import numpy as np
import pytest

from ingest import hls, ladder, packets, probe, soundness, transcode
from ingest.content import NOISY, Content, Motion, Section
from ingest.ladder import Codec
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
LOW = "v360"


def encode(source, folder, chunk_seconds=12.0, content=None, names=(LOW,)):
    """Encode the whole picture of a source; gives the plan, and for each rung of these names its files."""
    facts, content = probe.inspect(source), content or Content()
    rungs = [rung for rung in ladder.for_source(facts).encoded if rung.name in names]
    plan = transcode.plan_chunks(facts, content, chunk_seconds)
    for chunk in plan:
        outs = {rung: folder / f"{rung.name}-{chunk.index}.mp4" for rung in rungs}
        transcode.encode_chunk(source, facts, content, chunk, outs)
    return plan, {rung: [folder / f"{rung.name}-{chunk.index}.mp4" for chunk in plan] for rung in rungs}


def chunks(source, folder, chunk_seconds=12.0, content=None):
    """The same for the low rung alone: its rung, the plan and the files."""
    plan, made = encode(source, folder, chunk_seconds, content)
    ((rung, files),) = made.items()
    return rung, plan, files


def facts_of(seconds, video=True):
    shown = probe.VideoFacts(0, "h264", 640, 360, 25.0, "yuv420p", True, 1, 0.0, seconds, 4.0)
    return probe.MediaFacts("mov", 0.0, seconds, 1, shown if video else None, ())


def keyframes(plan):
    return [(chunk.first + place) / 5 for chunk in plan for place in chunk.keyframes]


@pytest.mark.parametrize(
    ("seconds", "chunk_seconds", "expected"),
    [
        pytest.param(0.01, 120, [(0, 1)], id="never none"),
        pytest.param(30, 120, [(0, 150)], id="shorter than a chunk"),
        pytest.param(240, 120, [(0, 600), (600, 1200)], id="whole chunks"),
        pytest.param(300.1, 120, [(0, 600), (600, 1200), (1200, 1500)], id="to the nearest step"),
        pytest.param(250, 120, [(0, 655), (655, 1250)], id="a tail shorter than a segment joins"),
        pytest.param(50, 1, [(0, 20), (20, 50), (50, 100), (100, 150), (150, 250)], id="whole segments"),
    ],
)
def test_plans_chunks_of_whole_segments(seconds, chunk_seconds, expected):
    plan = transcode.plan_chunks(facts_of(seconds), Content(), chunk_seconds)
    assert [(chunk.first, chunk.end) for chunk in plan] == expected
    assert [chunk.index for chunk in plan] == list(range(len(plan)))


def test_what_moves_and_what_does_not_are_chunks_of_their_own():
    motions = [(50, Motion.MOVING), (120, Motion.INSET), (134, Motion.MOVING), (240, Motion.STILL)]
    starts = [0, *(end for end, _ in motions)]
    sections = [Section(start, end, motion) for start, (end, motion) in zip(starts, motions, strict=False)]
    plan = transcode.plan_chunks(facts_of(240.0), Content(tuple(sections), (50.0, 120.0, 134.0)))
    assert [(chunk.start_seconds, chunk.end_seconds) for chunk in plan] == [(0, 50), (50, 120), (120, 240)]


def test_plans_no_chunk_for_sound_alone():
    assert transcode.plan_chunks(facts_of(60.0, video=False), Content()) == []


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        pytest.param((), [0, 4, 10, 20], id="evenly, after a short beginning"),
        pytest.param((17.0,), [0, 4, 8.4, 17, 23.4], id="where the page turns"),
        pytest.param((0.4, 29.6), [0, 4, 10, 20], id="but not at the very ends"),
        pytest.param((5.0, 5.4, 6.0), [0, 4, 5, 6, 18], id="and not twice within a second"),
        pytest.param((2.0,), [0, 2, 11.4, 20.6], id="an early page is a short beginning too"),
        pytest.param((17.12,), [0, 4, 8.6, 17.2, 23.6], id="when every rung shows it"),
    ],
)
def test_keyframes_stand_where_the_picture_changes(cuts, expected):
    plan = transcode.plan_chunks(facts_of(30.0), Content(cuts=cuts))
    assert keyframes(plan) == pytest.approx(expected)


def test_every_rung_has_the_same_keyframes_and_all_of_its_frames(tmp_path):
    source = media.clip(tmp_path / "a.mp4", seconds=13, size=(1280, 720), audio=False, coding=(*H264, "-crf", 35))
    plan, made = encode(source, tmp_path, 1, content=Content(cuts=(7.04,)), names={"a360", LOW, "v480", "a720"})
    assert [rung.name for rung in made] == ["a360", LOW, "v480", "a720"]
    for rung, files in made.items():
        for chunk, file in zip(plan, files, strict=True):
            shown = media.packets(file)
            assert len(shown) == chunk.frames(rung)
            assert [at for at, key in shown if key] == pytest.approx([place / 5 for place in chunk.keyframes])
        assert media.size_of(files[0]) == (rung.width, rung.height)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.AV1])
def test_a_picture_of_noise_stays_under_its_cap(tmp_path, codec):
    noise = "color=gray:s=192x108:r=5:d=26,noise=alls=100:allf=t"
    media.ffmpeg("-f", "lavfi", "-i", noise, *H264, "-crf", 10, tmp_path / "a.mp4")
    name = {Codec.H264: LOW, Codec.AV1: "a360"}[codec]
    [chunk], made = encode(tmp_path / "a.mp4", tmp_path, chunk_seconds=24, names={name})
    ((rung, [file]),) = made.items()
    allowed = rung.max_bit_rate * (chunk.seconds + 3)
    assert 0.3 * allowed < file.stat().st_size * 8 < 1.05 * allowed


def test_a_lively_stretch_in_a_quiet_hour_stays_under_the_cap_too(tmp_path):
    burst = "color=gray:s=192x108:r=5:d=72,noise=alls=100:allf=t:enable='between(t,24,48)'"
    media.ffmpeg("-f", "lavfi", "-i", burst, *H264, "-crf", 10, tmp_path / "a.mp4")
    _, made = encode(tmp_path / "a.mp4", tmp_path, chunk_seconds=72, names={"a360"})
    ((rung, [file]),) = made.items()
    shown = packets.weigh(file, index=0)
    lively = shown.size[(shown.at >= 24) & (shown.at < 48)].sum() * 8 / 24
    assert 0.3 * rung.max_bit_rate < lively < 1.15 * rung.max_bit_rate


def test_frames_are_left_out_where_little_moves_and_times_stay_right(tmp_path):
    source = media.clip(tmp_path / "a.mp4", seconds=16, size=(1280, 720), audio=False, coding=(*H264, "-crf", 35))
    sections = (Section(0.0, 3.0, Motion.STILL), Section(3.0, 9.4, Motion.MOVING), Section(9.4, 16.0, Motion.INSET))
    plan, made = encode(source, tmp_path, 1, content=Content(sections), names={LOW, "a720"})
    assert len(plan) > 1
    for rung, files in made.items():
        starts = [chunk.start_seconds for chunk in plan]
        shown = [start + at for start, file in zip(starts, files, strict=True) for at, _ in media.packets(file)]
        if rung.name == LOW:
            expected = np.arange(0, 16, 0.2)
        else:
            ends = [chunk.end_seconds - 0.1 for chunk in plan]
            expected = np.unique(np.round([*np.arange(0, 16, 0.2), *np.arange(3, 9.41, 0.1), *ends], 3))
        assert shown == pytest.approx(expected)
        stream = hls.cut_picture(files, tmp_path / f"{rung.name}.hls", rung)
        assert soundness.check(stream, tmp_path / f"{rung.name}.hls", rung, 16.0) == []


def test_a_noisy_picture_costs_less_denoised(tmp_path):
    noise = "color=gray:s=192x108:r=5:d=6,noise=alls=10:allf=t"
    media.ffmpeg("-f", "lavfi", "-i", noise, *H264, "-crf", 10, tmp_path / "a.mp4")
    weights = []
    for name, level in (("clean", 0.0), ("noisy", NOISY + 1)):
        (tmp_path / name).mkdir()
        _, made = encode(tmp_path / "a.mp4", tmp_path / name, content=Content(noise=level))
        weights += [file.stat().st_size for files in made.values() for file in files]
    assert weights[1] < 0.8 * weights[0]


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
    _, _, [first, second] = chunks(tmp_path / "slides.mkv", tmp_path, content=Content(cuts=(15.0,)))
    levels = [int(media.brightness(first)[0]), int(media.brightness(first)[-1])]
    assert media.brightness(second)[:24] == pytest.approx(levels[1], abs=3)
    assert media.brightness(second)[26] > levels[1] + 30 > levels[0] + 60


def test_a_picture_that_ends_early_stands_still_to_the_end(tmp_path):
    words = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=2", "-f", "lavfi", "-i", "sine=440:d=30")
    # In colours that few browsers decode, or so light a picture would be handed on as it is.
    media.ffmpeg(*words, *H264, "-pix_fmt", "yuv444p", tmp_path / "a.mp4")
    rung, plan, files = chunks(tmp_path / "a.mp4", tmp_path)
    assert [len(media.brightness(file)) for file in files] == [chunk.frames(rung) for chunk in plan]
    last = media.brightness(files[0])[9]
    assert last > 30, "The last frame must not be black, or standing still would prove nothing."
    assert np.concatenate([media.brightness(file) for file in files])[9:] == pytest.approx(last, abs=2)


def test_frames_that_cannot_be_decoded_are_black_not_missing(tmp_path):
    whole = media.clip(tmp_path / "whole.mp4", seconds=26, size=(320, 180), audio=False, coding=(*H264, "-g", 20))
    data, facts = bytearray(whole.read_bytes()), probe.inspect(whole)
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[(start + end) // 3 : end] = bytes(end - (start + end) // 3)
    whole.write_bytes(data)
    rung = ladder.for_source(facts).rung(LOW)
    for chunk in transcode.plan_chunks(facts, Content(), 12.0):
        transcode.encode_chunk(whole, facts, Content(), chunk, {rung: tmp_path / "a.mp4"})
        assert len(media.brightness(tmp_path / "a.mp4")) == chunk.frames(rung)


def test_a_cut_recording_is_encoded_as_far_as_it_goes(tmp_path):
    cut = media.truncated(tmp_path / "cut.mkv", media.clip(tmp_path / "whole.mkv", seconds=10), share=0.5)
    seconds = probe.inspect(cut).duration_seconds
    rung, [chunk], [file] = chunks(cut, tmp_path)
    assert chunk.seconds == pytest.approx(seconds, abs=0.1)
    assert len(media.brightness(file)) == chunk.frames(rung)


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
    rung, [chunk], [file] = chunks(tmp_path / "a.ts", tmp_path)
    assert chunk.frames(rung) == pytest.approx(20, abs=1)
    assert [at for at, _ in media.packets(file)] == pytest.approx([n / 5 for n in range(chunk.frames(rung))])


def test_a_lost_lease_leaves_no_file(tmp_path):
    class LeaseLost(Exception):
        pass

    def lose(share):
        raise LeaseLost

    source, out = media.clip(tmp_path / "a.mp4", seconds=2), tmp_path / "out"
    out.mkdir()
    facts = probe.inspect(source)
    (chunk,) = transcode.plan_chunks(facts, Content())
    outs = {rung: out / f"{rung.name}.mp4" for rung in ladder.for_source(facts).encoded}
    with pytest.raises(LeaseLost):
        transcode.encode_chunk(source, facts, Content(), chunk, outs, lose)
    assert list(out.iterdir()) == []
