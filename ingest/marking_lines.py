"""Tells a marking that stands alone from the same words in a sentence, a list of levels or another sense."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.marking_rules import Certainty, Kind, Rule
from ingest.marking_table import Look, Match, Table
from ingest.marking_words import RUNNING_WORDS, Unit, Word, units_of, words_of

#: A unit of more words than this is running text, whatever stands in it.
MOST_WORDS = 14
#: A value of more words than this behind a label is a sentence.
MOST_VALUE_WORDS = 4
#: Behind a label, its value ends here.
_VALUE_ENDS = frozenset(".;|(")
_LABEL_MARKS = frozenset(":=–—")
_PARTS = frozenset("-–—/\\;,()[]{}<>«»:*~=\"“”'.+_")
_BRACKETS = frozenset("([{<«")

_ALONE = (Kind.MARKING, Kind.FREE, Kind.COMPANION)


@dataclass(frozen=True, slots=True)
class Found:
    """A marking in unit number `unit`."""

    rule: Rule
    certainty: Certainty
    unit: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a unit is that holds nothing but markings, free levels and what may stand beside them."""

    markings: tuple[Match, ...]
    is_free: bool  # it is nothing but a free level

    @property
    def levels(self) -> set[str]:
        return {match.rule.name for match in self.markings if match.rule.ladder}

    @property
    def capitals(self) -> bool:
        return all(match.capitals for match in self.markings)


def find(units: Sequence[Unit], table: Table, *, on_subject: bool, read_by_ocr: bool = False) -> Iterator[Found]:
    """Find the markings of a passage. `on_subject`: the file speaks about classification."""
    page = _Page(units, table, on_subject, read_by_ocr)
    for number in range(len(units)):
        yield from page.found_in(number)


def speaks_of_classification(units: Sequence[Unit], table: Table) -> bool:
    """Tell whether a passage's running text is about classification; what stands alone in it does not count."""
    words: list[Word] = []
    for unit in units:
        if len(unit.words) >= RUNNING_WORDS and _stand(unit.words, table) is None and _label(unit, table) is None:
            words += unit.words
    return next(table.all(words, Kind.SUBJECT), None) is not None


def holds_marking(line: str, table: Table) -> bool:
    """Tell whether any marking stands in a line, alone or not."""
    words = words_of(line)
    return next(table.all(words, Kind.MARKING), None) is not None or any(table.spelled(unit) for unit in units_of(line))


class _Page:
    """The units of one passage, each seen beside its neighbours."""

    def __init__(self, units: Sequence[Unit], table: Table, on_subject: bool, read_by_ocr: bool) -> None:
        self._units = units
        self._table = table
        self._on_subject = on_subject
        self._read_by_ocr = read_by_ocr
        self._standing = [
            None if _label(unit, table) else _stand(unit.words, table, read_by_ocr=read_by_ocr) for unit in units
        ]

    def found_in(self, number: int) -> Iterator[Found]:
        unit = self._units[number]
        standing = self._standing[number]
        if label := _label(unit, self._table):
            found = self._behind_label(number, label)
        elif standing is None:
            found = [*self._spelled(number), *self._in_parts(number), *self._split_over_two(number)]
        else:
            found = self._standing_alone(number, standing) or self._split_over_two(number)
        yield from found
        for match in self._table.all(unit.words, Kind.PHRASE):
            if certainty := _certainty_of(match):
                yield Found(match.rule, self._at_most_doubtful_on_subject(certainty), number)

    def _standing_alone(self, number: int, standing: _Standing) -> list[Found]:
        listed = self._listed_with(number)
        found = []
        for match in standing.markings:
            certainty = self._in_pictures(match, _certainty_of(match))
            certainty = certainty and self._weigh_list(match, certainty, *listed)
            certainty = certainty and self._weigh_neighbours(number, match, certainty)
            certainty = certainty and self._weigh_page(match, certainty)
            if certainty:
                found.append(Found(match.rule, certainty, number))
        return found

    def _in_pictures(self, match: Match, certainty: Certainty | None) -> Certainty | None:
        """A short word in small letters without its accents is what OCR makes of anything."""
        is_weak = self._read_by_ocr and match.words == 1 and match.look is not Look.EXACT and not match.capitals
        return None if is_weak else certainty

    def _listed_with(self, number: int) -> tuple[set[str], bool]:
        """Collect the levels named in an unbroken row of units in the same case, and whether free ones are among them.

        Stamps are in capitals: one that follows a list of levels in small letters is none of the list.
        """
        here = self._standing[number]
        assert here is not None
        levels, has_free = set(here.levels), False
        for step in (-1, 1):
            at = number + step
            while 0 <= at < len(self._units) and (other := self._standing[at]):
                if other.is_free:
                    has_free = True
                elif other.levels and other.capitals == here.capitals:
                    levels |= other.levels
                else:
                    break
                at += step
        return levels, has_free

    def _weigh_list(self, match: Match, certainty: Certainty, levels: set[str], has_free: bool) -> Certainty | None:
        """Levels side by side are a list, unless they are one level in two languages."""
        same_ladder = {name for name in levels if self._table.ladder_of(name) == match.rule.ladder}
        if not match.rule.ladder or (len(same_ladder) < 2 and not has_free):
            return certainty
        is_lesson = not match.capitals or len(same_ladder) >= 3 or (len(same_ladder) == 2 and self._on_subject)
        return None if is_lesson else Certainty.DOUBTFUL

    def _weigh_neighbours(self, number: int, match: Match, certainty: Certainty) -> Certainty | None:
        """A word may have come onto its own line because the line before was full, or the letters large."""
        unit = self._units[number]
        before, after = self._beside(number, -1), self._beside(number, 1)
        if before and match.start == 0:
            if before.is_unfinished and unit.words[0].written[0].islower():
                return None
            if self._is_ordinary_over(before.words[-3:], unit.words):
                return None if before.capitals == unit.capitals else Certainty.DOUBTFUL
            if len(before.words) >= RUNNING_WORDS and self._ends_like_a_title(before):
                certainty = Certainty.DOUBTFUL
        if after and match.end == len(unit.words) and self._is_ordinary_over(unit.words, after.words[:3]):
            return None if len(after.words) <= 2 and after.capitals == unit.capitals else Certainty.DOUBTFUL
        return certainty

    def _beside(self, number: int, step: int) -> Unit | None:
        """Take the unit before or after another, where there is one that stands beside it."""
        here, at = self._units[number], number + step
        beside = self._units[at] if 0 <= at < len(self._units) else None
        return None if here.is_apart or (beside and beside.is_apart) else beside

    def _ends_like_a_title(self, unit: Unit) -> bool:
        """Whether the last words are such as "tài liệu", so that a level may follow them in the next line."""
        return any(self._table.at(unit.words[-size:], 0, (Kind.COMPANION,)) for size in (1, 2))

    def _is_ordinary_over(self, before: Sequence[Word], after: Sequence[Word]) -> bool:
        """Whether ordinary words begin in one unit and end in the next."""
        both = [*before, *after]
        found = self._table.all(both, Kind.ORDINARY)
        return any(match.start < len(before) < match.end for match in found)

    def _weigh_page(self, match: Match, certainty: Certainty) -> Certainty | None:
        """Where the word is used in another sense, or the subject is classification, small letters say nothing."""
        if not self._on_subject and (match.words > 1 or match.capitals):
            return certainty
        is_used_otherwise = match.words == 1 and not match.capitals and self._has_other_sense(match)
        if is_used_otherwise or (self._on_subject and not match.capitals):
            return None
        return self._at_most_doubtful_on_subject(certainty)

    def _has_other_sense(self, match: Match) -> bool:
        letters = match.rule.phrases[0].split()[-1]
        return any(
            letters in (word.letters for word in unit.words[ordinary.start : ordinary.end])
            for unit in self._units
            for ordinary in self._table.all(unit.words, Kind.ORDINARY)
        )

    def _at_most_doubtful_on_subject(self, certainty: Certainty) -> Certainty:
        return Certainty.DOUBTFUL if self._on_subject else certainty

    def _behind_label(self, number: int, label: Match) -> list[Found]:
        unit = self._units[number]
        value = _value_of(unit.words[label.end :])
        standing = _stand(value, self._table, read_by_ocr=self._read_by_ocr)
        if standing and standing.markings:
            if len(standing.levels) > 1 and self._on_subject:
                return []
            sure = Certainty.DOUBTFUL if len(standing.levels) > 1 else Certainty.CERTAIN
            return [Found(match.rule, self._at_most_doubtful_on_subject(sure), number) for match in standing.markings]
        follower = self._standing[number + 1] if not value and number + 1 < len(self._units) else None
        is_free = standing is not None and bool(value)
        is_answered = follower is not None and (follower.is_free or bool(follower.markings))
        is_sentence = len(value) > MOST_VALUE_WORDS
        if label.rule.small is None or self._on_subject or is_free or is_answered or is_sentence:
            return []
        return [Found(label.rule, label.rule.small, number)]

    def _spelled(self, number: int) -> list[Found]:
        """Find a marking that was torn into pieces: "M ẬT", "TỐ I MẬT"."""
        unit = self._units[number]
        rule = self._table.spelled(unit)
        certainty = rule and (rule.capitals if unit.capitals else rule.small)
        if not rule and self._read_by_ocr and unit.is_mostly_capitals and not self._holds_ordinary(unit):
            rule = self._table.nearly_spelled(unit) or (self._table.partly_spelled(unit) if unit.is_apart else None)
            certainty = rule and rule.capitals and Certainty.DOUBTFUL
        return [Found(rule, self._at_most_doubtful_on_subject(certainty), number)] if rule and certainty else []

    def _holds_ordinary(self, unit: Unit) -> bool:
        return next(self._table.all(unit.words, Kind.ORDINARY), None) is not None

    def _in_parts(self, number: int) -> list[Found]:
        """Find what stands between separators beside other words: "Tỉnh ủy - MẬT - trang 3", "Báo cáo (Mật)"."""
        unit = self._units[number]
        if len(unit.words) > MOST_WORDS or self._on_subject:
            return []
        ordinary = [range(match.start, match.end) for match in self._table.all(unit.words, Kind.ORDINARY)]
        found: list[Match] = []
        for start, end in _parts_of(unit.words):
            standing = _stand(unit.words[start:end], self._table, read_by_ocr=self._read_by_ocr)
            in_brackets = bool(_BRACKETS & set(unit.words[start].gap))
            for match in standing.markings if standing else ():
                is_ordinary = any(match.start + start in span for span in ordinary)
                if not is_ordinary and (match.capitals or in_brackets):
                    found.append(match)
        if len({match.rule.name for match in found}) > 1:
            return []
        return [Found(match.rule, Certainty.DOUBTFUL, number) for match in found[:1] if _certainty_of(match)]

    def _split_over_two(self, number: int) -> list[Found]:
        """Find a marking of several words whose letters fill two lines, as in a stamp: "TÀI LIỆU / THU HỒI"."""
        if number + 1 == len(self._units):
            return []
        here, after = self._units[number], self._units[number + 1]
        return self._joined(number, (*here.words, *after.words)) if here.capitals and after.capitals else []

    def _joined(self, number: int, words: tuple[Word, ...]) -> list[Found]:
        if len(words) > MOST_VALUE_WORDS:
            return []
        match = self._table.at(words, 0, (Kind.MARKING,), read_by_ocr=self._read_by_ocr)
        certainty = _certainty_of(match) if match and match.end == len(words) else None
        return [Found(match.rule, self._at_most_doubtful_on_subject(certainty), number)] if match and certainty else []


def _stand(words: Sequence[Word], table: Table, *, read_by_ocr: bool = False) -> _Standing | None:
    """Read words as markings, free levels and companions, with numbers between; None where anything else is there."""
    at, matches = 0, []
    if len(words) > MOST_WORDS:
        return None
    while at < len(words):
        match = table.at(words, at, _ALONE, read_by_ocr=read_by_ocr)
        if match:
            matches.append(match)
            at = match.end
        elif _is_number(words[at]):
            at += 1
        else:
            return None
    markings = tuple(match for match in matches if match.rule.kind is Kind.MARKING)
    if any(_is_part_of_ordinary(words, match, table) for match in markings):
        return None
    return _Standing(markings, is_free=[match.rule.kind for match in matches] == [Kind.FREE])


def _is_part_of_ordinary(words: Sequence[Word], marking: Match, table: Table) -> bool:
    """Whether a marking is a part of ordinary words: "mật độ" is no marking that "độ" stands beside."""
    return any(
        ordinary.start < marking.end and marking.start < ordinary.end and ordinary.words > marking.words
        for ordinary in table.all(words, Kind.ORDINARY)
    )


def _is_number(word: Word) -> bool:
    """Whether a word is a number, or numbers something: "03", "2a". OCR takes letters for digits: "C0NFIDENTIAI"."""
    return len(word.letters) == 1 or 2 * sum(char.isdigit() for char in word.letters) >= len(word.letters)


def _certainty_of(match: Match) -> Certainty | None:
    """Look up what the rule makes of a match that is written so."""
    if not match.capitals:
        return match.rule.small and (match.rule.small if match.look is Look.EXACT else Certainty.DOUBTFUL)
    by_look = {
        Look.EXACT: match.rule.capitals,
        Look.NO_ACCENTS: match.rule.no_accents,
        Look.READ_SO: Certainty.DOUBTFUL,
    }
    return by_look[match.look]


def _label(unit: Unit, table: Table) -> Match | None:
    """Find the label that a unit begins with, perhaps after a number."""
    words = unit.words
    start = next((at for at, word in enumerate(words[:2]) if not _is_number(word)), 0)
    match = table.at(words, start, (Kind.LABEL,))
    if match is None:
        return None
    gap = words[match.end].gap if match.end < len(words) else unit.tail
    if _LABEL_MARKS & set(gap) or (match.end < len(words) and " - " in gap):
        return match
    value = _stand(words[match.end :], table)
    return match if value and value.markings and value.capitals else None


def _value_of(words: Sequence[Word]) -> Sequence[Word]:
    ends = (at for at, word in enumerate(words) if at and _VALUE_ENDS & set(word.gap))
    return words[: next(ends, len(words))]


def _parts_of(words: Sequence[Word]) -> list[tuple[int, int]]:
    starts = [at for at, word in enumerate(words) if at == 0 or _PARTS & set(word.gap)]
    return [] if len(starts) < 2 else list(zip(starts, [*starts[1:], len(words)], strict=True))
