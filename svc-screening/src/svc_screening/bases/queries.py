"""Reads of bases with their devices."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound, ScopeForbidden
from svc_screening.bases.schemas import BaseFilters, BaseRead, DeviceRead

_DEVICE = "d.id, d.version, d.instrument, d.model, d.serial_number, d.calibrated_until, d.withdrawn_on"
_BASE = """
    SELECT b.id, b.version, b.jurisdiction AS center, b.name_fa, b.kind, b.programmes, b.campaign_id, b.address,
           b.latitude, b.longitude, b.opens_on, b.closes_on, b.created_at, b.created_by,
           (SELECT coalesce(json_agg(json_build_object(
                       'id', d.id, 'version', d.version, 'instrument', d.instrument, 'model', d.model,
                       'serial_number', d.serial_number, 'calibrated_until', d.calibrated_until,
                       'withdrawn_on', d.withdrawn_on) ORDER BY d.id), '[]')
              FROM device AS d WHERE d.base_id = b.id) AS devices
      FROM base AS b WHERE b.jurisdiction >= $1 AND b.jurisdiction < $2
"""


async def read_base(connection: asyncpg.Connection, base_id: UUID, *, scope: tuple[str, str]) -> BaseRead:
    """Raises NotFound when it is not in the scope."""
    row = await connection.fetchrow(f"{_BASE} AND b.id = $3", *scope, base_id)
    if row is None:
        raise NotFound
    return BaseRead(**row)


async def list_bases(query: Query, filters: BaseFilters) -> Page[BaseRead]:
    """By center. Raises ScopeForbidden for a place outside the scope."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    center, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_BASE} AND ($3::text IS NULL OR $3 = ANY(b.programmes)) AND ($4::uuid IS NULL OR b.campaign_id = $4)"
        " AND ($5::text IS NULL OR b.kind = $5)"
        " AND ($6::date IS NULL OR b.opens_on <= $6 AND (b.closes_on IS NULL OR b.closes_on >= $6))"
        " AND ($7::text IS NULL OR (b.jurisdiction, b.id) > ($7, $8::uuid))"
        " ORDER BY b.jurisdiction, b.id LIMIT $9",
        *place.range,
        filters.programme,
        filters.campaign_id,
        filters.kind,
        filters.on,
        center,
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: BaseRead(**row), key=lambda row: [row["center"], str(row["id"])])


async def read_device(connection: asyncpg.Connection, base_id: UUID, device_id: UUID) -> DeviceRead:
    """Raises NotFound."""
    row = await connection.fetchrow(
        f"SELECT {_DEVICE} FROM device AS d WHERE d.base_id = $1 AND d.id = $2", base_id, device_id
    )
    if row is None:
        raise NotFound
    return DeviceRead(**row)
