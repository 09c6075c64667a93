"""Draws the pages of a PDF or picture file, as a program of its own: `python pages.py FILE MOST_PAGES [FOLDER]`.

PDFium is C++ that reads what strangers upload, is not thread-safe, and can take any time and memory over one page.
So `slides` runs it on the runner's leash: whatever it does to this process, the worker stays whole.

It prints one JSON object a line: {"refused": "locked" | "unreadable" | "too-long", "pages": n}; or {"pages": n} and
then, when it was given a folder to draw into, one object for every page.
"""

import json
import signal
import sys
import unicodedata
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps
from pypdfium2.raw import FPDF_ERR_PASSWORD

#: WebP at 1280 px and quality 30 reads as well as lossless down to 12 px of type (OCR 99.1 %), at 16 KB a page.
WIDTH, QUALITY = 1280, 30
THUMBNAIL_WIDTH, THUMBNAIL_QUALITY = 240, 40
#: A page may be a poster or a strip, but its picture may not be larger than this.
MOST_HEIGHT = 2560
MOST_CHARACTERS = 100_000
LINE_ENDS = {"\n", "\t"}
#: A page takes 0.14 s of processor time; one that takes two hundred times as long is meant to.
MOST_SECONDS_PER_PAGE = 30.0


class PdfDeck:
    """A PDF, of which every page is drawn."""

    def __init__(self, path: Path) -> None:
        self.document = pypdfium2.PdfDocument(path)

    def __len__(self) -> int:
        return len(self.document)

    def draw(self, position: int) -> tuple[Image.Image, str]:
        """The picture of a page (1 for the first) and its text."""
        page = self.document[position - 1]
        width, height = page.get_size()
        picture = page.render(scale=min(WIDTH / width, MOST_HEIGHT / height)).to_pil()
        text = page.get_textpage().get_text_bounded()[:MOST_CHARACTERS]
        page.close()
        return picture, text


class PictureDeck:
    """A picture file, of which every page is one of the deck; of one that moves only the first picture counts."""

    def __init__(self, path: Path) -> None:
        self.pictures = Image.open(path)
        self.pages = getattr(self.pictures, "n_frames", 1) if self.pictures.format == "TIFF" else 1

    def __len__(self) -> int:
        return self.pages

    def draw(self, position: int) -> tuple[Image.Image, str]:
        """The picture of a page (1 for the first), the right way up and no larger than we keep it; it has no text."""
        self.pictures.seek(position - 1)
        self.pictures.draft("RGB", (WIDTH, WIDTH))
        picture = ImageOps.exif_transpose(self.pictures)
        if picture.has_transparency_data:
            paper = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(paper, picture.convert("RGBA"))
        picture = picture.convert("RGB")
        picture.thumbnail((WIDTH, MOST_HEIGHT), Image.Resampling.LANCZOS)
        return picture, ""


def main() -> None:
    path, most_pages, *folder = sys.argv[1:]
    Image.MAX_IMAGE_PIXELS = None  # How large a picture may be was looked at before: see `deck_content`.
    try:
        deck = open_deck(Path(path))
    except pypdfium2.PdfiumError as error:
        refuse("locked" if error.err_code == FPDF_ERR_PASSWORD else "unreadable")
        return
    if not 1 <= len(deck) <= int(most_pages):
        refuse("too-long" if len(deck) else "unreadable", len(deck))
        return
    say({"pages": len(deck)})
    for position in range(1, len(deck) + 1) if folder else ():
        # Counted in processor time, so that a busy machine makes no page too slow.
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS_PER_PAGE)
        keep(*deck.draw(position), position, Path(folder[0]))


def open_deck(path: Path) -> PdfDeck | PictureDeck:
    with path.open("rb") as file:
        return PdfDeck(path) if b"%PDF-" in file.read(1024) else PictureDeck(path)


def keep(drawn: Image.Image, text: str, position: int, folder: Path) -> None:
    """Write the picture and the thumbnail of a page, and say what they are."""
    picture = drawn.convert("RGB")
    thumbnail = picture.copy()
    thumbnail.thumbnail((THUMBNAIL_WIDTH, MOST_HEIGHT), Image.Resampling.LANCZOS)
    names = f"{position:04}.webp", f"{position:04}-thumb.webp"
    picture.save(folder / names[0], "WEBP", quality=QUALITY, method=4)
    thumbnail.save(folder / names[1], "WEBP", quality=THUMBNAIL_QUALITY, method=4)
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
