"""Reads of requirements, which are told to everyone."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_licensing.requirements.schemas import RequirementFilters, RequirementRead
from svc_licensing.rules import About, Act, Kind, LicenceKind, Rule, Rules

_REQUIREMENT = """
    SELECT id, version, licence, act, clause_from, clause_to, kind, code, about, name_fa, name_en, figures, valid_from,
           valid_to, standing, source, proposed_by, proposed_at, signed_off_by, signed_off_at
      FROM requirement
"""
_IN_FORCE = """
    SELECT kind, code, about, name_fa, name_en, figures, clause_to - clause_from + 1 AS clauses, valid_from
      FROM requirement
     WHERE licence = $1 AND standing <> 'proposed' AND (act IS NULL OR act = $2)
       AND $3 BETWEEN clause_from AND clause_to AND valid_from <= $4 AND (valid_to IS NULL OR $4 < valid_to)
     ORDER BY position, id
"""


async def in_force(connection: asyncpg.Connection, *, licence: LicenceKind, act: Act, clause: int, on: date) -> Rules:
    """What somebody vouches for: what was only proposed requires nothing of anybody."""
    rows = await connection.fetch(_IN_FORCE, licence, act, clause, on)
    return Rules(
        Rule(
            kind=Kind(row["kind"]),
            code=row["code"],
            about=None if row["about"] is None else About(row["about"]),
            name_fa=row["name_fa"],
            name_en=row["name_en"],
            figures=row["figures"] or {},
            clauses=row["clauses"],
            valid_from=row["valid_from"],
        )
        for row in rows
    )


async def read_requirement(connection: asyncpg.Connection, requirement_id: UUID) -> RequirementRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_REQUIREMENT} WHERE id = $1", requirement_id)
    if row is None:
        raise NotFound
    return RequirementRead(**row)


async def list_requirements(query: Query, filters: RequirementFilters) -> Page[RequirementRead]:
    position, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        _REQUIREMENT.replace("SELECT", "SELECT position,", 1)
        + " WHERE ($1::text IS NULL OR licence = $1) AND ($2::text IS NULL OR act IS NULL OR act = $2)"
        " AND ($3::int IS NULL OR $3 BETWEEN clause_from AND clause_to) AND ($4::text IS NULL OR kind = $4)"
        " AND ($5::text IS NULL OR standing = $5)"
        " AND ($6::date IS NULL OR (valid_from <= $6 AND (valid_to IS NULL OR $6 < valid_to)))"
        " AND ($7::int IS NULL OR (position, id) > ($7, $8::uuid))"
        " ORDER BY position, id LIMIT $9",
        filters.licence,
        filters.act,
        filters.clause,
        filters.kind,
        filters.standing,
        filters.on,
        position,
        after,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: RequirementRead(**{name: value for name, value in row.items() if name != "position"}),
        key=lambda row: [row["position"], str(row["id"])],
    )
