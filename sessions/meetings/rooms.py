"""Which connection point is it? Names of rooms that joined with one account, held against the conference's points."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz

from sessions.meetings.matching import NOBODY, Match
from sessions.meetings.names import Told, place_words
from sessions.models.meetings import MatchedBy
from sessions.names import search_key

_ALIKE = 0.86
_MARGIN = 0.04
_MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Place:
    """A point of the conference by the names it goes by."""

    id: UUID
    #: The whole path of the unit, from the top down.
    unit_path: str
    room_name: str
    unit_name: str


class Places:
    """The points of a conference, laid out for looking up a written name."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_name: dict[str, list[Place]] = defaultdict(list)
        self._by_words: dict[frozenset[str], list[Place]] = defaultdict(list)
        self._having: dict[str, set[frozenset[str]]] = defaultdict(set)
        self._of_unit: dict[str, Place] = {}
        for place in places:
            self._enter(place)

    def _enter(self, place: Place) -> None:
        self._by_name[search_key(place.room_name)].append(place)
        for words in {place_words(place.room_name), place_words(place.unit_name)} - {frozenset()}:
            self._by_words[words].append(place)
            for word in words:
                self._having[word].add(words)
        self._of_unit.setdefault(place.unit_path, place)

    def match(self, told: Told, written: str) -> Match:
        """The point that a written name means. Several that fit equally are all named, and none is chosen."""
        if exact := self._by_name.get(search_key(written)):
            return _one_of(exact, 0.97, MatchedBy.NAME)
        pieces = [place_words(piece) for piece in [" ".join(told.rooms), *told.rooms, *told.names, written] if piece]
        found = [self._of_words(words) for words in pieces if words]
        return max([*found, NOBODY], key=lambda match: (match.id is not None, match.confidence))

    def is_exactly(self, written: str) -> bool:
        """Whether a name without any word for a room is that of a place all the same: "Sìn Hồ"."""
        return search_key(written) in self._by_name or place_words(written) in self._by_words

    def nearest(self, unit_path: str) -> UUID | None:
        """The point of this unit, or else of the nearest unit above that has one."""
        steps = unit_path.rstrip("/").split("/")
        paths = ("/".join(steps[:depth]) + "/" for depth in range(len(steps), 0, -1))
        return next((self._of_unit[path].id for path in paths if path in self._of_unit), None)

    def _of_words(self, words: frozenset[str]) -> Match:
        if equal := self._by_words.get(words):
            return _one_of(equal, 0.92, MatchedBy.UNACCENTED)
        near = {known for word in words for known in self._having.get(word, ())}
        within = [known for known in near if known <= words]
        if within:
            longest = max(map(len, within))
            found = [place for known in within if len(known) == longest for place in self._by_words[known]]
            return _one_of(found, 0.75, MatchedBy.LIKENESS)
        return self._of_alike(words, near)

    def _of_alike(self, words: frozenset[str], near: Iterable[frozenset[str]]) -> Match:
        said = " ".join(sorted(words))
        scored = [(known, fuzz.ratio(said, " ".join(sorted(known))) / 100) for known in near]
        alike = [(known, score) for known, score in scored if score >= _ALIKE]
        if not alike:
            return NOBODY
        best = max(score for _, score in alike)
        found = [place for known, score in alike if score > best - _MARGIN for place in self._by_words[known]]
        return _one_of(found, round(0.75 * best, 2), MatchedBy.LIKENESS)


def _one_of(places: Sequence[Place], confidence: float, by: MatchedBy) -> Match:
    ids = list(dict.fromkeys(place.id for place in places))
    if len(ids) == 1:
        return Match(ids[0], confidence, by)
    return Match(None, 0.5, MatchedBy.HOMONYM, [(each, 0.5) for each in ids[:_MOST_CANDIDATES]])
