"""Reads of people with what they were screened for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.kit.problems import NotFound
from svc_screening.people.schemas import PeopleFound, PersonRead, PersonSearch

_PERSON = """
    SELECT p.id, p.version, p.jurisdiction, p.origin, p.present, p.case_file_id, p.case_file_number, p.relation,
           p.birth_date, p.sex, p.id_type, p.id_value, p.given_name, p.family_name, p.guardian_mobile, p.counts_as,
           p.merged_into, p.registered_at,
           (SELECT coalesce(json_agg(json_build_object(
                       'programme', s.programme_code, 'programme_year', s.programme_year, 'outcome', s.outcome,
                       'stage', s.stage, 'last_at', s.last_at, 'encounter_id', s.encounter_id,
                       'campaign_id', s.campaign_id, 'next_stage', s.next_stage, 'repeat_from', s.repeat_from,
                       'repeat_by', s.repeat_by) ORDER BY s.programme_year DESC, s.programme_code), '[]')
              FROM screening AS s WHERE s.person_id = p.id) AS screenings,
           (SELECT coalesce(json_agg(json_build_object(
                       'programme', e.programme_code, 'programme_year', e.programme_year, 'last_at', e.last_at)
                       ORDER BY e.programme_year DESC, e.programme_code), '[]')
              FROM screened_elsewhere AS e WHERE e.person_id = p.id) AS screened_elsewhere
      FROM person AS p WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2
"""
MOST_FOUND = 50


async def read_person(connection: asyncpg.Connection, person_id: UUID, *, scope: tuple[str, str]) -> PersonRead:
    """Raises NotFound when not in the scope."""
    row = await connection.fetchrow(f"{_PERSON} AND p.id = $3", *scope, person_id)
    if row is None:
        raise NotFound
    return _person(row)


async def registered(
    connection: asyncpg.Connection, person_id: UUID, *, digest: bytes, scope: tuple[str, str]
) -> PersonRead | None:
    """Who was registered under that id with the very same words."""
    row = await connection.fetchrow(f"{_PERSON} AND p.id = $3 AND p.digest = $4", *scope, person_id, digest)
    return None if row is None else _person(row)


async def search(query: Query, wanted: PersonSearch) -> PeopleFound:
    rows = await query.fetch(
        f"{_PERSON} AND p.merged_into IS NULL AND ($3::text IS NULL OR p.id_type = $3 AND p.id_value = $4)"
        " AND ($5::text IS NULL OR p.case_file_number = $5) AND ($6::text IS NULL OR p.guardian_mobile = $6)"
        " ORDER BY p.birth_date, p.id LIMIT $7",
        *query.scope_range,
        None if wanted.identity is None else wanted.identity.type,
        None if wanted.identity is None else wanted.identity.value,
        wanted.case_file_number,
        wanted.guardian_mobile,
        MOST_FOUND,
    )
    return PeopleFound(items=[_person(row) for row in rows])


def _person(row: Mapping[str, Any]) -> PersonRead:
    known = dict(row)
    id_type, id_value = known.pop("id_type"), known.pop("id_value")
    return PersonRead(**known, identity=None if id_type is None else {"type": id_type, "value": id_value})
