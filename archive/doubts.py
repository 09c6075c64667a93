"""What about a viewing a person should look at before it earns anything: pure, over counts and answers.

Each figure is set so that an honest viewing on a bad link does not meet it; those that do are held for staff, never
refused (DESIGN.md, section 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: Reading a question and touching a choice takes people a second at least.
QUICKEST_SECONDS = 0.5
#: Once or twice a clock that jumped or a finger that was already there may explain it.
_QUICK_ANSWERS = 3
#: So many answers that took the same time to a tenth of a second come from a clock.
_SAME_RHYTHM, _RHYTHM_SECONDS = 5, 0.1
#: So many answers all at one place among the choices, half of them wrong, come from somebody who does not look.
_SAME_PLACE = 4
#: A late event or two may put the content of one beat into the next; a player that works does not do it all the time.
_OFTEN_BEYOND = 5


class Doubt(StrEnum):
    #: A beat came again with other content.
    ALTERED = "altered-beats"
    BEYOND = "beyond-budget"
    TOO_QUICK = "answered-too-quickly"
    SAME_RHYTHM = "answers-in-one-rhythm"
    SAME_PLACE = "answers-at-one-place"


@dataclass(frozen=True)
class Answered:
    """One answer: how long it took, whether it was right, and its place among the choices (none for a code)."""

    seconds: float
    right: bool
    place: int | None


def doubts_of(altered_beats: int, beyond_beats: int, answers: Sequence[Answered]) -> list[dict[str, Any]]:
    """What is doubtful about one viewing, each as its code with figures."""
    found: list[dict[str, Any]] = []
    if altered_beats:
        found.append({"code": Doubt.ALTERED, "beats": altered_beats})
    if beyond_beats >= _OFTEN_BEYOND:
        found.append({"code": Doubt.BEYOND, "beats": beyond_beats})
    seconds = [answer.seconds for answer in answers]
    quick = [each for each in seconds if each < QUICKEST_SECONDS]
    if len(quick) >= _QUICK_ANSWERS:
        found.append({"code": Doubt.TOO_QUICK, "answers": len(quick), "seconds": min(quick)})
    if len(seconds) >= _SAME_RHYTHM and max(seconds) - min(seconds) < _RHYTHM_SECONDS:
        found.append({"code": Doubt.SAME_RHYTHM, "answers": len(seconds), "seconds": min(seconds)})
    chosen = [answer for answer in answers if answer.place is not None]
    wrong = sum(not answer.right for answer in chosen)
    if len(chosen) >= _SAME_PLACE and len({answer.place for answer in chosen}) == 1 and 2 * wrong >= len(chosen):
        found.append({"code": Doubt.SAME_PLACE, "answers": len(chosen), "wrong": wrong})
    return found
