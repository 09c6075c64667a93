"""`diemcau export` and `diemcau forward`: what leaves for other systems, into a file or to a learning record store."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from api.settings import api_settings
from archive.xapi import forwarding, journal, telling
from archive.xapi.journal import Scope
from sessions import clock, register
from sessions.db import transaction
from sessions.errors import Invalid
from sessions.models import ConferenceSession


class NoMoment(Invalid):
    code = "no-moment"
    vi = "“{word}” không phải là ngày giờ. Ví dụ: 2026-11-22 hoặc 2026-11-22T07:30."
    en = "“{word}” is no date and time. Examples: 2026-11-22, or 2026-11-22T07:30."


class CannotWrite(Invalid):
    code = "cannot-write"
    vi = "Không ghi được tệp {path}: {trouble}"
    en = "The file {path} cannot be written: {trouble}"


def xapi(arguments: Namespace) -> int:
    """Write the statements of all that was watched until now, in the order of telling.

    `arguments` bring `session` (the conference), `since` (a moment), `lines` (one statement per line instead of one
    JSON array) and `out` (a path); each may be empty.
    """
    session_id: UUID | None = arguments.session
    since = _read_moment(arguments.since) if arguments.since else None
    with transaction() as db:
        if session_id and db.get(ConferenceSession, session_id) is None:
            raise register.SessionUnknown
    telling.tell_all(Scope(api_settings().address, session_id=session_id))
    with transaction() as db, _opened(arguments.out) as out:
        bodies = (row.body for row in journal.told(db, session_id=session_id, since=since))
        count = (_write_lines if arguments.lines else _write_array)(out, bodies)
    sys.stderr.write(f"{count} phát biểu xAPI / xAPI statements\n")
    return 0


def forward(_: Namespace) -> int:
    """Send all that the store has not, at once; 1 when it refused some, for a person to look at."""
    sent = forwarding.forward(again=True)
    sys.stdout.write(
        f"Đã nhận / taken: {sent.taken}; bị từ chối / refused: {sent.refused}; còn chờ / waiting: {sent.waiting}\n"
    )
    return 1 if sent.refused else 0


def _read_moment(word: str) -> datetime:
    """A date or a moment as typed; without a zone it is meant in Vietnam's."""
    try:
        read = datetime.fromisoformat(word)
    except ValueError:
        raise NoMoment(word=word) from None
    return read if read.tzinfo else read.replace(tzinfo=clock.VIETNAM)


def _write_array(out: IO[str], bodies: Iterable[dict[str, Any]]) -> int:
    count = 0
    out.write("[")
    for body in bodies:
        count += 1
        out.write(("\n" if count == 1 else ",\n") + _as_json(body))
    out.write("\n]\n")
    return count


def _write_lines(out: IO[str], bodies: Iterable[dict[str, Any]]) -> int:
    count = 0
    for body in bodies:
        count += 1
        out.write(_as_json(body) + "\n")
    return count


def _as_json(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears under its name once it is whole."""
    if path is None:
        yield sys.stdout
        return
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("w", encoding="utf-8") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except OSError as error:
        raise CannotWrite(path=path, trouble=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)
