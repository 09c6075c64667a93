"""Which markings are searched for: those that are built in, and those that administrators added."""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import select

from ingest.marking_rules import Certainty, Kind, Rule, digest_of, extended
from ingest.models import GateRule
from sessions import audit, clock
from sessions.db import Db
from sessions.errors import Conflict, NotFound
from sessions.models import Person
from sessions.names import clean


class RuleHeldAlready(Conflict):
    code = "rule-held-already"
    vi = "Đã có quy tắc với đúng cụm chữ này."
    en = "There is a rule with these very words already."


class RuleUnknown(NotFound):
    code = "rule-not-found"
    vi = "Không có quy tắc này, hoặc quy tắc đã được bỏ."
    en = "There is no such rule, or it was taken out."


def added(db: Db) -> Sequence[GateRule]:
    """What administrators added and nobody took out again, oldest first."""
    return db.scalars(select(GateRule).where(GateRule.retired_at.is_(None)).order_by(GateRule.added_at)).all()


def rules(db: Db) -> tuple[Rule, ...]:
    """Everything that is searched for now."""
    return extended([_as_rule(row) for row in added(db)])


def version_of(rules: Sequence[Rule]) -> str:
    """A short name for these very rules: whatever is added, taken out or built in otherwise changes it."""
    return digest_of(rules)[:12]


def add(db: Db, by: Person, phrase: str, *, certain: bool) -> GateRule:
    """Search for this phrase, too, from now on; `diemcau rescan` applies it to what is in already.

    Raises `RuleHeldAlready`, and `BadRule` for what would never be found, or everywhere.
    """
    phrase = clean(phrase)
    if any(row.phrase == phrase for row in added(db)):
        raise RuleHeldAlready
    rule = GateRule(id=uuid4(), phrase=phrase, certain=certain, added_by=by.id, added_at=clock.now())
    extended([_as_rule(rule)])
    db.add(rule)
    db.flush()
    audit.note(db, by, "gate-rule.added", "gate-rule", rule.id, phrase=phrase, certain=certain)
    return rule


def retire(db: Db, by: Person, rule: GateRule) -> None:
    """Search for it no longer. What it stopped stays stopped until a person decides otherwise."""
    if rule.retired_at is None:
        rule.retired_by, rule.retired_at = by.id, clock.now()
        audit.note(db, by, "gate-rule.retired", "gate-rule", rule.id)


def _as_rule(row: GateRule) -> Rule:
    sure = Certainty.CERTAIN if row.certain else Certainty.DOUBTFUL
    name = f"added-{row.id.hex[:8]}"
    return Rule(name, Kind.MARKING, (row.phrase,), capitals=sure, small=sure, no_accents=sure)
