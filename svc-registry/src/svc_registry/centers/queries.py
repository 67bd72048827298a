"""Reads of centers."""

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import NATION
from shared.kit.problems import NotFound
from shared.kit.text import search_key
from svc_registry.centers.schemas import (
    CenterAddressRead,
    CenterFilters,
    CenterRead,
    CentersLocated,
    CenterSummary,
    CenterTransitionRead,
    HistoryFilters,
    LocateQuery,
    NearbyCenter,
)

_LIST = """
SELECT code, county, version, status, name_fa, name_en, area_class, address, postal_code, latitude, longitude,
  opened_on, closed_on
FROM center
WHERE code > $1 AND code >= $2 AND code < $3
  AND ($4::text IS NULL OR status = $4) AND ($5::text IS NULL OR area_class = $5)
  AND ($6::text IS NULL OR position($6 IN name_search) > 0)
ORDER BY code LIMIT $7
"""
_CENTER = """
SELECT code, county, version, status, name_fa, name_en, area_class, address, postal_code, latitude, longitude,
  opened_on, closed_on, licence_reference, service_area
FROM center WHERE code = $1
"""
_OPEN = """
SELECT code, county, version, status, name_fa, name_en, area_class, address, postal_code, latitude, longitude,
  opened_on, closed_on, round(great_circle_metres(latitude, longitude, $1, $2))::int AS distance_metres
FROM center WHERE status = 'open'
"""
_NEAREST = f"{_OPEN} ORDER BY distance_metres, code LIMIT $3"
# the frame is what the index holds; `area_covers` then looks at the rings
_IN_AREA = f"""{_OPEN}
  AND area_frame(service_area) @> box(point($2, $1), point($2, $1)) AND area_covers(service_area, $1, $2)
ORDER BY distance_metres, code LIMIT $3
"""


async def list_centers(query: Query, filters: CenterFilters) -> Page[CenterSummary]:
    (after,) = query.position(filters) or [""]
    first, last = (filters.jurisdiction or NATION).range
    rows = await query.fetch(
        _LIST,
        after,
        first,
        last,
        filters.status,
        filters.area_class,
        None if filters.q is None else search_key(filters.q),
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_summary, key=lambda row: [row["code"]])


async def read_center(query: Query, code: str) -> CenterRead:
    row = await query.fetchrow(_CENTER, code)
    if row is None:
        raise NotFound
    return CenterRead(**row)


async def locate(query: Query, place: LocateQuery) -> CentersLocated:
    """The open centers whose service area has the point in it, or else the nearest open ones, nearest first."""
    point = (place.latitude, place.longitude, place.limit)
    if rows := await query.fetch(_IN_AREA, *point):
        return CentersLocated(match="service-area", centers=[NearbyCenter(**row) for row in rows])
    rows = await query.fetch(_NEAREST, *point)
    return CentersLocated(match="nearest", centers=[NearbyCenter(**row) for row in rows])


async def list_addresses(query: Query, code: str, filters: HistoryFilters) -> Page[CenterAddressRead]:
    """Where a center has been, the present address first."""
    before = query.position(filters)
    rows = await query.fetch(
        "SELECT id, address, postal_code, latitude, longitude, valid_from, valid_to FROM center_address"
        " WHERE center = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        code,
        before and before[0],
        filters.limit + 1,
    )
    if not rows and not await query.fetchval("SELECT EXISTS (SELECT FROM center WHERE code = $1)", code):
        raise NotFound
    return query.page(filters, rows, make=_address, key=_by_id)


async def list_transitions(query: Query, code: str, filters: HistoryFilters) -> Page[CenterTransitionRead]:
    """What became of a center inside the scope, the latest step first."""
    before = query.position(filters)
    rows = await query.fetch(
        "SELECT id, operation_id, status_from, status_to, effective_on, reason, done_by, done_at"
        " FROM center_transition WHERE center = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        code,
        before and before[0],
        filters.limit + 1,
    )
    if not rows and before is None:  # every center has its first step, so this one is not there, or elsewhere
        raise NotFound
    return query.page(filters, rows, make=_transition, key=_by_id)


def _summary(row: asyncpg.Record) -> CenterSummary:
    return CenterSummary(**row)


def _address(row: asyncpg.Record) -> CenterAddressRead:
    return CenterAddressRead(**row)


def _transition(row: asyncpg.Record) -> CenterTransitionRead:
    return CenterTransitionRead(**row)


def _by_id(row: asyncpg.Record) -> list[str]:
    return [str(row["id"])]
