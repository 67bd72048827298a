"""Reads of tariffs."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import NATION, Jurisdiction
from shared.kit.problems import NotFound
from svc_registry.tariffs.schemas import TariffFilters, TariffRead, TariffsInForce, TariffsInForceQuery

_TARIFF = (
    "id, version, status, service_code, area_class, jurisdiction, valid_from, valid_to, amount_rials,"
    " drafted_by, drafted_at, signed_off_by, signed_off_at FROM tariff"
)
_LIST = f"""
SELECT {_TARIFF}
WHERE ($1::uuid IS NULL OR id > $1) AND ($2::text IS NULL OR service_code = $2)
  AND ($3::text IS NULL OR area_class = $3) AND jurisdiction >= $4 AND jurisdiction < $5
  AND ($6::text IS NULL OR status = $6)
ORDER BY id LIMIT $7
"""
_IN_FORCE = f"""
SELECT DISTINCT ON (service_code, area_class) {_TARIFF}
WHERE status = 'signed-off' AND jurisdiction = ANY($1) AND valid_from <= $2 AND (valid_to IS NULL OR $2 <= valid_to)
  AND ($3::text IS NULL OR service_code = $3) AND ($4::text IS NULL OR area_class = $4)
ORDER BY service_code, area_class, length(jurisdiction) DESC
"""


async def list_tariffs(query: Query, filters: TariffFilters) -> Page[TariffRead]:
    after = query.position(filters)
    rows = await query.fetch(
        _LIST,
        after and after[0],
        filters.service_code,
        filters.area_class,
        *(filters.jurisdiction or NATION).range,
        filters.status,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_tariff, key=lambda row: [str(row["id"])])


async def read_tariff(query: Query, tariff_id: UUID) -> TariffRead:
    row = await query.fetchrow(f"SELECT {_TARIFF} WHERE id = $1", tariff_id)
    if row is None:
        raise NotFound
    return _tariff(row)


async def in_force(query: Query, asked: TariffsInForceQuery) -> TariffsInForce:
    """What counts at a place on a day: for each service and area class the tariff of the narrowest jurisdiction."""
    on = asked.on or today()
    around: list[str] = []
    place: Jurisdiction | None = asked.jurisdiction
    while place is not None:
        around.append(place.code)
        place = place.parent
    rows = await query.fetch(_IN_FORCE, around, on, asked.service_code, asked.area_class)
    return TariffsInForce(jurisdiction=asked.jurisdiction, on=on, items=[_tariff(row) for row in rows])


def _tariff(row: asyncpg.Record) -> TariffRead:
    fields = dict(row)
    return TariffRead(**fields | {"jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})
