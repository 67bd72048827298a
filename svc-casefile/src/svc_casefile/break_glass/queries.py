"""Reads of opened files."""

from datetime import datetime
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.break_glass.schemas import BreakGlassFilters, BreakGlassRead


async def list_break_glass(query: Query, filters: BreakGlassFilters) -> Page[BreakGlassRead]:
    """The latest first. Of files in the scope, or with `mine` of the caller where they act now."""
    position = query.position(filters)
    arguments: list[object] = [*query.scope_range]
    conditions = ["jurisdiction >= $1 AND jurisdiction < $2"]
    if filters.mine:
        arguments = [query.actor.subject, query.scope.code]
        conditions = ["actor = $1 AND opened_from = $2"]
    for column, value in (("case_file_id", filters.case_file_id), ("actor", filters.actor)):
        if value is not None:
            arguments.append(value)
            conditions.append(f"{column} = ${len(arguments)}")
    if position is not None:
        arguments += [datetime.fromisoformat(position[0]), UUID(position[1])]
        conditions.append(f"(opened_at, id) < (${len(arguments) - 1}, ${len(arguments)})")
    rows = await query.fetch(
        f"SELECT * FROM break_glass WHERE {' AND '.join(conditions)}"
        f" ORDER BY opened_at DESC, id DESC LIMIT {filters.limit + 1}",
        *arguments,
    )
    return query.page(filters, rows, make=_read, key=lambda row: [row["opened_at"].isoformat(), str(row["id"])])


async def one(query: Query, break_glass_id: UUID) -> BreakGlassRead:
    """For its file's own center and for whoever was let in. Raises NotFound."""
    row = await query.fetchrow("SELECT * FROM break_glass WHERE id = $1", break_glass_id)
    if row is None:
        raise NotFound
    return _read(row)


async def failed_attempts(connection: asyncpg.Connection, actor: str, *, since: datetime) -> int:
    """How often the read audit has the actor's proof refused; it is some 200 ms behind."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM personal_read"
        " WHERE reader = $1 AND at > $2 AND operation = 'break_glass' AND status = 404",
        actor,
        since,
    )
    return count


def _read(row: asyncpg.Record) -> BreakGlassRead:
    return BreakGlassRead(
        **dict(row)
        | {
            "jurisdiction": Jurisdiction.from_code(row["jurisdiction"]),
            "opened_from": Jurisdiction.from_code(row["opened_from"]),
        }
    )
