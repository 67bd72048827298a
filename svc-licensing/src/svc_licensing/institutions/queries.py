"""Reads of institutions and their people."""

from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.institutions.schemas import InstitutionFilters, InstitutionRead, InstitutionSummary
from svc_licensing.rules import Person, PersonRole

_INSTITUTION = """
    SELECT id, version, jurisdiction, kind, institution_id, name, registered_at, registered_by
      FROM institution WHERE jurisdiction >= $1 AND jurisdiction < $2
"""
_PEOPLE = """
    SELECT id, role, json_build_object('type', identity_type, 'value', identity_value) AS identity, given_name,
           family_name, birth_date, sex, qualifications, added_at, ended_on
      FROM institution_person WHERE institution_id = $1 ORDER BY id
"""


async def read_institution(
    connection: asyncpg.Connection, institution_id: UUID, *, scope: tuple[str, str]
) -> InstitutionRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_INSTITUTION} AND id = $3", *scope, institution_id)
    if row is None:
        raise NotFound
    people = await connection.fetch(_PEOPLE, institution_id)
    return InstitutionRead(**row, people=[dict(person) for person in people])


async def list_institutions(query: Query, filters: InstitutionFilters) -> Page[InstitutionSummary]:
    """The latest first. Raises ScopeForbidden."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_INSTITUTION} AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR institution_id = $4)"
        " AND ($5::uuid IS NULL OR id < $5) ORDER BY id DESC LIMIT $6",
        *place.range,
        filters.kind,
        filters.institution_id,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: InstitutionSummary(**row), key=lambda row: [str(row["id"])])


async def people_for_rules(connection: asyncpg.Connection, institution_id: UUID) -> list[Person]:
    """Those of today, as far as rules look at them."""
    rows = await connection.fetch(
        "SELECT id, role, given_name || ' ' || family_name AS name, birth_date, sex FROM institution_person"
        " WHERE institution_id = $1 AND ended_on IS NULL ORDER BY id",
        institution_id,
    )
    return [Person(**{**row, "role": PersonRole(row["role"])}) for row in rows]


async def asked_of(connection: asyncpg.Connection, person_id: UUID) -> asyncpg.Record | None:
    """By what another body knows somebody."""
    return await connection.fetchrow(
        "SELECT identity_type AS id_type, identity_value AS id_value, given_name, family_name, birth_date"
        " FROM institution_person WHERE id = $1",
        person_id,
    )
