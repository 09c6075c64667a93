"""The rules made ready for searching: finds the phrase that begins at a word."""

import functools
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ingest.marking_rules import Certainty, Kind, Rule
from ingest.marking_words import Unit, Word, bare, words_of

Words = Sequence[Word]

#: A stamp half hidden is known by so much of a marking, if that is as many letters.
LEAST_PART, FEWEST_OF_PART, LEAST_PIECE = 0.57, 6, 3
#: Letters that OCR takes for each other, and letters that it reads twice.
_ALIKE = str.maketrans("ltj1cdq0gevm", "iiiiooooofun")
_TWICE = re.compile(r"(.)\1+")
#: Of so many letters OCR may have mistaken, dropped or added one: shorter words would be other words.
LETTERS_PER_MISTAKE = 6


class Look(IntEnum):
    """How near what is written comes to a phrase."""

    EXACT = 0
    NO_ACCENTS = 1
    READ_SO = 2  # by OCR, which mistakes accents


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's phrase in the words from `start` to before `end`."""

    rule: Rule
    start: int
    end: int
    look: Look
    capitals: bool

    @property
    def words(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Phrase:
    rule: Rule
    letters: tuple[str, ...]
    bare: tuple[str, ...]


class Table:
    """Rules by the first word of their phrases."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_first: dict[str, list[_Phrase]] = defaultdict(list)
        self._first_words: dict[Kind, set[str]] = defaultdict(set)
        self._joined: dict[str, Rule] = {}  # the markings' phrases, each as one word
        self._ladders = {rule.name: rule.ladder for rule in rules}
        for rule in rules:
            for phrase in rule.phrases:
                words = words_of(phrase)
                self._by_first[words[0].bare].append(
                    _Phrase(rule, tuple(word.letters for word in words), tuple(word.bare for word in words))
                )
                self._first_words[rule.kind].add(words[0].bare)
                if rule.kind is Kind.MARKING:
                    self._joined["".join(word.letters for word in words)] = rule
        # At each word the longest phrase is looked for; among equals, a marking goes first.
        for phrases in self._by_first.values():
            phrases.sort(key=lambda phrase: (-len(phrase.letters), phrase.rule.kind is not Kind.MARKING))

    def ladder_of(self, name: str) -> str:
        """Tell which row of levels a marking belongs to."""
        return self._ladders.get(name, "")

    def at(self, words: Words, start: int, kinds: Collection[Kind], *, read_by_ocr: bool = False) -> Match | None:
        """Find the longest phrase of these kinds that begins at a word."""
        for phrase in self._by_first.get(words[start].bare, ()):
            if phrase.rule.kind in kinds:
                there = words[start : start + len(phrase.letters)]
                look = _look(there, phrase, read_by_ocr)
                if look is not None:
                    capitals = all(word.capitals for word in there)
                    return Match(phrase.rule, start, start + len(there), look, capitals)
        return None

    def all(self, words: Words, kind: Kind) -> Iterator[Match]:
        """Find the longest phrase of a kind at every word."""
        first_words = self._first_words[kind]
        for start, word in enumerate(words):
            if word.bare in first_words and (found := self.at(words, start, (kind,))):
                yield found

    def spelled(self, unit: Unit) -> Rule | None:
        """Find the marking that a unit spells when its gaps are left out."""
        return self._joined.get("".join(word.letters for word in unit.words))

    def nearly_spelled(self, unit: Unit) -> Rule | None:
        """Find the marking that a unit spells but for a letter in `LETTERS_PER_MISTAKE`, as OCR mistakes letters."""
        read = _TWICE.sub(r"\1", "".join(word.bare for word in unit.words))
        for spelled, rule in self._joined.items():
            meant = _TWICE.sub(r"\1", bare(spelled))
            if (
                abs(len(meant) - len(read)) <= (most := len(meant) // LETTERS_PER_MISTAKE)
                and _mistakes(meant, read) <= most
            ):
                return rule
        return None

    def partly_spelled(self, unit: Unit) -> Rule | None:
        """Find the certain marking that a unit spells but for a stretch, as a stamp is read that is half hidden."""
        read = "".join(word.bare for word in unit.words).translate(_ALIKE)
        for spelled, rule in self._joined.items():
            meant = bare(spelled).translate(_ALIKE)
            is_enough = len(read) >= max(FEWEST_OF_PART, LEAST_PART * len(meant))
            if is_enough and rule.capitals is Certainty.CERTAIN and _is_all_but_a_stretch(meant, read):
                return rule
        return None


@functools.lru_cache(maxsize=8)
def table_of(rules: tuple[Rule, ...]) -> Table:
    return Table(rules)


def _look(words: Words, phrase: _Phrase, read_by_ocr: bool) -> Look | None:
    if len(words) != len(phrase.letters):
        return None
    looks = [
        _look_of_word(word, letters, plain, read_by_ocr)
        for word, letters, plain in zip(words, phrase.letters, phrase.bare, strict=True)
    ]
    return None if None in looks else max(look for look in looks if look is not None)


def _look_of_word(word: Word, letters: str, plain: str, read_by_ocr: bool) -> Look | None:
    if word.letters == letters:
        return Look.EXACT
    if word.bare != plain:
        return None
    if word.letters == bare(word.letters):
        return Look.NO_ACCENTS
    return Look.READ_SO if read_by_ocr else None


def _is_all_but_a_stretch(meant: str, read: str) -> bool:
    """Whether a beginning or an end of what is meant, or both, make up what was read: pieces of a few letters each."""
    cuts = (0, *range(LEAST_PIECE, len(read) - LEAST_PIECE + 1), len(read))
    return len(read) <= len(meant) and any(meant.startswith(read[:cut]) and meant.endswith(read[cut:]) for cut in cuts)


def _mistakes(meant: str, read: str) -> int:
    """Count the letters to change, add or leave out (Levenshtein's distance)."""
    row = list(range(len(read) + 1))
    for at, letter in enumerate(meant, 1):
        before, row[0] = row[0], at
        for place, other in enumerate(read, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != other))
    return row[-1]
