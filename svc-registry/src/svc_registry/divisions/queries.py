"""Reads of provinces and counties."""

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_registry.divisions.schemas import CountyFilters, CountyRead, ProvinceFilters, ProvinceRead

_PROVINCE = "SELECT code, iso_3166_2, name_fa, name_en FROM province"
_COUNTY = "SELECT code, left(code, 2) AS province, name_fa, name_en, latitude, longitude FROM county"


async def list_provinces(query: Query, filters: ProvinceFilters) -> Page[ProvinceRead]:
    (after,) = query.position(filters) or [""]
    rows = await query.fetch(f"{_PROVINCE} WHERE code > $1 ORDER BY code LIMIT $2", after, filters.limit + 1)
    return query.page(filters, rows, make=_province, key=lambda row: [row["code"]])


async def read_province(query: Query, code: str) -> ProvinceRead:
    row = await query.fetchrow(f"{_PROVINCE} WHERE code = $1", code)
    if row is None:
        raise NotFound
    return _province(row)


async def list_counties(query: Query, filters: CountyFilters) -> Page[CountyRead]:
    (after,) = query.position(filters) or [""]
    within = filters.province or ""
    rows = await query.fetch(
        f"{_COUNTY} WHERE code > $1 AND code >= $2 AND code < $3 ORDER BY code LIMIT $4",
        after,
        within,
        within + ":",
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_county, key=lambda row: [row["code"]])


async def read_county(query: Query, code: str) -> CountyRead:
    row = await query.fetchrow(f"{_COUNTY} WHERE code = $1", code)
    if row is None:
        raise NotFound
    return _county(row)


def _province(row: asyncpg.Record) -> ProvinceRead:
    return ProvinceRead(**row)


def _county(row: asyncpg.Record) -> CountyRead:
    return CountyRead(**row)
