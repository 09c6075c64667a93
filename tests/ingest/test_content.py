"""The look at the picture: what moves, when it turns over, how noisy it is, on clips whose truth is known."""

import json

import pytest

from ingest import content, probe
from ingest.content import Content, Kind, Motion, Section
from tests import media

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-crf", "23")
FPS = 10
#: Pages of broad bars in different places: each new one changes far more than a tenth of the picture.
TURNS = (7.3, 16.1, 21.9)


def pages(path, *, turns=TURNS, seconds=30, inset=False, coding=(*X264, "-g", 20, "-sc_threshold", 0)):
    """Write a page for each stretch between `turns`; with `inset`, a film of a sixteenth of the picture in a corner."""
    starts, ends = (0.0, *turns), (*turns, seconds)
    boxes = ",".join(
        f"drawbox=x={20 + 25 * page}:y={15 + 50 * (page % 3)}:w=200:h=60:t=fill:color={color}"
        f":enable='gte(t+0.01,{start})*lt(t+0.01,{end})'"
        for page, (start, end, color) in enumerate(zip(starts, ends, ("black", "navy", "gray", "maroon"), strict=False))
    )
    chain = f"[0]{boxes}[pages];[pages][1]overlay=240:0" if inset else f"[0]{boxes}"
    media.ffmpeg(
        *("-f", "lavfi", "-i", f"color=white:s=320x180:r={FPS}:d={seconds}"),
        *("-f", "lavfi", "-i", f"mandelbrot=s=80x46:r={FPS},trim=duration={seconds}") * inset,
        *("-filter_complex", chain, *coding, path),
    )
    return path


def look(path, on_progress=None):
    return content.look(path, probe.inspect(path), on_progress)


def motions(seen):
    return [section.motion for section in seen.sections]


CODINGS = {
    "regular keyframes": (*X264, "-g", 20, "-sc_threshold", 0),
    "regular keyframes and B-frames": (*X264, "-g", 20, "-sc_threshold", 0, "-bf", 3),
    "keyframes at cuts": (*X264, "-g", 100, "-sc_threshold", 40),
    "one keyframe in all": (*X264, "-g", 9999, "-sc_threshold", 0),
    "a recorder's even stream": (*X264, "-g", 20, "-tune", "zerolatency", "-maxrate", "300k", "-bufsize", "60k"),
}


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS.keys())
def test_finds_to_the_frame_when_a_page_turns(tmp_path, coding):
    seen = look(pages(tmp_path / "a.mp4", coding=coding))
    assert seen.cuts == pytest.approx(TURNS, abs=1 / FPS + 0.001)
    assert seen.kind is Kind.SLIDES


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "300k", "-g", 20)),
        ("a.ts", ("-c:v", "mpeg2video", "-r", 25, "-q:v", 4, "-bf", 2)),
        ("a.avi", ("-c:v", "mjpeg", "-q:v", 4)),
    ],
)
def test_finds_them_in_what_older_recorders_write(tmp_path, name, coding):
    assert look(pages(tmp_path / name, coding=coding)).cuts == pytest.approx(TURNS, abs=1 / FPS + 0.001)


def test_counts_from_where_the_recording_starts(tmp_path):
    coding = (*CODINGS["regular keyframes"], "-output_ts_offset", 100)
    assert look(pages(tmp_path / "late.ts", coding=coding)).cuts == pytest.approx(TURNS, abs=1 / FPS + 0.001)


def test_takes_a_page_that_flashes_by_for_none(tmp_path):
    made = pages(tmp_path / "a.mp4", turns=(10.0, 10.4))
    assert look(made).cuts == pytest.approx((10.4,), abs=1 / FPS + 0.001)


def test_tells_a_page_with_a_small_speaker_from_a_page_alone(tmp_path):
    assert motions(look(pages(tmp_path / "page.mp4"))) == [Motion.STILL]
    seen = look(pages(tmp_path / "inset.mp4", inset=True))
    assert motions(seen) == [Motion.INSET]
    assert seen.cuts == pytest.approx(TURNS, abs=1 / FPS + 0.001)
    assert seen.kind is Kind.SLIDES


def test_sees_a_film_without_a_cut(tmp_path):
    film = media.clip(tmp_path / "film.mp4", seconds=20, audio=False, coding=(*X264, "-g", 20))
    seen = look(film)
    assert motions(seen) == [Motion.MOVING]
    assert seen.kind is Kind.MOVING
    assert seen.cuts == ()


def test_says_where_a_film_begins_and_ends(tmp_path):
    media.ffmpeg(
        *("-f", "lavfi", "-i", f"color=white:s=320x180:r={FPS}:d=15"),
        *("-f", "lavfi", "-i", f"testsrc2=s=320x180:r={FPS}:d=15"),
        *("-f", "lavfi", "-i", f"color=gray:s=320x180:r={FPS}:d=15"),
        *("-filter_complex", "[0][1][2]concat=n=3", *X264, "-g", 20, tmp_path / "demo.mp4"),
    )
    seen = look(tmp_path / "demo.mp4")
    assert motions(seen) == [Motion.STILL, Motion.MOVING, Motion.STILL]
    assert [section.end_seconds for section in seen.sections] == pytest.approx([15, 30, 45], abs=0.15)
    assert seen.sections[0].start_seconds == 0.0
    assert seen.kind is Kind.MIXED
    assert seen.cuts == pytest.approx((15, 30), abs=1 / FPS + 0.001)


def test_joins_what_moves_too_shortly_to_matter(tmp_path):
    media.ffmpeg(
        *("-f", "lavfi", "-i", f"color=white:s=320x180:r={FPS}:d=16"),
        *("-f", "lavfi", "-i", f"testsrc2=s=320x180:r={FPS}:d=8"),
        *("-f", "lavfi", "-i", f"color=gray:s=320x180:r={FPS}:d=16"),
        *("-filter_complex", "[0][1][2]concat=n=3", *X264, "-g", 10, tmp_path / "clip.mp4"),
    )
    assert look(tmp_path / "clip.mp4").sections == (Section(0.0, 40.0, Motion.STILL),)


def test_sees_nothing_in_the_dark(tmp_path):
    media.ffmpeg("-f", "lavfi", "-i", "color=black:s=320x180:r=10:d=20", *X264, tmp_path / "black.mp4")
    assert look(tmp_path / "black.mp4") == Content((Section(0.0, 20.0, Motion.STILL),), (), 0.0, black=((0.0, 20.0),))


def test_takes_a_single_frame_for_a_page(tmp_path):
    single = media.clip(tmp_path / "single.mp4", seconds=0.2, fps=5, audio=True, coding=(*X264, "-frames:v", 1))
    seen = look(single)
    assert motions(seen) == [Motion.STILL]
    assert seen.cuts == ()


def test_has_nothing_to_say_of_sound_alone(tmp_path):
    seen = look(media.clip(tmp_path / "sound.mp3", seconds=1, video=False))
    assert seen == Content()
    assert seen.kind is Kind.NO_PICTURE


def test_measures_the_noise_of_a_camera_and_none_of_a_screen(tmp_path):
    noise = [look(pages(tmp_path / "clean.mp4", seconds=8, turns=(4.0,))).noise]
    for strength in (6, 20):
        made = tmp_path / f"{strength}.mp4"
        picture = f"color=gray:s=320x180:r={FPS}:d=8,noise=alls={strength}:allf=t"
        media.ffmpeg("-f", "lavfi", "-i", picture, *X264, "-crf", 18, made)
        noise.append(look(made).noise)
    clean, little, much = noise
    assert clean < little < much
    assert clean < content.NOISY < much


def test_reads_on_behind_damage(tmp_path):
    whole = bytearray(pages(tmp_path / "whole.ts").read_bytes())
    start = len(whole) * 2 // 5
    whole[start : start + len(whole) // 10] = bytes(len(whole) // 10)
    (tmp_path / "damaged.ts").write_bytes(whole)
    seen = look(tmp_path / "damaged.ts")
    assert seen.sections[-1].end_seconds == pytest.approx(30, abs=0.2)
    assert any(cut == pytest.approx(TURNS[-1], abs=0.2) for cut in seen.cuts)


def test_follows_a_picture_that_changes_size(tmp_path):
    for number, size in enumerate(("320x180", "640x480")):
        picture = f"testsrc2=s={size}:r={FPS}:d=14,loop=-1:1:0,trim=duration=14"
        media.ffmpeg(
            "-f", "lavfi", "-i", picture, *X264, "-g", 20, "-output_ts_offset", 14 * number, tmp_path / f"{number}.ts"
        )
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    seen = look(joined)
    assert motions(seen) == [Motion.STILL]
    assert seen.sections[-1].end_seconds == pytest.approx(28, abs=0.2)


def test_survives_a_database(tmp_path):
    seen = look(pages(tmp_path / "a.mp4"))
    assert Content.from_json(json.loads(json.dumps(seen.to_json()))) == seen
    assert Content.from_json(json.loads(json.dumps(Content().to_json()))) == Content()


def test_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    made, told = pages(tmp_path / "a.mp4"), []
    look(made, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)

    def lose_the_lease(_share):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        look(made, lose_the_lease)
