"""What every list shares: the words looked for, and one stretch of rows with the number of all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, true

from sessions.db import Db
from sessions.names import search_key


def has_words(column: Any, q: str) -> ColumnElement[bool]:
    """SQL: every word of `q` begins a word of this `search_key` column; true when `q` has no word."""
    text = literal(" ").concat(column)
    return and_(true(), *(text.contains(f" {word}", autoescape=True) for word in search_key(q).split()))


#: A list of people says how many there are up to here, and "more than" beyond.
MOST_COUNTED = 10_000


def page_of(
    db: Db, statement: Select[*tuple[Any, ...]], offset: int, limit: int, *, most: int | None = None
) -> tuple[Sequence[Any], int]:
    """The rows of `statement` from `offset` on, at most `limit`, and how many it has in all: one query.

    With `most` it counts no further than one more than that: of a country's people nobody needs the number to open
    a page. Only a page beyond the end has no row to carry the total, and asks for it again.
    """
    counted = statement.order_by(None).limit(None if most is None else most + 1)
    counting = select(func.count()).select_from(counted.subquery())
    rows = db.execute(statement.add_columns(counting.scalar_subquery()).offset(offset).limit(limit)).all()
    if rows:
        return [row[:-1] for row in rows], rows[0][-1]
    return [], db.scalars(counting).one() if offset else 0
