"""Watched places: what lies at rest is taken once, what is refused says why, and no kill loses or doubles anything."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from archive.settings import vault_settings
from archive.storage import watched_bucket
from ingest import watching
from ingest.models import IngestJob, JobState, Upload
from ingest.settings import workshop_settings
from ingest.watched_places import WatchedFolder
from tests.cast import conference
from tests.servers import S3Server, seaweedfs

CONTENT = b"ID3" + bytes(range(256)) * 40


@pytest.fixture
def session(db, cast):
    return conference(db, cast)


@pytest.fixture
def configure(monkeypatch) -> Iterator[object]:
    """Sets what is given, and lets every part read its settings anew."""

    def forget() -> None:
        for each in (workshop_settings, vault_settings, watched_bucket):
            each.cache_clear()

    def set_all(**settings: object) -> None:
        chosen = {"watch_by": "bo", "watch_declared": "not-classified", "watch_rest_seconds": 1, **settings}
        for name, value in chosen.items():
            monkeypatch.setenv(f"DIEMCAU_{name.upper()}", str(value))
        forget()

    yield set_all
    monkeypatch.undo()
    forget()


@pytest.fixture
def root(tmp_path, configure) -> Path:
    configure(watch_dir=tmp_path / "watched")
    return tmp_path / "watched"


@pytest.fixture
def at_rest(monkeypatch) -> None:
    """As if everything had lain there long enough."""
    monkeypatch.setattr("ingest.watched_places.time.time", lambda: time.monotonic() + 10**10)


def lay_down(root: Path, session, name: str = "phần 1.mp3", content: bytes = CONTENT, begin: str = "") -> Path:
    path = root / f"{begin}{session.id}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def decide(db, state: JobState) -> None:
    """What the gate does later, as far as the watched place sees it."""
    db.expire_all()
    for job in db.scalars(select(IngestJob)):
        job.state = state
        job.problem = {"code": "x", "vi": "Bị từ chối.", "en": "It was refused."} if state is JobState.REFUSED else None
    db.commit()


def look() -> list[watching.Told]:
    return list(watching.watch())


def below(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_takes_what_is_at_rest_and_moves_it_once_the_gate_has_let_it_in(db, cast, session, root, at_rest):
    lay_down(root, session, begin="Hội nghị tháng 3 ")
    assert look() == []
    upload = db.scalars(select(Upload)).one()
    assert (upload.filename, upload.uploaded_by, upload.session_id) == ("phần 1.mp3", cast.staff.id, session.id)
    assert all(path.startswith("taken/") for path in below(root))
    assert look() == []  # The gate has not decided yet.
    decide(db, JobState.ENCODING)
    (told,) = look()
    assert not told.is_failed
    assert below(root) == [f"done/Hội nghị tháng 3 {session.id}/phần 1.mp3"]


def test_leaves_what_still_changes_or_is_open_or_unfinished(db, session, root, monkeypatch):
    path = lay_down(root, session)
    lay_down(root, session, "phần 2.mp3.part")
    lay_down(root, session, ".phần 3.mp3")
    old = time.time() - 3600
    os.utime(path, (old, old))  # A copy may bring an old time along: what counts is when it was last touched here.
    assert list(WatchedFolder(root).at_rest(60)) == []
    later = time.time() + 120
    monkeypatch.setattr("ingest.watched_places.time.time", lambda: later)
    assert list(WatchedFolder(root).at_rest(60)) == [f"{session.id}/phần 1.mp3"]
    with path.open("rb"):
        assert list(WatchedFolder(root).at_rest(60)) == []


def test_what_the_gate_refuses_later_is_destroyed_and_leaves_its_reason_only(db, session, root, at_rest):
    lay_down(root, session, "tài liệu.pdf")
    look()
    decide(db, JobState.REFUSED)
    (told,) = look()
    assert told.is_failed
    (reason,) = below(root)
    assert reason.startswith(f"failed/{session.id}/tu-choi-")
    assert (root / reason).read_text("utf-8") == "Bị từ chối.\nIt was refused.\n"


def test_what_cannot_be_taken_goes_aside_with_the_reason_in_both_languages(db, session, root, at_rest):
    lay_down(root, session, "trống.mp3", b"")
    (root / "lạc.mp3").write_bytes(CONTENT)
    assert [each.is_failed for each in look()] == [True, True]
    assert below(root) == [
        f"failed/{session.id}/trống.mp3",
        f"failed/{session.id}/trống.mp3.txt",
        "failed/lạc.mp3",
        "failed/lạc.mp3.txt",
    ]
    reason = (root / "failed" / "lạc.mp3.txt").read_text("utf-8")
    assert "mã hội nghị" in reason
    assert "the conference's id" in reason


def test_takes_any_name_that_a_disk_takes(db, session, root, at_rest):
    folder = lay_down(root, session, "ngắn.mp3").parent
    long = "ộ" * 83 + ".mp3"
    (folder / long).write_bytes(b"")
    odd = os.fsencode(folder) + b"/b\xe0i \xff.mp3"
    Path(os.fsdecode(odd)).write_bytes(CONTENT[:-1])
    unread = lay_down(root, session, "không đọc được.mp3", CONTENT[:-2])
    unread.chmod(0)
    look()
    decide(db, JobState.ENCODING)
    look()
    done = {os.fsencode(path.name) for path in (root / "done" / str(session.id)).iterdir()}
    assert {"ngắn.mp3".encode(), b"b\xe0i \xff.mp3"} <= done
    failed = sorted((root / "failed" / str(session.id)).iterdir())
    assert [path.suffix for path in failed] == [".mp3", ".txt"]
    assert failed[1].name == f"{failed[0].name}.txt"
    assert "b\ufffdi \ufffd.mp3" in db.scalars(select(Upload.filename)).all()


def test_an_unknown_conference_is_said_and_nothing_is_written_over(db, session, root, at_rest):
    for content in (b"one", b"two"):
        path = root / str(uuid4()).upper() / "a.mp3"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    lay_down(root, session, "trống.mp3", b"")
    look()
    lay_down(root, session, "trống.mp3", b"")
    look()
    assert (root / "failed" / str(session.id) / "trống (2).mp3").exists()
    assert len([path for path in below(root) if path.endswith("a.mp3")]) == 2


@pytest.mark.parametrize("broken", ["write", "move"])
def test_a_kill_between_two_writes_neither_loses_nor_doubles(db, session, root, at_rest, monkeypatch, broken):
    lay_down(root, session)
    whole = getattr(WatchedFolder, broken)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WatchedFolder, broken, killed)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.setattr(WatchedFolder, broken, whole)
    look()
    decide(db, JobState.READY)
    monkeypatch.setattr(WatchedFolder, broken, killed)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.setattr(WatchedFolder, broken, whole)
    look()
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 1
    assert [path for path in below(root) if path.endswith(".mp3")] == [f"done/{session.id}/phần 1.mp3"]
    assert not list((root / "taken").iterdir())


def test_nothing_is_taken_until_somebody_answers_for_it(db, session, root, at_rest, configure):
    path = lay_down(root, session)
    for missing in ({"watch_by": ""}, {"watch_declared": ""}):
        configure(watch_dir=root, **missing)
        with pytest.raises(watching.WatchUndeclared):
            look()
    configure(watch_dir=root, watch_by="nobody")
    with pytest.raises(watching.intake.PersonUnknown):
        look()
    configure(watch_dir=root, watch_by="mai")  # A member may not upload.
    (told,) = look()
    assert told.is_failed
    assert not path.exists()
    assert db.scalars(select(Upload)).all() == []


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    with seaweedfs() as server:
        yield server


def test_a_watched_bucket_does_the_same(db, cast, session, configure, s3_server, tmp_path, monkeypatch):
    bucket = s3_server.storage(tmp_path / "lent")
    configure(
        watch_s3_bucket=s3_server.bucket,
        watch_s3_endpoint=s3_server.endpoint,
        watch_s3_access_key=s3_server.access_key,
        watch_s3_secret_key=s3_server.secret_key,
        watch_s3_prefix="vao/day",
        watch_rest_seconds=3600,
    )
    bucket.put_bytes(f"vao/day/{session.id}/phần 1.mp3", CONTENT)
    bucket.put_bytes(f"vao/day/{session.id}/trống.mp3", b"")
    assert look() == []  # Both are new.
    monkeypatch.setattr(watching.workshop_settings(), "watch_rest_seconds", -5)
    assert [each.is_failed for each in look()] == [True]
    decide(db, JobState.ENCODING)
    assert [each.is_failed for each in look()] == [False]
    assert db.scalar(select(func.count()).select_from(IngestJob)) == 1
    assert sorted(bucket.list("vao/day")) == [
        f"vao/day/done/{session.id}/phần 1.mp3",
        f"vao/day/failed/{session.id}/trống.mp3",
        f"vao/day/failed/{session.id}/trống.mp3.txt",
    ]
