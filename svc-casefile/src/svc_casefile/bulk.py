"""Writing many rows of a table in one statement.

COPY is not for us: PostgreSQL refuses it for a table with row-level security. Rows travel as one JSON document, which
is built in native code and which PostgreSQL reads by the names and types of the table's own columns.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import asyncpg
from pydantic_core import to_json

Row = Mapping[str, object]


async def insert(
    connection: asyncpg.Connection, table: str, rows: Sequence[Row], *, unless: str = "", returning: str = "true"
) -> list[asyncpg.Record]:
    """Insert rows that all have the columns of the first one; other columns get their defaults.

    `unless` is the target of an ON CONFLICT: what conflicts there is left out, silently. Answers with `returning` of
    what was inserted.
    """
    if not rows:
        return []
    statement = _statement(table, tuple(rows[0]), unless, returning)
    return await connection.fetch(statement, to_json(rows).decode())


@lru_cache
def _statement(table: str, columns: tuple[str, ...], unless: str, returning: str) -> str:
    names = ", ".join(columns)
    conflict = f"ON CONFLICT {unless} DO NOTHING" if unless else ""
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, $1)"
        f" {conflict} RETURNING {returning}"
    )
