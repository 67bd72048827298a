"""Reads of what is erased, and of what is to be."""

from collections.abc import Mapping
from uuid import UUID

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.problems import NotFound
from svc_adoption.retention.models import ENDED_ON, RULE
from svc_adoption.retention.schemas import ErasureDue, ErasureFilters, ErasureRead

_READ = """
    SELECT id, jurisdiction, request_id, form, status, ended_on, rule, days, erased_at, rows FROM erasure
     WHERE jurisdiction >= $1 AND jurisdiction < $2
"""
_DUE = f"""
    SELECT r.id AS request_id, r.jurisdiction, r.status, {ENDED_ON} AS ended_on, e.rule,
           {ENDED_ON} + rule.value AS erased_on
      FROM request r JOIN unnest($3::text[], $4::text[]) AS e (status, rule) ON e.status = r.status
      {RULE.format(day="$5")}
     WHERE r.jurisdiction >= $1 AND r.jurisdiction < $2
"""


async def erasure(query: Query, erasure_id: UUID) -> ErasureRead:
    """Raises NotFound."""
    row = await query.fetchrow(f"{_READ} AND id = $3", *query.scope_range, erasure_id)
    if row is None:
        raise NotFound
    return ErasureRead(**row)


async def list_erasures(query: Query, filters: ErasureFilters) -> Page[ErasureRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_READ} AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        *query.scope_range,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ErasureRead(**row), key=lambda row: [str(row["id"])])


async def list_due(query: Query, filters: ErasureFilters, *, rules: Mapping[str, str]) -> Page[ErasureDue]:
    """What has ended and is still kept, the oldest request first; `rules` is status → rule."""
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_DUE} AND ($6::uuid IS NULL OR r.id > $6) ORDER BY r.id LIMIT $7",
        *query.scope_range,
        [*rules],
        [*rules.values()],
        today(),
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ErasureDue(**row), key=lambda row: [str(row["request_id"])])
