"""From the bytes of an Excel workbook to rows of strings: python-calamine reads it, once it is known to fit."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from sessions.errors import Invalid

#: What a workbook may unpack to, and the cells of one sheet. A sheet of 46,540 people unpacks to about 20 MiB.
MOST_UNPACKED_BYTES = 256 * 2**20
MOST_CELLS = 8_000_000

#: A cell so far to the right or so far down that the reader's rectangle may not fit: two letters or six digits.
_FAR = re.compile(rb"""["'](?:[A-Z]{2,3}\d+|[A-Z]?\d{6,})["']""")
_CELL = re.compile(rb"""["']([A-Z]{1,3})(\d{1,7})["']""")


class NotAWorkbook(Invalid):
    code = "not-a-workbook"
    vi = "Không mở được tệp Excel này: tệp hỏng hoặc không phải .xlsx/.xls. Hãy mở bằng Excel rồi lưu lại thành .xlsx."
    en = "This Excel file can't be opened: it is damaged, or not an .xlsx or .xls. Save it again as .xlsx."


class WorkbookLocked(Invalid):
    code = "workbook-locked"
    vi = "Tệp Excel có mật khẩu. Hãy bỏ mật khẩu rồi gửi lại."
    en = "The Excel file is behind a password. Take the password off and send it again."


class WorkbookTooLarge(Invalid):
    code = "workbook-too-large"
    vi = "Bảng trong tệp Excel quá lớn. Hãy xoá các ô thừa ở xa bảng, hoặc chia thành nhiều tệp."
    en = "The sheet in this Excel file is too large. Delete stray cells far from the table, or split the file."


class SheetUnknown(Invalid):
    code = "sheet-unknown"
    vi = "Trong tệp không có trang tính “{sheet}”. Các trang có trong tệp: {sheets}."
    en = "There is no sheet “{sheet}” in this file. It has: {sheets}."


@dataclass(frozen=True)
class Sheet:
    """One sheet as numbered rows of strings, and the names of all visible sheets."""

    name: str
    names: list[str]
    rows: list[tuple[int, list[str]]]


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of an .xlsx or an .xls do."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))


def read(data: bytes, name: str | None = None) -> Sheet:
    """The sheet of this name, or else the first visible one that holds anything; merged cells are filled downwards.

    Raises `NotAWorkbook`, `WorkbookLocked`, `WorkbookTooLarge` or `SheetUnknown`.
    """
    if data.startswith(b"PK"):
        _demand_bounded(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return _chosen(book, name)
    except PasswordError:
        raise WorkbookLocked from None
    except (CalamineError, OSError, ValueError, KeyError):
        raise NotAWorkbook from None
    except BaseException as error:
        # The reader's way of stumbling over bytes that nobody thought of; it comes as no ordinary exception.
        if type(error).__name__ == "PanicException":
            raise NotAWorkbook from None
        raise


def _chosen(book: CalamineWorkbook, name: str | None) -> Sheet:
    visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
    if name is not None and name not in visible:
        raise SheetUnknown(sheet=name, sheets=", ".join(visible))
    for each in [name] if name is not None else visible:
        sheet = book.get_sheet_by_name(each)
        if rows := _rows(sheet):
            return Sheet(each, visible, rows)
    return Sheet(name or (visible[0] if visible else ""), visible, [])


def _rows(sheet: CalamineSheet) -> list[tuple[int, list[str]]]:
    if sheet.start is None:
        return []
    first, left = sheet.start
    rows = [[cell if type(cell) is str else _plain(cell) for cell in row] for row in sheet.to_python()]
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        _fill(rows[max(top - first, 0) : bottom - first + 1], column - left)
    return list(enumerate(rows, start=first + 1))


def _fill(rows: Sequence[list[str]], column: int) -> None:
    """A cell merged over several rows says the same of each of them."""
    if rows and 0 <= column < len(rows[0]):
        for row in rows[1:]:
            row[column] = row[column] or rows[0][column]


def _plain(value: object) -> str:
    """A cell as its reader would type it: numbers that Excel made of digits lose their ".0", days are ISO."""
    if type(value) is date:  # A roster has as many as people, so they come first.
        return value.isoformat()
    if type(value) is float and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _demand_bounded(data: bytes) -> None:
    """Unpack it once, piece by piece: an archive may be wrong about its own size, and one cell far away costs all."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = set(packed.namelist())
            if "xl/workbook.xml" not in names:
                raise NotAWorkbook
            if sum(info.file_size for info in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise WorkbookTooLarge
            for name in names:
                _demand_fitting(packed, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise NotAWorkbook from None


def _demand_fitting(packed: zipfile.ZipFile, name: str) -> None:
    is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
    with packed.open(name) as part:
        if is_sheet and _area(iter(partial(part.read, 2**20), b"")) > MOST_CELLS:
            raise WorkbookTooLarge
        while part.read(2**20):
            pass


def _area(pieces: Iterator[bytes]) -> int:
    """How many cells a rectangle has that holds all cells of a sheet; 0 while none lies far out."""
    columns = rows = 0
    tail = b""
    for piece in pieces:
        seen = tail + piece
        tail = seen[-20:]
        if _FAR.search(seen):
            for letters, digits in _CELL.findall(seen):
                columns, rows = max(columns, _column(letters)), max(rows, int(digits))
    return columns * rows


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
