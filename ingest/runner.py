"""Runs one outside program: on a leash, under a deadline, with a heartbeat, and never leaves a process behind.

ffmpeg-python only compiles argument lists for us. Its own `run` waits blindly; this one reports progress, can be
stopped by its caller at any second, and says how much processor time was spent.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from sessions.errors import DomainError

HEARTBEAT_SECONDS = 0.5
LEASH = Path(__file__).with_name("leash.py")
STDERR_TAIL_BYTES = 16 * 1024
# The packet list of a seven-hour recording is about 50 MB; what says four times as much is not one of ours.
STDOUT_LIMIT_BYTES = 200 * 1024 * 1024
# A program that reads what strangers upload has no business with our passwords, which live in the environment.
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONHOME")


class ToolFailed(DomainError):
    """The program ended with an error. Its last words are for the log only: they may hold names and paths."""

    status = 500
    code = "tool-failed"
    vi = "Công cụ {tool} báo lỗi khi xử lý tệp này (mã {exit_code}). Quản trị viên xem chi tiết trong nhật ký."
    en = "{tool} failed while working on this file (exit {exit_code}). The administrator finds details in the log."

    def __init__(self, *, tool: str, exit_code: int, stderr_tail: str) -> None:
        super().__init__(tool=tool, exit_code=exit_code)
        self.stderr_tail = stderr_tail
        self.add_note(stderr_tail)


class ToolTimedOut(DomainError):
    """The program was killed at its deadline."""

    status = 500
    code = "tool-timed-out"
    vi = "Công cụ {tool} chạy quá {deadline_seconds:.0f} giây nên đã bị dừng. Hãy thử lại khi máy đỡ bận."
    en = "{tool} ran for over {deadline_seconds:.0f} seconds and was stopped. Try again when the machine is less busy."

    def __init__(self, *, tool: str, deadline_seconds: float, stderr_tail: str) -> None:
        super().__init__(tool=tool, deadline_seconds=deadline_seconds)
        self.stderr_tail = stderr_tail
        self.add_note(stderr_tail)


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended well. `stdout` is None when it was spent on progress lines."""

    cpu_seconds: float
    wall_seconds: float
    peak_memory_bytes: int
    stdout: bytes | None
    stderr_tail: str


def run(
    command: Sequence[str],
    *,
    media_seconds: float | None = None,
    deadline_seconds: float,
    on_progress: Callable[[float], None] | None = None,
    each_line: Callable[[bytes], None] | None = None,
    nice: int = 10,
    memory_bytes: int | None = None,
    cpu_seconds: int | None = None,
    offline: bool = False,
    said: bytes = b"",
) -> Finished:
    """Run `command` (an absolute program path and its arguments) to its end.

    With `media_seconds` the program must be ffmpeg: it is asked for progress lines, and `on_progress` gets the share of
    `media_seconds` written so far, 0..1. Without it, stdout is captured, or handed to `each_line` as it comes (in
    another thread), and `on_progress` is a mere heartbeat of 0. It is called at least once a second, and what it raises
    kills the program and goes on to the caller: that is how a lost lease stops the work. `memory_bytes` caps the
    address space and `cpu_seconds` the processor time, of the program and of each that it starts; `offline` takes the
    network away where the kernel lets us; and `said` (at most 4 KiB) is what the program reads from its standard
    input: the one way for a secret, which a command line shows to everybody.

    Raises ToolFailed on a non-zero exit and ToolTimedOut at the deadline.
    """
    started = time.monotonic()
    stdout = _stdout_sink(media_seconds, each_line)
    stderr = _Tail(STDERR_TAIL_BYTES)
    leash = [str(limit) for limit in (os.getpid(), nice, memory_bytes or 0, cpu_seconds or 0)]
    leash.append("offline" if offline else "network")
    process = _start(command, leash, with_progress=media_seconds is not None)
    _say(process.stdin, said)
    pipes = [_drain(process.stderr, into=stderr), _drain(process.stdout, into=stdout)]
    try:
        while (usage := _reap(process)) is None:
            if time.monotonic() - started > deadline_seconds:
                raise ToolTimedOut(
                    tool=Path(command[0]).name, deadline_seconds=deadline_seconds, stderr_tail=stderr.text()
                )
            if on_progress:
                on_progress(stdout.share)
            _wait_a_moment(pipes)
    finally:
        _kill(process)
        for pipe in pipes:
            pipe.join(timeout=5)
    if process.returncode != 0 or stdout.overflowed:
        raise ToolFailed(tool=Path(command[0]).name, exit_code=process.returncode, stderr_tail=stderr.text())
    if on_progress:
        on_progress(1.0)
    return Finished(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - started,
        peak_memory_bytes=usage.ru_maxrss * 1024,
        stdout=stdout.content(),
        stderr_tail=stderr.text(),
    )


def _start(command: Sequence[str], leash: Sequence[str], *, with_progress: bool) -> subprocess.Popen[bytes]:
    program, *arguments = command
    if with_progress:
        arguments = ["-nostdin", "-nostats", "-stats_period", str(HEARTBEAT_SECONDS), "-progress", "pipe:1", *arguments]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LEASH), *leash, program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        process_group=0,
        env={name: value for name in KEPT_ENVIRONMENT if (value := os.environ.get(name))},
    )


def _say(pipe: IO[bytes] | None, words: bytes) -> None:
    """Write to the program and hang up. So little fits the pipe at once, and nobody has to be there to read it."""
    assert pipe is not None
    assert len(words) <= 4096
    with pipe, suppress(BrokenPipeError):  # Who died before reading says why by its exit code.
        pipe.write(words)


def _reap(process: subprocess.Popen[bytes], options: int = os.WNOHANG) -> resource.struct_rusage | None:
    """Collect the process if it has ended, with what it alone used: RUSAGE_CHILDREN would mix it with its siblings."""
    pid, status, usage = os.wait4(process.pid, options)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _wait_a_moment(pipes: list[threading.Thread]) -> None:
    """Sleep until the next heartbeat, or until the program closes its pipes, which is when it ends."""
    still_open = next((pipe for pipe in pipes if pipe.is_alive()), None)
    if still_open:
        still_open.join(HEARTBEAT_SECONDS)
    else:
        time.sleep(0.01)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, so that a helper the program started goes too; leave no zombie. Once reaped, do nothing."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        _reap(process, options=0)


class _Sink(Protocol):
    def take(self, block: bytes) -> None: ...


def _stdout_sink(
    media_seconds: float | None, each_line: Callable[[bytes], None] | None
) -> "_Progress | _Captured | _Lines":
    if media_seconds is not None:
        return _Progress(media_seconds)
    return _Lines(each_line) if each_line else _Captured()


def _drain(pipe: IO[bytes] | None, into: _Sink) -> threading.Thread:
    """Empty a pipe as fast as it fills, because a full pipe stops the program that writes to it."""
    assert pipe is not None

    def read() -> None:
        with pipe:
            while block := pipe.read(64 * 1024):
                into.take(block)

    thread = threading.Thread(target=read, name="drain", daemon=True)
    thread.start()
    return thread


class _Tail:
    """Keeps the last bytes of what a program complains of."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = b""

    def take(self, block: bytes) -> None:
        self._kept = (self._kept + block)[-self._size :]

    def text(self) -> str:
        return self._kept.decode("utf-8", errors="replace")


class _Captured:
    """Keeps what a program prints, up to a limit; past it the rest is dropped, and the run counts as failed."""

    share = 0.0

    def __init__(self) -> None:
        self._kept = bytearray()
        self.overflowed = False

    def take(self, block: bytes) -> None:
        self._kept += block[: STDOUT_LIMIT_BYTES - len(self._kept)]
        self.overflowed = len(self._kept) == STDOUT_LIMIT_BYTES

    def content(self) -> bytes:
        return bytes(self._kept)


class _Lines:
    """Hands on whole lines and keeps none. Should `each_line` raise, the pipe closes and the program fails with it."""

    overflowed = False

    def __init__(self, each_line: Callable[[bytes], None]) -> None:
        self._each_line = each_line
        self._unread = b""
        self.share = 0.0

    def take(self, block: bytes) -> None:
        *lines, self._unread = (self._unread + block).split(b"\n")
        for line in lines:
            self._each_line(line)

    def content(self) -> None:
        return None


class _Progress(_Lines):
    """Reads ffmpeg's `-progress` lines; `share` never goes back, whatever the timestamps of the source do."""

    def __init__(self, media_seconds: float) -> None:
        super().__init__(self._read)
        self._media_seconds = media_seconds

    def _read(self, line: bytes) -> None:
        name, _, value = line.partition(b"=")
        # Before the first frame the value is the word N/A.
        if name == b"out_time_us" and value.strip().isdigit() and self._media_seconds > 0:
            self.share = min(1.0, max(self.share, int(value) / 1e6 / self._media_seconds))
