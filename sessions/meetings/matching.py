"""Whose name is it? The names of a log held against the summons: a proposal, what it rests on, and how sure it is.

The figures are an order of trust, not probabilities: above 0.9 nothing but the very name, number or address was found
and nobody else fits; below 0.6 a person has to look. Two people who fit equally are never decided between.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from rapidfuzz import fuzz, process

from sessions.meetings.names import Told, place_words
from sessions.models.meetings import MatchedBy
from sessions.names import clean, search_key

#: From this likeness on (rapidfuzz, of names without accents, 1 when equal) a name may be another spelling.
_ALIKE = 0.84
#: How much liker the best must be than the next, to be proposed.
_MARGIN = 0.04
_MOST_CANDIDATES = 5
#: A digit more or less must not make another person: shorter numbers are no proof.
_SHORTEST_NUMBER = 4


@dataclass(frozen=True)
class Summoned:
    """One person of the summons, with all that a log may know them by."""

    id: UUID
    full_name: str
    search_key: str
    member_number: str | None
    username: str | None
    #: The unit of the summons: its whole path from the top down, and its own name.
    unit_path: str
    unit_name: str


@dataclass(frozen=True)
class Match:
    """Who is proposed, if anybody, and who else it may be, the likeliest first."""

    id: UUID | None
    confidence: float
    by: MatchedBy
    candidates: list[tuple[UUID, float]] = field(default_factory=list)


NOBODY = Match(None, 0.0, MatchedBy.NONE)


class Roster:
    """The summons, laid out so that every name of a log is looked up rather than compared with all."""

    def __init__(self, people: Iterable[Summoned]) -> None:
        self._by_key: dict[str, list[Summoned]] = defaultdict(list)
        self._by_words: dict[tuple[str, ...], list[Summoned]] = defaultdict(list)
        self._by_squeezed: dict[str, list[Summoned]] = defaultdict(list)
        self._by_number: dict[str, Summoned] = {}
        self._by_username: dict[str, Summoned] = {}
        self._having: dict[str, set[int]] = defaultdict(set)
        self._people: list[Summoned] = []
        for person in people:
            self._enter(person)

    def _enter(self, person: Summoned) -> None:
        words = person.search_key.split()
        self._by_key[person.search_key].append(person)
        self._by_words[tuple(sorted(words))].append(person)
        self._by_squeezed["".join(words)].append(person)
        if person.member_number and len(number := _squeezed(person.member_number)) >= _SHORTEST_NUMBER:
            self._by_number[number] = person
        if person.username:
            self._by_username[person.username.lower()] = person
        for word in words:
            self._having[word].add(len(self._people))
        self._people.append(person)

    def match(self, told: Told, email: str | None = None) -> Match:
        """Who of the summons this is, by the surest of what the log tells."""
        known = self._by_what_is_known(told, email)
        if known and known.confidence > 0.9:
            return known
        found = [self._by_name(name, told) for name in told.names]
        return max([*found, *([known] if known else []), NOBODY], key=_worth)

    def _by_what_is_known(self, told: Told, email: str | None) -> Match | None:
        local = (email or "").partition("@")[0].lower()
        for number in [*told.numbers, local]:
            if person := self._by_number.get(_squeezed(number)):
                return _unless_unlike(person, told, 0.99, MatchedBy.NUMBER)
        if local and (person := self._by_username.get(email or "") or self._by_username.get(local)):
            return _unless_unlike(person, told, 0.97, MatchedBy.EMAIL)
        named = self._by_squeezed.get(re.sub(r"[^a-z]", "", local), []) if len(local) > 5 else []
        if len(named) == 1:
            return _unless_unlike(named[0], told, 0.93 if _is_called(named[0], told) else 0.8, MatchedBy.EMAIL)
        return None

    def _by_name(self, name: str, told: Told) -> Match:
        key = search_key(name)
        words = re.findall(r"[^\W\d_]+", key)
        equal = self._by_key.get(" ".join(words), [])
        if equal:
            return self._of_equal(equal, name, told, in_order=True)
        turned = self._by_words.get(tuple(sorted(words)), [])
        if turned:
            return self._of_equal(turned, name, told, in_order=False)
        return self._of_alike(" ".join(words), told) or self._of_partial(words, told)

    def _of_equal(self, people: Sequence[Summoned], name: str, told: Told, *, in_order: bool) -> Match:
        """Everybody of the same letters; accents and the unit may leave one."""
        accented = [person for person in people if _same_letters(person.full_name, name)]
        bare = name.isascii()
        chosen = accented or list(people)
        narrowed = _of_unit(chosen, told) or chosen
        if len(narrowed) > 1:
            return _undecided(narrowed, 0.5)
        base = 0.95 if accented else 0.9 if bare else 0.78
        by = MatchedBy.NAME if accented else MatchedBy.UNACCENTED
        if not in_order:
            base, by = base - 0.05, MatchedBy.ORDER
        if len(chosen) > 1:
            # The unit alone told two people of one name apart.
            base -= 0.05
        others = [(person.id, 0.5) for person in people if person is not narrowed[0]]
        return Match(narrowed[0].id, round(base, 2), by, others[:_MOST_CANDIDATES])

    def _of_alike(self, name: str, told: Told) -> Match | None:
        alike = _alike(name, self._near(name.split()))
        if not alike:
            return None
        best = [person for person, score in alike if score > alike[0][1] - _MARGIN]
        narrowed = _of_unit(best, told) or best
        if len(narrowed) > 1:
            return _undecided(narrowed, 0.45)
        confidence = round(0.85 * next(score for person, score in alike if person is narrowed[0]), 2)
        others = [(person.id, round(0.8 * score, 2)) for person, score in alike if person is not narrowed[0]]
        return Match(narrowed[0].id, confidence, MatchedBy.LIKENESS, others[:_MOST_CANDIDATES])

    def _of_partial(self, words: Sequence[str], told: Told) -> Match:
        """Half a name ("Rohit", "cô Mai"): of use only where it leaves few."""
        having = [self._having.get(word, set()) for word in words]
        left = set.intersection(*having) if having else set()
        people = [self._people[place] for place in sorted(left)]
        narrowed = _of_unit(people, told) or people
        if len(narrowed) == 1:
            return Match(narrowed[0].id, 0.55 if len(words) > 1 else 0.4, MatchedBy.LIKENESS)
        return _undecided(narrowed, 0.3) if narrowed else NOBODY

    def _near(self, words: Sequence[str]) -> list[Summoned]:
        """Those who bear all of these words but one at most: one may be misspelt, or missing."""
        having = [self._having.get(word, set()) for word in words]
        if len(having) < 2:
            return []
        near: set[int] = set()
        for left_out in range(len(having)):
            near |= set.intersection(*(each for place, each in enumerate(having) if place != left_out))
        return [self._people[place] for place in near]


def _worth(match: Match) -> tuple[bool, float, int]:
    return match.id is not None, match.confidence, len(match.candidates)


def _unless_unlike(person: Summoned, told: Told, confidence: float, by: MatchedBy) -> Match:
    """A number or an address may be somebody else's: a name that is nothing like it wants a look."""
    names = [search_key(name) for name in told.names if len(name) > 1]
    own = set(person.search_key.split())
    alike = not names or any(own & set(name.split()) or _likeness(name, person.search_key) >= 0.5 for name in names)
    return Match(person.id, confidence if alike else 0.55, by)


def _is_called(person: Summoned, told: Told) -> bool:
    own = set(person.search_key.split())
    return any(own == set(search_key(name).split()) for name in told.names)


def _of_unit(people: Sequence[Summoned], told: Told) -> list[Summoned]:
    """Those whose unit the written name mentions; nobody when it mentions none."""
    said = [place_words(piece) for piece in told.rooms]
    if not said:
        return []
    return [person for person in people if (own := place_words(person.unit_name)) and any(own <= each for each in said)]


def _undecided(people: Collection[Summoned], confidence: float) -> Match:
    shown = sorted(people, key=lambda person: person.search_key)[:_MOST_CANDIDATES]
    return Match(None, confidence, MatchedBy.HOMONYM, [(person.id, confidence) for person in shown])


def _alike(name: str, people: Sequence[Summoned]) -> list[tuple[Summoned, float]]:
    """Those of these people whose names are alike, the likest first; compared in one go, for there may be thousands."""
    keys = [person.search_key for person in people]
    likest: dict[int, float] = {}
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
        for _, score, place in process.extract(name, keys, scorer=scorer, score_cutoff=100 * _ALIKE, limit=None):
            likest[place] = max(score / 100, likest.get(place, 0.0))
    return sorted(((people[place], score) for place, score in likest.items()), key=lambda pair: -pair[1])


def _likeness(one: str, other: str) -> float:
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)) / 100


def _same_letters(one: str, other: str) -> bool:
    return sorted(clean(one).lower().split()) == sorted(clean(other).lower().split())


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
