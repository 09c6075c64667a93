"""A client for load: one connection each, kept open, with so little work of its own that the server has the cores."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass
class Poster:
    """One connection; one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, body: Any, cookie: str) -> int:
        """The status of the answer, once all of it is here."""
        content = json.dumps(body).encode()
        self.writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nCookie: {cookie}\r\n"
            f"Accept-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        assert length, head
        await self.reader.readexactly(int(length.group(1)))
        return int(head[9:12])


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[list[Poster]]:
    """So many connections to a port of this machine, as long as the block lasts."""
    posters = [Poster(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]
    try:
        yield posters
    finally:
        for each in posters:
            each.writer.close()
        await asyncio.gather(*(each.writer.wait_closed() for each in posters))
