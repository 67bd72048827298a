"""Reads of licences."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.licences.schemas import LicenceFilters, LicenceRead, LicenceSummary

_SUMMARY = """
    id, version, number, kind, clause, jurisdiction, holder_id, holder_name, institution_id, center, valid_from,
    valid_to, renewal_opens_on, status, status_since
"""
_READ = f"""
    SELECT {_SUMMARY}, application_id, agreement_id, address, manager_name, scope, conditions, extended, status_reason,
           issued_at, issued_by
      FROM licence WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3
"""
_STEPS = "SELECT kind, at, actor, application_id, about FROM licence_step WHERE licence_id = $1 ORDER BY id"
_LIST = f"""
    SELECT {_SUMMARY} FROM licence
     WHERE jurisdiction >= $1 AND jurisdiction < $2 AND ($3::text IS NULL OR kind = $3)
       AND ($4::integer IS NULL OR clause = $4) AND ($5::text IS NULL OR status = $5)
       AND ($6::text IS NULL OR center = $6) AND ($7::uuid IS NULL OR holder_id = $7)
       AND ($8::text IS NULL OR (status = 'in-force' AND renewal_opens_on <= $9))
       AND ($10::date IS NULL OR valid_to < $10) AND ($11::date IS NULL OR (valid_to, id) > ($11, $12::uuid))
     ORDER BY valid_to, id LIMIT $13
"""


async def licence(connection: asyncpg.Connection, licence_id: UUID, *, scope: tuple[str, str]) -> LicenceRead:
    """Raises NotFound when it is not in the scope."""
    row = await connection.fetchrow(_READ, licence_id, *scope)
    if row is None:
        raise NotFound
    steps = await connection.fetch(_STEPS, licence_id)
    return LicenceRead(**row, steps=[dict(step) for step in steps])


async def list_licences(query: Query, filters: LicenceFilters) -> Page[LicenceSummary]:
    """Those that end first come first. Raises ScopeForbidden."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    valid_to, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        _LIST,
        *place.range,
        filters.kind,
        filters.clause,
        filters.status,
        None if filters.center is None else filters.center.code,
        filters.holder_id,
        filters.renewal,
        today(),
        filters.valid_to_before,
        None if valid_to is None else date.fromisoformat(valid_to),
        after,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: LicenceSummary(**row),
        key=lambda row: [str(row["valid_to"]), str(row["id"])],
    )
