"""The schema that the migrations make is the one that the code describes."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from api import migrations
from sessions.db import Base, engine


def test_migrations_make_exactly_the_tables_of_the_models(database):
    command.check(migrations.configuration())
    assert set(Base.metadata.tables) <= set(inspect(engine()).get_table_names())


def test_migrations_are_one_line_from_empty_to_head():
    scripts = ScriptDirectory.from_config(migrations.configuration())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
