"""Reads of requirements."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_adoption.eligibility import Form
from svc_adoption.requirements.schemas import RequirementFilters, RequirementRead

_COLUMNS = (
    "id, form, number, version, standing, valid_from, process, documents, checks, source, proposed_by, proposed_at,"
    " signed_off_by, signed_off_at"
)


async def in_force(connection: asyncpg.Connection, form: Form, *, on: date) -> RequirementRead | None:
    """What the form asks for on that day; None while nobody vouches for anything."""
    row = await connection.fetchrow(
        f"SELECT row_to_json(r)::text FROM (SELECT {_COLUMNS} FROM requirement"
        " WHERE form = $1 AND standing <> 'proposed' AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) r",
        form,
        on,
    )
    return None if row is None else RequirementRead.model_validate_json(row[0])


async def requirement(connection: asyncpg.Connection, requirement_id: UUID) -> RequirementRead:
    """Raises NotFound."""
    body = await connection.fetchval(
        f"SELECT row_to_json(r)::text FROM (SELECT {_COLUMNS} FROM requirement WHERE id = $1) r", requirement_id
    )
    if body is None:
        raise NotFound
    return RequirementRead.model_validate_json(body)


async def list_requirements(query: Query, filters: RequirementFilters) -> Page[RequirementRead]:
    """Every version, proposals included, the latest first."""
    form, number = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"SELECT form, number, row_to_json(r)::text AS body FROM (SELECT {_COLUMNS} FROM requirement) r"
        " WHERE ($1::text IS NULL OR form = $1) AND ($2::text IS NULL OR (form, -number) > ($2, -$3::integer))"
        " ORDER BY form, number DESC LIMIT $4",
        filters.form,
        form,
        number,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: RequirementRead.model_validate_json(row["body"]),
        key=lambda row: [row["form"], row["number"]],
    )
