"""Reads of clinics."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_screening.clinics.schemas import ClinicFilters, ClinicRead

_CLINIC = """
    SELECT id, version, coalesce(nullif(jurisdiction, ''), 'IR') AS jurisdiction, kind, name_fa, name_en,
           client IS NOT NULL AS reports, active, created_at, created_by
      FROM clinic
"""


async def list_clinics(query: Query, filters: ClinicFilters) -> Page[ClinicRead]:
    place = filters.jurisdiction or Jurisdiction("IR")
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_CLINIC} WHERE jurisdiction >= $1 AND jurisdiction < $2 AND ($3::text IS NULL OR kind = $3)"
        " AND ($4::boolean IS NULL OR active = $4) AND ($5::uuid IS NULL OR id > $5) ORDER BY id LIMIT $6",
        *place.range,
        filters.kind,
        filters.active,
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: ClinicRead(**row), key=lambda row: [str(row["id"])])


async def read_clinic(connection: asyncpg.Connection, clinic_id: UUID) -> ClinicRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_CLINIC} WHERE id = $1", clinic_id)
    if row is None:
        raise NotFound
    return ClinicRead(**row)


async def reported_by(connection: asyncpg.Connection, client: str, *, kind: str) -> list[UUID]:
    """The clinics in use for which a client reports, of a kind."""
    rows = await connection.fetch(
        "SELECT id FROM clinic WHERE client = $1 AND kind = $2 AND active ORDER BY id", client, kind
    )
    return [row["id"] for row in rows]
