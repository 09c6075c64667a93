"""XML that strangers wrote, read without the parts of XML that do harm.

A document type is where entities are declared, be they endless or someone else's files, and no recording needs one: it
is refused at its first word, before any of it is followed. Names come without their namespaces, since systems changed
those over the years and the names themselves say enough.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sessions.errors import Invalid

#: A day's events.xml of a busy meeting is some tens of megabytes.
MOST_BYTES = 512 * 2**20
_PIECE_BYTES = 2**18
#: Deeper than any document of the systems we read; a tree without end would exhaust the stack of its readers.
_MOST_DEPTH = 100


class MarkupRefused(Invalid):
    code = "markup-refused"
    vi = "Tệp XML “{name}” không được đọc: {why_vi}."
    en = "The XML file “{name}” is not read: {why_en}."


def read(path: Path) -> Element:
    """The whole tree of a small document. Raises `MarkupRefused`."""
    root, *children = children_of(path)
    root.extend(children)
    return root


def children_of(path: Path) -> Iterator[Element]:
    """The root without its children, then each child whole, one at a time: a long document is never held as a tree.

    The root comes first and has its attributes only. Raises `MarkupRefused` where the document stops being one.
    """
    reader = _Reader(path)
    if path.stat().st_size > MOST_BYTES:
        raise reader.refusal("quá lớn", "it is too large")
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield from reader.feed(piece)
        yield from reader.feed(b"", last=True)


def text_of(element: Element, *names: str) -> str:
    """The text of the first child that has one of these names and any text; empty when there is none."""
    texts = (child.text.strip() for name in names for child in element.iter(name) if child.text)
    return next(filter(None, texts), "")


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0
        self._done: list[Element] = []
        self._builder = TreeBuilder()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, last: bool = False) -> list[Element]:
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # The latter two: an encoding nobody knows.
            raise self.refusal("tệp hỏng hoặc không phải XML", f"it is damaged or no XML ({error})") from error
        done, self._done = self._done, []
        return done

    def refusal(self, vi: str, en: str) -> MarkupRefused:
        return MarkupRefused(name=self._path.name, why_vi=vi, why_en=en)

    def _doctype(self, *_: object) -> None:
        raise self.refusal("có khai báo thực thể (DOCTYPE)", "it declares a document type, which may hold entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        own = {_local(key): value for key, value in attributes.items()}
        if self._depth == 0:
            self._done.append(Element(_local(name), own))
        else:
            self._builder.start(_local(name), own)
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise self.refusal("lồng quá sâu", "it is nested too deeply")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth >= 1:
            self._builder.end(_local(name))
        if self._depth == 1:
            self._done.append(self._builder.close())
            self._builder = TreeBuilder()

    def _text(self, text: str) -> None:
        if self._depth > 1:
            self._builder.data(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
