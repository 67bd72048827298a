"""Provinces and counties, for anybody who is signed in."""

from typing import Annotated

import fastapi

from shared.chassis.http import Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_registry.divisions import queries
from svc_registry.divisions.schemas import (
    CountyCode,
    CountyFilters,
    CountyRead,
    ProvinceCode,
    ProvinceFilters,
    ProvinceRead,
)

router = Router(prefix="/v1", tags=["Divisions"])


@router.get("/provinces", permission=Permission.DIVISION_READ, scoped=False)
async def list_provinces(query: Query, filters: Annotated[ProvinceFilters, fastapi.Query()]) -> Page[ProvinceRead]:
    return await queries.list_provinces(query, filters)


@router.get("/provinces/{code}", permission=Permission.DIVISION_READ, scoped=False, problems=[NotFound])
async def read_province(code: ProvinceCode, query: Query) -> ProvinceRead:
    return await queries.read_province(query, code)


@router.get("/counties", permission=Permission.DIVISION_READ, scoped=False)
async def list_counties(query: Query, filters: Annotated[CountyFilters, fastapi.Query()]) -> Page[CountyRead]:
    return await queries.list_counties(query, filters)


@router.get("/counties/{code}", permission=Permission.DIVISION_READ, scoped=False, problems=[NotFound])
async def read_county(code: CountyCode, query: Query) -> CountyRead:
    return await queries.read_county(query, code)
