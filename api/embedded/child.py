"""One started program: its lines go to a log, and its end can be awaited."""

import asyncio
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from logging import Logger

#: A program that never ends its line must not fill our memory.
_LONGEST_LINE = 16 * 1024


class Child:
    """A running program in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor.

    It is handed the open `files` under the same numbers.
    """

    def __init__(
        self, command: list[str], environment: Mapping[str, str], log: Logger, *, files: tuple[int, ...] = ()
    ) -> None:
        self.ended = asyncio.Event()
        self.last_lines: deque[str] = deque(maxlen=20)
        self._log = log
        self._started = time.monotonic()
        # Popen in this very thread: the kernel ties a child to the thread that started it, not to the process.
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=files,
        )
        self._reading = asyncio.create_task(self._read_lines())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lived_seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def code(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it runs."""
        return self._process.returncode

    def collect(self) -> None:
        """Take note of its end, if it has ended."""
        if self._process.poll() is not None:
            self.ended.set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        self._process.send_signal(number)

    async def last_words(self) -> None:
        """Wait a moment for what it wrote before its end; a grandchild may hold the pipe open for longer."""
        await asyncio.wait([self._reading], timeout=1)

    async def _read_lines(self) -> None:
        assert self._process.stdout
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, self._process.stdout)
        rest = b""
        while piece := await reader.read(_LONGEST_LINE):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            self._write(lines)
        self._write([rest] if rest else [])
        transport.close()

    def _write(self, lines: list[bytes]) -> None:
        for line in lines:
            text = os.fsdecode(line).encode(errors="replace").decode().rstrip()
            self.last_lines.append(text)
            self._log.info("%s", text)
