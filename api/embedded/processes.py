"""Processes as Linux shows them under /proc: told apart for certain, found by their marks, and ended."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36

#: Seconds that a process gets to leave by itself, unless a caller knows better.
PATIENCE = 5.0


@dataclass(frozen=True)
class Process:
    """One process. Its start, in clock ticks since boot, tells it from a later process with the same number."""

    pid: int
    started: int


def find(pid: int) -> Process | None:
    """The living process with that number; one that ended and was not yet collected does not count."""
    facts = _stat(pid)
    return None if facts is None or facts[0] in "ZX" else Process(pid, int(facts[19]))


def is_taken(pid: int) -> bool:
    """Whether that number belongs to anybody, be it one that ended and was not yet collected."""
    return _stat(pid) is not None


def is_running(process: Process) -> bool:
    return find(process.pid) == process


def everyone() -> Iterator[Process]:
    """All living processes of the machine except this one."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and (process := find(int(entry.name))):
            yield process


def children() -> set[int]:
    """The numbers of this process's direct children, ended but uncollected ones included."""
    numbers = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
    return {pid for pid in numbers if (facts := _stat(pid)) and int(facts[1]) == os.getpid()}


def carrying(variable: str, value: str) -> list[Process]:
    """Every process that was started with `variable=value` in its environment, as far as we may look."""
    wanted = f"{variable}={value}".encode()
    return [process for process in everyone() if wanted in _read(process.pid, "environ").split(b"\0")]


def command_line(process: Process) -> list[str]:
    """The words it was started with; empty if it is gone or another user's."""
    return [os.fsdecode(word) for word in _read(process.pid, "cmdline").split(b"\0")[:-1]]


def working_directory(process: Process) -> Path | None:
    """Where it stands; None if it is gone or another user's."""
    try:
        return (_PROC / str(process.pid) / "cwd").readlink()
    except OSError:
        return None


def boot_id() -> str:
    """Names this boot of the machine: process numbers and starts mean nothing in another."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def end(processes: Mapping[Process, signal.Signals], *, patience: float | None = None) -> None:
    """Ask each to stop by its own signal, wait `patience` seconds, and kill what is left. They need not be children."""
    remaining = [process for process, gently in processes.items() if _send(process, gently)]
    _wait(remaining, PATIENCE if patience is None else patience)
    # What ignores even SIGKILL hangs in the kernel, where waiting longer would not help.
    _wait([process for process in remaining if _send(process, signal.SIGKILL)], 10.0)


def adopt_orphans(*, wanted: bool) -> None:
    """Become the parent of every descendant whose own parent dies, so that none can slip away; or no longer so."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))


def end_adopted(known: set[int]) -> None:
    """Kill and collect every child that is not among the `known` ones: whoever started it is gone.

    Killing one may hand us its own children, so this goes on until none is left, or for 10 seconds.
    """
    deadline = time.monotonic() + 10.0
    while (strays := children() - known) and time.monotonic() < deadline:
        for pid in strays:
            os.kill(pid, signal.SIGKILL)  # An uncollected child takes signals even after its end.
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)


def _send(process: Process, number: signal.Signals) -> bool:
    """Send a signal; False if the process is gone."""
    if not is_running(process):
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _wait(processes: list[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(is_running(process) for process in processes):
        time.sleep(0.02)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on: 0 is the state, 1 the parent, 19 the start (proc(5)).

    The name before them may hold anything, even brackets.
    """
    text = _read(pid, "stat").decode(errors="replace")
    return text.rpartition(")")[2].split() or None


def _read(pid: int, name: str) -> bytes:
    """One file about a process; empty when the process is gone, or when it is not ours to look at."""
    try:
        return (_PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""
