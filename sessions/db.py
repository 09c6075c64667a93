"""The database at hand: the base of all models, the engine, transactions, and what runs once one is on disk."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.orm import Session as Db

from sessions.settings import register_settings

__all__ = ["Base", "Db", "Key", "after_commit", "among", "among_given", "engine", "transaction"]


T = TypeVar("T")


class Base(DeclarativeBase):
    """All tables of all rooms: one schema, one history of migrations."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute.
        datetime: DateTime(timezone=True),
        str: Text,
        # Kept as text by value: a new state then needs no change of a database type.
        StrEnum: Enum(
            StrEnum, native_enum=False, length=24, values_callable=lambda kind: [each.value for each in kind]
        ),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Key:
    """A mixed-in UUID key, made by us so that a row can be named before it is written."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4, sort_order=-1)


@lru_cache
def engine() -> Engine:
    """The process's one pool of connections. Forked workers must call `forget_connections` first."""
    settings = register_settings()
    return create_engine(
        settings.database_url,
        pool_size=settings.database_pool,
        max_overflow=settings.database_pool,
        pool_pre_ping=True,  # A database that was restarted must not cost the next request an error.
        connect_args={"connect_timeout": 5, "application_name": "diemcau"},
    )


def forget_connections() -> None:
    """Drop what a parent process had open: two processes on one connection corrupt each other."""
    engine().dispose(close=False)


@contextmanager
def transaction() -> Iterator[Db]:
    """One unit of work for a task or a command: commits when the block ends, rolls back when it raises."""
    with Db(engine(), expire_on_commit=False) as db, db.begin():
        yield db


def among(column: InstrumentedAttribute[T], values: Sequence[T]) -> ColumnElement[bool]:
    """Whether a column is one of these values: one text of the statement, prepared once, for however many."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))


def among_given(column: InstrumentedAttribute[T], name: str) -> ColumnElement[bool]:
    """The same for a statement that is built once: the values come with each execution, as the parameter `name`."""
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def after_commit(db: Db, call: Callable[[], object]) -> None:
    """Run `call` once this transaction is safely on disk; never when it rolls back."""
    db.info.setdefault("after_commit", []).append(call)


@event.listens_for(Db, "after_commit")
def _run_calls(db: Db) -> None:
    for call in db.info.pop("after_commit", []):
        call()


@event.listens_for(Db, "after_rollback")
def _drop_calls(db: Db) -> None:
    db.info.pop("after_commit", None)
