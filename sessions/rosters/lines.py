"""What the rows of a roster say: who, where, and what else. Nothing here knows the database."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sessions import tables
from sessions.rosters.faults import Fault, Finding
from sessions.tables import Headed, Row, Table, heading

#: Headings as offices write them; compared by `tables.heading`.
HEADINGS: dict[str, Sequence[str]] = {
    "name": ["ho va ten", "ho ten", "ho va ten dang vien", "ten dang vien", "full name", "name", "ten nguoi du"],
    "family": ["ho dem", "ho va ten dem", "ho va dem", "ho lot", "ho va chu dem", "last name", "ho"],
    "given": ["ten", "first name", "given name"],
    "number": [
        "so the dang vien",
        "so the dang",
        "so the",
        "ma dang vien",
        "so dang vien",
        "so hieu dang vien",
        "ma so dang vien",
        "ma can bo",
        "ma so",
        "so hieu",
        "ma dinh danh",
        "member number",
        "member no",
        "member id",
        "card number",
        "roll number",
    ],
    "unit": [
        "don vi",
        "ten don vi",
        "chi bo",
        "ten chi bo",
        "to chuc dang",
        "don vi cong tac",
        "co quan don vi",
        "co quan",
        "noi sinh hoat",
        "noi cong tac",
        "unit",
        "department",
        "organisation",
        "organization",
    ],
    "above": ["dang bo", "dang uy", "dang bo cap tren", "don vi cap tren", "cap uy", "xa phuong", "parent unit"],
    "position": ["chuc vu", "chuc danh", "chuc vu chuc danh", "position", "title"],
    "birth": ["ngay sinh", "ngay thang nam sinh", "nam sinh", "sinh ngay", "date of birth", "birth date", "born"],
    "categories": ["doi tuong", "doi tuong trieu tap", "thanh phan", "nhom", "phan loai", "category", "categories"],
    "exempt_attending": [
        "mien sinh hoat",
        "mien du",
        "mien tham gia",
        "mien hoc tap",
        "mien trieu tap",
        "dien mien",
        "mien",
        "exempt from attending",
        "exempt",
    ],
    "exempt_reflection": [
        "mien thu hoach",
        "mien bai thu hoach",
        "mien viet thu hoach",
        "mien viet bai thu hoach",
        "exempt from reflection",
    ],
    "order": ["stt", "tt", "so tt", "so thu tu", "no", "order"],
}

_NO_NUMBER = frozenset({"", "-", "0", "x", "chưa có", "không", "không có", "n/a"})
_NOT_EXEMPT = frozenset({"", "-", "0", "không", "no", "false"})
_JUST_YES = frozenset({"x", "có", "yes", "true", "1", "v", "✓"})
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})|(\d{4})-(\d{2})-(\d{2})")
#: What a line begins with that names the unit of the lines below it.
_ORGANISATION = re.compile(r"(dang uy|dang bo|chi bo|chi uy|ubnd|uy ban|hdnd|ban|van phong|so|cong an|truong|doan) ")
_FOOTER = re.compile(r"(tong cong|tong so|cong$|nguoi lap|lap bieu|t m |tm |ky ten|.*\bngay \d* ?thang \d* ?nam)")
_LETTER = re.compile(r"[^\W\d_]")
_YEAR = re.compile(r"\d{4}")
_SUM = re.compile("t[ổo]ng|c[ộo]ng", re.IGNORECASE)


class Line(NamedTuple):
    """One person of a roster. Texts are clean; what the row does not say is empty or None."""

    row: int
    full_name: str
    member_number: str | None
    unit: str
    above: str
    position: str | None
    birth_date: date | None
    categories: list[str] | None
    exempt_attending: str | None
    exempt_reflection: str | None


class Read(NamedTuple):
    """A file read: its people, what is wrong with single rows, and headings that mean nothing to us."""

    lines: list[Line]
    findings: list[Finding]
    #: Which heading each field was found under.
    headings: dict[str, str]
    unknown_headings: list[str]
    rows: int


def read(table: Table) -> Read:
    """The people of a table, in order. Raises `HeaderMissing` when no row names a column of names."""
    headed = _headed(table)
    findings: list[Finding] = []
    lines: list[Line] = []
    rows = 0
    for row, unit in _with_sections(headed):
        rows += 1
        line = _line(headed, row, unit, findings)
        if line:
            lines.append(line)
    found = {name: headed.header.cells[place] for name, place in headed.columns.items()}
    return Read(_once_each(lines, findings), findings, found, headed.unknown(), rows)


def _headed(table: Table) -> Headed:
    for needed in (["name"], ["family", "given"], ["given"]):
        with contextlib.suppress(tables.HeaderMissing):
            return tables.under_header(table, HEADINGS, needed)
    raise tables.HeaderMissing(wanted="“Họ và tên”")


def _with_sections(headed: Headed) -> Iterator[tuple[Row, str]]:
    """Each row with a person, and the unit named by the last line that stood alone above it ("I. Chi bộ thôn 1")."""
    said = ""
    at = headed.columns
    others = [place for name, place in at.items() if name not in {"order", "name", "family", "given"}]
    names = [at[name] for name in ("name", "family", "given") if name in at]
    over = False
    for row in headed.rows:
        cells = row.cells
        named = any(cells[place] for place in names)
        counted = "order" in at and cells[at["order"]].rstrip(".)").isdigit()
        told = any(cells[place] for place in others)
        if counted or (named and told and not over and not _SUM.match(cells[names[0]])):
            over = False
            yield row, said
            continue
        texts = list(dict.fromkeys(cell for cell in cells if cell and not _is_numeral(cell)))
        over = over or any(map(_ends_the_list, texts[:1] if named else texts))
        if over or not any(cells):
            continue
        if told:
            yield row, said
        elif len(texts) == 1 and _ORGANISATION.match(f"{heading(texts[0])} "):
            said = texts[0]
        elif named and "order" not in at:
            yield row, said


def _ends_the_list(cell: str) -> bool:
    """Sums, place and day, signatures: below the first of them nobody else is listed, unless counting goes on."""
    return _FOOTER.match(heading(cell)) is not None


def _is_numeral(cell: str) -> bool:
    return re.fullmatch(r"\(?([IVX]+|[A-Z]|\d+(\.\d+)*)\)?[.)]?", cell) is not None


def _line(headed: Headed, row: Row, section: str, findings: list[Finding]) -> Line | None:
    said = {name: row.cells[place] for name, place in headed.columns.items()}
    name = _name(headed, row.cells)
    number, spoilt = _number(said.get("number", ""))
    fault = _name_fault(row.number, name) or _number_fault(row.number, number, spoilt)
    if fault:
        findings.append(fault)
        return None
    written = said.get("birth", "")
    birth = _day(written)
    if written and birth is None and not _YEAR.fullmatch(written):
        findings.append(Finding(row.number, Fault.BIRTH_UNREAD, {"birth": written[:40]}))
    above = said.get("above", "")
    unit = said.get("unit") or (above if "unit" not in said else "") or section
    return Line(
        row.number,
        name.title() if name.isupper() else name,
        number,
        unit,
        above if unit != above else "",
        said.get("position") or None,
        birth,
        _words(said.get("categories", "")),
        _exempt(said.get("exempt_attending", "")),
        _exempt(said.get("exempt_reflection", "")),
    )


def _name(headed: Headed, cells: list[str]) -> str:
    """Names often fill two columns, the given name in the second, under one heading or under two."""
    at = headed.columns
    if "name" not in at:
        return f"{cells[at['family']] if 'family' in at else ''} {cells[at['given']]}".strip()
    place = at["name"]
    beside = place + 1
    named = headed.header.cells
    if "given" in at and at["given"] == beside:
        return f"{cells[place]} {cells[beside]}".strip()
    if beside < len(cells) and not named[beside] and cells[beside] and " " not in cells[beside]:
        return f"{cells[place]} {cells[beside]}".strip()
    return cells[place]


def _name_fault(row: int, name: str) -> Finding | None:
    if not name:
        return Finding(row, Fault.NAME_MISSING)
    if "?" in name or "\ufffd" in name:
        return Finding(row, Fault.NAME_GARBLED, {"name": name[:80]})
    if len(name) > 120 or not _LETTER.search(name):
        return Finding(row, Fault.NAME_UNFIT, {"name": name[:80]})
    return None


def _number_fault(row: int, number: str | None, spoilt: bool) -> Finding | None:
    if number and spoilt:
        return Finding(row, Fault.NUMBER_SPOILT, {"number": number})
    if number and len(number) > 40:
        return Finding(row, Fault.NUMBER_UNFIT)
    return None


def _number(written: str) -> tuple[str | None, bool]:
    if written.lower() in _NO_NUMBER:
        return None, False
    if written.isalnum() and not _SCIENTIFIC.fullmatch(written):
        return written, False
    closed = re.sub(r"[\s.]", "", written)
    return (closed, False) if closed.isdigit() else (written, bool(_SCIENTIFIC.fullmatch(written)))


@lru_cache(maxsize=50_000)
def _day(written: str) -> date | None:
    """A full date as people here or spreadsheets write it; None for anything else, a year alone included."""
    found = _DAY.match(written) if written else None
    if not found:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read if date(1900, 1, 1) <= read <= date(2200, 1, 1) else None


def _words(written: str) -> list[str] | None:
    return list(_split(written)) or None


@lru_cache(maxsize=1_000)
def _split(written: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in re.split(r"[,;/]", written) if word.strip()))


def _exempt(written: str) -> str | None:
    if not written or written.lower() in _NOT_EXEMPT:
        return None
    return "Theo danh sách" if written.lower() in _JUST_YES else written[:300]


def _once_each(lines: list[Line], findings: list[Finding]) -> list[Line]:
    """The first row of each member number, and of each name in one unit where nothing else tells people apart."""
    first: dict[tuple[object, ...], int] = {}
    kept = []
    for line in lines:
        key = (line.member_number or (line.full_name, line.unit, line.above, line.birth_date),)
        if (row := first.setdefault(key, line.row)) == line.row:
            kept.append(line)
        elif line.member_number:
            findings.append(Finding(line.row, Fault.NUMBER_TWICE, {"number": line.member_number, "first": row}))
        else:
            findings.append(Finding(line.row, Fault.NAMESAKE, {"first": row}))
    return kept
