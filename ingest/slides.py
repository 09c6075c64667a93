"""Turns a deck into page pictures with their text, for slides + speech."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest import runner
from sessions.errors import Invalid

MOST_PAGES = 2_000
PAGES_PROGRAM = Path(__file__).with_name("pages.py")
MEMORY_BYTES = 2 * 2**30
START_UP_SECONDS = 60.0
SECONDS_PER_PAGE = 10.0  # A page takes 0.14 s; one full of maps has been seen to take several.


class NotADeck(Invalid):
    code = "not-a-deck"
    vi = "Tệp này không phải PDF. Hãy mở bài trình chiếu, chọn lưu (xuất) thành PDF rồi tải lên."
    en = "This file is not a PDF. Open the presentation, save (export) it as PDF, then upload that."


class DeckLocked(Invalid):
    code = "deck-locked"
    vi = "Tệp PDF này có mật khẩu nên không mở được. Hãy bỏ mật khẩu, hoặc xuất lại PDF không mật khẩu, rồi tải lên."
    en = "This PDF needs a password to open. Remove it, or export the PDF again without one, then upload it."


class DeckUnreadable(Invalid):
    code = "deck-unreadable"
    vi = "Tệp PDF này bị hỏng hoặc chép chưa xong nên không đọc được. Hãy xuất lại PDF rồi tải lên."
    en = "This PDF is damaged or was not copied to the end, and cannot be read. Export it again, then upload it."


class DeckTooLong(Invalid):
    code = "deck-too-long"
    vi = "Bài trình chiếu có {pages} trang, quá mức {most} trang. Hãy chia thành nhiều tệp."
    en = "The deck has {pages} pages, over the limit of {most}. Split it into several files."


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


def demand_readable(pdf: Path) -> int:
    """Return how many pages a PDF has. Raises NotADeck, DeckLocked, DeckUnreadable, DeckTooLong, ToolTimedOut."""
    _demand_pdf(pdf)
    return _Drawing(None).run(pdf, START_UP_SECONDS).pages


def render(pdf: Path, out_dir: Path, *, on_page: Callable[[int, int], None]) -> list[Page]:
    """Draw every page of a PDF into `out_dir`, 1280 px wide.

    `on_page` gets (pages done, pages in all) at least once a second; what it raises stops the work.
    Raises NotADeck, DeckLocked, DeckUnreadable, DeckTooLong, ToolTimedOut, and what `on_page` raises.
    """
    pages = demand_readable(pdf)
    drawing = _Drawing(out_dir).run(pdf, START_UP_SECONDS + pages * SECONDS_PER_PAGE, on_page)
    return drawing.drawn


def _demand_pdf(pdf: Path) -> None:
    with pdf.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" not in head:  # Readers accept up to 1024 bytes of something else before it.
        raise NotADeck


class _Drawing:
    """What the pages program has told so far."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.refused = ""
        self.pages = 0
        self.drawn: list[Page] = []

    def run(self, pdf: Path, deadline_seconds: float, on_page: Callable[[int, int], None] | None = None) -> "_Drawing":
        """Run the program to its end, and raise what it refused with."""
        folder = [str(self.folder)] if self.folder else []
        try:
            runner.run(
                [sys.executable, "-I", str(PAGES_PROGRAM), str(pdf), str(MOST_PAGES), *folder],
                deadline_seconds=deadline_seconds,
                on_progress=on_page and (lambda _: on_page(len(self.drawn), max(self.pages, 1))),
                each_line=self._take,
                memory_bytes=MEMORY_BYTES,
            )
        except runner.ToolFailed as error:
            raise DeckUnreadable from error
        self._raise_refusal()
        return self

    def _take(self, line: bytes) -> None:
        said = json.loads(line)
        if "pages" in said:
            self.refused, self.pages = said.get("refused", ""), said["pages"]
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

    def _raise_refusal(self) -> None:
        if self.refused == "locked":
            raise DeckLocked
        if self.refused == "too-long":
            raise DeckTooLong(pages=self.pages, most=MOST_PAGES)
        if self.refused:
            raise DeckUnreadable
