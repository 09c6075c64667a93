"""How Alembic meets our database: one history for all rooms, one migrator at a time, no endless waiting."""

from alembic import context
from sqlalchemy import Connection, text

import archive.document_models
import archive.group.models
import archive.models
import archive.offline_models
import archive.xapi.models
import ingest.models
import sessions.models
from sessions.db import Base, engine

#: All tables are known only once every room has described its own.
ROOMS = (
    sessions.models,
    archive.models,
    archive.document_models,
    archive.offline_models,
    archive.group.models,
    archive.xapi.models,
    ingest.models,
)

#: Any number will do, as long as nobody else takes an advisory lock by it: the bytes of "diem".
_LOCK = 0x6469656D
#: Time enough for another migrator to finish before us.
_TURN = "10min"
#: A migration that cannot get its table lock at once makes every request queue up behind it, so it gives up instead.
_LOCK_WAIT = "5s"
_STATEMENT = "10min"


def take_turn(connection: Connection) -> None:
    """Wait for other migrators, then set the limits. The lock lasts until the connection is closed."""
    connection.execute(text(f"SET lock_timeout = '{_TURN}'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.execute(text(f"SET lock_timeout = '{_LOCK_WAIT}'"))
    connection.execute(text(f"SET statement_timeout = '{_STATEMENT}'"))
    connection.commit()


def migrate() -> None:
    """Apply what is missing, all of it in one transaction."""
    # A connection of its own, closed for good, since its limits and its lock must not return to the pool.
    with engine().connect() as connection:
        take_turn(connection)
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.invalidate()


def write_script() -> None:
    """`alembic upgrade head --sql`: the same as a script, for whoever applies it by hand."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write_script()
else:
    migrate()
