"""Looks for classification markings in what a file says: its name, properties, text, notes, and what OCR reads.

Pure: it is given passages and gives hits. A hit names the rule and the place, never the text that was found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest import marking_lines, marking_names
from ingest.marking_rules import DEFAULT_RULES, Certainty, Rule
from ingest.marking_table import Table, table_of
from ingest.marking_words import Unit, readings, units_of

__all__ = ["DEFAULT_RULES", "Certainty", "Hit", "Line", "Passage", "Rule", "Source", "search"]

#: Properties come as a value, or as "key: value"; a value may hold several, as keywords do.
_KEY = re.compile(
    r"^\s*(?:keywords?|categor(?:y|ies)|subject|title|comments?|description|status|contentstatus)\s*[:=]", re.I
)
_FIELDS = re.compile(r"[,;]")
#: A finding of which so much lies in another is the same one.
MOST_COVERED = 0.5


class Source(StrEnum):
    """Where a passage stands."""

    NAME = "name"
    PROPERTY = "property"
    TEXT = "text"
    NOTES = "notes"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture; the box is in shares 0..1 of the picture's width and height.

    A line `is_apart` that was found for itself, as stamps are: no other goes before it or after it.
    """

    text: str
    left: float
    top: float
    width: float
    height: float
    is_apart: bool = False


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
    table = table_of(tuple(rules))
    read = [(passage, list(_units_of(passage, table))) for passage in passages]
    on_subject = any(marking_lines.speaks_of_classification([unit for unit, _ in units], table) for _, units in read)
    hits: dict[tuple[object, ...], Hit] = {}
    for passage, units in read:
        for hit in _hits_in(passage, units, table, on_subject):
            place = (hit.rule, hit.source, hit.page, hit.at_seconds, hit.box)
            if place not in hits or hits[place].certainty is Certainty.DOUBTFUL:
                hits[place] = hit
    return _one_for_each_place(list(hits.values()))


def _one_for_each_place(hits: list[Hit]) -> list[Hit]:
    """Leave out what a surer or larger finding covers: one stamp may have been read in several ways."""
    best = sorted(hits, key=lambda hit: (hit.certainty is not Certainty.CERTAIN, -_area(hit)))
    kept: list[Hit] = []
    for hit in best:
        if not any(_covers(other, hit) for other in kept):
            kept.append(hit)
    return [hit for hit in hits if hit in kept]


def _area(hit: Hit) -> float:
    return hit.box[2] * hit.box[3] if hit.box else 0.0


def _covers(one: Hit, other: Hit) -> bool:
    """Whether two findings stand in one picture, and most of the smaller one lies in the other."""
    if one.box is None or other.box is None or (one.page, one.at_seconds) != (other.page, other.at_seconds):
        return False
    across = min(one.box[0] + one.box[2], other.box[0] + other.box[2]) - max(one.box[0], other.box[0])
    down = min(one.box[1] + one.box[3], other.box[1] + other.box[3]) - max(one.box[1], other.box[1])
    return across > 0 and down > 0 and across * down >= MOST_COVERED * min(_area(one), _area(other))


def _hits_in(
    passage: Passage, units: Sequence[tuple[Unit, Line | None]], table: Table, on_subject: bool
) -> Iterator[Hit]:
    def hit(rule: Rule, certainty: Certainty, line: Line | None = None) -> Hit:
        box = (line.left, line.top, line.width, line.height) if line else None
        return Hit(rule.name, certainty, passage.source, passage.page, passage.at_seconds, box)

    if passage.source in (Source.NAME, Source.PROPERTY):
        for rule, certainty in marking_names.find(passage.text, table):
            yield hit(rule, certainty)
    if passage.source is not Source.NAME:
        is_picture = passage.source is Source.PICTURE
        alone = [unit for unit, _ in units]
        for found in marking_lines.find(alone, table, on_subject=on_subject, read_by_ocr=is_picture):
            yield hit(found.rule, found.certainty, units[found.unit][1])


def _units_of(passage: Passage, table: Table) -> Iterator[tuple[Unit, Line | None]]:
    """Split a passage where lines, columns and fields end."""
    if passage.lines:
        for line in passage.lines:
            for unit in units_of(line.text, read_by_ocr=True, is_apart=line.is_apart):
                yield unit, line
        return
    text = _FIELDS.sub("\n", _KEY.sub("", passage.text)) if passage.source is Source.PROPERTY else passage.text
    for written in text.splitlines():
        for unit in units_of(_as_meant(written, table), read_by_ocr=passage.source is Source.PICTURE):
            yield unit, None


def _as_meant(line: str, table: Table) -> str:
    """Choose the reading of a line that has a marking, since it may have been decoded by a wrong table."""
    first, *others = readings(line)
    return next((other for other in others if marking_lines.holds_marking(other, table)), first)
