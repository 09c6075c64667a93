"""From the lines of a roster to the rolls: found, compared and written by the database in a few statements.

Everything happens in one transaction, so that a list is taken over whole or not at all. Nobody is taken off the rolls
because a list does not name them, and an empty cell never empties what is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from sqlalchemy import func, select, text

from sessions import audit, roles, units
from sessions.db import Db
from sessions.models import Person, Role, Unit
from sessions.names import keys_of_person
from sessions.rosters import matching, writing
from sessions.rosters.faults import Fault, Finding
from sessions.rosters.lines import Line, Read
from sessions.rosters.places import Places

#: Roles that may take over a list of their units.
KEEPERS = frozenset({Role.STAFF, Role.ADMINISTRATOR})
_MOST_ABSENT_NAMED = 50
#: Any number, the same for every import: two at once could put one person on the rolls twice.
_IMPORT_LOCK = 0x2057E2

Progress = Callable[[int], None]


@dataclass
class Outcome:
    """What a list does, or would do, in people; `held` rows were left out, and `findings` say why."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    #: Of the changed: who came from another unit, and who had left and is back.
    moved: int = 0
    returned: int = 0
    exempted: int = 0
    held: int = 0
    #: People on the rolls of the unit whom the list does not name; they stay.
    absent: int = 0
    absent_names: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The figures alone."""
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}


def take(
    db: Db,
    by: Person | None,
    unit: Unit,
    read: Read,
    *,
    dry_run: bool = False,
    import_id: UUID | None = None,
    on_progress: Progress = lambda _percent: None,
) -> Outcome:
    """Take over a list for a unit and what is below it, or only say what would happen.

    Staff of the unit may (or the system, without `by`). Raises `OutsideScope` or `UnitNotValid`; what is wrong with
    single rows is in the outcome's findings, and those rows are left out.
    """
    if by:
        roles.demand(db, by.id, KEEPERS, unit)
    units.demand_valid(unit, units.today())
    db.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))
    outcome = Outcome(rows=read.rows, findings=list(read.findings))
    places = Places.below(db, unit)
    _copy(db, _placed(read.lines, places, unit, outcome.findings))
    on_progress(40)
    within = roles.scopes(db, by.id, KEEPERS) if by else [""]
    outcome.findings += matching.match(db, within, unit)
    on_progress(55)
    _count(db, by, unit, outcome)
    if not dry_run:
        writing.write(db, by, import_id, lambda share: on_progress(55 + round(40 * share)))
        audit.note(db, by, "roster.imported", "unit", unit.id, import_id=import_id, **outcome.counts())
    db.execute(text("DROP TABLE roster_lines"))
    outcome.findings.sort(key=lambda finding: (finding.row, finding.fault))
    on_progress(100)
    return outcome


def _placed(
    lines: Sequence[Line], places: Places, unit: Unit, findings: list[Finding]
) -> list[tuple[Line, UUID, bool]]:
    """Each line with its unit and whether the list said so; a cell is looked up once, however many rows repeat it."""
    known: dict[tuple[str, str], UUID | Finding] = {("", ""): unit.id}
    placed = []
    for line in lines:
        key = (line.unit, line.above)
        if key not in known:
            known[key] = _place(places, *key)
        where = known[key]
        if isinstance(where, Finding):
            findings.append(Finding(line.row, where.fault, where.facts))
        else:
            placed.append((line, where, bool(line.unit)))
    return placed


def _place(places: Places, named: str, above: str) -> UUID | Finding:
    found = places.find(named, above)
    if len(found) == 1:
        return found[0].id
    if found:
        facts = {"unit": named, "units": "; ".join(places.paths_of(found))}
        return Finding(0, Fault.UNIT_AMBIGUOUS, facts)
    return Finding(0, Fault.UNIT_UNKNOWN, {"unit": named[:120], "units": places.like(named)})


_COLUMNS = (
    "line",
    "member_number",
    "full_name",
    "sort_key",
    "search_key",
    "unit_id",
    "unit_given",
    "position",
    "birth_date",
    "categories",
    "exempt_attending",
    "exempt_reflection",
)


def _copy(db: Db, placed: Sequence[tuple[Line, UUID, bool]]) -> None:
    db.execute(
        text(
            """
            CREATE TEMPORARY TABLE roster_lines (
                line integer, member_number text, full_name text, sort_key text COLLATE "C", search_key text,
                unit_id uuid, unit_given boolean, position text, birth_date date, categories text[],
                exempt_attending text, exempt_reflection text,
                person_id uuid, held boolean NOT NULL DEFAULT false, by_name boolean NOT NULL DEFAULT false,
                -- Whoever is found to be new gets this key.
                new_id uuid NOT NULL DEFAULT gen_random_uuid()
            ) ON COMMIT DROP
            """
        )
    )
    cursor = db.connection().connection.cursor()
    with cursor.copy(f"COPY roster_lines ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for line, unit_id, given in placed:
            name = line.full_name
            copy.write_row((line.row, line.member_number, name, *keys_of_person(name), unit_id, given, *line[5:]))
    db.execute(text("ANALYZE roster_lines (member_number, sort_key, unit_id)"))


def _count(db: Db, by: Person | None, unit: Unit, outcome: Outcome) -> None:
    # Until now nobody knew whom a line means, and so the planner takes it for granted that none means anybody.
    db.execute(text("ANALYZE roster_lines (person_id)"))
    outcome.new, outcome.changed, outcome.same, outcome.moved, outcome.returned = writing.count(db)
    outcome.held = len({finding.row for finding in outcome.findings if finding.holds_back})
    outcome.exempted = writing.count_exempted(db, by)
    # Found first, so that nobody looks through the list once for each unit.
    here = (
        select(Person.id, Person.full_name, Person.sort_key)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Unit.path.startswith(unit.path, autoescape=True), Person.left_at.is_(None))
        .cte("here")
        .prefix_with("MATERIALIZED")
    )
    absent = (
        select(here.c.full_name, func.count().over())
        .where(text("NOT EXISTS (SELECT FROM roster_lines l WHERE l.person_id = here.id)"))
        .order_by(here.c.sort_key)
        .limit(_MOST_ABSENT_NAMED)
    )
    names = db.execute(absent).all()
    outcome.absent, outcome.absent_names = (names[0][1] if names else 0), [name for name, _ in names]
