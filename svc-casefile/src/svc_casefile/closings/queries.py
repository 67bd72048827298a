"""Reads of centers that were cleared, and of what they had."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.closings.schemas import CenterClosingRead, ClosingFilters

_CLOSING = """
    id, jurisdiction AS center, destination, reason, rules_on AS "on", files, placed, waiting, total_metres, done_at,
    done_by
"""


async def status_of(connection: asyncpg.Connection, center: Jurisdiction) -> str | None:
    """None when registry told of no such center."""
    status: str | None = await connection.fetchval("SELECT status FROM center WHERE code = $1", center.code)
    return status


async def files_of(connection: asyncpg.Connection, center: Jurisdiction) -> list[UUID]:
    """What the center has that is not closed, but for what another place has accepted, which goes there."""
    rows = await connection.fetch(
        """
        SELECT id FROM case_file
         WHERE jurisdiction = $1 AND status <> 'closed'
           AND NOT EXISTS (SELECT FROM transfer WHERE case_file_id = case_file.id AND transfer.status = 'accepted')
         ORDER BY id
        """,
        center.code,
    )
    return [row["id"] for row in rows]


async def closing(connection: asyncpg.Connection, closing_id: UUID, *, scope: tuple[str, str]) -> CenterClosingRead:
    """Raises NotFound when the center is not in the scope."""
    row = await connection.fetchrow(
        f"SELECT {_CLOSING} FROM center_closing WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3",
        closing_id,
        *scope,
    )
    if row is None:
        raise NotFound
    return CenterClosingRead(**row)


async def list_closings(query: Query, filters: ClosingFilters) -> Page[CenterClosingRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_CLOSING} FROM center_closing WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        *query.scope_range,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: CenterClosingRead(**row), key=lambda row: [str(row["id"])])
