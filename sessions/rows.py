"""Many rows in one statement that is built once.

A parameter of its own for each value of each row costs more than the row, and a text of its own for each number of rows
is put together and planned each time. So rows go to the database as one value of JSON.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, column, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias


def given(table: Table, *names: str) -> TableValuedAlias:
    """The rows that come with an execution as the parameter `rows`, with these columns of a table; all without any."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    columns = (column(name, table.c[name].type) for name in names or table.c.keys())
    return rows.table_valued(*columns, name="given").render_derived(with_types=True)


def as_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameter `rows` of such a statement."""
    return {"rows": [{name: _plain(value) for name, value in row.items()} for row in rows]}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else value
