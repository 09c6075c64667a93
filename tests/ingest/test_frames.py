"""Which pictures of a recording are looked at: every page once, and what moves beside it now and then."""

import numpy as np
import pytest

from ingest import frames, probe
from tests import media

WIDTH, HEIGHT = 320, 180
CORNER = np.s_[120:, 240:]


def pages(count):
    """Draw pages of dark blocks on white, no two alike."""
    drawn = np.full((count, HEIGHT, WIDTH, 3), 255, np.uint8)
    for number, page in enumerate(drawn):
        page[20:60, 20 + 50 * number : 60 + 50 * number] = 40
    return drawn


def recording(path, shown, *, face=False):
    """Write a recording that shows these pictures for ten seconds each, with a restless face in its corner."""
    shades = np.random.default_rng(7)
    seconds = np.repeat(np.stack(shown), 10, axis=0)
    if face:
        for picture in seconds:
            picture[CORNER] = shades.integers(0, 255, (6, 8, 3), np.uint8).repeat(10, axis=0).repeat(10, axis=1)
    (raw := path.with_suffix(".rgb")).write_bytes(seconds.tobytes())
    size = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", 1)
    media.ffmpeg(*size, "-i", raw, "-c:v", "libx264", "-crf", 18, "-g", 1, "-pix_fmt", "yuv420p", path)
    return path


def sampled(source, folder):
    folder.mkdir()
    found = frames.sample(source, probe.inspect(source), folder)
    assert sorted(frame.file for frame in found) == sorted(folder.glob("*.jpg"))
    return found


def test_a_page_that_comes_back_is_read_once(tmp_path):
    first, second, third = pages(3)
    source = recording(tmp_path / "talk.mp4", [first, second, first, second, third, first])
    assert [frame.at_seconds for frame in sampled(source, tmp_path / "frames")] == [0, 10, 40]


def test_a_line_that_is_added_to_a_page_makes_it_a_new_one(tmp_path):
    first, second = pages(2)
    longer = first.copy()
    longer[100:108, 20:120] = 90
    source = recording(tmp_path / "talk.mp4", [first, second, longer, first])
    assert [frame.at_seconds for frame in sampled(source, tmp_path / "frames")] == [0, 10, 20]


def test_of_a_face_beside_known_pages_only_the_face_is_looked_at(tmp_path):
    first, second = pages(2)
    found = sampled(recording(tmp_path / "talk.mp4", [first, second] * 6, face=True), tmp_path / "frames")
    films = [frame.film for frame in found if frame.film]
    assert len(found) - len(films) <= 4  # Both pages, once more where the face had not been seen to move yet.
    assert len(films) >= 120 / frames.FILM_SECONDS
    for left, top, width, height in films:
        assert left <= 0.75
        assert top <= 120 / 180
        assert left + width == pytest.approx(1)
        assert top + height == pytest.approx(1)


def test_pages_go_before_looks_at_a_face_where_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "MOST_FRAMES", 6)
    first, *others = pages(5)
    found = sampled(recording(tmp_path / "talk.mp4", [first, *others, first], face=True), tmp_path / "frames")
    assert len(found) == 6
    assert sum(frame.film is None for frame in found) >= 5
    assert [frame.at_seconds for frame in found] == sorted(frame.at_seconds for frame in found)
