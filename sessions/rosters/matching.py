"""Whom each line of a roster means: by number first, then by name within the unit, and held back when in doubt."""

from collections.abc import Sequence
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import text

from sessions.db import Db
from sessions.models import Unit
from sessions.rosters.faults import Fault, Finding

#: From this likeness on (rapidfuzz, of 100) two spellings are of one name: "Nguyễn T. Mai", not "Trần Văn Bộ".
_SAME_NAME = 75


def match(db: Db, within: Sequence[str], unit: Unit) -> list[Finding]:
    """Give each line of `roster_lines` its person, or hold it back; gives what was found out on the way.

    A line that is left without a person, and not held, is of somebody new. `within` are the paths of the units below
    which the reader may change people.
    """
    db.execute(
        text(
            "UPDATE roster_lines l SET person_id = p.id FROM people p "
            "WHERE l.member_number IS NOT NULL AND p.member_number = l.member_number"
        )
    )
    findings = _hold_others(db, within) + _match_names(db, unit) + _hold_namesakes(db)
    # A list that does not say units leaves everybody where they are.
    db.execute(
        text(
            "UPDATE roster_lines l SET unit_id = p.unit_id FROM people p WHERE p.id = l.person_id AND NOT l.unit_given"
        )
    )
    return findings


def _hold_others(db: Db, within: Sequence[str]) -> list[Finding]:
    """Numbers of people outside the reader's units, and numbers that plainly are somebody else's."""
    differing = db.execute(
        text(
            """
            SELECT l.line, l.member_number, l.full_name, l.search_key, p.full_name, p.search_key, u.path
            FROM roster_lines l JOIN people p ON p.id = l.person_id JOIN units u ON u.id = p.unit_id
            WHERE l.search_key <> p.search_key OR NOT (u.path LIKE ANY (:within))
            """
        ),
        {"within": [f"{path}%" for path in within]},
    )
    findings = []
    for line, number, name, key, known, known_key, path in differing:
        if not any(path.startswith(each) for each in within):
            findings.append(Finding(line, Fault.ELSEWHERE))
        elif fuzz.token_sort_ratio(key, known_key) < _SAME_NAME:
            findings.append(Finding(line, Fault.NAME_DIFFERS, {"number": number, "name": name, "known": known}))
    _hold(db, findings)
    return findings


def _match_names(db: Db, unit: Unit) -> list[Finding]:
    """Lines whose number is not known, or that have none: the one person of that name in the unit, if there is one.

    Two dates of birth or two numbers tell two people apart. What fits several people, or one person twice, is held.
    """
    found = db.execute(
        text(
            """
            SELECT l.line, l.member_number, l.full_name, array_agg(p.id), min(p.full_name),
                   bool_or(p.birth_date = l.birth_date)
            FROM roster_lines l
            JOIN people p ON p.sort_key = l.sort_key
                AND (p.birth_date IS NULL OR l.birth_date IS NULL OR p.birth_date = l.birth_date)
                AND (p.member_number IS NULL OR l.member_number IS NULL)
            JOIN units u ON u.id = p.unit_id
            WHERE l.person_id IS NULL AND NOT l.held
                AND (p.unit_id = l.unit_id OR (NOT l.unit_given AND u.path LIKE :below))
                AND NOT EXISTS (SELECT FROM roster_lines other WHERE other.person_id = p.id)
            GROUP BY l.line, l.member_number, l.full_name
            ORDER BY l.line
            """
        ),
        {"below": f"{unit.path}%"},
    ).all()
    findings: list[Finding] = []
    pairs: dict[UUID, int] = {}
    for line, number, name, person_ids, known, same_birth in found:
        if len(person_ids) > 1:
            findings.append(Finding(line, Fault.PERSON_AMBIGUOUS, {"name": name, "count": len(person_ids)}))
        elif (first := pairs.setdefault(person_ids[0], line)) != line:
            findings.append(Finding(line, Fault.NAMESAKE, {"first": first}))
        elif number:
            findings.append(Finding(line, Fault.NUMBER_ADOPTED, {"known": known, "number": number}))
        elif not same_birth:
            findings.append(Finding(line, Fault.BY_NAME, {"known": known}))
    _hold(db, [finding for finding in findings if finding.holds_back])
    db.execute(
        text(
            "UPDATE roster_lines l SET person_id = found.id, by_name = true "
            "FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS integer[])) AS found (id, line) WHERE found.line = l.line"
        ),
        {"ids": list(pairs), "lines": list(pairs.values())},
    )
    return findings


def _hold_namesakes(db: Db) -> list[Finding]:
    """A line without a number that only repeats the name of another in the same unit would double somebody."""
    doubled = db.execute(
        text(
            """
            SELECT l.line, min(other.line) FROM roster_lines l JOIN roster_lines other
                ON other.sort_key = l.sort_key AND other.unit_id = l.unit_id AND NOT other.held
                AND (other.line < l.line OR other.member_number IS NOT NULL) AND other.line <> l.line
                AND (other.birth_date IS NULL OR l.birth_date IS NULL OR other.birth_date = l.birth_date)
            WHERE l.person_id IS NULL AND l.member_number IS NULL AND NOT l.held
            GROUP BY l.line
            """
        )
    )
    findings = [Finding(line, Fault.NAMESAKE, {"first": first}) for line, first in doubled]
    _hold(db, findings)
    return findings


def _hold(db: Db, findings: Sequence[Finding]) -> None:
    if findings:
        db.execute(
            text("UPDATE roster_lines SET held = true WHERE line = ANY (:lines)"),
            {"lines": [finding.row for finding in findings]},
        )
