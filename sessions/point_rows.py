"""A list of connection points as offices keep it: one room a row, with its unit and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sessions import tables
from sessions.names import clean, search_key
from sessions.points import Reached

#: By field, the headings under which it is found, as `tables.heading` makes them.
_HEADINGS = {
    "unit": ("don vi", "ten don vi", "xa", "unit"),
    "code": ("ma don vi", "ma xa", "unit code"),
    "name": ("diem cau", "ten diem cau", "phong hop", "hoi truong", "room"),
    "address": ("dia chi", "address"),
    "seats": ("so cho", "cho ngoi", "seats"),
    "equipment": ("thiet bi", "equipment"),
    "line": ("duong truyen", "line"),
    "measured": ("toc do", "toc do do duoc", "speed"),
    "backup_line": ("duong du phong", "du phong", "backup line"),
    "video_address": ("dia chi hoi nghi", "dia chi sip", "video address"),
    "phone": ("dien thoai", "so dien thoai", "phone"),
    "expected": ("du kien", "so dai bieu du kien", "so nguoi du kien", "expected"),
    "relay": ("nhan tin hieu tu", "diem cau chuyen tiep", "relay"),
}
_NUMBERS = ("seats", "measured", "expected")
#: More rooms than the whole country has communes belong into several files.
MOST_ROWS = 5000


@dataclass(frozen=True)
class PointRow:
    """One row of the list; `wrong` holds what stands in a cell that should be a number."""

    number: int
    unit: str
    unit_key: str
    name: str
    address: str
    equipment: str
    line: str
    relay: str
    seats: int | None
    expected: int | None
    reached: Reached
    wrong: str


def read(data: bytes) -> list[PointRow]:
    """The rows of an XLSX or CSV file that name a room. Raises what `tables` raises, which says what is wrong."""
    headed = tables.under_header(tables.read(data, most_rows=MOST_ROWS), _HEADINGS, ["unit", "name"])
    rows = [(row.number, {field: row.cells[at] for field, at in headed.columns.items()}) for row in headed.rows]
    return [_row(number, cells) for number, cells in rows if cells["name"]]


def _row(number: int, cells: Mapping[str, str]) -> PointRow:
    text = {field: clean(cells.get(field, "")) for field in _HEADINGS}
    numbers = {field: _number(text[field]) for field in _NUMBERS}
    wrong = next((text[field] for field in _NUMBERS if text[field] and numbers[field] is None), "")
    # A room for nobody is one whose seats nobody has counted.
    seats = numbers["seats"] or None
    return PointRow(
        number=number,
        unit=text["unit"] or text["code"],
        unit_key=text["code"] or search_key(text["unit"]),
        name=text["name"][:300],
        address=text["address"] or text["unit"],
        equipment=text["equipment"],
        line=text["line"],
        relay=text["relay"],
        seats=seats,
        expected=numbers["expected"],
        reached=Reached(numbers["measured"], text["backup_line"], text["video_address"], text["phone"]),
        wrong=wrong,
    )


def _number(text: str) -> int | None:
    """A whole number up to 100,000, as people write it: "1.200", "1 200", "50 Mbit/s"."""
    digits = text.lower().removesuffix("mbit/s").removesuffix("mbps").replace(".", "").replace(" ", "")
    return int(digits) if digits.isdecimal() and len(digits) < 7 and int(digits) <= 100_000 else None
