"""Reads of children's references: lists tell what thousands share, a read opens one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import JalaliMonth
from shared.kit.problems import NotFound
from svc_adoption.children.schemas import ChildFilters, ChildSummary

_SUMMARY = "id, version, jurisdiction, state, sex, born_in, health, together, siblings_id"
_SCOPE = "jurisdiction >= $1 AND jurisdiction < $2"


async def sealed(connection: asyncpg.Connection, child_id: UUID, *, scope: tuple[str, str]) -> dict[str, Any]:
    """A child by its columns, still sealed. Raises NotFound."""
    row = await connection.fetchrow(
        f"SELECT {_SUMMARY}, registered_at, registered_by, key_id, sealed FROM child WHERE id = $3 AND {_SCOPE}",
        *scope,
        child_id,
    )
    if row is None:
        raise NotFound
    return dict(row)


async def all_sealed(
    connection: asyncpg.Connection, child_ids: Sequence[UUID], *, scope: tuple[str, str]
) -> list[dict[str, Any]]:
    """Several at once, in the order of their ids. Raises NotFound when one is not in the scope."""
    rows = await connection.fetch(
        f"SELECT {_SUMMARY}, queue, key_id, sealed FROM child WHERE id = ANY($3) AND {_SCOPE} ORDER BY id",
        *scope,
        [*child_ids],
    )
    if len(rows) != len(set(child_ids)):
        raise NotFound
    return [dict(row) for row in rows]


async def summaries(
    connection: asyncpg.Connection, child_ids: Sequence[UUID], *, scope: tuple[str, str]
) -> list[ChildSummary]:
    """What thousands share of each, of those who are in the scope."""
    rows = await connection.fetch(
        f"SELECT {_SUMMARY} FROM child WHERE id = ANY($3) AND {_SCOPE} ORDER BY id", *scope, [*child_ids]
    )
    return [summary(row) for row in rows]


async def together_with(connection: asyncpg.Connection, child_id: UUID, *, scope: tuple[str, str]) -> list[UUID]:
    """The child and all from whom it is not parted. Raises NotFound."""
    rows = await connection.fetch(
        f"SELECT b.id FROM child a JOIN child b ON b.id = a.id OR b.siblings_id = a.siblings_id"
        f" WHERE a.id = $3 AND a.{_SCOPE.replace('AND ', 'AND a.')} ORDER BY b.id",
        *scope,
        child_id,
    )
    if not rows:
        raise NotFound
    return [row["id"] for row in rows]


async def list_children(query: Query, filters: ChildFilters) -> Page[ChildSummary]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_SUMMARY} FROM child WHERE {_SCOPE} AND ($3::text IS NULL OR state = $3)"
        " AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        *query.scope_range,
        filters.state,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=summary, key=lambda row: [str(row["id"])])


def summary(row: Mapping[str, Any]) -> ChildSummary:
    said = {name: row[name] for name in ChildSummary.model_fields}
    return ChildSummary(**said | {"born_in": JalaliMonth.from_date(row["born_in"])})
