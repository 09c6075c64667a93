"""`diemcau transcode`: everything in one folder, playable, and nothing done twice."""

import json

import pytest

from api import cli
from archive import playlists
from ingest import decoding, hls, runner, soundness, standalone
from tests import media


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A talk of twelve seconds with its deck, in colours that have to be encoded anew, and what became of it."""
    folder = tmp_path_factory.mktemp("standalone")
    deck = media.deck(folder / "slides.pdf")
    media.talk(folder / "talk.mp4", deck, [(1, 4), (2, 4), (3, 4)])
    media.ffmpeg("-i", folder / "talk.mp4", "-c:a", "copy", "-pix_fmt", "yuv444p", folder / "odd.mp4")
    stages = []
    report = standalone.transcode(
        folder / "odd.mp4", folder / "out", slides=deck, workers=2, on_stage=lambda *stage: stages.append(stage)
    )
    return folder, report, stages


def test_makes_every_form_with_its_slide_times(made):
    folder, report, _ = made
    assert {"opus", "aac", "v360"} <= {rung["name"] for rung in report.rungs}
    for rung in report.rungs:
        assert (folder / "out" / rung["file"]).exists()
    assert [cue["page"] for cue in report.timeline] == ["0001.webp", "0002.webp", "0003.webp"]
    assert [cue["at_seconds"] for cue in report.timeline] == pytest.approx([0, 4, 8], abs=0.5)
    assert report.warnings == []
    assert not (folder / "out" / standalone.PIECES).exists()


def test_the_report_says_what_it_took(made):
    folder, report, _ = made
    written = json.loads((folder / "out" / standalone.REPORT).read_text(encoding="utf-8"))
    assert written["cpu_seconds"] == report.cpu_seconds
    assert written["cpu_seconds"]["chunk"] > 0
    assert written["seconds"] == pytest.approx(12, abs=0.3)


def test_the_master_playlist_names_what_is_there(made):
    folder, report, _ = made
    master = (folder / "out" / standalone.VIDEO / standalone.MASTER).read_text(encoding="utf-8")
    for rung in report.rungs:
        if "width" in rung:
            assert f"{rung['name']}/{playlists.MEDIA_PLAYLIST}" in master


def test_progress_rises_to_the_end(made):
    _, _, stages = made
    shares = [share for _, share in stages]
    assert shares == pytest.approx(sorted(shares))
    assert stages[-1] == ("done", 1.0)


def test_a_repeated_run_encodes_no_picture_again(made, monkeypatch):
    folder, _, _ = made
    monkeypatch.setattr(standalone, "encode_chunk", _never)
    monkeypatch.setattr(hls, "cut_picture", _never)
    again = standalone.transcode(folder / "odd.mp4", folder / "out", slides=folder / "slides.pdf", workers=1)
    assert again.warnings == []
    assert {rung["name"] for rung in again.rungs} >= {"v360"}


def _never(*_, **__):
    raise AssertionError("this was made before")


def test_what_was_decoded_while_encoding_is_handed_on_by_proof(tmp_path, monkeypatch):
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", 25)
    source = media.clip(tmp_path / "a.mp4", seconds=6, size=(160, 90), fps=25, coding=coding)
    proven, compare = [], decoding.compare
    monkeypatch.setattr(decoding, "compare", lambda *what: proven.append(what) or compare(*what))
    report = standalone.transcode(source, tmp_path / "out", workers=1)
    assert report.warnings == []
    assert "copy" in {rung["name"] for rung in report.rungs}
    assert len(proven) == 1


def test_a_picture_that_decodes_with_complaints_is_not_handed_on(tmp_path):
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", 25)
    source = media.clip(tmp_path / "a.mp4", seconds=6, size=(160, 90), fps=25, coding=coding, audio=False)
    data = bytearray(source.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    for place in range(middle, middle + 3000, 37):
        data[place] ^= 0x55
    source.write_bytes(data)
    report = standalone.transcode(source, tmp_path / "out", workers=1)
    assert [rung["name"] for rung in report.rungs] == ["a360", "v360"]


def test_what_does_not_pass_is_not_there_to_carry_away_either(tmp_path, monkeypatch):
    monkeypatch.setattr(soundness, "PEAK_SHARE", 0.0)
    source = media.clip(tmp_path / "a.mkv", seconds=2, size=(160, 90))
    report = standalone.transcode(source, tmp_path / "out", workers=1)
    assert {rung["name"] for rung in report.rungs} == {"opus", "aac"}
    assert any(warning.startswith("v360: takes") for warning in report.warnings)
    assert not (tmp_path / "out" / "replay.mp4").exists()


def test_a_rung_that_cannot_be_encoded_stops_the_work_with_the_tools_own_error(made, tmp_path, monkeypatch):
    folder, _, _ = made

    def fail(*_, **__):
        raise runner.ToolFailed(tool="ffmpeg", exit_code=1, stderr_tail="")

    monkeypatch.setattr(standalone, "encode_chunk", fail)
    with pytest.raises(runner.ToolFailed):
        standalone.transcode(folder / "odd.mp4", tmp_path / "out", workers=2)


def test_the_command_refuses_what_is_no_recording(tmp_path, capsys):
    text = media.text_named_mp4(tmp_path / "van-ban.mp4")
    assert cli.main(["transcode", str(text), "--out", str(tmp_path / "out")]) == 2
    assert "không phải" in capsys.readouterr().err
