"""One contract for both forms of the storage: a directory, and a real S3 service."""

import fcntl
import hashlib
import os
import resource
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from archive.s3storage import S3Storage
from archive.storage import LocalStorage, ObjectDamaged, ObjectMissing, Storage, StorageDown
from sessions import clock
from tests.servers import S3Server, free_ports, seaweedfs

#: Larger than one part of a multipart upload and than one piece in memory, and a multiple of neither.
BIG = os.urandom(9 * 2**20 + 12345)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with seaweedfs() as server:
        yield server


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "storage")
    kept: Storage = request.getfixturevalue("s3_server").storage(tmp_path / "lent")
    kept.delete_prefix("t")
    return kept


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    return path


def read(storage: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(storage.open(key, start, end))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def spoil(storage: Storage, key: str, content: bytes) -> None:
    """Change an object behind the storage's back, as a bad disk or a clumsy hand would."""
    if isinstance(storage, LocalStorage):
        (storage._root / key).write_bytes(content)
    else:
        assert isinstance(storage, S3Storage)
        facts = {"sha256": storage._head(key)["Metadata"]["sha256"]}
        storage._client.put_object(Bucket=storage._bucket, Key=key, Body=content, Metadata=facts)


def test_gives_back_what_was_put_with_its_length_and_hash(storage: Storage, big_file: Path) -> None:
    stored = storage.put("t/big.bin", big_file)
    assert (stored.key, stored.bytes, stored.sha256) == ("t/big.bin", len(BIG), sha256(BIG))
    assert read(storage, "t/big.bin") == BIG
    assert storage.checksum("t/big.bin") == sha256(BIG)
    assert big_file.read_bytes() == BIG


def test_keeps_a_few_bytes_and_an_empty_object(storage: Storage) -> None:
    assert storage.put_bytes("t/a.json", b"{}").sha256 == sha256(b"{}")
    assert storage.put_bytes("t/empty", b"").bytes == 0
    assert (read(storage, "t/a.json"), read(storage, "t/empty")) == (b"{}", b"")


def test_takes_names_in_vietnamese(storage: Storage) -> None:
    key = "t/Hội nghị học tập nghị quyết (phần 1).mp4"
    storage.put_bytes(key, b"x")
    assert list(storage.list("t")) == [key]
    assert read(storage, key) == b"x"


def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    storage.put_bytes("t/a", b"first, and longer")
    storage.put_bytes("t/a", b"second")
    assert read(storage, "t/a") == b"second"


def test_a_moved_file_is_gone_once_it_is_kept(storage: Storage, big_file: Path) -> None:
    assert storage.put("t/big.bin", big_file, move=True).sha256 == sha256(BIG)
    assert not big_file.exists()
    assert storage.checksum("t/big.bin") == sha256(BIG)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(0, 1, id="the first byte"),
        pytest.param(5, None, id="all but five bytes"),
        pytest.param(2**20, 2**20 + 700_000, id="a stretch in the middle"),
        pytest.param(len(BIG) - 3, len(BIG) + 99, id="past the end is cut off"),
        pytest.param(len(BIG), None, id="nothing at the end"),
        pytest.param(len(BIG) + 9, len(BIG) + 20, id="nothing behind the end"),
    ],
)
def test_opens_at_any_place(storage: Storage, big_file: Path, start: int, end: int | None) -> None:
    storage.put("t/big.bin", big_file)
    assert read(storage, "t/big.bin", start, end) == BIG[start:end]


def test_tells_length_and_age_without_reading(storage: Storage) -> None:
    storage.put_bytes("t/a", b"12345")
    facts = storage.stat("t/a")
    assert facts.bytes == 5
    assert abs(facts.modified_at - clock.now()) < timedelta(minutes=1)


def test_lists_and_deletes_a_folder_and_leaves_its_neighbours(storage: Storage) -> None:
    for key in ("t/a/2", "t/a/10", "t/a/b/Ổ", "t/ab", "t/z"):
        storage.put_bytes(key, b"x")
    assert list(storage.list("t/a")) == ["t/a/10", "t/a/2", "t/a/b/Ổ"]
    storage.delete_prefix("t/a")
    assert list(storage.list("t")) == ["t/ab", "t/z"]
    assert list(storage.list("t/a")) == []
    storage.delete_prefix("t/a")


def test_deletes_one_object_and_doesnt_mind_doing_so_twice(storage: Storage) -> None:
    storage.put_bytes("t/a", b"x")
    assert storage.exists("t/a")
    storage.delete("t/a")
    storage.delete("t/a")
    assert not storage.exists("t/a")


@pytest.mark.parametrize("ask", ["open", "stat", "checksum"])
def test_says_so_when_there_is_no_such_object(storage: Storage, ask: str) -> None:
    with pytest.raises(ObjectMissing):
        getattr(storage, ask)("t/none")


def test_lends_no_file_of_an_object_that_is_not_there(storage: Storage) -> None:
    with pytest.raises(ObjectMissing), storage.local_path("t/none"):
        pytest.fail("A file was lent of nothing.")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "t/../../secret",
        "..",
        "t/./a",
        "t//a",
        "t/",
        "t\\a",
        "t/.hidden",
        "t/a\0b",
        "t/a\nb",
        "t/" + unicodedata.normalize("NFD", "hội nghị"),
        "t/" + "ệ" * 86,
        "t/" + "a/" * 512 + "a",
        "t/\udcff",
    ],
)
def test_takes_nothing_that_is_no_key(storage: Storage, big_file: Path, key: str) -> None:
    asked = [
        lambda: storage.put(key, big_file, move=True),
        lambda: storage.put_bytes(key, b"x"),
        lambda: storage.open(key),
        lambda: storage.stat(key),
        lambda: storage.delete(key),
        lambda: storage.delete_prefix(key),
        lambda: storage.list(key),
    ]
    for ask in asked:
        with pytest.raises(ObjectMissing):
            ask()
    assert not storage.exists(key)
    assert big_file.exists()


def test_lends_a_real_file_and_takes_it_back(storage: Storage, big_file: Path, tmp_path: Path) -> None:
    storage.put("t/bản ghi.mp4", big_file)
    with storage.local_path("t/bản ghi.mp4", sha256(BIG)) as path:
        assert path.suffix == ".mp4"
        assert path.read_bytes() == BIG
    assert storage.checksum("t/bản ghi.mp4") == sha256(BIG)
    assert not any((tmp_path / "lent").glob("*"))


def test_lends_no_damaged_file(storage: Storage, tmp_path: Path) -> None:
    stored = storage.put_bytes("t/a", b"as it was")
    spoil(storage, "t/a", b"as it is!")
    with pytest.raises(ObjectDamaged), storage.local_path("t/a", stored.sha256):
        pytest.fail("The damaged file was lent.")
    assert storage.checksum("t/a") != stored.sha256
    assert not any((tmp_path / "lent").glob("*"))


# What only one of the two can show.


@pytest.fixture
def only_a_mebibyte_may_be_written() -> Iterator[None]:
    """The kernel refuses longer files of this process, in the middle of a write, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_local_keeps_what_was_there_when_the_disk_refuses(
    tmp_path: Path, big_file: Path, only_a_mebibyte_may_be_written: None
) -> None:
    storage = LocalStorage(tmp_path / "storage")
    storage.put_bytes("t/a", b"before")
    with pytest.raises(OSError, match="File too large"):
        storage.put("t/a", big_file)
    assert read(storage, "t/a") == b"before"
    assert [path.name for path in (tmp_path / "storage").rglob("*") if path.is_file()] == ["a"]


def test_local_clears_away_what_a_killed_process_left_and_nothing_in_use(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "storage")
    storage.put_bytes("t/a", b"x")
    arriving = tmp_path / "storage" / ".arriving"
    for name in ("left-behind", "in-use", "just-made"):
        (arriving / name).write_bytes(b"half a fi")
    for name in ("left-behind", "in-use"):
        os.utime(arriving / name, (0, 0))
    with (arriving / "in-use").open("rb") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_EX)
        storage.put_bytes("t/b", b"x")
    assert {path.name for path in arriving.iterdir()} == {"in-use", "just-made"}


def test_local_copies_before_it_deletes_when_a_move_crosses_disks(big_file: Path, tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("This machine has no second file system to move to.")
    source = other / f"diemcau-{os.getpid()}.bin"
    source.write_bytes(BIG)
    try:
        stored = LocalStorage(tmp_path / "storage").put("t/big.bin", source, move=True)
        assert stored.sha256 == sha256(BIG)
        assert not source.exists()
    finally:
        source.unlink(missing_ok=True)


def test_an_original_stays_when_its_copy_reads_back_differently(
    storage: Storage, big_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(storage, LocalStorage):
        monkeypatch.setattr(LocalStorage, "_take", lambda *_: None)  # As if it lay on another disk.
    monkeypatch.setattr(storage, "checksum", lambda _: sha256(b"something else"))
    with pytest.raises(ObjectDamaged):
        storage.put("t/big.bin", big_file, move=True)
    assert big_file.read_bytes() == BIG


def test_local_files_are_served_by_us_alone(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "storage")
    storage.put_bytes("t/a", b"x")
    assert storage.url("t/a", 60) is None


def test_s3_links_serve_ranges_to_anybody_until_tampered_with(s3_server: S3Server, tmp_path: Path) -> None:
    storage = s3_server.storage(tmp_path)
    storage.put_bytes("t/trang 1.webp", b"0123456789")
    link = storage.url("t/trang 1.webp", 60)
    assert link
    with urllib.request.urlopen(urllib.request.Request(link, headers={"Range": "bytes=2-4"})) as answer:
        assert (answer.status, answer.read(), answer.headers["Content-Type"]) == (206, b"234", "image/webp")
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))
    refused.value.close()


def test_s3_clears_away_the_files_lent_to_a_killed_process(s3_server: S3Server, tmp_path: Path) -> None:
    storage = s3_server.storage(tmp_path)
    storage.put_bytes("t/a", b"x")
    (tmp_path / "abandoned").mkdir()
    (tmp_path / "abandoned" / "recording.mp4").write_bytes(b"half a fi")
    os.utime(tmp_path / "abandoned", (0, 0))
    with storage.local_path("t/a") as first, storage.local_path("t/a") as second:
        os.utime(first.parent, (0, 0))
        assert {path.name for path in tmp_path.iterdir()} == {first.parent.name, second.parent.name}
        with storage.local_path("t/a"):
            assert first.exists()


def test_s3_deletes_more_than_one_request_can_name(s3_server: S3Server, tmp_path: Path) -> None:
    storage = s3_server.storage(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: storage.put_bytes(f"many/{number:04}", b""), range(1005)))
    assert sum(1 for _ in storage.list("many")) == 1005
    storage.delete_prefix("many")
    assert list(storage.list("many")) == []


def test_s3_that_does_not_answer_is_said_to_be_down(s3_server: S3Server, tmp_path: Path) -> None:
    [port] = free_ports(1)
    storage = s3_server.storage(tmp_path, endpoint=f"http://127.0.0.1:{port}")
    with pytest.raises(StorageDown):
        storage.exists("t/a")


def test_s3_refuses_a_wrong_secret_loudly(s3_server: S3Server, tmp_path: Path) -> None:
    storage = s3_server.storage(tmp_path, secret_key="guessed")
    with pytest.raises(Exception, match=r"403|SignatureDoesNotMatch"):
        storage.put_bytes("t/a", b"x")
