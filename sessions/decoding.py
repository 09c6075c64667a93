"""From the bytes of a text file to its text, in whichever of the ways in which Vietnamese offices write one.

Windows-1258 and UTF-8 can be told apart: a letter with a mark is one byte above 0x7F in the one and at least two in
the other, of a form that the first makes only by chance. What is neither is refused, never guessed.
"""

import codecs
import re
import unicodedata

from sessions.errors import Invalid

_MARKS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
#: Every letter of Vietnamese that is not ASCII, in both cases, and the marks that people type beside them.
_EXPECTED = frozenset(
    {
        letter
        for vowel in _VOWELS
        for tone in _TONES
        for small in [unicodedata.normalize("NFC", vowel + tone)]
        for letter in (small, small.upper())
    }
    | set("đĐ–—‘’“”„…•·°×€«»§©®\xa0")
)
#: One letter of UTF-8 that is no ASCII.
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: What two letters of UTF-8 look like once somebody has read them as Windows-1252 and saved them: "Nguyá»…n".
_TWICE = re.compile("á»|áº|Ã¡|Ã¢|Æ°|Ä‘")


class TextDamaged(Invalid):
    code = "text-damaged"
    vi = "Tệp là UTF-8 nhưng bị hỏng ở dòng {row}. Hãy xuất lại tệp từ phần mềm gốc rồi gửi lại."
    en = "The file is UTF-8 but damaged in line {row}. Export it again from where it came from."


class EncodingUnknown(Invalid):
    code = "encoding-unknown"
    vi = (
        "Không đọc được chữ tiếng Việt trong tệp (có thể là phông TCVN3 hoặc VNI). "
        "Hãy mở bằng Excel, chuyển sang phông Unicode và lưu thành .xlsx."
    )
    en = "The letters of this file can't be read (perhaps TCVN3 or VNI). Convert it to Unicode and save it as .xlsx."


class TextGarbled(Invalid):
    code = "text-garbled"
    vi = "Chữ tiếng Việt trong tệp đã bị lỗi (kiểu “Nguyá»…n”) do mở sai bảng mã. Hãy xuất lại tệp gốc thành .xlsx."
    en = "The letters of this file were spoilt by an earlier program (like “Nguyá»…n”). Export the original as .xlsx."


def decode(data: bytes) -> tuple[str, str]:
    """The text in NFC, and the name of the encoding it was in.

    Raises `TextDamaged`, `EncodingUnknown` or `TextGarbled`, each of which says what to do.
    """
    text, encoding = _decoded(data)
    text = unicodedata.normalize("NFC", text)
    if _TWICE.search(text):
        raise TextGarbled
    return text, encoding


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding), encoding
    if unmarked := _utf16_without_mark(data):
        return _strictly(data, unmarked), unmarked
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if _is_mostly_utf8(data):
            raise TextDamaged(row=data.count(b"\n", 0, error.start) + 1) from None
    return _windows_1258(data), "cp1258"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            raise TextDamaged(row=data.count(b"\n", 0, error.start) + 1) from None
        raise EncodingUnknown from None


def _utf16_without_mark(data: bytes) -> str | None:
    """In UTF-16 every space, digit and separator brings a zero byte, always on the same side."""
    start = data[:4096]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) / 20 or len(data) % 2:
        return None
    if odd >= 8 * even:
        return "utf-16-le"
    return "utf-16-be" if even >= 8 * odd else None


def _is_mostly_utf8(data: bytes) -> bool:
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    in_letters = sum(map(len, _UTF8_LETTER.findall(data)))
    return in_letters > high / 2


def _windows_1258(data: bytes) -> str:
    """The text, if its letters are those of Vietnamese; those of other old code pages are not."""
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        raise EncodingUnknown from None
    letters = [char for char in text if not char.isascii()]
    known = sum(char in _EXPECTED for char in letters)
    # In TCVN3 the letters are signs inside words ("NguyÔn V¨n"), in VNI marks on letters that never bear them.
    if known < 0.9 * len(letters) or re.search(r"[^\W\d_][¡-¿×÷][^\W\d_]", text):
        raise EncodingUnknown
    return text
