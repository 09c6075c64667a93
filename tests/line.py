"""A line between a client and a server that a test makes narrow, holds up, and cuts, and what it does to uploads."""

import asyncio
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

#: Narrow enough that bytes are always under way when something happens.
_BYTES_A_SECOND = 3_000_000
_PIECE_BYTES = 16 * 1024
#: What a client needs before its first byte of a file: pages, a sign-in, a declaration.
_CLOSED, _OPEN = 0, 2**62
_PATIENCE_SECONDS = 120


class Line:
    """Carries everything to a server on this machine, but of what goes up no more than it was allowed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._allowed = _OPEN
        self._writers: set[asyncio.StreamWriter] = set()
        #: Bytes that went up, of whatever request.
        self.passed = 0
        self.address = ""

    def hold(self) -> None:
        """Let nothing more go up for now."""
        self._allowed = _CLOSED

    def allow(self, more: int) -> None:
        """Let so many bytes go up from now on."""
        self._allowed = self.passed + more

    def open(self) -> None:
        self._allowed = _OPEN

    def cut(self) -> None:
        """Break every connection off with a reset, as happens to a phone that leaves its cell."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(timeout=_PATIENCE_SECONDS)

    async def _cut(self) -> None:
        for writer in tuple(self._writers):
            with suppress(OSError):  # It may have been closed a moment ago.
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._writers |= ends
        try:
            beyond, onward = await asyncio.open_connection("127.0.0.1", self._target)
            ends.add(onward)
            self._writers |= ends
            await asyncio.gather(self._pump(reader, onward, counted=True), self._pump(beyond, writer, counted=False))
        except (OSError, asyncio.CancelledError):
            pass  # The server is down, or the line goes down: the client sees a broken connection, as it should.
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool) -> None:
        with suppress(OSError):
            while piece := await source.read(_PIECE_BYTES):
                if counted:
                    await self._wait_for_room(len(piece))
                sink.write(piece)
                await sink.drain()
        sink.close()

    async def _wait_for_room(self, size: int) -> None:
        while self.passed >= self._allowed:
            await asyncio.sleep(0.01)
        self.passed += size
        await asyncio.sleep(size / _BYTES_A_SECOND)

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        try:
            await server.serve_forever()
        finally:
            server.close()
            await self._cut()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line to this port, with an address of its own."""
    line, ready = Line(port), threading.Event()
    asyncio_thread = threading.Thread(target=_run, args=(line, ready), daemon=True)
    asyncio_thread.start()
    assert ready.wait(_PATIENCE_SECONDS)
    try:
        yield line
    finally:
        line._loop.call_soon_threadsafe(_cancel_all, line._loop)
        asyncio_thread.join(timeout=_PATIENCE_SECONDS)


def trouble(lines: list[Line], size: int, *, kill: Callable[[], None], kills: int, cuts: int, seed: int) -> None:
    """Kill the server and cut the lines, in random order and at random moments, while every line carries a file.

    Between two blows each line carries so little of its `size` bytes that no file can be whole before the last of them.
    `kill` returns once the server is up again.
    """

    def cut() -> None:
        for line in lines:
            line.cut()

    chance = random.Random(seed)
    blows = [kill] * kills + [cut] * cuts
    chance.shuffle(blows)
    step = size // (len(blows) + 1)
    try:
        for number, strike in enumerate(blows):
            marks = [line.passed + step * chance.uniform(0.2, 0.9) for line in lines]
            for line in lines:
                line.allow(step)
            _wait_for_all(lines, marks, f"the blow {number} of {len(blows)}, {strike.__name__}")
            strike()
    finally:
        for line in lines:
            line.open()


def _wait_for_all(lines: list[Line], marks: list[float], before: str) -> None:
    """Until each line has carried as many bytes as its mark says."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while behind := [(line.passed, mark) for line, mark in zip(lines, marks, strict=True) if line.passed < mark]:
        assert time.monotonic() < deadline, f"These gave up before {before} (bytes carried, and asked for): {behind}"
        time.sleep(0.002)


def _run(line: Line, ready: threading.Event) -> None:
    loop = line._loop
    asyncio.set_event_loop(loop)
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(line._serve(ready))
    loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
    loop.run_until_complete(asyncio.sleep(0.05))  # What was broken off is closed a turn of the loop later.
    asyncio.set_event_loop(None)
    loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
