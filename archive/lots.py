"""Lots drawn from a person's secret seed: the same each time, and unforeseeable to whoever does not hold the seed."""

import hmac
import secrets
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def new_seed() -> str:
    """A secret of 128 bits, in hex."""
    return secrets.token_hex(16)


def fraction(seed: str, *names: object) -> float:
    """A number from 0 up to 1 that belongs to these names."""
    digest = hmac.digest(seed.encode(), "/".join(map(str, names)).encode(), "sha256")
    return int.from_bytes(digest[:6]) / 2**48


def shuffled(seed: str, items: Iterable[Item], *names: object) -> list[Item]:
    """The items in an order that belongs to these names; equal items must not be told apart by their order."""
    return sorted(items, key=lambda item: (fraction(seed, *names, item), str(item)))
