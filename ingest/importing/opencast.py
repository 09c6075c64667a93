"""Opencast: a mediapackage, which is a manifest and the files that it names, in a folder or a zip of one.

A manifest names many forms of the same: the tracks as they were recorded, and what was made of them. Only the former
are taken, as our own ladder makes the rest. Segments found by Opencast become chapters, its pictures of them a deck.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from archive.models import AttachmentKind
from ingest.importing import markup
from ingest.importing.package import DOCUMENTS, PICTURES, Chapter, Package, Recorded, Shown, Slides, System

_NAMES = ("manifest.xml", "index.xml", "mediapackage.xml")
_TEXTS = frozenset({".vtt", ".srt", ".dfxp"})
_PLAYLISTS = frozenset({".m3u8", ".mpd"})
#: MPEG-7 writes a time as T01:02:03:500F1000, and a length as PT1H2M3N500F1000S in the order of its parts.
_TIME = re.compile(r"T(\d+):(\d+):(\d+):(\d+)F(\d+)")
_PREVIEWS = "previews"


def find_manifest(folder: Path) -> Path | None:
    """The manifest of a folder that is a mediapackage; nothing for any other folder. Raises `MarkupRefused`."""
    return next((path for name in _NAMES if (path := folder / name).is_file() and is_manifest(path)), None)


def is_manifest(path: Path) -> bool:
    """Whether an XML file describes a mediapackage."""
    return next(markup.children_of(path)).tag == "mediapackage"


def read(manifest: Path) -> Package:
    """What a mediapackage holds. Raises `MarkupRefused`."""
    root = markup.read(manifest)
    package = Package(System.OPENCAST, manifest.parent)
    if not root.get("id"):
        package.remark("Tệp kê khai không có mã số.", "The manifest has no id.")
    package.title = markup.text_of(_children(root, "title"), "title") or _episode_title(package, root)
    chapters = _chapters(package, root)
    decks = list(_documents(package, root))
    previews, shown = _previews(package, root)
    if previews and not decks:
        decks = [previews]
    else:
        shown = ()
    tracks = _tracks(package, root)
    # The segments were found in one picture, but all tracks of a package were recorded side by side.
    package.recordings += [Recorded(path, chapters, shown) for path in tracks]
    package.decks += decks
    return package


def _children(root: Element, tag: str) -> Element:
    """The root with its children of one name only: deeper elements have titles of their own."""
    kept = Element(root.tag)
    kept.extend(child for child in root if child.tag == tag)
    return kept


def _tracks(package: Package, root: Element) -> list[Path]:
    tracks = [each for each in root.iterfind("media/track") if markup.text_of(each, "url")]
    as_recorded = [each for each in tracks if each.get("type", "").endswith("/source")]
    found: list[Path] = []
    for track in as_recorded or tracks:
        name = markup.text_of(track, "url")
        if Path(name).suffix.lower() in _PLAYLISTS or track.get("transport") == "HLS":
            package.remark(f"Bỏ qua “{name}”: danh sách phát, không phải tệp.", f"“{name}” is a playlist, not a file.")
        elif (path := package.find(name)) and path.suffix.lower() in _TEXTS:
            package.attach(AttachmentKind.TRANSCRIPT, path)
        elif path and path not in found:
            _compare(package, track, path)
            found.append(path)
    return found


def _compare(package: Package, element: Element, path: Path) -> None:
    """Say when a file is not the one that the manifest was written for."""
    for told in element.iter("checksum"):
        if told.get("type", "").lower() == "md5" and told.text:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            if found != told.text.strip().lower():
                package.remark(
                    f"“{path.name}” không khớp mã kiểm tra trong tệp kê khai.",
                    f"“{path.name}” does not match the checksum in the manifest.",
                )


def _documents(package: Package, root: Element) -> Iterator[Slides]:
    for element in root.iterfind("attachments/attachment"):
        name = markup.text_of(element, "url")
        if Path(name).suffix.lower() in DOCUMENTS and (path := package.find(name)):
            _compare(package, element, path)
            yield Slides(name, path.name, (path,))


def _previews(package: Package, root: Element) -> tuple[Slides | None, tuple[Shown, ...]]:
    """The pictures that Opencast took of its segments, as a deck, and when each was on the screen."""
    pictures: dict[float, Path] = {}
    for element in root.iterfind("attachments/attachment"):
        name, time = markup.text_of(element, "url"), _seconds(element.get("ref", ""))
        is_preview = "segment" in element.get("type", "") and Path(name).suffix.lower() in PICTURES
        if is_preview and time is not None and (path := package.find(name)):
            pictures.setdefault(time, path)
    if not pictures:
        return None, ()
    ordered = sorted(pictures.items())
    shown = tuple(Shown(at, _PREVIEWS, page) for page, (at, _) in enumerate(ordered, 1))
    return Slides(_PREVIEWS, f"{package.title or package.folder.name}.pdf", tuple(path for _, path in ordered)), shown


def _chapters(package: Package, root: Element) -> tuple[Chapter, ...]:
    chapters: dict[float, Chapter] = {}
    for catalogue in root.iterfind("metadata/catalog"):
        name = markup.text_of(catalogue, "url")
        if "mpeg-7" not in catalogue.get("type", "") or not (path := package.find(name)):
            continue
        for number, segment in enumerate(_opened(package, path).iter("VideoSegment"), 1):
            if (at := _seconds(markup.text_of(segment, "MediaRelTimePoint", "MediaTimePoint"))) is not None:
                title = " ".join(markup.text_of(segment, "FreeTextAnnotation").split()[:12]) or f"Đoạn {number}"
                chapters[at] = Chapter(at, title)
    return tuple(each for _, each in sorted(chapters.items()))


def _episode_title(package: Package, root: Element) -> str:
    for catalogue in root.iterfind("metadata/catalog"):
        is_own = "dublincore" in catalogue.get("type", "") and "series" not in catalogue.get("ref", "")
        if is_own and (path := package.find(markup.text_of(catalogue, "url"))):
            return " ".join(markup.text_of(_opened(package, path), "title").split())
    return ""


def _opened(package: Package, path: Path) -> Element:
    """A catalogue beside the manifest; an empty one, with a remark, when it can't be read."""
    try:
        return markup.read(path)
    except markup.MarkupRefused as refusal:
        package.remark(refusal.sentence("vi"), refusal.sentence("en"))
        return Element("nothing")


def _seconds(text: str) -> float | None:
    found = _TIME.search(text)
    if not found:
        return None
    hours, minutes, seconds, parts, of = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds + (parts / of if of else 0.0)
