"""Draws the pages of a PDF, as a program of its own: `python pages.py PDF MOST_PAGES [FOLDER]`.

PDFium is C++ that reads what strangers upload, is not thread-safe, and can take any time and memory over one page.
So `slides` runs it on the runner's leash: whatever it does to this process, the worker stays whole.

It prints one JSON object a line: {"refused": "locked" | "unreadable" | "too-long", "pages": n}; or {"pages": n} and
then, when it was given a folder to draw into, one object for every page.
"""

import json
import sys
import unicodedata
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_ERR_PASSWORD

#: WebP at 1280 px and quality 30 reads as well as lossless down to 12 px of type (OCR 99.1 %), at 16 KB a page.
WIDTH, QUALITY = 1280, 30
THUMBNAIL_WIDTH, THUMBNAIL_QUALITY = 240, 40
#: A page may be a poster or a strip, but its picture may not be larger than this.
MOST_HEIGHT = 2560
MOST_CHARACTERS = 100_000
LINE_ENDS = {"\n", "\t"}


def main() -> None:
    path, most_pages, *folder = sys.argv[1:]
    try:
        deck = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        refuse("locked" if error.err_code == FPDF_ERR_PASSWORD else "unreadable")
        return
    if not 1 <= len(deck) <= int(most_pages):
        refuse("too-long" if len(deck) else "unreadable", len(deck))
        return
    say({"pages": len(deck)})
    if folder:
        for position in range(1, len(deck) + 1):
            draw(deck, position, Path(folder[0]))


def draw(deck: pypdfium2.PdfDocument, position: int, folder: Path) -> None:
    """Write the picture and the thumbnail of a page (1 for the first), and say what they are."""
    page = deck[position - 1]
    width, height = page.get_size()
    picture = page.render(scale=min(WIDTH / width, MOST_HEIGHT / height)).to_pil().convert("RGB")
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL_WIDTH, MOST_HEIGHT), Image.Resampling.LANCZOS)
    names = f"{position:04}.webp", f"{position:04}-thumb.webp"
    picture.save(folder / names[0], "WEBP", quality=QUALITY, method=4)
    thumbnail.save(folder / names[1], "WEBP", quality=THUMBNAIL_QUALITY, method=4)
    text = page.get_textpage().get_text_bounded()[:MOST_CHARACTERS]
    page.close()
    say(
        {"file": names[0], "thumb_file": names[1], "width": picture.width, "height": picture.height, "text": tidy(text)}
    )


def tidy(text: str) -> str:
    """Compose accents (NFC) and drop what is no character: databases refuse NUL, and PDFium has U+FFFE for hyphens."""
    lines = "\n".join(text.splitlines())
    kept = (sign for sign in lines if sign in LINE_ENDS or unicodedata.category(sign) not in {"Cc", "Cn", "Cs", "Co"})
    return unicodedata.normalize("NFC", "".join(kept))


def refuse(why: str, pages: int = 0) -> None:
    say({"refused": why, "pages": pages})


def say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
