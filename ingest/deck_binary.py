"""Reads the words of a PPT file, straight from its records ([MS-PPT] and [MS-ODRAW], Microsoft's open specifications).

Also what a quick save has left in the file of an earlier state is read: whoever gets the file gets that too.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import olefile

from ingest.markings import Passage, Source

_HEADER = struct.Struct("<HHI")  # Version (4 bits) and instance (12), type, length of what follows.
_CONTAINER = 0xF  # The version of a record that holds records.
_DEEPEST = 40
_TEXT_CHARS, _TEXT_BYTES, _C_STRING = 4000, 4008, 4026
_NOTES, _COMMENT, _SLIDE_LIST, _SLIDE_PERSIST = 1008, 12000, 4080, 1011
_SHAPE_PROPERTIES, _GEOMETRY_TEXT = (0xF00B, 0xF122), 0x00C0
_PROPERTIES = ("title", "subject", "author", "keywords", "comments", "category", "manager", "company", "last_saved_by")


@dataclass(frozen=True)
class _Place:
    """Where in the tree of records a text stands."""

    depth: int = 0
    source: Source = Source.TEXT
    in_slide_list: bool = False


def read(path: Path) -> Iterator[Passage]:
    """The properties, then every text; the page is known of titles and bodies, not of free text boxes."""
    with olefile.OleFileIO(path) as file:
        properties = file.get_metadata()
        for name in _PROPERTIES:
            yield Passage(_decode(getattr(properties, name), properties.codepage), Source.PROPERTY)
        content = file.openstream("PowerPoint Document").read()
    yield from texts_of(content)


def texts_of(stream: bytes) -> Iterator[Passage]:
    """Every text in the records of the stream `PowerPoint Document`."""
    return _texts(memoryview(stream), _Place())


def _decode(value: object, codepage: int | None) -> str:
    if not isinstance(value, bytes):
        return str(value or "")
    page = (codepage or 1252) % 65536  # Kept as a signed number: UTF-8, 65001, stands there as -535.
    try:
        return value.decode("utf-8" if page == 65001 else f"cp{page}", errors="replace")
    except LookupError:
        return value.decode("latin-1")


def _texts(records: memoryview, place: _Place) -> Iterator[Passage]:
    page = 0
    for kind, instance, version, body in _split(records):
        if kind == _SLIDE_PERSIST:
            page += 1
        elif version == _CONTAINER and place.depth < _DEEPEST:
            yield from _texts(body, _inside(place, kind, instance))
        else:
            text = _text_of(kind, instance, body)
            if text:
                yield Passage(text, place.source, page if place.in_slide_list and page else None)


def _inside(place: _Place, kind: int, instance: int) -> _Place:
    inner = replace(place, depth=place.depth + 1)
    if kind == _SLIDE_LIST:  # Of slides (0), masters (1) or notes (2).
        return replace(inner, in_slide_list=instance == 0, source=Source.NOTES if instance == 2 else place.source)
    return replace(inner, source=Source.NOTES) if kind in (_NOTES, _COMMENT) else inner


def _split(records: memoryview) -> Iterator[tuple[int, int, int, memoryview]]:
    """Type, instance, version and content of each record, one after the other."""
    at = 0
    while at + _HEADER.size <= len(records):
        first, kind, length = _HEADER.unpack_from(records, at)
        at += _HEADER.size
        yield kind, first >> 4, first & 0xF, records[at : at + length]
        at += length


def _text_of(kind: int, instance: int, body: memoryview) -> str:
    if kind in (_TEXT_CHARS, _C_STRING):
        text = bytes(body).decode("utf-16-le", errors="ignore")
    elif kind == _TEXT_BYTES:
        text = bytes(body).decode("latin-1")  # The low bytes of UTF-16, where all high ones are 0.
    elif kind in _SHAPE_PROPERTIES:
        text = _word_art(body, instance)
    else:
        return ""
    return text.replace("\r", "\n").replace("\v", "\n").rstrip("\0")


def _word_art(body: memoryview, count: int) -> str:
    """The text of lettering drawn as a shape: one of the long properties, which follow the table of all in order."""
    at = 6 * count
    for number in range(count):
        if 6 * number + 6 > len(body):
            break
        name, value = struct.unpack_from("<HI", body, 6 * number)
        if name & 0x8000:
            if name & 0x3FFF == _GEOMETRY_TEXT:
                return bytes(body[at : at + value]).decode("utf-16-le", errors="ignore")
            at += value
    return ""
