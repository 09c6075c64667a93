"""`diemcau ingest` and `diemcau watch`: what they say, and what their exit status tells."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api import cli
from ingest.models import IngestJob, Upload, UploadKind
from tests.cast import conference


@pytest.fixture
def session_id(db, cast) -> str:
    return str(conference(db, cast).id)


@pytest.fixture
def run(session_id, monkeypatch):
    """The command as an administrator types it, beside this run's servers."""
    monkeypatch.setattr(cli, "_join_what_runs", lambda: None)  # The environment of the tests names them already.

    def ingest(*words: object, by: str = "bo", declared: bool = True) -> int:
        level = ["--not-classified"] if declared else []
        return cli.main(["ingest", *map(str, words), "--session", session_id, "--by", by, *level])

    return ingest


def write(path: Path, content: bytes = b"ID3" + bytes(range(256)) * 40) -> Path:
    path.write_bytes(content)
    return path


def test_takes_files_and_says_what_was_there_already(db, cast, run, tmp_path, capsys):
    sound, deck = write(tmp_path / "phần 1.mp3"), write(tmp_path / "bài.pptx", b"PK")
    assert run(sound, deck, by="BO") == 0
    assert capsys.readouterr().out.count("đã nhận / taken") == 2
    kinds = {upload.filename: (upload.kind, upload.uploaded_by) for upload in db.scalars(select(Upload))}
    assert kinds == {
        "phần 1.mp3": (UploadKind.RECORDING, cast.staff.id),
        "bài.pptx": (UploadKind.DECK, cast.staff.id),
    }
    assert run(sound) == 0
    assert "đã có từ trước / held already: phần 1.mp3" in capsys.readouterr().out
    assert len(db.scalars(select(IngestJob)).all()) == 2


def test_says_what_was_refused_and_takes_the_rest(db, cast, run, tmp_path, capsys):
    assert run(write(tmp_path / "a.mp3"), write(tmp_path / "b.mp3", b""), tmp_path / "gone.mp3") == 1
    told = capsys.readouterr()
    assert "đã nhận / taken: a.mp3" in told.out
    assert "b.mp3" in told.err
    assert "0 byte" in told.err
    assert "gone.mp3" in told.err
    assert len(db.scalars(select(IngestJob)).all()) == 1


@pytest.mark.parametrize(
    ("how", "code_in_words"),
    [
        pytest.param({"declared": False}, "--not-classified", id="nothing declared"),
        pytest.param({"by": "ai-do"}, "ai-do", id="nobody of that name"),
        pytest.param({"by": "mai"}, "upload", id="a member may not"),
    ],
)
def test_could_not_run_at_all(db, cast, run, tmp_path, capsys, how, code_in_words):
    assert run(write(tmp_path / "a.mp3"), **how) == 2
    assert code_in_words in capsys.readouterr().err
    assert db.scalars(select(Upload)).all() == []


def test_a_folder_of_another_system_is_recognised(db, cast, run, tmp_path, capsys):
    write(tmp_path / "zoom_0.mp4")
    write(tmp_path / "chat.txt", b"xin chao")
    assert run(tmp_path) == 0
    told = capsys.readouterr()
    assert "zoom_0.mp4 [bản ghi / recording]" in told.out
    assert "chat is left out" in told.err


def test_watch_does_nothing_where_nothing_is_watched(run, capsys):
    assert cli.main(["watch"]) == 0
    assert capsys.readouterr().out == ""
