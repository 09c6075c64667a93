"""How many people sat where: figures drawn for the demo that still add up to what was reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sessions.headcounts import Numbers
from sessions.models import Moment


@dataclass(frozen=True)
class Room:
    """What one room counts at the three moments of one part, and how many it had expected."""

    expected: int
    counted: dict[Moment, Numbers]


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` into whole numbers in proportion to `weights`, by the method of largest remainders."""
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: shares[index] - exact[index])
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def swap_some(random: Random, openings: Sequence[int], swaps: int) -> list[int]:
    """The same people after lunch: a few sit in another room than before, and nobody is lost."""
    after = list(openings)
    for _ in range(swaps):
        left, joined = random.sample(range(len(after)), 2)
        if after[left] > 1:
            after[left] -= 1
            after[joined] += 1
    return after


def draw(random: Random, opening: int) -> Room:
    """Draw the counts of a part that `opening` people were present at the start of.

    Some leave on the way. In one room of six a few were excused, missing or late.
    """
    middle = opening - _few(random, opening, 0.02)
    end = middle - _few(random, middle, 0.03)
    excused, absent, late = (random.randint(0, 3) if random.random() < 1 / 6 else 0 for _ in range(3))
    return Room(
        expected=opening + excused + absent,
        counted={
            Moment.START: Numbers(opening, excused=excused, absent=absent, late=min(late, opening)),
            Moment.MIDDLE: Numbers(middle, excused=excused, absent=absent + opening - middle),
            Moment.END: Numbers(end, excused=excused, absent=absent + opening - end),
        },
    )


def _few(random: Random, people: int, most: float) -> int:
    """None in half of the rooms, up to a share of `most` in the others."""
    return random.randint(0, int(people * most)) if random.random() < 0.5 else 0
