"""Tells what kind of deck a file is and whether it may be opened, as a program: `python deck_content.py FILE`.

It reads what strangers upload, so `decks` runs it on the runner's leash. Nothing is ever unpacked to disk. It prints
one JSON object: {"kind": "pdf" | "picture" | "pptx" | "ppt" | "odp"} or {"refused": why}.
"""

import json
import posixpath
import re
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.parsers import expat

import msoffcrypto
import olefile
from msoffcrypto.exceptions import FileFormatError
from PIL import Image

PICTURES = ("PNG", "JPEG", "WEBP", "TIFF")
#: A photograph of 100 megapixels takes 300 MB to open; a page is drawn 1.3 to 3 megapixels large.
MOST_PIXELS = 100_000_000
#: A deck with films in it may be large, but a hundred megabytes of markup is no deck.
MOST_PARTS, MOST_BYTES, MOST_MARKUP_BYTES = 20_000, 2 * 2**30, 100 * 2**20
#: Of a picture or film within a deck packing saves little; of markup at most some 50 times.
MOST_RATIO, RATIO_COUNTS_FROM = 200, 10 * 2**20
PRESENTATION = re.compile(
    rb"application/vnd\.(openxmlformats-officedocument\.presentationml|ms-powerpoint)\.[\w.]+main\+xml"
)
OPEN_PRESENTATION = b"application/vnd.oasis.opendocument.presentation"

HREF = "http://www.w3.org/1999/xlink href"
#: Elements whose target is opened by a click, at a show, or never: nothing of it comes into a page.
ONLY_REFER = {"a", "event-listener", "sound", "audio", "video", "plugin", "template", "auto-reload", "script"}


class Refused(Exception):
    """Why the file is not taken: a word that `decks.REFUSALS` knows."""


def main() -> None:
    Image.MAX_IMAGE_PIXELS = None  # Our own limit stands, and refuses with a sentence.
    try:
        said = {"kind": kind_of(Path(sys.argv[1]))}
    except Refused as refusal:
        said = {"refused": str(refusal)}
    sys.stdout.write(json.dumps(said) + "\n")


def kind_of(path: Path) -> str:
    """Give the kind of deck, or raise `Refused`."""
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"PK"):
        return kind_of_package(path)
    if head.startswith(olefile.MAGIC):
        return kind_of_binary(path)
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")) or head[8:12] == b"WEBP":
        return kind_of_picture(path)
    if b"%PDF-" in head:  # Readers accept up to 1024 bytes of something else before it.
        return "pdf"
    raise Refused("not-a-deck")


def kind_of_package(path: Path) -> str:
    """A zip of parts: PPTX or ODP, every part of it whole, bounded and harmless."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            demand_bounded(parts)
            kind = kind_of_parts(package)
            for part in parts:
                demand_harmless(package, part)
            return kind
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError) as error:
        raise Refused("unreadable") from error


def demand_bounded(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse by the table of contents what would burst when unpacked, or would be written elsewhere."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise Refused("too-large")
    for part in parts:
        names = PurePosixPath(part.filename.replace("\\", "/"))
        if names.is_absolute() or ".." in names.parts or part.filename[1:2] == ":":
            raise Refused("unsafe")
        if part.file_size > RATIO_COUNTS_FROM and part.file_size > MOST_RATIO * part.compress_size:
            raise Refused("too-large")
        if part.flag_bits & 1:
            raise Refused("unsafe")  # Zip's own password, which no presentation program sets.


def kind_of_parts(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "mimetype" in names and package.read("mimetype").startswith(OPEN_PRESENTATION):
        if b"encryption-data" in read_markup(package, "META-INF/manifest.xml"):
            raise Refused("sealed")
        return "odp"
    if "[Content_Types].xml" in names and PRESENTATION.search(read_markup(package, "[Content_Types].xml")):
        return "pptx"
    raise Refused("not-a-deck")


def read_markup(package: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a part of markup, empty when it is not there."""
    try:
        part = package.getinfo(name)
    except KeyError:
        return b""
    if part.file_size > MOST_MARKUP_BYTES:
        raise Refused("too-large")
    return package.read(part)


def demand_harmless(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack a part to nowhere: its length and sum must be as declared, and its markup may declare no entities."""
    if part.filename.lower().endswith((".xml", ".rels")):
        markup = read_markup(package, part.filename)
        if markup.strip():
            parser = expat.ParserCreate(namespace_separator=" ")
            parser.EntityDeclHandler = refuse_entity
            parser.StartElementHandler = refuse_link
            parser.Parse(markup, True)
        return
    with package.open(part) as file:
        while file.read(2**20):
            pass


def refuse_entity(*_: object) -> None:
    raise Refused("unsafe")


def refuse_link(element: str, attributes: dict[str, str]) -> None:
    """Refuse an element that shows what lies outside the package, in the notation of ODP.

    LibreOffice opens `file:///…` there whatever its settings say, and would draw the server's own files on a page.
    """
    target = attributes.get(HREF)
    if target is None or element.rpartition(" ")[2] in ONLY_REFER:
        return
    inside = posixpath.normpath(unquote(target.removeprefix("vnd.sun.star.Package:")).replace("\\", "/"))
    if inside.startswith(("/", "..")) or ":" in inside.split("/")[0]:
        raise Refused("linked")


def kind_of_binary(path: Path) -> str:
    """A compound file: PPT, or whatever Office has locked with a password."""
    try:
        with path.open("rb") as file:
            document = msoffcrypto.OfficeFile(file)
            if document.is_encrypted():
                raise Refused("locked")
            file.seek(0)
            if olefile.OleFileIO(file).exists("PowerPoint Document"):
                return "ppt"
    except FileFormatError as error:
        raise Refused("not-a-deck") from error
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise Refused("unreadable") from error
    raise Refused("not-a-deck")


def kind_of_picture(path: Path) -> str:
    try:
        with Image.open(path, formats=PICTURES) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("too-large")
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("unreadable") from error
    return "picture"


if __name__ == "__main__":
    main()
