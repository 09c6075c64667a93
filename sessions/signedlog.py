"""Logs that a device keeps without a link: each entry names the hash of the one before, each piece is signed.

So nothing can be edited, left out, taken from another device or told twice. That proves the device and the order;
what an entry is worth is the question of whoever takes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from sessions.errors import Conflict, DomainError, Invalid


class LogUnreadable(Invalid):
    code = "log-unreadable"
    vi = "Mục số {number} của nhật ký trên máy không đọc được nên không được ghi nhận."
    en = "Entry {number} of the device's log cannot be read, so it was not taken."


class LogBroken(Conflict):
    code = "log-broken"
    vi = "Nhật ký trên máy bị đứt ở mục số {number}: mục này không nối vào mục trước. Phần trước đó đã được ghi nhận."
    en = "The device's log is broken at entry {number}: it does not join the one before. What came before was taken."


class LogRewritten(Conflict):
    code = "log-rewritten"
    vi = "Mục số {number} của nhật ký trên máy khác với mục đã gửi trước đây nên không được ghi nhận."
    en = "Entry {number} of the device's log differs from the one that was delivered before, so it was not taken."


class LogSignatureWrong(Invalid):
    code = "log-signature-wrong"
    vi = "Chữ ký của nhật ký không phải của thiết bị đã mở nhật ký này nên không được ghi nhận."
    en = "The log is not signed by the device that it belongs to, so it was not taken."


class Chain(Protocol):
    """Where a log stands: the number that comes next, and the hash that it must name."""

    next_number: int
    head_sha256: str


Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True)
class Link(Generic[Entry]):
    """One entry that joined, with its text, its hash, and the number of the first entry of its piece."""

    entry: Entry
    number: int
    text: str
    sha256: str
    piece_start: int


def piece_text(log_id: UUID, hashes: Sequence[str]) -> str:
    """What a device signs of a piece: the log (a lease, a point's log) and the hash of every entry in it."""
    return "\n".join(["diemcau-log-1", str(log_id), *hashes])


def join(
    chain: Chain,
    is_of: Callable[[Entry], bool],
    texts: Sequence[tuple[str, str]],
    shape: type[Entry],
    kept_hash: Callable[[int], str],
    keep: Callable[[Link[Entry]], None],
) -> tuple[list[Entry], DomainError | None]:
    """Keep the entries (text and SHA-256) that continue a chain, which moves on; gives them, and why no more joined.

    Those that are kept already are passed over if they are the same.
    """
    taken: list[Entry] = []
    start: int | None = None
    for text, sha256 in texts:
        try:
            entry = shape.model_validate_json(text)
        except ValidationError:
            return taken, LogUnreadable(number=chain.next_number)
        number, previous = _place_of(entry)
        start = number if start is None else start
        if is_of(entry) and number < chain.next_number:
            if kept_hash(number) != sha256:
                return taken, LogRewritten(number=number)
            continue
        if not is_of(entry) or (number, previous) != (chain.next_number, chain.head_sha256):
            return taken, LogBroken(number=number)
        keep(Link(entry, number, text, sha256, start))
        chain.next_number, chain.head_sha256 = number + 1, sha256
        taken.append(entry)
    return taken, None


def _place_of(entry: BaseModel) -> tuple[int, str]:
    fields = entry.model_dump(include={"number", "previous"})
    return fields["number"], fields["previous"]
