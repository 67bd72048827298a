"""Reads of parameters."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import NotFound
from svc_registry.parameters.schemas import InForceQuery, ParameterFilters, ParameterRead, ParametersInForce

_PARAMETER = "id, version, name, jurisdiction, value, unit, valid_from, valid_to, source, set_at FROM parameter"
_LIST = f"""
SELECT {_PARAMETER}
WHERE (name, jurisdiction, valid_from) > ($1, $2, $3) AND ($4::text IS NULL OR name = $4)
  AND jurisdiction >= $5 AND jurisdiction < $6
ORDER BY name, jurisdiction, valid_from LIMIT $7
"""
_IN_FORCE = f"""
SELECT DISTINCT ON (name) {_PARAMETER}
WHERE jurisdiction = ANY($1) AND valid_from <= $2 AND (valid_to IS NULL OR $2 <= valid_to)
  AND ($3::text IS NULL OR name = $3)
ORDER BY name, length(jurisdiction) DESC
"""


async def list_parameters(query: Query, filters: ParameterFilters) -> Page[ParameterRead]:
    name, jurisdiction, valid_from = query.position(filters) or ["", "", "0001-01-01"]
    rows = await query.fetch(
        _LIST,
        name,
        jurisdiction,
        date.fromisoformat(valid_from),
        filters.name,
        *(filters.jurisdiction or NATION).range,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=_parameter,
        key=lambda row: [row["name"], row["jurisdiction"], row["valid_from"].isoformat()],
    )


async def read_parameter(query: Query, parameter_id: UUID) -> ParameterRead:
    row = await query.fetchrow(f"SELECT {_PARAMETER} WHERE id = $1", parameter_id)
    if row is None:
        raise NotFound
    return _parameter(row)


async def in_force(query: Query, asked: InForceQuery) -> ParametersInForce:
    """What holds at a place on a day: for each name the value of the narrowest jurisdiction around it."""
    on = asked.on or today()
    around: list[str] = []
    place: Jurisdiction | None = asked.jurisdiction
    while place is not None:
        around.append(place.code)
        place = place.parent
    rows = await query.fetch(_IN_FORCE, around, on, asked.name)
    return ParametersInForce(jurisdiction=asked.jurisdiction, on=on, items=[_parameter(row) for row in rows])


def _parameter(row: asyncpg.Record) -> ParameterRead:
    fields = dict(row)
    return ParameterRead(**fields | {"jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})
