"""A weak link in front of a site: so many bytes a second, so long on the way, both ways, for all connections together.

The kernel's own shaping wants root and knows no delay on this machine's loopback (a proxy shows both anywhere); packets
are not lost here, they are late.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE_BYTES = 1024


@dataclass
class Line:
    """One direction of the link: what is sent waits for what was sent before."""

    free_at: float = 0.0

    def send(self, size: int, bytes_a_second: float) -> float:
        """The moment, by the loop's clock, at which so many bytes have left."""
        now = asyncio.get_running_loop().time()
        self.free_at = max(now, self.free_at) + size / bytes_a_second
        return self.free_at


@dataclass
class Link:
    """`bytes_a_second` and `delay` (seconds, each way) may be changed while it runs; `received` is what came down."""

    target: int
    bytes_a_second: float = float("inf")
    delay: float = 0.0
    received: int = 0
    port: int = 0
    _down: Line = field(default_factory=Line)
    _up: Line = field(default_factory=Line)

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection; its handshake takes a round trip, as a real one does."""
        await asyncio.sleep(2 * self.delay)
        # Whoever leaves takes the connections along: that is no error, and the server need not hear of it.
        with suppress(ConnectionError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._carry(reader, far_writer, self._up), self._carry(far_reader, writer, self._down))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
        arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(arriving, writer, line))
        with suppress(ConnectionError):
            while data := await reader.read(PIECE_BYTES):
                left_at = line.send(len(data), self.bytes_a_second)
                arriving.put_nowait((left_at + self.delay, data))
                # Nothing is read ahead of the line: the server feels how slow it is.
                await _sleep_until(left_at)
        arriving.put_nowait((0.0, b""))
        await delivery

    async def _deliver(
        self, arriving: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, line: Line
    ) -> None:
        with suppress(ConnectionError):
            while (arrival := await arriving.get())[1]:
                await _sleep_until(arrival[0])
                writer.write(arrival[1])
                await writer.drain()
                self.received += len(arrival[1]) if line is self._down else 0
        writer.close()


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


@contextmanager
def link_to(target: int) -> Iterator[Link]:
    """A link to a port of this machine, quick at first, on a port of its own, for as long as the block lasts."""
    link, ready, loop = Link(target), threading.Event(), asyncio.new_event_loop()

    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(link.join, "127.0.0.1", 0)
        link.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield link
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
