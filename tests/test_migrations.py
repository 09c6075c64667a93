"""The schema that the migrations make is the one that the code describes."""

from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from api import migrations
from archive import ways
from archive.models import Recording, Rendition
from sessions.db import Base, Db, engine
from sessions.settings import register_settings


def test_migrations_make_exactly_the_tables_of_the_models(database):
    command.check(migrations.configuration())
    assert set(Base.metadata.tables) <= set(inspect(engine()).get_table_names())


def test_migrations_are_one_line_from_empty_to_head():
    scripts = ScriptDirectory.from_config(migrations.configuration())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


KEY = UUID(int=1)
#: A recording with its one rung of video, as the first release kept it.
BEFORE = """
INSERT INTO units (id, name, kind, path, depth, sort_key, search_key, valid_from)
  VALUES (:a, 'Lai Châu', 'province', 'a', 0, 'lai chau', 'lai chau', '2020-01-01');
INSERT INTO people (id, full_name, unit_id, sort_key, search_key, created_at)
  VALUES (:a, 'Lò Văn Kỹ', :a, 'ky', 'lo van ky', now());
INSERT INTO conference_sessions (id, title, unit_id, starts_at, ends_at, tree_date, created_by, created_at)
  VALUES (:a, 'Hội nghị', :a, now(), now() + interval '1 h', '2026-01-01', :a, now());
INSERT INTO recordings
  (id, session_id, title, duration_seconds, source_sha256, source_key, source_bytes, facts, created_at)
  VALUES (:a, :a, 'Bản ghi', 60, 'f', 'originals/f', 2147483647, '{}', now());
INSERT INTO renditions (id, recording_id, kind, name, ladder_version, entry, media_type, bytes, bit_rate, created_at)
  VALUES (:a, :a, 'video', 'v360', '2026-11.1', 'video/master.m3u8', 'x', 435000, 58000, now());
"""


@pytest.fixture
def first_release(database, monkeypatch):
    """A database of its own at the first release's schema, with something in it."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("CREATE DATABASE first_release")
    engine().dispose()
    monkeypatch.setenv("DIEMCAU_DATABASE_URL", f"{database.rpartition('/')[0]}/first_release")
    for cached in (register_settings, engine):
        cached.cache_clear()
    (base,) = ScriptDirectory.from_config(migrations.configuration()).get_bases()
    command.upgrade(migrations.configuration(), base)
    with engine().begin() as db:
        for statement in filter(str.strip, BEFORE.split(";\n")):
            db.execute(text(statement), {"a": KEY})
    yield
    engine().dispose()
    monkeypatch.undo()
    for cached in (register_settings, engine):
        cached.cache_clear()


def test_what_the_first_release_kept_comes_through_every_migration(first_release):
    command.upgrade(migrations.configuration(), "head")
    command.check(migrations.configuration())
    with Db(engine()) as db:
        (rendition,) = ways.video_of(db.scalars(select(Rendition)).all()).rungs
        assert (rendition.name, rendition.bytes) == ("v360", 435_000)
        recording = db.scalars(select(Recording)).one()
        assert (recording.content, ways.moving_of(recording)) == (None, [])
        recording.source_bytes = 20 * 2**30  # The largest upload; the first release had no room for its size.
        db.flush()
