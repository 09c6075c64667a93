"""a tally sheet for reports

Revision ID: 3f6a90c1d7b4
Revises: e4b8613fd02a
Written: 2026-11-23 19:50:00.000000+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "3f6a90c1d7b4"
down_revision = "e4b8613fd02a"
branch_labels = None
depends_on = None

#: How one person of the summons counts: `n` rows of which `x` are exempt, and the basis `b` of their credit, if any.
_COUNTS = {
    "expected": "(n > 0)::int",
    "exempt": "(n > 0 AND (n = x OR b IS NOT DISTINCT FROM 'waived'))::int",
    "live": "(n > 0 AND b IS NOT DISTINCT FROM 'live')::int",
    "replay": "(n > 0 AND b IS NOT DISTINCT FROM 'replay')::int",
    "grouped": "(n > 0 AND b IS NOT DISTINCT FROM 'group')::int",
    "mixed": "(n > 0 AND b IS NOT DISTINCT FROM 'mixed')::int",
    "decided": "(n > 0 AND b IS NOT DISTINCT FROM 'decision')::int",
}
_NAMES = ", ".join(_COUNTS)


def _line(states: str) -> str:
    """Add what the states say: rows of session, unit, sign (+1 as it is, -1 as it was), n, x and b."""
    sums = [f"sum(sign * {count})" for count in _COUNTS.values()]
    changed = " OR ".join(f"{each} <> 0" for each in sums)
    return f"""
    INSERT INTO participation_tallies (session_id, unit_id, {_NAMES})
    SELECT session_id, unit_id, {", ".join(sums)} FROM ({states}) AS states
     GROUP BY session_id, unit_id HAVING {changed};"""


def _of_summons(changes: str) -> str:
    """What a change of the summons does: as it is now, less as it was before these rows."""
    return _line(f"""
        SELECT a.session_id, a.unit_id, s.sign,
               a.n - s.was * a.dn AS n, a.x - s.was * a.dx AS x, c.basis AS b
          FROM (SELECT d.session_id, d.unit_id, d.person_id, d.dn, d.dx,
                       count(e.person_id)::int AS n, count(e.exempt_reason)::int AS x
                  FROM (SELECT session_id, unit_id, person_id, sum(dn)::int AS dn, sum(dx)::int AS dx
                          FROM ({changes}) AS rows GROUP BY session_id, unit_id, person_id) AS d
                  LEFT JOIN expected e ON e.person_id = d.person_id AND e.session_id = d.session_id
                                      AND e.unit_id = d.unit_id
                 GROUP BY d.session_id, d.unit_id, d.person_id, d.dn, d.dx) AS a
          LEFT JOIN attendance_credits c ON c.person_id = a.person_id AND c.session_id = a.session_id
                                        AND c.state = 'granted'
         CROSS JOIN (VALUES (1, 0), (-1, 1)) AS s (sign, was)""")


def _of_credits(changes: str) -> str:
    """What a change of credits does to those who are summoned: with the new basis, less with the old one."""
    return _line(f"""
        SELECT r.session_id, e.unit_id, r.sign, count(*)::int AS n, count(e.exempt_reason)::int AS x, r.b
          FROM ({changes}) AS r
          JOIN expected e ON e.person_id = r.person_id AND e.session_id = r.session_id
         GROUP BY r.session_id, r.person_id, e.unit_id, r.sign, r.b""")


def _summoned(rows: str, sign: int) -> str:
    return f"SELECT session_id, unit_id, person_id, {sign} AS dn, {sign} * (exempt_reason IS NOT NULL)::int AS dx FROM {rows}"


def _credited(rows: str, sign: int) -> str:
    return f"SELECT session_id, person_id, {sign} AS sign, CASE WHEN state = 'granted' THEN basis END AS b FROM {rows}"


def _none(rows: str, sign: int) -> str:
    return f"SELECT session_id, person_id, {sign} AS sign, NULL::text AS b FROM {rows}"


_NEW, _OLD = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
_EVENTS = {"insert": _NEW, "update": f"{_OLD} {_NEW}", "delete": _OLD}
_BODIES = {
    ("expected", "insert"): _of_summons(_summoned("new_rows", 1)),
    ("expected", "update"): _of_summons(f"{_summoned('new_rows', 1)} UNION ALL {_summoned('old_rows', -1)}"),
    ("expected", "delete"): _of_summons(_summoned("old_rows", -1)),
    ("attendance_credits", "insert"): _of_credits(f"{_credited('new_rows', 1)} UNION ALL {_none('new_rows', -1)}"),
    ("attendance_credits", "update"): _of_credits(f"{_credited('new_rows', 1)} UNION ALL {_credited('old_rows', -1)}"),
    ("attendance_credits", "delete"): _of_credits(f"{_none('old_rows', 1)} UNION ALL {_credited('old_rows', -1)}"),
}


def upgrade() -> None:
    op.create_table(
        "participation_tallies",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("folded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["conference_sessions.id"],
            name=op.f("fk_participation_tallies_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_participation_tallies_unit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_tallies")),
    )
    op.create_index("ix_participation_tallies_session_unit", "participation_tallies", ["session_id", "unit_id"])
    op.create_index(
        "ix_participation_tallies_single", "participation_tallies", ["id"], postgresql_where=sa.text("NOT folded")
    )
    # What is there already is counted once, as if it had just come in.
    op.execute(_of_summons(_summoned("expected", 1)).replace("(VALUES (1, 0), (-1, 1))", "(VALUES (1, 0))").rstrip(";"))
    for (table, event), body in _BODIES.items():
        name = f"tally_{table}_{event}"
        rows = "old_rows" if event == "delete" else "new_rows"
        op.execute(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM {rows}) THEN {body}
            END IF;
            RETURN NULL;
        END $$""")
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} REFERENCING {_EVENTS[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
