"""Reads of decisions, and of what is before the committee."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.chassis.sealing import Seals
from shared.kit.problems import NotFound
from svc_adoption import sealed
from svc_adoption.committees.schemas import TABLE, DecisionKept, DecisionRead, Decisions, DossierFilters, DossierSummary


async def decisions(connection: asyncpg.Connection, request_id: UUID, *, seals: Seals) -> list[DecisionRead]:
    """Of a request that may be seen, the latest first."""
    rows = await connection.fetch("SELECT * FROM decision WHERE request_id = $1 ORDER BY id DESC", request_id)
    return [
        DecisionRead(
            **{name: row[name] for name in DecisionRead.model_fields if name in row},
            **sealed.opened(TABLE, row, DecisionKept, seals=seals).model_dump(),
        )
        for row in rows
    ]


async def decisions_of(query: Query, request_id: UUID, *, seals: Seals) -> Decisions:
    """Raises NotFound."""
    known = await query.fetchval(
        "SELECT EXISTS (SELECT FROM request WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3)",
        request_id,
        *query.scope_range,
    )
    if not known:
        raise NotFound
    return Decisions(items=await decisions(query.connection, request_id, seals=seals))


async def dossiers(query: Query, filters: DossierFilters) -> Page[DossierSummary]:
    """What is before the committee, the longest there first."""
    since, last = query.position(filters) or [None, None]
    rows = await query.fetch(
        "SELECT id, version, form, category, status, status_since FROM request"
        " WHERE status = 'committee' AND jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR (status_since, id) > ($3::timestamptz, $4::uuid))"
        " ORDER BY status_since, id LIMIT $5",
        *query.scope_range,
        since,
        last,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: DossierSummary(**row),
        key=lambda row: [row["status_since"].isoformat(), str(row["id"])],
    )
