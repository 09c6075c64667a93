"""Puts what an encoder wrote in its place: whole or not at all, whatever is killed in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.disk import sync_file, sync_folder


@contextmanager
def landing(out: Path) -> Iterator[Path]:
    """Give a temporary name beside `out` to write to. After a good end the bytes are on disk under the name `out`."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        yield partial
        sync_file(partial)
        partial.replace(out)
        sync_folder(out.parent)
    finally:
        partial.unlink(missing_ok=True)
