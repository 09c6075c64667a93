"""Reads the words of a PPTX or ODP from its parts of markup, which `deck_content` has found bounded and harmless."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ingest.markings import Passage, Source

_RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Elements that hold a line of their own: paragraphs, headings, comments, chart labels, alternative texts.
_LINES = {"p", "h", "text", "v", "title", "desc"}
_BREAKS = {"br": "\n", "line-break": "\n", "tab": "\t", "s": " "}
#: Where PowerPoint keeps what is not on the slides.
_NOTES = ("ppt/notesSlides/", "ppt/comments/", "ppt/notesMasters/", "ppt/handoutMasters/")
_PROPERTIES = ("docProps/", "customXml/")


def read_pptx(path: Path) -> Iterator[Passage]:
    """Every part's lines, those of masters, charts, diagrams, notes and comments too, with the page they belong to."""
    with zipfile.ZipFile(path) as package:
        pages = _pages_of_parts(package)
        for name in package.namelist():
            if not name.endswith(".xml") or name == "[Content_Types].xml":
                continue
            part = _parse(package, name)
            if name.startswith(_PROPERTIES):
                yield from _properties(part)
            else:
                source = Source.NOTES if name.startswith(_NOTES) else Source.TEXT
                yield Passage("\n".join(_lines(part)), source, pages.get(name))


def read_odp(path: Path) -> Iterator[Passage]:
    """The lines of every page and its notes, then of the masters, and the properties."""
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        if "meta.xml" in names:
            yield from _properties(_parse(package, "meta.xml"))
        if "content.xml" in names:
            yield from _pages_of_odp(_parse(package, "content.xml"))
        if "styles.xml" in names:
            yield Passage("\n".join(_lines(_parse(package, "styles.xml"))), Source.TEXT)


def _pages_of_odp(content: Element) -> Iterator[Passage]:
    position = 0
    hidden = _hidden_styles(content)
    for page in content.iter():
        if _name(page) != "page":
            continue
        shown = _attribute(page, "style-name") not in hidden
        position += shown
        number = position if shown else None
        for notes in [child for child in page if _name(child) == "notes"]:
            yield Passage("\n".join(_lines(notes)), Source.NOTES, number)
            page.remove(notes)
        for comment in [child for child in page if _name(child) == "annotation"]:
            yield Passage("\n".join(_lines(comment)), Source.NOTES, number)
            page.remove(comment)
        yield Passage("\n".join(_lines(page)), Source.TEXT, number)


def _hidden_styles(content: Element) -> set[str]:
    return {
        _attribute(style, "name")
        for style in content.iter()
        if _name(style) == "style" and any(_attribute(child, "visibility") == "hidden" for child in style)
    }


def _pages_of_parts(package: zipfile.ZipFile) -> dict[str, int]:
    """Which part stands on which page (1 for the first that is shown): slides, and what only one slide refers to."""
    names = set(package.namelist())
    main = "ppt/presentation.xml"
    if main not in names:
        return {}
    targets = _targets(package, main)
    ids = [each.get(_RELATIONSHIP) or "" for each in _parse(package, main).iter() if _name(each) == "sldId"]
    slides = [targets[each] for each in ids if targets.get(each) in names]
    shown = [slide for slide in slides if _parse(package, slide).get("show") not in ("0", "false")]
    pages = {}
    for number, slide in enumerate(shown, 1):
        pages[slide] = number
        for part in _targets(package, slide).values():
            if "slideLayout" not in part:
                pages[part] = number
    return pages


def _targets(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What a part refers to within the package, by the id of the relationship; nothing when that list is missing."""
    folder, name = posixpath.split(part)
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in package.namelist():
        return {}
    return {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/")
        for each in _parse(package, rels)
        if each.get("TargetMode") != "External"
    }


def _parse(package: zipfile.ZipFile, name: str) -> Element:
    markup = package.read(name)
    return ElementTree.fromstring(markup) if markup.strip() else Element("empty")  # noqa: S314 - No entities in it.


def _properties(part: Element) -> Iterator[Passage]:
    for each in part.iter():
        if each.text and len(each) == 0:
            yield Passage(each.text, Source.PROPERTY)


def _lines(part: Element) -> Iterator[str]:
    for each in part.iter():
        if _name(each) in _LINES:
            yield "".join(_pieces(each))
        for attribute in ("descr", "title"):  # What PowerPoint keeps alternative texts in.
            if each.get(attribute):
                yield each.attrib[attribute]


def _pieces(line: Element) -> Iterator[str]:
    yield _BREAKS.get(_name(line), line.text or "")
    for child in line:
        yield from _pieces(child)
        yield child.tail or ""


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")
