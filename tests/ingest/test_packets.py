"""Packets: how heavy the heaviest stretch is, and in which order they are shown."""

import pytest

from ingest import packets, probe
from ingest.packets import PEAK_SECONDS, Extent
from tests import media

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def extent_of(second_sizes):
    """Give an extent with one packet a second of these sizes, from second 100 on."""
    made = Extent(100.0)
    for second, size in enumerate(second_sizes):
        made.add(100.0 + second, 1.0, size, key=True)
    return made


@pytest.mark.parametrize(
    ("sizes", "peak"),
    [
        pytest.param([1000] * 10, 8000, id="shorter than the window"),
        pytest.param([1000] * 100, 8000, id="even"),
        pytest.param([0] * 50 + [3000] * PEAK_SECONDS + [0] * 50, 24_000, id="one heavy window"),
        pytest.param([0] * 50 + [3000] * 8 + [0] * 50, 8000, id="a third of a window"),
        pytest.param([0] * 92 + [2400] * 8, 6400, id="at the end"),
    ],
)
def test_finds_the_heaviest_window(sizes, peak):
    assert extent_of(sizes).peak_bit_rate == peak


def test_says_in_the_facts_what_the_heaviest_window_weighs(tmp_path):
    quiet_then_loud = "color=gray:s=320x180:r=10:d=60,noise=alls=40:allf=t:enable='gte(t,30)'"
    media.ffmpeg("-f", "lavfi", "-i", quiet_then_loud, *X264, tmp_path / "a.mp4")
    video = probe.inspect(tmp_path / "a.mp4").video
    assert video.peak_bit_rate == pytest.approx(2 * video.bit_rate, rel=0.05)


@pytest.mark.parametrize(
    ("coding", "interlaced"), [((), False), (("-flags", "+ildct+ilme", "-x264opts", "tff=1"), True)]
)
def test_says_whether_the_picture_is_interlaced(tmp_path, coding, interlaced):
    made = media.clip(tmp_path / "a.mp4", seconds=1, audio=False, coding=(*X264, *coding))
    assert probe.inspect(made).video.interlaced is interlaced


def test_loads_facts_from_before_they_told_all_that(tmp_path):
    stored = probe.inspect(media.clip(tmp_path / "a.mp4", seconds=1)).to_json()
    del stored["video"]["peak_bit_rate"], stored["video"]["interlaced"]
    assert probe.MediaFacts.from_json(stored).video.peak_bit_rate == 0


def test_lists_packets_as_they_are_shown_and_how_late_they_are_stored(tmp_path):
    coding = (*X264, "-bf", 2, "-g", 30, "-x264opts", "b-adapt=0:b-pyramid=none")
    made = media.clip(tmp_path / "a.mp4", seconds=3, fps=10, audio=False, coding=coding)
    weights = packets.weigh(made, 0)
    assert weights.at == pytest.approx([number / 10 for number in range(30)])
    assert weights.key.tolist() == [True, *[False] * 29]
    assert weights.size.sum() < made.stat().st_size
    # I B B P B B P: what P brings may first be seen in the two frames shown before it.
    assert weights.late[:7] == pytest.approx([0, 0, 0, 0.2, 0, 0, 0.2])
