"""One supervisor per data directory: the lock that keeps a second away, and what a killed one left behind."""

import fcntl
import json
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from api.embedded import processes
from api.embedded.keys import write_private
from api.embedded.processes import Process
from sessions.errors import Conflict, NotAllowed

#: Every child inherits this variable with the mark of its run, and hands it on to what it starts in turn.
MARK_VARIABLE = "DIEMCAU_RUN"
_STATE = "run.json"
_SHARED = "servers.json"
_STARTING = "…"


class AlreadyRunning(Conflict):
    code = "already-running"
    vi = "Điểm Cầu đang chạy với thư mục dữ liệu {directory} (tiến trình {pid}). Địa chỉ: {address}"
    en = "Diem Cau is already running on the data directory {directory} (process {pid}). Address: {address}"


class NotOurDirectory(NotAllowed):
    code = "not-our-directory"
    vi = "Thư mục dữ liệu {directory} thuộc tài khoản {owner}. Hãy chạy diemcau bằng tài khoản đó."
    en = "The data directory {directory} belongs to the account {owner}. Run diemcau as that account."


class NoDirectory(NotAllowed):
    code = "no-directory"
    vi = "Không tạo được thư mục dữ liệu {directory}: {reason}. Hãy đặt DIEMCAU_DATA_DIR là nơi ghi được."
    en = "The data directory {directory} cannot be made: {reason}. Set DIEMCAU_DATA_DIR to a place you may write to."


class Run:
    """This supervisor's hold on a data directory: its mark, its address for others, and its children on record."""

    def __init__(self, home: Path, lock: int) -> None:
        self.home = home
        self.mark = secrets.token_hex(16)
        self._lock = lock

    def announce(self, address: str) -> None:
        """Tell a second `up` where this one is."""
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)

    def record(self, children: Mapping[int, signal.Signals]) -> None:
        """Keep who the children are and how each is asked to stop, for whoever must clean up if we are killed."""
        found = {process: how for pid, how in children.items() if (process := processes.find(pid))}
        state = {
            "boot": processes.boot_id(),
            "mark": self.mark,
            "children": [{"pid": child.pid, "started": child.started, "stop": how} for child, how in found.items()],
        }
        write_private(self.home / _STATE, json.dumps(state, indent=1), outlives_power=False)

    def share(self, settings: Mapping[str, str]) -> None:
        """Let other commands of the same user find the servers that run here."""
        write_private(self.home / _SHARED, json.dumps(dict(settings)), outlives_power=False)

    def forget(self) -> None:
        """All children are gone: nothing is left to clean up, or to be found."""
        (self.home / _STATE).unlink(missing_ok=True)
        (self.home / _SHARED).unlink(missing_ok=True)


@contextmanager
def claim(home: Path) -> Iterator[Run]:
    """Hold the data directory alone. Raises AlreadyRunning, NotOurDirectory and NoDirectory.

    The kernel lets go of the lock when this process dies, however it dies.
    """
    _make_private(home)
    lock = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _already_running(lock, home) from None
    else:
        run = Run(home, lock)
        run.announce(_STARTING)
        yield run
    finally:
        os.close(lock)


def servers_of(home: Path) -> dict[str, str]:
    """The settings under which `up` reaches its servers on this data directory; none when it does not run."""
    try:
        settings: dict[str, str] = json.loads((home / _SHARED).read_text())
    except (FileNotFoundError, PermissionError, ValueError):  # The last: torn by a power cut, so nothing runs.
        return {}
    return settings


def stop_leftovers(home: Path) -> int:
    """End what a killed supervisor of this directory left running, and say how many processes that were.

    Ours are the recorded children, known by number and start within this boot of the machine, and every process that
    carries the run's random mark. What PostgreSQL leaves behind on its files is found by `cluster`.
    """
    state = _read_state(home)
    if state is None or state["boot"] != processes.boot_id():
        return 0
    recorded = {Process(child["pid"], child["started"]): signal.Signals(child["stop"]) for child in state["children"]}
    left = {child: how for child, how in recorded.items() if processes.is_running(child)}
    for stray in processes.carrying(MARK_VARIABLE, state["mark"]):
        left.setdefault(stray, signal.SIGTERM)
    processes.end(left)
    return len(left)


def _make_private(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refusal:
        raise NoDirectory(directory=home, reason=refusal.strerror) from refusal
    if home.stat().st_uid != os.geteuid():
        raise NotOurDirectory(directory=home, owner=home.owner())


def _already_running(lock: int, home: Path) -> AlreadyRunning:
    first = json.loads(os.pread(lock, 4096, 0) or b"{}")
    return AlreadyRunning(directory=home, pid=first.get("pid", "?"), address=first.get("address", _STARTING))


def _read_state(home: Path) -> Any:
    """The record of a run that did not end well; None if there is none, or if a power cut tore it."""
    with suppress(FileNotFoundError, ValueError):
        return json.loads((home / _STATE).read_text())
    return None
