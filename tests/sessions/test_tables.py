import contextlib
import io
import random
import unicodedata
import zipfile

import pytest
import xlsxwriter

from sessions import decoding, tables, workbooks
from sessions.errors import Invalid

ROWS = [
    ["STT", "Họ và tên", "Đơn vị", "Chức vụ"],
    ["1", "Nguyễn Thị Mai", "Đảng ủy xã Sìn Hồ", "Công chức"],
    ["2", "Lò Văn Ứng", "Đảng ủy xã Phong Thổ", "Bí thư"],
]


def text(rows=ROWS, separator=",", newline="\r\n"):
    return newline.join(separator.join(row) for row in rows) + newline


def windows_1258(written):
    """As Windows writes it: letters with their shapes are one byte, tones are a byte of their own after them."""
    parts = []
    for char in unicodedata.normalize("NFC", written):
        try:
            parts.append(char.encode("cp1258"))
        except UnicodeEncodeError:
            tones = [mark for mark in unicodedata.normalize("NFD", char) if mark in "\u0300\u0301\u0303\u0309\u0323"]
            bare = "".join(mark for mark in unicodedata.normalize("NFD", char) if mark not in tones)
            parts.append(unicodedata.normalize("NFC", bare).encode("cp1258") + tones[0].encode("cp1258"))
    return b"".join(parts)


def xlsx(rows, *, sheet="Danh sách", merged=(), hidden=()):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for name in (*hidden, sheet):
            page = book.add_worksheet(name)
            if name in hidden:
                page.write(0, 0, "ẩn")
                page.hide()
        page.activate()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(at, column, cell)
        for span, value in merged:
            page.merge_range(span, value)
    return made.getvalue()


def cells(data, **how):
    return [row.cells for row in tables.read(data, **how).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        pytest.param(lambda t: t.encode(), "utf-8", id="UTF-8"),
        pytest.param(lambda t: t.encode("utf-8-sig"), "utf-8", id="UTF-8 with a mark"),
        pytest.param(lambda t: unicodedata.normalize("NFD", t).encode(), "utf-8", id="decomposed, as a Mac writes"),
        pytest.param(windows_1258, "cp1258", id="Windows-1258"),
        pytest.param(lambda t: t.encode("utf-16"), "utf-16-le", id="UTF-16 with a mark"),
        pytest.param(lambda t: b"\xfe\xff" + t.encode("utf-16-be"), "utf-16-be", id="UTF-16 BE with a mark"),
        pytest.param(lambda t: t.encode("utf-16-le"), "utf-16-le", id="UTF-16 LE without a mark"),
        pytest.param(lambda t: t.encode("utf-16-be"), "utf-16-be", id="UTF-16 BE without a mark"),
    ],
)
def test_one_list_reads_the_same_however_it_was_written(encoded, encoding, separator):
    table = tables.read(encoded(text(separator=separator)))
    assert table.encoding == encoding
    assert table.rows == [tables.Row(number, row) for number, row in enumerate(ROWS, start=1)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_are_numbered_as_a_spreadsheet_numbers_them(newline):
    written = newline.join(["Danh sách đảng viên,,", "", "Tên,Ghi chú,", 'Mai,"hai', 'dòng",', ",,", "Lan,,"])
    assert tables.read(written.encode()).rows == [
        tables.Row(1, ["Danh sách đảng viên", ""]),
        tables.Row(3, ["Tên", "Ghi chú"]),
        tables.Row(4, ["Mai", "hai dòng"]),
        tables.Row(6, ["Lan", ""]),
    ]


def test_numbers_keep_the_digits_that_somebody_typed():
    assert cells(b'sep=;\r\nS\xe1\xbb\x91;T\xc3\xaan\r\n="0012";Mai\r\n\'0013;Lan\r\n')[1:] == [
        ["0012", "Mai"],
        ["0013", "Lan"],
    ]
    assert cells(xlsx([["Số", "Điểm"], [180112345678.0, 7.5], ["0012", True]]))[1:] == [
        ["180112345678", "7.5"],
        ["0012", "True"],
    ]


def test_a_workbook_is_read_from_its_first_visible_sheet_with_merged_cells_filled_downwards():
    rows = [[], ["", "STT", "Họ tên", "Đơn vị"], ["", 1, "Mai"], ["", 2, "Lan"], [], ["", 3, "Hoa", "Sìn Hồ"]]
    data = xlsx(rows, merged=[("A1:D1", "DANH SÁCH"), ("D3:D4", "Phong Thổ")], hidden=["Cũ"])
    table = tables.read(data)
    assert (table.sheet, table.sheets, table.encoding) == ("Danh sách", ["Danh sách"], "xlsx")
    assert table.rows == [
        tables.Row(1, ["DANH SÁCH", "", "", ""]),
        tables.Row(2, ["", "STT", "Họ tên", "Đơn vị"]),
        tables.Row(3, ["", "1", "Mai", "Phong Thổ"]),
        tables.Row(4, ["", "2", "Lan", "Phong Thổ"]),
        tables.Row(6, ["", "3", "Hoa", "Sìn Hồ"]),
    ]
    with pytest.raises(workbooks.SheetUnknown, match="Danh sách"):
        tables.read(data, sheet="Cũ")


KNOWN = {
    "name": ["ho va ten", "ho ten"],
    "unit": ["don vi", "chi bo"],
    "number": ["so the", "ma dang vien"],
}


@pytest.mark.parametrize(
    "header",
    [
        ["TT", "Họ và tên (*)", "Số thẻ đảng viên", "Đơn vị công tác"],
        ["TT", "HỌ VÀ TÊN", "SỐ THẺ", "ĐƠN VỊ"],
        ["tt", "ho va ten", "ma dang vien", "don vi"],
        ["STT", "Họ_và_tên", "Mã Đảng viên:", "Chi bộ"],
    ],
)
def test_a_header_is_found_below_titles_whatever_its_spelling(header):
    rows = [
        ["ĐẢNG BỘ TỈNH", "", "ĐẢNG CỘNG SẢN VIỆT NAM", ""],
        ["Danh sách họ và tên đảng viên", "", "", ""],
        header,
        ["(1)", "(2)", "(3)", "(4)"],
        ["1", "Mai", "0012", "Sìn Hồ"],
    ]
    headed = tables.under_header(tables.read(text(rows).encode()), KNOWN, ["name"])
    assert headed.columns == {"name": 1, "number": 2, "unit": 3}
    assert headed.rows == [tables.Row(5, ["1", "Mai", "0012", "Sìn Hồ"])]
    assert headed.unknown() == [header[0]]


def test_a_table_without_the_needed_column_says_which_is_missing():
    with pytest.raises(tables.HeaderMissing, match="ho va ten"):
        tables.under_header(tables.read(b"a,b\n1,2\n"), KNOWN, ["name"])


def _docx():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("word/document.xml", "<w:document/>")
    return made.getvalue()


def _far_cell():
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Mai")
        page.write(1_048_575, 16_383, " ")
    return made.getvalue()


def _bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", bytes(workbooks.MOST_UNPACKED_BYTES))
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        pytest.param(b"", tables.TableEmpty, id="nothing"),
        pytest.param(b",,,\r\n\r\n,,\r\n", tables.TableEmpty, id="separators only"),
        pytest.param(b"<html><table><tr><td>Mai</table>", tables.NotATable, id="HTML that calls itself .xls"),
        pytest.param(b"%PDF-1.7", tables.NotATable, id="a PDF"),
        pytest.param(bytes(range(256)) * 40, Invalid, id="any bytes"),
        pytest.param("Hä vµ tªn\nNguyÔn ThÞ Mai".encode("latin-1"), decoding.EncodingUnknown, id="TCVN3"),
        pytest.param("Hoï vaø teân\nNguyeãn Thò Mai".encode("latin-1"), decoding.EncodingUnknown, id="VNI"),
        pytest.param("Tên\nNguyá»…n Thá»‹ Mai".encode(), decoding.TextGarbled, id="spoilt before"),
        pytest.param("Tên\nNguyễn\nThị Mai".encode()[:-8] + b"\xbb i", decoding.TextDamaged, id="damaged UTF-8"),
        pytest.param(b'STT,Name\n1,"Mai\n' + b"2,Lan\n" * 200, tables.QuoteUnclosed, id="a quote that never closes"),
        pytest.param(b"\n" + b"x" * 20_000, tables.CellTooLong, id="one endless cell"),
        pytest.param(b",".join([b"x"] * 500), tables.TableTooLarge, id="too many columns"),
        pytest.param(b"PK\x03\x04" + b"?" * 500, workbooks.NotAWorkbook, id="a broken archive"),
        pytest.param(_docx(), workbooks.NotAWorkbook, id="a Word document"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), workbooks.NotAWorkbook, id="a broken .xls"),
        pytest.param(_far_cell(), workbooks.WorkbookTooLarge, id="one cell at the far end"),
        pytest.param(_bomb(), workbooks.WorkbookTooLarge, id="a bomb"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data, refusal):
    with pytest.raises(refusal) as refused:
        tables.read(data)
    assert "{" not in refused.value.sentence("vi") + refused.value.sentence("en")


def test_more_rows_than_allowed_are_refused():
    with pytest.raises(tables.TableTooLarge, match="at most 32 MB, 3 rows"):
        tables.read(b"a\n" * 4, most_rows=3)


def test_a_damaged_file_is_read_or_refused_and_never_anything_else():
    dice = random.Random(1)
    whole = [xlsx(ROWS), windows_1258(text()), text().encode("utf-16"), text().encode()]
    for _ in range(300):
        broken = bytearray(dice.choice(whole))
        for _ in range(dice.randrange(1, 12)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        with contextlib.suppress(Invalid):
            tables.read(bytes(broken[: dice.randrange(1, len(broken) + 1)]))
