"""From the bytes of an XLSX, XLS or CSV file, as offices really have them, to rows of strings with their row numbers.

What every import of a table begins with: rosters, rooms, units, meeting logs. It knows nothing of what a row means.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sessions import decoding, workbooks
from sessions.errors import Invalid
from sessions.names import clean, search_key

#: A roster of 46,540 people with ten columns is about 3 MiB as XLSX and 6 MiB as UTF-8.
MOST_BYTES = 32 * 2**20
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
#: How many rows of titles, seals and addresses may stand above a header.
_TITLE_ROWS = 60


class TableTooLarge(Invalid):
    code = "table-too-large"
    vi = "Tệp quá lớn (tối đa {most_mib} MB, {most_rows} dòng, {most_columns} cột). Hãy chia thành nhiều tệp nhỏ hơn."
    en = "The file is too large (at most {most_mib} MB, {most_rows} rows, {most_columns} columns). Split it."


class TableEmpty(Invalid):
    code = "table-empty"
    vi = "Tệp không có dòng nào. Hãy chọn lại tệp có danh sách."
    en = "There is no row in this file. Choose the file that holds the list."


class NotATable(Invalid):
    code = "not-a-table"
    vi = "Tệp này không phải bảng dữ liệu. Hãy gửi tệp .xlsx hoặc .csv."
    en = "This file is not a table. Send an .xlsx or .csv file."


class CellTooLong(Invalid):
    code = "cell-too-long"
    vi = "Dòng {row} có một ô dài hơn {most} ký tự. Hãy rút ngắn ô đó rồi gửi lại."
    en = "Row {row} has a cell of more than {most} characters. Shorten it and send the file again."


class QuoteUnclosed(Invalid):
    code = "quote-unclosed"
    vi = 'Dòng {row} có dấu nháy kép (") mở mà không đóng. Hãy sửa dòng đó rồi gửi lại.'
    en = 'Row {row} opens a quotation mark (") and never closes it. Correct that row and send the file again.'


class HeaderMissing(Invalid):
    code = "header-missing"
    vi = "Không tìm thấy dòng tiêu đề có cột {wanted}. Hãy đặt tên cột ở ngay trên dòng đầu tiên của danh sách."
    en = "No header row with the column {wanted} was found. Name the columns right above the first row of the list."


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, from 1, and its cells in NFC without stray spaces."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """The rows that hold anything, in order; of a workbook, one sheet. All are as wide as the widest."""

    rows: list[Row]
    #: "xlsx" for workbooks, otherwise "utf-8", "utf-16-le", "utf-16-be" or "cp1258".
    encoding: str
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Headed:
    """The rows below a header, and in which column each known field stands."""

    header: Row
    columns: dict[str, int]
    rows: list[Row]

    def unknown(self) -> list[str]:
        """Headings that nobody knew what to do with."""
        known = set(self.columns.values())
        return [cell for place, cell in enumerate(self.header.cells) if cell and place not in known]


def read(data: bytes, *, sheet: str | None = None, most_rows: int = MOST_ROWS) -> Table:
    """The rows of a file. Raises an `Invalid` that says what is wrong with it; never anything else."""
    if len(data) > MOST_BYTES:
        raise _too_large(most_rows)
    if workbooks.is_workbook(data):
        found = workbooks.read(data, sheet)
        return Table(_tidied(found.rows, most_rows), "xlsx", found.name, found.names)
    text, encoding = decoding.decode(data)
    return Table(_tidied(_separated(text), most_rows), encoding)


def _too_large(most_rows: int) -> TableTooLarge:
    return TableTooLarge(most_mib=MOST_BYTES // 2**20, most_rows=most_rows, most_columns=MOST_COLUMNS)


def _tidied(numbered: Sequence[tuple[int, list[str]]], most_rows: int) -> list[Row]:
    # A list repeats its units and positions ten thousand times over: each text is tidied once.
    known: dict[str, str] = {"": ""}
    rows = []
    for number, raw in numbered:
        if any(cells := [known[cell] if cell in known else _tidy(cell, number, known) for cell in raw]):
            rows.append(Row(number, cells))
    if not rows:
        raise TableEmpty
    width = max(_width(row.cells) for row in rows)
    if len(rows) > most_rows or width > MOST_COLUMNS:
        raise _too_large(most_rows)
    return [row if len(row.cells) == width else _widened(row, width) for row in rows]


def _widened(row: Row, width: int) -> Row:
    return Row(row.number, row.cells[:width] + [""] * (width - len(row.cells)))


def _tidy(cell: str, row: int, known: dict[str, str]) -> str:
    if len(cell) > LONGEST_CELL:
        raise CellTooLong(row=row, most=LONGEST_CELL)
    known[cell] = tidied = clean(cell)
    return tidied


def _width(cells: list[str]) -> int:
    return next((place for place in range(len(cells), 0, -1) if cells[place - 1]), 0)


def _separated(text: str) -> list[tuple[int, list[str]]]:
    """The records of a CSV text. Excel numbers records, not lines, and so do we."""
    if "\x00" in text or re.match(r"\s*(<!doctype|<html|<table|<\?xml|%PDF|\{)", text, re.IGNORECASE):
        raise NotATable
    text, separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            rows.append((len(rows) + 1, [_unquoted(cell) for cell in cells]))
            if reader.line_num > 30 + 20 * len(rows):
                raise QuoteUnclosed(row=len(rows))
    except csv.Error:
        raise QuoteUnclosed(row=len(rows) + 1) from None
    return rows


def _separator(text: str) -> tuple[str, str]:
    """The text without Excel's own "sep=;" line, and what its cells are separated by: what makes most rows alike."""
    if named := re.match(r'"?sep=([,;\t|])"?\r?\n', text, re.IGNORECASE):
        return text[named.end() :], named[1]
    start = text[:65_536]
    return text, max(",;\t|", key=lambda each: _alikeness(start, each))


def _alikeness(text: str, separator: str) -> int:
    try:
        widths = Counter(map(len, csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except csv.Error:
        return 0
    return max((count * (width - 1) for width, count in widths.items() if width > 1), default=0)


def _unquoted(cell: str) -> str:
    """What offices do so that Excel keeps the zeros in front of a number: ="0012" or '0012."""
    if cell[:1] == "=" and cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell[1:] if cell[:1] == "'" and cell[1:].isdigit() else cell


def heading(text: str) -> str:
    """A heading as it is compared: without accents, signs or case ("Họ và tên (*)" gives "ho va ten")."""
    return " ".join(re.findall(r"[a-z0-9]+", search_key(text)))


def under_header(table: Table, known: Mapping[str, Sequence[str]], needed: Collection[str]) -> Headed:
    """Find the header among the first rows, and what stands below it.

    `known` gives for each field its headings, as `heading` makes them; a column belongs to the field whose heading it
    bears or, failing that, begins with. `needed` are fields without which a row is no header; the row with most fields
    is taken, the lowest of equals, for merged headings say the same in two rows. Raises `HeaderMissing`.
    """
    best: dict[str, int] = {}
    place = -1
    for at, row in enumerate(table.rows[:_TITLE_ROWS]):
        columns = _columns(row.cells, known)
        if set(needed) <= columns.keys() and len(columns) >= max(len(best), 1):
            best, place = columns, at
    if place < 0:
        raise HeaderMissing(wanted=", ".join(f"“{known[each][0]}”" for each in needed))
    below = table.rows[place + 1 :]
    return Headed(table.rows[place], best, below[1:] if below and _only_numbers_columns(below[0].cells) else below)


def _columns(cells: list[str], known: Mapping[str, Sequence[str]]) -> dict[str, int]:
    headings = [heading(cell) if cell and len(cell) < 120 else "" for cell in cells]
    found: dict[str, int] = {}
    for fits in (str.__eq__, lambda cell, name: cell.startswith(f"{name} ")):
        for name, spellings in known.items():
            for at, cell in enumerate(headings):
                if cell and name not in found and at not in found.values() and any(fits(cell, s) for s in spellings):
                    found[name] = at
    return found


def _only_numbers_columns(cells: list[str]) -> bool:
    """Official forms number their columns in a row below the header: (1) (2) (3), or A B 1 2."""
    said = [cell.strip("() ") for cell in cells if cell]
    return len(said) > 1 and all(re.fullmatch(r"[1-9]\d?|[A-Z]", each) for each in said) and len(set(said)) == len(said)
