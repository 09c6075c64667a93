"""Tells a marking in a file's name from the same letters in other words: "bao-cao_MAT" from "dien-mat-troi".

In names nothing has a line of its own, and without accents "mat" is several words; what counts is whether it is set
off from the rest, by capitals, brackets or another separator, or stands at the end behind "báo cáo", "tài liệu", ….
"""

import re
from collections.abc import Iterator, Sequence

from ingest.marking_rules import Certainty, Kind, Rule
from ingest.marking_table import Look, Match, Table
from ingest.marking_words import Word, readings, words_of

_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
#: Between a small letter and a capital, and between letters and digits, a word begins too.
_SEAM = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_BRACKETS = frozenset("()[]{}")
#: Without accents and in small letters, so many letters are no chance.
LEAST_LETTERS = 8


def find(name: str, table: Table) -> Iterator[tuple[Rule, Certainty]]:
    """Find the markings in a file name or a title."""
    for reading in readings(_EXTENSION.sub("", name)):
        words = words_of(_SEAM.sub(" ", _split_at_humps(reading)))
        looked_at = _Name(words, table)
        found = [(match.rule, certainty) for match in looked_at.matches() if (certainty := looked_at.weigh(match))]
        if found:
            yield from found
            return


class _Name:
    def __init__(self, words: Sequence[Word], table: Table) -> None:
        self._words = words
        self._table = table
        self._gaps = [word.gap for word in words[1:]]
        self._is_shouted = all(word.capitals for word in words if word.letters.isalpha())
        self._on_subject = next(table.all(words, Kind.SUBJECT), None) is not None
        self._ordinary = list(table.all(words, Kind.ORDINARY))

    def matches(self) -> Iterator[Match]:
        end = 0
        for match in self._table.all(self._words, Kind.MARKING):
            if match.start >= end and not self._is_ordinary(match):
                end = match.end
                yield match

    def weigh(self, match: Match) -> Certainty | None:
        if self._on_subject:
            return Certainty.DOUBTFUL if match.capitals and not self._is_shouted else None
        return self._weigh_many(match) if match.words > 1 else self._weigh_one(match)

    def _weigh_many(self, match: Match) -> Certainty | None:
        """Two words that make a level are hardly ever anything else."""
        if match.capitals:
            return _sure(match)
        if match.look is Look.EXACT:
            return Certainty.CERTAIN if self._is_last(match) and match.rule.ladder == "vi" else Certainty.DOUBTFUL
        letters = sum(len(word.letters) for word in self._words[match.start : match.end])
        is_meant = letters >= LEAST_LETTERS or self._is_last(match) or self._follows_companion(match)
        return match.rule.small and (Certainty.DOUBTFUL if is_meant else None)

    def _weigh_one(self, match: Match) -> Certainty | None:
        if match.capitals and not self._is_shouted:
            return _sure(match)
        is_whole = match.words == len(self._words)
        if match.capitals and (is_whole or self._is_set_off(match)):
            return _sure(match)
        is_behind = self._is_last(match) and (self._follows_companion(match) or match.rule.ladder == "en")
        if is_behind or self._is_bracketed(match) or (is_whole and match.look is Look.EXACT) or self._is_set_off(match):
            return match.rule.small and Certainty.DOUBTFUL
        return None

    def _is_ordinary(self, match: Match) -> bool:
        return any(each.start < match.end and match.start < each.end for each in self._ordinary)

    def _is_last(self, match: Match) -> bool:
        """Whether nothing but numbers follow, such as a date or a version."""
        return all(len(word.letters) == 1 or word.letters.isdigit() for word in self._words[match.end :])

    def _follows_companion(self, match: Match) -> bool:
        before = self._words[: match.start]
        for size in (1, 2, 3):
            found = self._table.at(before[-size:], 0, (Kind.COMPANION,)) if len(before) >= size else None
            if found and found.words == size:
                return True
        return False

    def _is_bracketed(self, match: Match) -> bool:
        return bool(_BRACKETS & set(self._words[match.start].gap))

    def _is_set_off(self, match: Match) -> bool:
        """Whether it stands first or last, behind a separator that the rest of the name does not use."""
        if self._is_bracketed(match):
            return True
        at = match.start if self._is_last(match) else match.end if match.start == 0 else 0
        if not 0 < at < len(self._words):
            return False
        others = self._gaps[: at - 1] + self._gaps[at:]
        return bool(others) and self._words[at].gap.strip() != "" and self._words[at].gap not in others


def _sure(match: Match) -> Certainty | None:
    return match.rule.capitals if match.look is Look.EXACT else match.rule.no_accents


def _split_at_humps(name: str) -> str:
    """Set a gap where a capital follows a small letter: "BaoCaoMAT" is three words."""
    return "".join(
        f" {char}" if at and char.isupper() and name[at - 1].islower() else char for at, char in enumerate(name)
    )
