"""Vietnamese names as keys: in the order of a Vietnamese list, and without accents for searching.

The embedded PostgreSQL has no ICU, so both are plain columns made here.
"""

import unicodedata
from functools import lru_cache

#: The Vietnamese alphabet, in which ă â đ ê ô ơ ư are letters of their own.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
#: Tones sort after letters, in the order of Vietnamese dictionaries: none, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: marks that make another letter


def clean(text: str) -> str:
    """One form for one text: NFC, single spaces, no control characters."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if words.isprintable():
        return words
    return " ".join("".join(char for char in words if char.isprintable() or char.isspace()).split())


def search_key(text: str) -> str:
    """The text without accents and in lower case: "Nguyễn Thị Mai" gives "nguyen thi mai"."""
    return " ".join(map(_bare, clean(text).lower().split()))


def sort_key(text: str) -> str:
    """A key whose plain byte order is Vietnamese order, letter by letter first and by tones after."""
    return _joined(clean(text).lower().split())


def _joined(words: list[str]) -> str:
    places, tones = zip(*map(_ordered, words), strict=True) if words else ((), ())
    return f"{' '.join(places)}\x01{'0'.join(tones)}"


# A province's 46,540 names are made of less than a thousand different words.
@lru_cache(maxsize=20_000)
def _bare(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(char for char in letters if not unicodedata.combining(char))


@lru_cache(maxsize=20_000)
def _ordered(word: str) -> tuple[str, str]:
    """The word's letters, each as its place in the alphabet, and the tone of each."""
    letters: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tones[-1:] = [_TONES[char]]
        elif char in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + char)
        else:
            letters.append(char)
            tones.append("0")
    places = "".join(chr(0x40 + _LETTERS.index(char)) if char in _LETTERS else char for char in letters)
    return places, "".join(tones)


def person_sort_key(full_name: str) -> str:
    """Given name first, then family and middle names, as Vietnamese lists are ordered."""
    return keys_of_person(full_name)[0]


def keys_of_person(full_name: str) -> tuple[str, str]:
    """The key that a person is listed by, and the one that they are searched by."""
    words = clean(full_name).lower().split()
    listed = f"{_joined(words[-1:])}\x02{_joined(words[:-1])}"
    return listed, " ".join(map(_bare, words))
