"""Reads what a deck says, as a program of its own: `python deck_words.py KIND FILE MOST_PAGES`.

It reads what strangers upload, so `documents` runs it on the runner's leash, after `deck_content` has found the file
bounded and harmless. It prints one JSON object a line: {"source": "text" | "notes" | "property" | "name", "page": n or
null, "text": …}, or last {"refused": why, "pages": n}.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_ERR_PASSWORD

from ingest import deck_binary, deck_package, deck_pdf
from ingest.deck_content import PICTURES
from ingest.markings import Passage, Source
from ingest.pages import MOST_CHARACTERS, tidy


def main() -> None:
    kind, path, most_pages = sys.argv[1:]
    try:
        if kind == "pdf" and (pages := len(pypdfium2.PdfDocument(path))) > int(most_pages):
            say({"refused": "too-long", "pages": pages})
            return
        for said in READERS[kind](Path(path)):
            if text := tidy(said.text[:MOST_CHARACTERS]).strip():
                say({"source": said.source, "page": said.page, "text": text})
    except pypdfium2.PdfiumError as error:
        say({"refused": "locked" if error.err_code == FPDF_ERR_PASSWORD else "unreadable"})


def read_picture(path: Path) -> Iterator[Passage]:
    """The titles and comments that a camera or program has written into a picture file."""
    with Image.open(path, formats=PICTURES) as picture:
        values = [*picture.info.values(), *picture.getexif().values()]
    for value in values:
        text = value.decode(errors="ignore") if isinstance(value, bytes) else value
        if isinstance(text, str):
            yield Passage(text, Source.PROPERTY)


def say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")


READERS: dict[str, Callable[[Path], Iterator[Passage]]] = {
    "pdf": deck_pdf.read,
    "picture": read_picture,
    "pptx": deck_package.read_pptx,
    "odp": deck_package.read_odp,
    "ppt": deck_binary.read,
}

if __name__ == "__main__":
    main()
