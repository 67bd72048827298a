"""Reads of postings, inside the scope."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_registry.postings.schemas import PostingFilters, PostingRead

_POSTING = (
    "SELECT id, version, person, role, jurisdiction, valid_from, valid_to, granted_by, granted_at, ended_by, ended_at"
    " FROM posting WHERE jurisdiction >= $1 AND jurisdiction < $2"
)
_LIST = f"""{_POSTING}
  AND ($3::uuid IS NULL OR id > $3)
  AND ($4::text IS NULL OR person = $4) AND ($5::text IS NULL OR role = $5)
  AND jurisdiction >= $6 AND jurisdiction < $7
  AND ($8::date IS NULL OR (
    valid_from <= $8 AND (valid_to IS NULL OR $8 <= valid_to)
    AND (ended_at IS NULL OR $8 < (ended_at AT TIME ZONE 'Asia/Tehran')::date)))
ORDER BY id LIMIT $9
"""


async def list_postings(query: Query, filters: PostingFilters) -> Page[PostingRead]:
    after = query.position(filters)
    within = (filters.jurisdiction or query.scope).range
    rows = await query.fetch(
        _LIST,
        *query.scope_range,
        after and after[0],
        filters.person,
        filters.role,
        *within,
        filters.active_on,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_posting, key=lambda row: [str(row["id"])])


async def read_posting(query: Query, posting_id: UUID) -> PostingRead:
    row = await query.fetchrow(f"{_POSTING} AND id = $3", *query.scope_range, posting_id)
    if row is None:
        raise NotFound
    return _posting(row)


def _posting(row: asyncpg.Record) -> PostingRead:
    fields = dict(row)
    return PostingRead(**fields | {"jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})
