"""Turns a deck of any kind into page pictures with their text, for slides + speech.

What members get is pictures and the text that stands on them: links are dropped, animations and films stand still,
hidden slides and speaker notes stay out (`documents` reads those, for the gate alone).
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest import office, runner
from ingest.decks import MOST_PAGES, DeckKind, DeckUnreadable, kind_of, refusal_of

PAGES_PROGRAM = Path(__file__).with_name("pages.py")
MEMORY_BYTES = 2 * 2**30
START_UP_SECONDS = 60.0
SECONDS_PER_PAGE = 10.0  # A page takes 0.14 s; one full of maps has been seen to take several.


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a WebP picture of `width` x `height` pixels and `bytes`, a thumbnail, and its text in NFC."""

    position: int  # 1 for the first
    file: Path
    thumb_file: Path
    width: int
    height: int
    bytes: int
    text: str


def render(deck: Path, out_dir: Path, *, on_page: Callable[[int, int], None]) -> list[Page]:
    """Draw every page of a deck into `out_dir`, 1280 px wide.

    `on_page` gets (pages done, pages in all) at least once a second; what it raises stops the work. Raises what
    `drawable` raises, DeckTooLong, ToolTimedOut, and what `on_page` raises.
    """
    with drawable(deck, out_dir, on_wait=lambda: on_page(0, 1)) as ready:
        pages = _Drawing(None).run(ready, START_UP_SECONDS).pages
        drawing = _Drawing(out_dir).run(ready, START_UP_SECONDS + pages * SECONDS_PER_PAGE, on_page)
    return drawing.drawn


@contextmanager
def drawable(deck: Path, folder: Path, *, on_wait: Callable[[], None] | None = None) -> Iterator[Path]:
    """The deck itself when its pages can be drawn as they are, else a PDF of it that lies in `folder` meanwhile.

    Raises what `decks.kind_of` and `office.to_pdf` raise, and what `on_wait` raises, called at least once a second.
    """
    kind = kind_of(deck)
    if kind in (DeckKind.PDF, DeckKind.PICTURE):
        yield deck
        return
    with tempfile.TemporaryDirectory(prefix="office-", dir=folder) as inside:
        yield office.to_pdf(deck, Path(inside), kind, on_wait=on_wait)


class _Drawing:
    """What the pages program has told so far."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.refused: dict[str, Any] | None = None
        self.pages = 0
        self.drawn: list[Page] = []

    def run(self, deck: Path, deadline_seconds: float, on_page: Callable[[int, int], None] | None = None) -> "_Drawing":
        """Run the program to its end, and raise what it refused with."""
        folder = [str(self.folder)] if self.folder else []
        try:
            runner.run(
                [sys.executable, "-I", str(PAGES_PROGRAM), str(deck), str(MOST_PAGES), *folder],
                deadline_seconds=deadline_seconds,
                on_progress=on_page and (lambda _: on_page(len(self.drawn), max(self.pages, 1))),
                each_line=self._take,
                memory_bytes=MEMORY_BYTES,
                offline=True,
            )
        except runner.ToolFailed as error:
            raise DeckUnreadable from error
        if self.refused:
            raise refusal_of(self.refused)
        return self

    def _take(self, line: bytes) -> None:
        said = json.loads(line)
        if "refused" in said:
            self.refused = said
        elif "pages" in said:
            self.pages = said["pages"]
        else:
            self.drawn.append(self._page(said))

    def _page(self, said: dict[str, Any]) -> Page:
        assert self.folder is not None
        file = self.folder / said["file"]
        return Page(
            position=len(self.drawn) + 1,
            file=file,
            thumb_file=self.folder / said["thumb_file"],
            width=said["width"],
            height=said["height"],
            bytes=file.stat().st_size,
            text=said["text"],
        )
