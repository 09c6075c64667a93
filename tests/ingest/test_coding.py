"""How rungs are coded: keyframes where they are asked for and nowhere else, one header for all chunks, a ceiling."""

import json
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from ingest import binaries, coding, ladder
from ingest.ladder import Codec
from tests import media

CODED = [
    pytest.param(next(rung for rung in ladder.RUNGS if rung.codec is codec), id=codec.value)
    for codec in (Codec.H264, Codec.AV1)
]
SECONDS = 8
BUSY = f"testsrc2=s=320x180:r=10:d={SECONDS}"


def small(rung, **changes):
    return replace(rung, width=160, height=90, **changes)


def encode(rung, path, *, picture=BUSY, keyframes=(0,), fps=5, lively=True):
    words = [word for name, value in coding.options(rung, lively=lively).items() for word in (f"-{name}", value)]
    shown = f"fps={fps},scale={rung.width}:{rung.height}:flags=bicubic,format=yuv420p"
    times = ",".join(map(str, keyframes))
    media.ffmpeg("-f", "lavfi", "-i", picture, "-vf", shown, "-force_key_frames", times, *words, path)
    return path


def ask(path, what, *more):
    """What ffprobe says of a file's picture."""
    command = [str(binaries.find().ffprobe), "-v", "error", "-select_streams", "v", *more, "-show_entries", what]
    said = subprocess.run([*command, "-of", "json", str(path)], capture_output=True, check=True, timeout=60)
    return json.loads(said.stdout)


def keyframes(path):
    return [at for at, key in media.packets(path) if key]


def headers(path):
    """Everything that a decoder has to be told before the first frame."""
    entries = "stream=extradata_hash,extradata_size,profile,level,pix_fmt"
    return ask(path, entries, "-show_data_hash", "sha256")["streams"]


@pytest.mark.parametrize("rung", CODED)
def test_keyframes_stand_where_they_are_asked_for_and_nowhere_else(tmp_path, rung):
    turning = "color=red:s=160x90:r=10:d=3,format=yuv420p[a];testsrc2=s=160x90:r=10:d=57,format=yuv420p[b];[a][b]concat"
    made = encode(small(rung), tmp_path / "a.mp4", picture=turning, keyframes=(0, 1.2, 5.4, 40))
    assert keyframes(made) == pytest.approx([0, 1.2, 5.4, 40], abs=0.001)


@pytest.mark.parametrize("rung", CODED)
def test_a_player_may_enter_at_any_keyframe(tmp_path, rung):
    """Nothing decoded after a keyframe may be shown before it, nor the other way round."""
    made = encode(small(rung), tmp_path / "a.mp4", keyframes=(0, 2.2, 5.0))
    packets = ask(made, "packet=pts_time,flags")["packets"]
    shown = [float(packet["pts_time"]) for packet in packets]
    entries = [place for place, packet in enumerate(packets) if "K" in packet["flags"]]
    assert len(entries) == 3
    for place in entries:
        assert all(at < shown[place] for at in shown[:place])
        assert all(at >= shown[place] for at in shown[place:])


@pytest.mark.parametrize("rung", CODED)
def test_the_same_picture_gives_the_same_bytes(tmp_path, rung):
    once, again = (encode(small(rung), tmp_path / name, keyframes=(0, 3)) for name in ("a.mp4", "b.mp4"))
    assert once.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("rung", CODED)
def test_chunks_of_any_content_share_their_headers(tmp_path, rung):
    """One initialisation segment has to serve all the chunks of a recording."""
    still = f"color=gray:s=160x90:r=10:d={SECONDS}"
    noise = "color=gray:s=160x90:r=10:d=3,noise=alls=80:allf=t"
    told = [
        headers(encode(small(rung), tmp_path / f"{number}.mp4", picture=picture, keyframes=times))
        for number, (picture, times) in enumerate([(BUSY, (0, 3)), (still, (0,)), (noise, (0, 0.2, 0.4))])
    ]
    assert told[0] == told[1] == told[2]
    assert told[0][0]["extradata_size"] > 0


@pytest.mark.parametrize("rung", CODED)
def test_chunks_share_their_headers_however_much_moves(tmp_path, rung):
    large = replace(rung, width=640, height=400)
    picture = "testsrc2=s=640x400:r=5:d=1"
    told = [
        headers(encode(large, tmp_path / f"{lively}.mp4", picture=picture, lively=lively)) for lively in (True, False)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("rung", CODED)
def test_colours_are_named_even_where_the_source_says_nothing(tmp_path, rung):
    made = encode(small(rung), tmp_path / "a.mp4")
    [colours] = ask(made, "stream=color_range,color_space,color_primaries,color_transfer")["streams"]
    assert set(colours.values()) == {"tv", "bt709"}


@pytest.mark.parametrize("rung", CODED)
def test_quality_is_capped(tmp_path, rung):
    """Noise wants fifty times the ceiling; three seconds' worth of credit may come on top of what eight allow."""
    noise = f"color=gray:s=160x90:r=10:d={SECONDS},noise=alls=40:allf=t"
    heavy = small(rung, cap=rung.sound.reserved + 100_000, crf=25)
    free = {name: value for name, value in coding.options(heavy).items() if name not in ("maxrate", "bufsize")}
    made = encode(heavy, tmp_path / "a.mp4", picture=noise)
    words = [word for name, value in free.items() for word in (f"-{name}", value)]
    media.ffmpeg("-f", "lavfi", "-i", noise, "-vf", "fps=5,format=yuv420p", *words, tmp_path / "free.mp4")
    weight = made.stat().st_size * 8 / (SECONDS + coding.BUFFER_SECONDS)
    assert weight < 1.05 * heavy.max_bit_rate
    assert (tmp_path / "free.mp4").stat().st_size > 2 * made.stat().st_size, "Or the ceiling was never reached."


def test_a_copied_rung_has_no_coding():
    with pytest.raises(ValueError, match="copied"):
        coding.options(replace(ladder.RUNGS[0], codec=Codec.COPY))


def test_text_stays_sharp_when_it_is_made_smaller(tmp_path):
    """Fine stripes keep more of their contrast than with the scaler as it comes."""
    stripes = "nullsrc=s=640x90:r=1:d=1,format=gray,geq=lum='if(mod(floor(X/3),2),200,50)',format=yuv420p"
    contrast = {}
    for name, words in (("ours", coding.SCALING), ("plain", {"flags": "bicubic"})):
        options = ":".join(f"{key}={value}" for key, value in words.items())
        raw = tmp_path / name
        media.ffmpeg("-f", "lavfi", "-i", stripes, "-vf", f"scale=426:60:{options},format=gray", "-f", "rawvideo", raw)
        contrast[name] = np.fromfile(raw, dtype=np.uint8).std()
    assert contrast["ours"] > 1.03 * contrast["plain"]
