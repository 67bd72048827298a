"""Reads of the catalogue."""

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_registry.catalogue.schemas import CatalogueFilters, CatalogueServiceRead

_SERVICE = "SELECT code, version, name_fa, name_en, domain, active_from, active_to, source FROM catalogue_service"
_LIST = f"""{_SERVICE}
WHERE code > $1 AND ($2::date IS NULL OR (active_from <= $2 AND (active_to IS NULL OR $2 <= active_to)))
  AND ($3::text IS NULL OR domain = $3)
ORDER BY code LIMIT $4
"""


async def list_services(query: Query, filters: CatalogueFilters) -> Page[CatalogueServiceRead]:
    (after,) = query.position(filters) or [""]
    rows = await query.fetch(_LIST, after, filters.on, filters.domain, filters.limit + 1)
    return query.page(filters, rows, make=_service, key=lambda row: [row["code"]])


async def read_service(query: Query, code: str) -> CatalogueServiceRead:
    row = await query.fetchrow(f"{_SERVICE} WHERE code = $1", code)
    if row is None:
        raise NotFound
    return _service(row)


def _service(row: asyncpg.Record) -> CatalogueServiceRead:
    return CatalogueServiceRead(**row)
