"""What counts as a classification marking: a table of plain data that an administrator can extend."""

from dataclasses import dataclass
from enum import StrEnum


class Certainty(StrEnum):
    """How sure a rule is: certain is a marking, doubtful waits for a person."""

    CERTAIN = "certain"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    name: str
    phrases: tuple[str, ...]


DEFAULT_RULES: tuple[Rule, ...] = ()
