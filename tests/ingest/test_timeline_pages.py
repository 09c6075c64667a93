"""Pages cut from the video itself, where no deck holds them."""

import pytest
from PIL import Image, ImageOps

from ingest import probe, timeline_pages
from ingest.content import Content, Motion, Section
from ingest.timeline import Cue
from tests import media
from tests.benchmarks import timeline_talks
from tests.benchmarks.timeline_talks import Showing


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Six pages, of which 3 and 4 are 2 with a line more each."""
    lines = ["Tiêm nhắc lại sau sáu tháng", "Ghi sổ theo dõi từng hộ", "Cán bộ thú y chịu trách nhiệm"]
    builds = [" \\ ".join(lines[:count]) for count in (1, 2, 3)]
    path = tmp_path_factory.mktemp("deck") / "d.pdf"
    media.deck(path, [media.SENTENCES[0], *builds, media.SENTENCES[1], media.SENTENCES[4]])
    return timeline_talks._pictures(path)


def extract(recording, folder, content=None, cues=()):
    folder.mkdir(exist_ok=True)
    return timeline_pages.extract_pages(recording, probe.inspect(recording), content, list(cues), folder)


def record(folder, files, shown, seed=3):
    return timeline_talks.record(folder / "t.mp4", files, shown, seed)


def test_cuts_each_page_once_and_writes_it_as_a_picture(tmp_path, files):
    shown = [Showing(None, 4, "gallery"), Showing(1, 4, "inset"), Showing(5, 4, "inset"), Showing(1, 4, "inset")]
    found = extract(record(tmp_path, files, shown), tmp_path / "out")
    assert [page.at_seconds for page in found] == pytest.approx([4, 8], abs=0.6)
    for page in found:
        with Image.open(page.file) as picture, Image.open(page.thumb_file) as thumb:
            assert (picture.format, picture.size, thumb.width) == ("WEBP", (page.width, page.height), 240)
    assert (found[0].width, found[0].height) == timeline_talks.SIZE


def test_takes_a_list_that_builds_up_when_it_is_complete(tmp_path, files):
    shown = [Showing(1, 4, "full"), *(Showing(page, 4, "full") for page in (2, 3, 4)), Showing(5, 4, "full")]
    found = extract(record(tmp_path, files, shown), tmp_path / "out")
    assert [page.at_seconds for page in found] == pytest.approx([0, 4, 16], abs=0.6)
    with Image.open(found[1].file) as cut, Image.open(files[3]) as complete, Image.open(files[1]) as begun:
        assert far(cut, complete) < 3 < far(cut, begun)


def far(one, other):
    """Mean difference of two pictures, 0..255."""
    import numpy as np

    small = [np.asarray(ImageOps.pad(picture.convert("L"), (320, 180)), float) for picture in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


def test_a_page_is_the_same_alone_and_beside_heads(tmp_path, files):
    shown = [Showing(1, 5, "full"), Showing(5, 5, "full"), Showing(5, 5, "beside"), Showing(1, 5, "beside")]
    found = extract(record(tmp_path, files, shown), tmp_path / "out")
    assert [page.at_seconds for page in found] == pytest.approx([0, 5], abs=0.6)


def test_leaves_out_what_the_deck_holds(tmp_path, files):
    shown = [Showing(1, 4, "full"), Showing(5, 4, "full"), Showing(6, 4, "full"), Showing(1, 4, "full")]
    recording = record(tmp_path, files, shown)
    found = extract(recording, tmp_path / "out", cues=[Cue(1, 0.1, 1.0), Cue(2, 8.1, 1.0), Cue(1, 12.1, 1.0)])
    assert [page.at_seconds for page in found] == pytest.approx([4], abs=0.6)


@pytest.mark.parametrize("layout", ["gallery", "filmed"])
def test_rooms_and_heads_are_no_pages(tmp_path, files, layout):
    assert extract(record(tmp_path, files, [Showing(None, 12, layout)]), tmp_path / "out") == []


def test_nothing_stands_where_the_picture_is_known_to_move(tmp_path, files):
    recording = record(tmp_path, files, [Showing(1, 6, "full")])
    assert extract(recording, tmp_path / "out", Content((Section(0, 6, Motion.MOVING),), (), 0)) == []
    assert len(extract(recording, tmp_path / "out", Content((Section(0, 6, Motion.STILL),), (), 0))) == 1


def test_needs_a_picture(tmp_path):
    assert extract(media.clip(tmp_path / "a.mp3", seconds=1, video=False), tmp_path / "out") == []
