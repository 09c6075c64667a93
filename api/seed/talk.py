"""The demo's recording and its deck: made here from one text, so that each page and what is said over it agree."""

import json
from dataclasses import dataclass
from pathlib import Path

import typst

from api.seed import lai_chau, speech
from ingest.compose import compose_talk

PIXELS_PER_INCH = 96  # The page is 960 x 540 points, so this gives 1280 x 720 pixels.


@dataclass(frozen=True)
class Talk:
    """A recording with the second at which each page of its deck appears."""

    recording: Path
    deck: Path
    changes: list[float]


def make(folder: Path) -> Talk:
    """Write the deck (PDF with a text layer) and the recording (MP4, about 110 s) into `folder`."""
    deck, pages, words = _render(folder)
    recording = folder / "huong-dan-diem-cau.mp4"
    changes = compose_talk(pages, speech.speak(words, folder), recording)
    return Talk(recording, deck, changes)


def _render(folder: Path) -> tuple[Path, list[Path], list[str]]:
    """The deck as PDF, its pages as pictures, and the narration of each page."""
    # Fonts of this machine are left out: the deck must look the same everywhere.
    compiler = typst.Compiler(lai_chau.data_file("deck.typ"), ignore_system_fonts=True)
    deck = folder / "huong-dan-diem-cau.pdf"
    compiler.compile(output=str(deck), format="pdf")
    pictures = compiler.compile(format="png", ppi=PIXELS_PER_INCH)
    pages = []
    for number, picture in enumerate(pictures if isinstance(pictures, list) else [pictures], start=1):
        assert picture is not None
        pages.append(folder / f"page-{number:02}.png")
        pages[-1].write_bytes(picture)
    return deck, pages, json.loads(compiler.query("<narration>", field="value"))
