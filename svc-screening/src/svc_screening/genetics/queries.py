"""Reads of genetic cases: lists tell ids and states; what is sealed is opened one by one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_screening.genetics.schemas import GeneticCaseFilters, GeneticCasesFound, GeneticCaseSummary

_SUMMARY = """
    SELECT id, version, jurisdiction, state, (opened_at AT TIME ZONE 'Asia/Tehran')::date AS opened_on
      FROM genetic_case WHERE jurisdiction >= $1 AND jurisdiction < $2
"""
_PROTOCOL = """
    SELECT id, changed_at, number FROM protocol
     WHERE programme_code = 'genetics' AND status = 'signed-off' AND valid_from <= $1
     ORDER BY valid_from DESC LIMIT 1
"""


async def protocol_in_force(connection: asyncpg.Connection, day: date) -> tuple[UUID, datetime, int]:
    row = await connection.fetchrow(_PROTOCOL, day)
    return row["id"], row["changed_at"], row["number"]


async def sealed(connection: asyncpg.Connection, case_id: UUID, *, scope: tuple[str, str]) -> dict[str, Any]:
    """A case by its columns, still sealed. Raises NotFound."""
    row = await connection.fetchrow(
        "SELECT id, version, jurisdiction, state, key_id, sealed, opened_at, changed_at FROM genetic_case"
        " WHERE id = $3 AND jurisdiction >= $1 AND jurisdiction < $2",
        *scope,
        case_id,
    )
    if row is None:
        raise NotFound
    return dict(row)


async def list_cases(query: Query, filters: GeneticCaseFilters) -> Page[GeneticCaseSummary]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_SUMMARY} AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.state,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: GeneticCaseSummary(**row), key=lambda row: [str(row["id"])])


async def with_identity(query: Query, indexes: Sequence[bytes]) -> GeneticCasesFound:
    rows = await query.fetch(
        f"{_SUMMARY} AND identities && $3::bytea[] ORDER BY id DESC LIMIT 50", *query.scope_range, [*indexes]
    )
    return GeneticCasesFound(items=[GeneticCaseSummary(**row) for row in rows])
