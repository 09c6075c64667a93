"""Lines of material as words that can be compared: whatever their case, accents, spacing or broken encoding."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
#: In pictures, letters are taken for these signs.
_WORD_READ = re.compile(r"[^\W_@$]*[@$]?[^\W_@$]*")
#: A line of fewer words is a heading, a label or a cell.
RUNNING_WORDS = 4
#: Gaps after which something else begins: another column, cell or field.
_COLUMNS = re.compile(r"\t+| {3,}|[|¦│║•●▪■◆★☆]+|\s·\s")
#: Format signs stand in planes 0, 1 and 14 only; asking for each of a million signs would take every start 0.2 s.
_PLANES = itertools.chain(range(0x20, 0x20000), range(0xE0000, 0xE1000))
_INVISIBLE = re.compile("[" + "".join(char for char in map(chr, _PLANES) if unicodedata.category(char) == "Cf") + "]")
#: PDFs tell a letter twice that was set from two signs: "BẢẢN". No word has two such letters in a row.
_DOUBLED = re.compile(r"([À-ÖØ-öø-ỹ])\1+")
#: Letters of other alphabets that look like ours, in Cyrillic and Greek.
_LOOKALIKES = str.maketrans("АВСЕНІКМОРТХУасеорхуіΑΒΕΗΙΚΜΝΟΡΤΥΧ", "ABCEHIKMOPTXYaceopxyiABEHIKMNOPTYX")
#: What OCR, or a person hiding a word, writes for a letter.
_LEET = str.maketrans("@$014568", "aaoiasob")
#: TCVN3, of the .VnTime fonts of old decks: each sign of Latin-1 stands for a Vietnamese letter. Capitals have their
#: own fonts, so that only the letter's shape is coded.
_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)
#: VNI writes the marks of a vowel as a letter of their own after it; these are the vowels of the markings.
_VNI = {
    "aä": "ậ", "aø": "à", "oá": "ố", "oà": "ồ", "oä": "ộ", "eä": "ệ", "eâ": "ê", "ñ": "đ",
    "AÄ": "Ậ", "AØ": "À", "OÁ": "Ố", "OÀ": "Ồ", "OÄ": "Ộ", "EÄ": "Ệ", "EÂ": "Ê", "Ñ": "Đ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as it was written, in small letters with accents, and without them."""

    written: str
    letters: str
    bare: str
    capitals: bool  # written in capitals throughout
    gap: str  # what stands between it and the word before, or the beginning of the line


@dataclass(frozen=True, slots=True)
class Unit:
    """Words that stand together: a line, or a part of it that a wide gap sets off."""

    words: tuple[Word, ...]
    tail: str  # what follows the last word
    is_apart: bool = False  # a stamp: what was read before and after it does not stand beside it

    @property
    def capitals(self) -> bool:
        return all(word.capitals or word.letters.isdigit() for word in self.words)

    @property
    def is_mostly_capitals(self) -> bool:
        written = "".join(word.written for word in self.words)
        return 2 * sum(char.isupper() for char in written) > len(written)

    @property
    def is_unfinished(self) -> bool:
        """Whether it reads like a line of running text whose sentence goes on in the next."""
        return len(self.words) >= RUNNING_WORDS and not self.tail.strip()


def units_of(line: str, *, read_by_ocr: bool = False, is_apart: bool = False) -> Iterator[Unit]:
    """Split a line where columns, cells or fields end, and each of these parts into words."""
    for part in _COLUMNS.split(line):
        if words := words_of(part, read_by_ocr=read_by_ocr):
            tail = part[part.rindex(words[-1].written) + len(words[-1].written) :]
            yield Unit(joined_if_spaced(words), tail, is_apart)


def joined_if_spaced(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Take letters that are spaced out for one word: "M Ậ T"."""
    if len(words) < 3 or any(len(word.letters) > 1 for word in words):
        return words
    return (_word("".join(word.written for word in words), words[0].gap, read_by_ocr=False),)


def words_of(text: str, *, read_by_ocr: bool = False) -> tuple[Word, ...]:
    """Split a text into words; those of pictures may hold signs that OCR takes for letters."""
    words, end = [], 0
    for match in (_WORD_READ if read_by_ocr else _WORD).finditer(text):
        if match[0]:
            words.append(_word(match[0], text[end : match.start()], read_by_ocr))
            end = match.end()
    return tuple(words)


def readings(text: str) -> list[str]:
    """Give a text as it stands and, where it may have been decoded by a wrong table, as it was meant."""
    if text.isascii():
        return [text]
    return list(dict.fromkeys([_folded(text), *map(_folded, _repaired(text))]))


def bare(text: str) -> str:
    """Take the accents from a text: "mật độ" gives "mat do"."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _word(written: str, gap: str, read_by_ocr: bool) -> Word:
    return Word(written, *_forms(written, read_by_ocr), gap)


@functools.lru_cache(maxsize=20_000)
def _forms(written: str, read_by_ocr: bool) -> tuple[str, str, bool]:
    """The same word in small letters, without accents, and whether it is in capitals."""
    letters = written.lower()
    plain = bare(letters)
    if read_by_ocr and not plain.isdigit():
        plain = plain.translate(_LEET)
    return letters, plain, _is_capitals(written)


def _is_capitals(written: str) -> bool:
    """Judge by the letters without accents alone: fonts for capitals have those with accents coded as small ones."""
    plain = [char for char in written if char.isascii() and char.isalpha()] or list(written)
    return any(char.isupper() for char in plain) and not any(char.islower() for char in plain)


def _folded(text: str) -> str:
    """One form for one look: composed, of full width, without invisible signs or look-alikes."""
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_LOOKALIKES)
    return _DOUBLED.sub(r"\1", unicodedata.normalize("NFC", seen))


def _repaired(text: str) -> Iterator[str]:
    """Undo the usual mistakes: Windows-1258 or UTF-8 taken for Windows-1252, and fonts with a code of their own."""
    stored = _as_western_bytes(text)
    if stored is None:
        return
    for table in ("cp1258", "utf-8"):
        try:
            yield stored.decode(table)
        except UnicodeDecodeError:
            continue
    yield text.translate(_TCVN3)
    if any(pair in text for pair in _VNI):
        yield re.sub("|".join(_VNI), lambda match: _VNI[match[0]], text)


def _as_western_bytes(text: str) -> bytes | None:
    """Encode in Windows-1252; the five bytes that it leaves free are decoded as control characters by most programs."""
    stored = bytearray()
    for char in text:
        try:
            stored += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return None
            stored.append(ord(char))
    return bytes(stored)
