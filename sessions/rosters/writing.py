"""The statements that write a roster onto the rolls, from the lines that `matching` left with a person each."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import text

from sessions import clock, units
from sessions.db import Db
from sessions.models import ExemptionKind, Person

#: How many rows are written at a time, so that those who watch see it move.
_BATCH = 10_000

_IS_NEW = "l.person_id IS NULL"
_WHO = "COALESCE(l.person_id, l.new_id)"
#: Whether a line says anything that is not known already.
_DIFFERS = """
    (p.full_name, p.unit_id, p.member_number, p.position, p.birth_date, p.categories, p.left_at) IS DISTINCT FROM
    (l.full_name, l.unit_id, COALESCE(l.member_number, p.member_number), COALESCE(l.position, p.position),
     COALESCE(l.birth_date, p.birth_date), COALESCE(l.categories, p.categories), NULL)
"""


def count(db: Db) -> tuple[int, int, int, int, int]:
    """How many people are new, changed, the same, moved and back again."""
    counted = f"""
        SELECT count(*) FILTER (WHERE {_IS_NEW}), count(*) FILTER (WHERE NOT {_IS_NEW} AND {_DIFFERS}),
               count(*) FILTER (WHERE NOT {_IS_NEW} AND NOT {_DIFFERS}),
               count(*) FILTER (WHERE NOT {_IS_NEW} AND p.unit_id <> l.unit_id),
               count(*) FILTER (WHERE NOT {_IS_NEW} AND p.left_at IS NOT NULL)
        FROM roster_lines l LEFT JOIN people p ON p.id = l.person_id WHERE NOT l.held
    """
    new, changed, same, moved, returned = db.execute(text(counted)).one()
    return new, changed, same, moved, returned


def count_exempted(db: Db, by: Person | None) -> int:
    """How many exemptions the list adds."""
    counting = [f"SELECT count(*) {_exempting(kind)}" for kind in ExemptionKind]
    return sum(db.scalars(text(each), {"by": by.id if by else None}).one() for each in counting)


class _Facts(TypedDict):
    now: datetime
    today: date
    by: UUID | None
    import_id: UUID | None


def write(db: Db, by: Person | None, import_id: UUID | None, on_share: Callable[[float], None]) -> None:
    """Write moves, changes, new people and exemptions; tells `on_share` of the share that is done."""
    facts = _Facts(now=clock.now(), today=units.today(), by=by.id if by else None, import_id=import_id)
    last = db.scalars(text("SELECT max(line) FROM roster_lines")).one() or 0
    for first in range(1, last + 1, _BATCH):
        end = min(first + _BATCH - 1, last)
        for statement in (_MOVES, _CHANGES, _ADDITIONS):
            db.execute(text(statement), {**facts, "first": first, "last": end})
        on_share(end / last)
    for kind in ExemptionKind:
        db.execute(text(f"{_exemption(kind)} {_exempting(kind)} AND p.id IS NOT NULL"), dict(facts))
    db.expire_all()


_HERE = "NOT l.held AND l.line BETWEEN :first AND :last"
_MOVES = f"""
    INSERT INTO person_moves (id, person_id, from_unit_id, to_unit_id, moved_at, moved_by, roster_import_id)
    SELECT gen_random_uuid(), p.id, p.unit_id, l.unit_id, :now, CAST(:by AS uuid), CAST(:import_id AS uuid)
    FROM roster_lines l JOIN people p ON p.id = l.person_id AND p.unit_id <> l.unit_id
    WHERE {_HERE}
"""
_CHANGES = f"""
    UPDATE people p SET
        full_name = l.full_name, sort_key = l.sort_key, search_key = l.search_key, unit_id = l.unit_id,
        member_number = COALESCE(l.member_number, p.member_number), position = COALESCE(l.position, p.position),
        birth_date = COALESCE(l.birth_date, p.birth_date), categories = COALESCE(l.categories, p.categories),
        left_at = NULL
    FROM roster_lines l WHERE p.id = l.person_id AND {_HERE} AND {_DIFFERS}
"""
_ADDITIONS = f"""
    INSERT INTO people (id, member_number, full_name, unit_id, position, birth_date, categories, sort_key, search_key,
                        created_at)
    SELECT l.new_id, l.member_number, l.full_name, l.unit_id, l.position, l.birth_date,
           COALESCE(l.categories, '{{}}'), l.sort_key, l.search_key, :now
    FROM roster_lines l WHERE {_IS_NEW} AND {_HERE}
    ON CONFLICT (member_number) DO NOTHING
"""


def _exempting(kind: ExemptionKind) -> str:
    """Lines that let somebody off who is not yet; nobody exempts themselves."""
    return f"""
        FROM roster_lines l LEFT JOIN people p ON p.id = {_WHO}
        WHERE NOT l.held AND l.exempt_{kind.value} IS NOT NULL AND {_WHO} IS DISTINCT FROM CAST(:by AS uuid)
        AND NOT EXISTS (
            SELECT FROM exemptions e WHERE e.person_id = {_WHO} AND e.kind = '{kind.value}' AND e.valid_to IS NULL
        )
    """


def _exemption(kind: ExemptionKind) -> str:
    return f"""
        INSERT INTO exemptions (id, person_id, kind, reason, valid_from, set_by, set_at)
        SELECT gen_random_uuid(), {_WHO}, '{kind.value}', l.exempt_{kind.value}, :today, CAST(:by AS uuid), :now
    """
