"""Looks for classification markings in what a file says: its name, properties, text, notes, and what OCR reads.

Pure: it is given passages and gives hits. A hit names the rule and the place, never the text that was found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.marking_rules import DEFAULT_RULES, Certainty, Rule

__all__ = ["DEFAULT_RULES", "Certainty", "Hit", "Line", "Passage", "Rule", "Source", "search"]


class Source(StrEnum):
    """Where a passage stands."""

    NAME = "name"
    PROPERTY = "property"
    TEXT = "text"
    NOTES = "notes"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture; the box is in shares 0..1 of the picture's width and height."""

    text: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what a file says: of one page, of one picture, one property, or its name.

    `text` holds one line of the material in each line. `lines` are given for pictures instead, with their places.
    """

    text: str
    source: Source
    page: int | None = None  # 1 for the first
    at_seconds: float | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule found a marking. The box is (left, top, width, height) in shares of the picture."""

    rule: str
    certainty: Certainty
    source: Source
    page: int | None = None
    at_seconds: float | None = None
    box: tuple[float, float, float, float] | None = None


def search(passages: Iterable[Passage], rules: Sequence[Rule] = DEFAULT_RULES) -> list[Hit]:
    """Find the markings in the passages of one file, in their order, each rule once for each place."""
    return []
