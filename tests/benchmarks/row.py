"""One line of the table of benchmarks: ours against a bound, measured in the same run."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Row:
    """`ratio` is ours ÷ bound, in the unit that both share; the goal says on which side of it all is well."""

    name: str
    what: str
    ours: float
    bound: float
    unit: str
    side: Literal["<=", ">="]
    goal: float
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.ours / self.bound

    @property
    def holds(self) -> bool:
        return self.ratio <= self.goal if self.side == "<=" else self.ratio >= self.goal

    def as_json(self) -> dict[str, Any]:
        row = asdict(self)
        return {key: row[key] for key in ("name", "ours", "bound", "details")} | {
            "ratio": self.ratio,
            "goal": f"{self.side}{self.goal:g}",
            "holds": self.holds,
        }

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "FALLS SHORT"
        details = ", ".join(f"{key} {value}" for key, value in self.details.items())
        return (
            f"{self.name:<10} {self.what}: {self.ours:.2f} {self.unit} against {self.bound:.2f} {self.unit}, "
            f"ratio {self.ratio:.2f} (goal {self.side}{self.goal:g}: {verdict}){'; ' + details if details else ''}"
        )
