"""Reads of exports, and of what they hold."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.chassis.sealing import Seals
from shared.kit.problems import NotFound
from svc_adoption import sealed
from svc_adoption.exports.schemas import ExportedRequest, ExportFilters, ExportRead
from svc_adoption.requests.queries import SUMMARY
from svc_adoption.requests.schemas import TABLE, Kept, Wishes

_COLUMNS: Final = (
    "id, version, jurisdiction, state, purpose, letter, filters, asked_at, asked_by, decided_at, decided_by"
)


async def export(connection: asyncpg.Connection, export_id: UUID, *, scope: tuple[str, str]) -> ExportRead:
    """Raises NotFound."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM export WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3", export_id, *scope
    )
    if row is None:
        raise NotFound
    return ExportRead(**row)


async def list_exports(query: Query, filters: ExportFilters) -> Page[ExportRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_COLUMNS} FROM export WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR state = $3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.state,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ExportRead(**row), key=lambda row: [str(row["id"])])


async def content(query: Query, asked: ExportRead, *, seals: Seals) -> AsyncIterator[bytes]:
    """Every request of an export as a line of JSON, inside the caller's scope."""
    rows = query.cursor(
        f"SELECT {SUMMARY}, child_sex, child_from_months, child_to_months, child_health, siblings, key_id, sealed"
        " FROM request WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR form = $4) ORDER BY id",
        *asked.jurisdiction.range,
        asked.filters.status,
        asked.filters.form,
        prefetch=200,
    )
    async for row in rows:
        line = ExportedRequest(
            **{name: row[name] for name in ExportedRequest.model_fields if name in row},
            **sealed.opened(TABLE, row, Kept, seals=seals).model_dump(),
            wishes=Wishes(
                sex=row["child_sex"],
                from_months=row["child_from_months"],
                to_months=row["child_to_months"],
                health=row["child_health"],
                siblings=row["siblings"],
            ),
        )
        yield line.model_dump_json().encode() + b"\n"
