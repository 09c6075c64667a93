"""Upload clients that others wrote, as tests use them: they send a file to its end, however often they are cut off."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import aiotus
from tusclient.client import TusClient

#: More tries than any test has troubles, and soon one after the other.
_TRIES, _PAUSE_SECONDS = 200, 0.5


def send_by_tuspy(endpoint: str, cookie: str, file: Path, said: Mapping[str, str], chunk: int) -> None:
    """Raises the client's own errors when the upload cannot be finished."""
    client = TusClient(endpoint, headers={"Cookie": cookie})
    with file.open("rb") as stream:
        client.uploader(
            file_stream=stream, chunk_size=chunk, metadata=dict(said), retries=_TRIES, retry_delay=_PAUSE_SECONDS
        ).upload()


def send_by_aiotus(endpoint: str, cookie: str, file: Path, said: Mapping[str, str], chunk: int) -> None:
    """Raises AssertionError when the upload cannot be finished: the client itself only logs why."""
    metadata = {key: value.encode() for key, value in said.items()}
    patience = aiotus.RetryConfiguration(retry_attempts=_TRIES, max_retry_period_seconds=_PAUSE_SECONDS)
    with file.open("rb") as stream:
        sending = aiotus.upload(
            endpoint, stream, metadata, config=patience, headers={"Cookie": cookie}, chunksize=chunk
        )
        assert asyncio.run(sending), "aiotus gave up"
