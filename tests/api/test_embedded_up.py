"""`diemcau up` as a whole: everything it starts is real, and so are the kills."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.embedded import processes, runstate
from api.embedded.processes import Process
from tests.api.embedded import as_ordinary_user, environment, wait_until
from tests.servers import free_ports

#: Sum over all processes of the idle system, the size promised in the README.
MOST_MEGABYTES = 700
#: The bytes of the queue's file that a disk loses.
_DAMAGED = slice(200, 300)


class Site:
    """One `diemcau up` on a data directory of its own."""

    def __init__(self, home: Path, words: list[str]) -> None:
        self.data = home / "data"
        # A run that hangs says where when it is told to abort.
        settings = {**environment(home), "DIEMCAU_DATA_DIR": str(self.data), "PYTHONFAULTHANDLER": "1"}
        self._text = home / "up.txt"
        with self._text.open("ab") as output:
            self.process = subprocess.Popen(words, env=settings, cwd=home, stdout=output, stderr=output)

    @property
    def output(self) -> str:
        return self._text.read_text()

    @property
    def address(self) -> str:
        return str(json.loads((self.data / "up.lock").read_text())["address"])

    @property
    def mark(self) -> str:
        return str(json.loads((self.data / "run.json").read_text())["mark"])

    @property
    def answers(self) -> bool:
        assert self.process.poll() is None, self.output
        with (
            contextlib.suppress(OSError, ValueError),
            urllib.request.urlopen(f"{self.address}/readyz", timeout=2) as page,
        ):
            return bool(page.status == 200)
        return False

    def family(self) -> set[Process]:
        """All that runs because of this site, found by marks of three kinds, so that one that fails is noticed."""
        marked = set(processes.carrying(runstate.MARK_VARIABLE, self.mark))
        housed = {each for each in processes.everyone() if processes.working_directory(each) == self.data / "postgres"}
        return marked | housed | _below(self.process.pid)

    def stop(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired as error:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"It does not stop: {self.output}") from error


@pytest.fixture(autouse=True)
def _heeding_hangups() -> Iterator[None]:
    """Under nohup these tests would ignore SIGHUP, and what they start would inherit that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty home, which an ordinary user may be given."""
    path = Path(tempfile.mkdtemp(prefix="diemcau-up-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@contextlib.contextmanager
def up(home: Path, python: list[str]) -> Iterator[Site]:
    """A site that answers; whatever the test did to it, its processes are gone afterwards."""
    site = Site(home, [*python, "-m", "api.cli", "up"])
    try:
        wait_until(lambda: site.answers and "Ctrl-C" in site.output, 120)
        yield site
    finally:
        if site.process.poll() is None:
            site.stop(signal.SIGTERM)


def test_serves_on_a_free_port_and_leaves_no_process_after_ctrl_c(place: Path) -> None:
    with _taken(8000), up(place, [sys.executable]) as site:
        assert not site.address.endswith(":8000")
        wait_until(lambda: _workers(site) >= 4)  # The worker itself, its pool of two, and its clock.
        family = site.family()
        assert {"postgres", "valkey-server", "python"} <= {_program(each) for each in family}
        assert _megabytes(family | {_process(site.process.pid)}) < MOST_MEGABYTES
        assert {path.stat().st_mode & 0o777 for path in (site.data / "secrets").iterdir()} == {0o600}
        assert site.output.count(site.address) >= 1

        second = Site(place, [sys.executable, "-m", "api.cli", "up"])
        assert second.process.wait(timeout=30) == 2
        assert second.output.splitlines()[-1].endswith(f"Address: {site.address}")
        assert site.answers

        site.stop(signal.SIGINT)
        assert site.process.returncode == 0, site.output
        assert _survivors(family) == []
        assert not (site.data / "run.json").exists()


def test_recovers_by_itself_from_every_kill_9(place: Path) -> None:
    _settle_on_ports(place / "data")
    with up(place, [sys.executable]) as site:
        address, family, database = site.address, site.family(), _database_of(site)
        with psycopg.connect(database, autocommit=True) as db:
            db.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")

        _kill(_postmaster(site))
        wait_until(lambda: "postgres ended unexpectedly" in site.output)
        wait_until(lambda: site.answers, 120)

        family |= site.family()
        _kill(*(each for each in site.family() if "serve" in processes.command_line(each)))
        # Nobody is refused meanwhile: the request waits until the site is back.
        with urllib.request.urlopen(f"{site.address}/healthz", timeout=120) as page:
            assert page.status == 200

        family |= site.family()
        site.stop(signal.SIGKILL)
        # Stands in for a child that the kernel did not take along.
        survivor = subprocess.Popen(["sleep", "300"], env={"PATH": os.defpath, runstate.MARK_VARIABLE: site.mark})

    with up(place, [sys.executable]) as site:
        assert survivor.wait(timeout=1) == -signal.SIGTERM
        assert _survivors(family) == []
        family = site.family()
        wait_until(lambda: len(_queue_of(site.data).read_bytes()) > _DAMAGED.stop)
        _kill(*family, _process(site.process.pid))
        site.process.wait()

    _damage_queue(site.data)
    with up(place, [sys.executable]) as site:
        assert site.address == address
        assert _survivors(family) == []
        assert list((site.data / "valkey").glob("damaged-*"))
        with psycopg.connect(database) as db:
            assert db.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        site.stop(signal.SIGHUP)
        assert site.process.returncode == 0, site.output


def test_runs_as_an_ordinary_user_with_an_empty_home(place: Path) -> None:
    python = as_ordinary_user([], place)
    with up(place, python) as site:
        family = site.family()
        site.stop(signal.SIGTERM)
        assert site.process.returncode == 0, site.output
        assert _survivors(family) == []


@contextlib.contextmanager
def _taken(port: int) -> Iterator[None]:
    """Somebody listens on that port: we, or whoever already did."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield


def _below(pid: int) -> set[Process]:
    """The living descendants of a process."""
    parents = {each: parent for each in processes.everyone() if (parent := _parent(each)) is not None}
    found: set[Process] = set()
    wanted = {pid}
    while wanted:
        fresh = {each for each, parent in parents.items() if parent in wanted} - found
        found |= fresh
        wanted = {each.pid for each in fresh}
    return found


def _parent(process: Process) -> int | None:
    """The parent's number, or None when the process has ended by now."""
    try:
        return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _process(pid: int) -> Process:
    found = processes.find(pid)
    assert found
    return found


def _program(process: Process) -> str:
    words = processes.command_line(process)
    return Path(words[0].split(":")[0]).name.rstrip("0123456789. ") if words else ""


def _workers(site: Site) -> int:
    return sum("celery" in processes.command_line(each) for each in site.family())


def _megabytes(family: set[Process]) -> float:
    """Memory of them all, shared pages counted once: the sum of their proportional set sizes."""
    total = 0
    for each in family:
        rollup = Path(f"/proc/{each.pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    print(f"the idle system holds {total / 1024:.0f} MB in {len(family)} processes")
    return total / 1024


def _database_of(site: Site) -> str:
    """The address that the site gave to its own children, for psycopg alone."""
    for each in processes.carrying(runstate.MARK_VARIABLE, site.mark):
        for entry in Path(f"/proc/{each.pid}/environ").read_bytes().split(b"\0"):
            if entry.startswith(b"DIEMCAU_DATABASE_URL="):
                return entry.partition(b"=")[2].decode().replace("+psycopg", "")
    raise AssertionError("no child knows the database")


def _postmaster(site: Site) -> Process:
    return _process(int((site.data / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


def _kill(*victims: Process) -> None:
    for each in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.pid, signal.SIGKILL)


def _settle_on_ports(data: Path) -> None:
    """Ports of its own: another test's site would take a usual one while this site's server is down."""
    data.mkdir(mode=0o700)
    (data / "ports.json").write_text(json.dumps(dict(zip(("postgres", "valkey"), free_ports(2), strict=True))))


def _damage_queue(data: Path) -> None:
    """Overwrite the middle of what Valkey kept, as a failing disk might."""
    content = bytearray(_queue_of(data).read_bytes())
    content[_DAMAGED] = b"x" * len(content[_DAMAGED])
    _queue_of(data).write_bytes(content)


def _queue_of(data: Path) -> Path:
    """What Valkey wrote since it was first started."""
    (written,) = (data / "valkey").glob("appendonlydir/*.incr.aof")
    return written


def _survivors(family: set[Process]) -> list[Process]:
    return [each for each in family if processes.is_running(each)]
