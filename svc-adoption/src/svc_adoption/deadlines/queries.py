"""Reads of deadlines."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.problems import NotFound
from svc_adoption.deadlines.schemas import DeadlineFilters, DeadlineRead

_LAST = "'9999-12-31'::date"
_READ = """
    SELECT id, version, jurisdiction, request_id, kind, about, since, due_on, rule, done_on, reference, dropped_at,
           done_on IS NULL AND dropped_at IS NULL AND coalesce(due_on < $3, false) AS overdue
      FROM deadline WHERE jurisdiction >= $1 AND jurisdiction < $2
"""


async def deadline(connection: asyncpg.Connection, deadline_id: UUID, *, scope: tuple[str, str]) -> DeadlineRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_READ} AND id = $4", *scope, today(), deadline_id)
    if row is None:
        raise NotFound
    return DeadlineRead(**row)


async def list_deadlines(query: Query, filters: DeadlineFilters) -> Page[DeadlineRead]:
    """What is still to be done, the soonest due first, without a day last; of one request, what is over as well."""
    day = today()
    conditions, arguments = [_READ], list[Any]([*query.scope_range, day])

    def also(condition: str, *values: object) -> None:
        arguments.extend(values)
        conditions.append(condition.format(*range(len(arguments) - len(values) + 1, len(arguments) + 1)))

    if filters.request_id is None:
        also("AND done_on IS NULL AND dropped_at IS NULL")
    else:
        also("AND request_id = ${}", filters.request_id)
    if filters.kind is not None:
        also("AND kind = ${}", filters.kind)
    if filters.overdue is not None:
        also("AND coalesce(due_on < $3, false) = ${}", filters.overdue)
    if filters.due_within_days is not None:
        also("AND due_on <= ${}", day + timedelta(days=filters.due_within_days))
    position = query.position(filters)
    if position is not None:
        also(
            f"AND (coalesce(due_on, {_LAST}), id) > (${{}}::date, ${{}}::uuid)",
            date.fromisoformat(position[0]),
            position[1],
        )
    also(f"ORDER BY coalesce(due_on, {_LAST}), id LIMIT ${{}}", filters.limit + 1)
    rows = await query.fetch(" ".join(conditions), *arguments)
    return query.page(
        filters,
        rows,
        make=lambda row: DeadlineRead(**row),
        key=lambda row: [(row["due_on"] or date.max).isoformat(), str(row["id"])],
    )
