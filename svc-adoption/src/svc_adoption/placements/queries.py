"""Reads of placements."""

from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_adoption.placements.schemas import PlacementFilters, PlacementSummary

_SUMMARY = """
    id, version, jurisdiction, request_id, match_id, child_ids, state, ordered_on, ends_on, ended_on, visits
"""
_SCOPE = "jurisdiction >= $1 AND jurisdiction < $2"


async def sealed(connection: asyncpg.Connection, placement_id: UUID, *, scope: tuple[str, str]) -> dict[str, Any]:
    """A placement by its columns, still sealed. Raises NotFound."""
    row = await connection.fetchrow(
        f"SELECT {_SUMMARY}, key_id, sealed FROM placement WHERE id = $3 AND {_SCOPE}", *scope, placement_id
    )
    if row is None:
        raise NotFound
    return dict(row)


async def list_placements(query: Query, filters: PlacementFilters) -> Page[PlacementSummary]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_SUMMARY} FROM placement WHERE {_SCOPE} AND ($3::text IS NULL OR state = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.state,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: PlacementSummary(**row), key=lambda row: [str(row["id"])])
