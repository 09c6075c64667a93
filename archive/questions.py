"""What a presence question asks: drawn from the minute that was playing, for one person, unlike the last person's.

A code that the server shows needs nothing but the person. A picture choice needs an eye on the slides and is not in
the text that a phone holds. A word of the slide could be searched for there, so it is at most half of what anyone is
asked. What is drawn depends on the person's seed and the question's number alone: a question that had to be taken back
comes again with the same choices, so nothing is learned by fleeing from it.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from archive import lots
from archive.models import PromptKind, SlidePage
from archive.replay import slide_of
from archive.timelines import Timeline

#: Pictures or words to choose from. Guessing one in four, nobody gets three of four right but one in twenty.
CHOICES = 4
#: A slide counts as shown at a moment when it came up this much earlier, for times are known to a second or so.
_SETTLED_SECONDS = 3.0
#: Slides that were up within this time of the moment are no wrong choices: the person may well have them in mind.
_NEAR_SECONDS = 60.0
#: Below it the machine was not sure which page it saw (`SlideCue.confidence`).
_SURE = 0.5
_LONGEST_TERM = 40

_DIGITS = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


@dataclass(frozen=True)
class Question:
    """`choices` are `{id, text, path}`: a word has a text, a picture the path of its thumbnail (`replay.file_key`)."""

    kind: PromptKind
    #: Equal subjects are equal questions, whoever is asked.
    subject: str
    answer: str
    choices: list[dict[str, Any]] = field(default_factory=list)


def draw(
    timeline: Timeline,
    at_seconds: float,
    *,
    seed: str,
    number: int,
    kinds: Iterable[PromptKind] = tuple(PromptKind),
    not_subject: str | None = None,
) -> Question:
    """A question of one of these kinds about this second; a code where the slides give nothing to ask."""
    for kind in _order(seed, number, set(kinds)):
        question = _DRAWN[kind](timeline, at_seconds, seed, number)
        if question and question.subject != not_subject:
            return question
    return draw_code(not_subject)


def draw_code(not_subject: str | None = None) -> Question:
    """Four digits, other than the last person's."""
    while True:
        code = f"{secrets.randbelow(10_000):04}"
        if f"code:{code}" != not_subject:
            return Question(PromptKind.CODE, f"code:{code}", code)


def spoken(code: str, language: str) -> str:
    """The digits as words, for those who cannot see the picture."""
    return ", ".join(_DIGITS["en" if language == "en" else "vi"][int(digit)] for digit in code)


def _order(seed: str, number: int, kinds: set[PromptKind]) -> list[PromptKind]:
    """Pictures first in half of all cases, a word first in a sixth; the rest are codes."""
    lot = lots.fraction(seed, number, "kind")
    if lot < 1 / 2:
        order = [PromptKind.PICTURE, PromptKind.WORD]
    elif lot < 2 / 3:
        order = [PromptKind.WORD, PromptKind.PICTURE]
    else:
        order = []
    return [kind for kind in order if kind in kinds]


def _draw_picture(timeline: Timeline, at_seconds: float, seed: str, number: int) -> Question | None:
    shown, near = _pages_around(timeline, at_seconds)
    if shown is None:
        return None
    others = [page for page in timeline.pages if _key(page) not in near and page.search_key != shown.search_key]
    wrong = lots.shuffled(seed, {_key(page) for page in others}, number, "picture")[: CHOICES - 1]
    if len(wrong) < CHOICES - 1:
        return None
    by_key = {_key(page): page for page in timeline.pages}
    paths = {key: slide_of(timeline, by_key[key]).thumbnail_path for key in (_key(shown), *wrong)}
    return _choose(PromptKind.PICTURE, _key(shown), wrong, lambda key: {"text": None, "path": paths[key]})


def _draw_word(timeline: Timeline, at_seconds: float, seed: str, number: int) -> Question | None:
    shown, near = _pages_around(timeline, at_seconds)
    if shown is None:
        return None
    near_text = " ".join(page.text.lower() for page in timeline.pages if _key(page) in near)
    others = {term for page in timeline.pages if _key(page) not in near for term in _terms(page.text)}
    wrong = lots.shuffled(seed, {term for term in others if term not in near_text}, number, "wrong")[: CHOICES - 1]
    right = lots.shuffled(seed, set(_terms(shown.text)), number, "right")[:1]
    if not right or len(wrong) < CHOICES - 1:
        return None
    return _choose(PromptKind.WORD, right[0], wrong, lambda term: {"text": term, "path": None})


_DRAWN = {PromptKind.PICTURE: _draw_picture, PromptKind.WORD: _draw_word}


def _choose(kind: PromptKind, right: str, wrong: Sequence[str], told: Any) -> Question:
    """The choices under ids that say nothing, in an order of their own each time."""
    ids = {key: secrets.token_hex(4) for key in (right, *wrong)}
    choices = [{"id": ids[key]} | told(key) for key in sorted(ids, key=ids.__getitem__)]
    return Question(kind, f"{kind}:{right}", ids[right], choices)


def _pages_around(timeline: Timeline, at_seconds: float) -> tuple[SlidePage | None, set[str]]:
    """The page that was surely up at this second, and the keys of all that were up around it."""
    pages = {(page.deck_id, page.position): page for page in timeline.pages}
    up, near = None, set()
    ends = [cue.at_seconds for cue in timeline.cues[1:]] + [float("inf")]
    for cue, end in zip(timeline.cues, ends, strict=False):
        page = pages[cue.deck_id, cue.page]
        if cue.at_seconds <= at_seconds + _NEAR_SECONDS and end >= at_seconds - _NEAR_SECONDS:
            near.add(_key(page))
        if cue.at_seconds + _SETTLED_SECONDS <= at_seconds < end and cue.confidence >= _SURE:
            up = page
    return up, near


def _key(page: SlidePage) -> str:
    return f"{page.deck_id}/{page.position}"


def _terms(text: str) -> list[str]:
    """Pairs of neighbouring words, in small letters: one Vietnamese word is mostly two syllables."""
    terms = []
    for line in text.lower().splitlines():
        for clause in re.split(r"[^\w\s]", line):
            words = [word for word in clause.split() if word.isalpha()]
            terms += [f"{one} {other}" for one, other in pairwise(words) if len(one) > 1 and len(other) > 1]
    return [term for term in terms if len(term) <= _LONGEST_TERM]
