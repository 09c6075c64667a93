"""What kind of deck a file is, told by its content, and the refusals of what is none, locked, damaged or dangerous."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

from ingest import runner
from sessions.errors import Invalid

PROGRAM = Path(__file__).with_name("deck_content.py")
MEMORY_BYTES = 2**30
MOST_PAGES = 2_000
#: Unpacking the largest deck that is let through takes some 10 s of processor time.
DEADLINE_SECONDS = 90.0


class DeckKind(StrEnum):
    PDF = "pdf"
    PICTURE = "picture"
    PPTX = "pptx"
    PPT = "ppt"
    ODP = "odp"


class NotADeck(Invalid):
    code = "not-a-deck"
    vi = (
        "Tệp này không phải bài trình chiếu đọc được: cần PDF, PPTX, PPT, ODP hoặc ảnh PNG, JPEG, WebP, TIFF. "
        "Hãy mở bài trình chiếu, chọn lưu (xuất) thành PDF rồi tải lên."
    )
    en = (
        "This file is not a deck that can be read: PDF, PPTX, PPT, ODP, or a PNG, JPEG, WebP or TIFF picture. "
        "Open the presentation, save (export) it as PDF, then upload that."
    )


class DeckLocked(Invalid):
    """Its owner may type the password: see `unlocking`."""

    code = "deck-locked"
    vi = "Tệp này có mật khẩu nên chưa mở được. Hãy nhập mật khẩu; mật khẩu chỉ dùng một lần và không được lưu lại."
    en = "This file needs a password to open. Type it below; it is used once and never stored."


class DeckSealed(Invalid):
    code = "deck-sealed"
    vi = "Tệp ODP này có mật khẩu nên không mở được. Hãy lưu lại không đặt mật khẩu, hoặc xuất thành PDF, rồi tải lên."
    en = "This ODP file needs a password. Save it again without one, or export it as PDF, then upload that."


class DeckUnreadable(Invalid):
    code = "deck-unreadable"
    vi = "Tệp này bị hỏng hoặc chép chưa xong nên không đọc được. Hãy xuất lại bài trình chiếu thành PDF rồi tải lên."
    en = "This file is damaged or was not copied to the end. Export the presentation again as PDF, then upload that."


class DeckUnsafe(Invalid):
    code = "deck-unsafe"
    vi = (
        "Bên trong tệp có cấu trúc mà phần mềm trình chiếu không bao giờ tạo ra, nên tệp không được mở. "
        "Hãy xuất lại bài trình chiếu thành PDF từ phần mềm đã soạn nó."
    )
    en = (
        "Inside, this file is built as no presentation program builds one, so it is not opened. "
        "Export the presentation as PDF from the program it was made with."
    )


class DeckLinked(Invalid):
    code = "deck-linked"
    vi = "Bài trình chiếu này dùng ảnh nằm ngoài tệp. Hãy chèn ảnh vào trong tệp, hoặc xuất thành PDF, rồi tải lên."
    en = "This presentation shows pictures that lie outside it. Put them into the file, or export it as PDF."


class DeckTooLong(Invalid):
    code = "deck-too-long"
    vi = "Bài trình chiếu có {pages} trang, quá mức {most} trang. Hãy chia thành nhiều tệp."
    en = "The deck has {pages} pages, over the limit of {most}. Split it into several files."


class DeckTooLarge(Invalid):
    code = "deck-too-large"
    vi = "Tệp này mở ra quá lớn so với một bài trình chiếu. Hãy giảm cỡ ảnh rồi xuất thành PDF và tải lên."
    en = "Opened, this file is too large for a deck. Make its pictures smaller, export it as PDF and upload that."


_REFUSALS: dict[str, type[Invalid]] = {
    "not-a-deck": NotADeck,
    "locked": DeckLocked,
    "sealed": DeckSealed,
    "unreadable": DeckUnreadable,
    "unsafe": DeckUnsafe,
    "linked": DeckLinked,
    "too-large": DeckTooLarge,
}


def refusal_of(said: dict[str, Any]) -> Invalid:
    """What a program that reads decks has refused with: {"refused": why} or {"refused": "too-long", "pages": n}."""
    if said["refused"] == "too-long":
        return DeckTooLong(pages=said["pages"], most=MOST_PAGES)
    return _REFUSALS[said["refused"]]()


def kind_of(document: Path) -> DeckKind:
    """Tell what kind of deck a file is, whatever its name.

    Raises NotADeck, DeckLocked, DeckSealed, DeckUnreadable, DeckUnsafe, DeckLinked, DeckTooLarge,
    ToolTimedOut.
    """
    command = [sys.executable, "-I", str(PROGRAM), str(document)]
    try:
        done = runner.run(command, deadline_seconds=DEADLINE_SECONDS, memory_bytes=MEMORY_BYTES, offline=True)
    except runner.ToolFailed as error:
        raise DeckUnreadable from error
    said = json.loads(done.stdout or b"{}")
    if "refused" in said:
        raise refusal_of(said)
    return DeckKind(said["kind"])
