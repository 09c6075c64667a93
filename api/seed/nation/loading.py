"""COPY into tables whose keys wait aside, so that millions of rows go in at the speed of the disk.

What was taken down is kept in the schema `seed` until it stands again, so a run that was cut off, at whatever moment,
leaves behind what the next one needs to go on. Durability is as always: every batch is a commit of its own.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import text

from sessions.db import Db, engine, transaction

#: The tables that grow by millions.
LARGE = ("people", "expected", "check_ins", "attendance", "attendance_credits", "audit_entries")
#: Their triggers keep a tally, which the seed brings along.
TALLIED = ("expected", "attendance_credits")
#: Every entry needs them while it is written: the next number, and the end of the chain.
_KEPT = ("pk_audit_entries", "uq_audit_entries_seal_position")
_MEMORY = "SET LOCAL maintenance_work_mem = '384MB'; SET LOCAL work_mem = '128MB'"

_FOLLOW = """
CREATE SCHEMA IF NOT EXISTS seed;
CREATE TABLE IF NOT EXISTS seed.steps (name text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS seed.taken_down (place int PRIMARY KEY, owner text, name text, definition text);
"""
#: Keys first and foreign keys last, as they are to be put up again.
_DEFINITIONS = """
SELECT owner, name, definition FROM (
  SELECT CASE contype WHEN 'f' THEN 3 ELSE 1 END AS turn, conrelid::regclass::text AS owner, conname::text AS name,
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
           AS definition
    FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace
     AND (contype IN ('p', 'u') AND conrelid::regclass::text = ANY(:large)
       OR contype = 'f' AND (conrelid::regclass::text = ANY(:large) OR confrelid::regclass::text = ANY(:large)))
  UNION ALL
  SELECT 2, '', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index
   WHERE indrelid::regclass::text = ANY(:large)
     AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
) AS found WHERE name <> ALL(:kept) ORDER BY turn, owner, name
"""


def begin(db: Db) -> None:
    """Make room for what a later run has to know."""
    db.execute(text(_FOLLOW))


def has_begun(db: Db) -> bool:
    """Whether a seed was begun here that is not complete yet."""
    return db.scalar(text("SELECT to_regclass('seed.steps')")) is not None


def is_done(db: Db, step: str) -> bool:
    return db.scalar(text("SELECT name FROM seed.steps WHERE name = :step"), {"step": step}) is not None


def note(db: Db, step: str) -> None:
    """Say in this transaction that a step is done."""
    db.execute(text("INSERT INTO seed.steps VALUES (:step)"), {"step": step})


def take_down(db: Db) -> None:
    """Put keys and indexes of the large tables aside, and every foreign key that refers to them."""
    rows = db.execute(text(_DEFINITIONS), {"large": list(LARGE), "kept": list(_KEPT)}).all()
    keeping = text("INSERT INTO seed.taken_down VALUES (:place, :owner, :name, :definition)")
    db.execute(keeping, [{"place": place, **row._mapping} for place, row in enumerate(rows)])
    for place, table in enumerate(TALLIED, start=len(rows)):
        statement = f"ALTER TABLE {table} ENABLE TRIGGER USER"
        db.execute(keeping, {"place": place, "owner": table, "name": f"tally of {table}", "definition": statement})
        db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for owner, name, _ in reversed(rows):
        dropping = f"ALTER TABLE {owner} DROP CONSTRAINT {name}" if owner else f"DROP INDEX {name}"
        db.execute(text(dropping))


def waiting(db: Db) -> list[tuple[int, str, str]]:
    """What is still taken down: its place in the order, its name, and the statement that puts it up."""
    rows = db.execute(text("SELECT place, name, definition FROM seed.taken_down ORDER BY place"))
    return [(place, name, definition) for place, name, definition in rows]


def put_up(db: Db, place: int, definition: str) -> None:
    """Put one of them up again; PostgreSQL checks all rows against it."""
    db.execute(text(_MEMORY))
    db.execute(text(definition))
    db.execute(text("DELETE FROM seed.taken_down WHERE place = :place"), {"place": place})


def copy(db: Db, table: str, columns: Sequence[str], blocks: Iterable[str]) -> None:
    """Bring in rows of these columns, as blocks of COPY's own text form."""
    connection = db.connection().connection.driver_connection
    assert connection is not None
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as sink,
    ):
        for block in blocks:
            sink.write(block)


def tidy() -> None:
    """Let PostgreSQL look at what came in, so that its plans are those of a database that has been in use."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*LARGE, "units", "connection_points", "session_points", "headcounts", "participation_tallies"):
            connection.execute(text(f"VACUUM (ANALYZE) {table}"))


def finish() -> None:
    """Forget what was only needed to go on."""
    with transaction() as db:
        db.execute(text("DROP SCHEMA seed CASCADE"))
