"""`diemcau inspect`: every file gets a verdict with its reason, whatever it is, and the exit status says the worst."""

import json

import pytest

from api import cli, inspect
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recording, one that was cut short, a deck in a folder below, an empty file, and a text named as a film."""
    place = tmp_path_factory.mktemp("files")
    whole = media.clip(place / "buổi sáng.mkv", seconds=4, size=(160, 90), coding=(*H264, "-c:a", "aac"))
    media.truncated(place / "cut.mkv", whole)
    (place / "slides").mkdir()
    media.deck(place / "slides" / "deck.pdf", ["Nghị quyết"])
    (place / "empty.mp4").touch()
    media.text_named_mp4(place / "film.mp4")
    return place


@pytest.fixture(scope="module")
def said(folder):
    """What is said of each, by name, where there is no Tesseract to read their pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder / "slides"))
        return {one["path"].rpartition("/")[2]: one for one in map(inspect.inspect, inspect.files_below([folder]))}


def test_every_file_gets_a_verdict_with_reasons(said):
    assert {name: one["verdict"] for name, one in said.items()} == {
        "buổi sáng.mkv": "admitted",
        "cut.mkv": "admitted",
        "deck.pdf": "admitted",
        "empty.mp4": "refused",
        "film.mp4": "refused",
    }
    for one in said.values():
        assert one["reasons"]
        assert all(reason["code"] and reason["text"] for reason in one["reasons"])
        assert 0 <= one["seconds"] < inspect.DEADLINE_SECONDS
        assert one["peak_rss_bytes"] > 2**20
    for name in ("buổi sáng.mkv", "deck.pdf"):
        assert [reason["code"] for reason in said[name]["reasons"]] == ["clean", "pictures-unread"]
    assert [said[name]["reasons"][0]["code"] for name in ("empty.mp4", "film.mp4")] == ["empty-file", "unknown-kind"]


def test_facts_and_findings_are_told(said):
    assert said["buổi sáng.mkv"]["facts"]["duration_seconds"] == pytest.approx(4, abs=0.1)
    assert said["deck.pdf"]["facts"] == {"format": "pdf", "pages": 1}
    lost = next(found for found in said["cut.mkv"]["findings"] if found["code"] == "lost")
    assert lost["end_seconds"] == pytest.approx(4, abs=0.2)
    assert lost["start_seconds"] == pytest.approx(said["cut.mkv"]["facts"]["duration_seconds"], abs=0.1)


def test_one_json_document_and_an_exit_status(folder, capsys):
    assert cli.main(["inspect", "--json", str(folder / "empty.mp4")]) == 1
    [one] = json.loads(capsys.readouterr().out)
    assert (one["path"], one["verdict"]) == (str(folder / "empty.mp4"), "refused")
    assert cli.main(["inspect", str(folder / "nothing-here")]) == 2


def test_a_file_that_takes_too_long_is_let_go_of(folder, monkeypatch):
    monkeypatch.setattr(inspect, "DEADLINE_SECONDS", 0.2)
    one = inspect.inspect(folder / "buổi sáng.mkv")
    assert (one["verdict"], one["reasons"][0]["code"]) == ("held", "took-too-long")
