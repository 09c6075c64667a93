"""Audit entries as text for COPY, sealed on the way: each is linked to the one before it, as the sealer would do."""

import json
from collections.abc import Iterable, Iterator

from api.seed.nation.rows import Noted
from sessions import audit

COLUMNS = (
    "at",
    "actor_id",
    "action",
    "subject_kind",
    "subject_id",
    "detail",
    "content_sha256",
    "seal_position",
    "seal_sha256",
)
#: Lines that are sent together.
_BLOCK = 2000


def sealed(end: tuple[int, bytes], entries: Iterable[Noted]) -> Iterator[str]:
    """The entries in the chain's own order, linked to its end as `audit.end_of_chain` gave it."""
    position, last = end
    lines: list[str] = []
    for entry in entries:
        position += 1
        content = audit.content_hash(
            entry.at, entry.actor_id, entry.action, entry.subject_kind, entry.subject_id, entry.detail
        )
        last = audit.link(last, content)
        detail = json.dumps(entry.detail).replace("\\", "\\\\")
        begin = f"{entry.at.isoformat()}\t{entry.actor_id or _NOBODY}\t{entry.action}\t{entry.subject_kind}"
        lines.append(f"{begin}\t{entry.subject_id}\t{detail}\t\\\\x{content.hex()}\t{position}\t\\\\x{last.hex()}\n")
        if len(lines) == _BLOCK:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


_NOBODY = r"\N"
