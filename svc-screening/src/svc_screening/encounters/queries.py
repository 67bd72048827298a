"""Reads of encounters, and all that has to be known to decide on new ones."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import TEHRAN
from shared.kit.problems import NotFound
from svc_screening.encounters.schemas import EncounterFilters, EncounterRead

_ENCOUNTER = """
    SELECT e.id, e.person_id, e.registered_as, e.programme_code, e.programme_year, e.jurisdiction, e.campaign_id,
           e.base_id, e.device_id, e.screener, e.stage, e.instrument, e.made_at, e.repeat_of, e.attendance, e.result,
           e.age_months, e.outcome, e.reason, e.rule, e.protocol_number, e.found, e.next_stage, e.refers_to,
           e.repeat_from, e.repeat_by, e.corrects, e.correction_reason, e.corrected_by, e.recorded_at, e.recorded_by,
           coalesce(e.decided_at, e.recorded_at) AS decided_at
      FROM encounter AS e JOIN person AS p ON p.id = e.person_id
     WHERE p.jurisdiction >= $1 AND p.jurisdiction < $2
"""
# What encounters of one day at one base have in common is looked up once. The asked come as JSON because PostgreSQL
# expects the same number of rows from it whatever it holds: so it keeps one plan, and planning would cost three times
# what running does.
_CONTEXT = """
    WITH asked AS MATERIALIZED (
        SELECT * FROM json_to_recordset($1::json) AS asked (
            id uuid, person_id uuid, programme text, base_id uuid, device_id uuid, made_on date, repeat_of uuid)
    ), place AS MATERIALIZED (
        SELECT day.programme, day.base_id, day.made_on, base.jurisdiction, programme.sensitive, programme.sealed,
               day.programme = ANY(base.programmes) AND base.opens_on <= day.made_on
                   AND (base.closes_on IS NULL OR base.closes_on >= day.made_on) AS in_use,
               EXISTS (SELECT FROM permit
                        WHERE permit.person = $4 AND permit.programme_code = day.programme
                          AND permit.jurisdiction = base.jurisdiction
                          AND day.made_on BETWEEN valid_from AND valid_to
                          AND (revoked_on IS NULL OR revoked_on > day.made_on))
               AND EXISTS (SELECT FROM screener_posting AS posting
                            WHERE posting.person = $4 AND posting.jurisdiction = base.jurisdiction
                              AND posting.valid_from <= day.made_on
                              AND (posting.valid_to IS NULL OR posting.valid_to >= day.made_on)) AS permitted,
               protocol.id AS protocol_id, protocol.number AS protocol_number, protocol.changed_at,
               (SELECT json_agg(json_build_array(c.id, c.born_from, c.born_to)
                                ORDER BY c.id = base.campaign_id DESC NULLS LAST, length(c.jurisdiction) DESC, c.id)
                  FROM campaign AS c
                 WHERE c.programme_code = day.programme AND c.status <> 'planned'
                   AND day.made_on BETWEEN c.opens_on AND c.closes_on
                   AND starts_with(base.jurisdiction, c.jurisdiction)) AS campaigns
          FROM (SELECT DISTINCT programme, base_id, made_on FROM asked) AS day
          LEFT JOIN programme ON programme.code = day.programme
          LEFT JOIN base ON base.id = day.base_id AND base.jurisdiction >= $2 AND base.jurisdiction < $3
          LEFT JOIN LATERAL (
                SELECT p.id, p.number, p.changed_at FROM protocol AS p
                 WHERE p.programme_code = day.programme AND p.status = 'signed-off' AND p.valid_from <= day.made_on
                 ORDER BY p.valid_from DESC LIMIT 1) AS protocol ON true
    )
    SELECT asked.id, known.digest AS known_digest, person.birth_date, person.counts_as, person.merged_into,
           device.instrument AS device_instrument,
           first.person_id AS first_person_id, first.programme_code AS first_programme, first.stage AS first_stage,
           first.outcome AS first_outcome, first.corrected_by AS first_corrected_by,
           place.jurisdiction, place.sensitive, place.sealed, place.in_use, place.permitted, place.protocol_id,
           place.protocol_number, place.changed_at, place.campaigns
      FROM asked
      JOIN place ON place.programme = asked.programme AND place.base_id = asked.base_id
                AND place.made_on = asked.made_on
      LEFT JOIN person ON person.id = asked.person_id AND person.jurisdiction >= $2 AND person.jurisdiction < $3
      LEFT JOIN device ON device.id = asked.device_id AND device.base_id = asked.base_id
                      AND (device.withdrawn_on IS NULL OR device.withdrawn_on > asked.made_on)
      LEFT JOIN encounter AS known ON known.id = asked.id
      LEFT JOIN encounter AS first ON first.id = asked.repeat_of
"""

_ASKED = ("id", "person_id", "programme", "base_id", "device_id", "made_on", "repeat_of")
Asked = tuple[UUID, UUID, str, UUID, UUID | None, date, UUID | None]
"""Of an encounter: id, person, programme, base, device, day, and what it repeats."""


async def contexts(
    connection: asyncpg.Connection, asked: Sequence[Asked], *, screener: str, scope: tuple[str, str]
) -> dict[UUID, asyncpg.Record]:
    """What has to be known of each encounter to decide on it, by its id; what is not in the scope is not known."""
    said = to_json([dict(zip(_ASKED, each, strict=True)) for each in asked]).decode()
    return {row["id"]: row for row in await connection.fetch(_CONTEXT, said, *scope, screener)}


async def read_encounter(
    connection: asyncpg.Connection, encounter_id: UUID, *, scope: tuple[str, str]
) -> EncounterRead:
    """Raises NotFound when whoever it is about is not in the scope."""
    row = await connection.fetchrow(f"{_ENCOUNTER} AND e.id = $3", *scope, encounter_id)
    if row is None:
        raise NotFound
    return encounter(row)


async def list_encounters(query: Query, filters: EncounterFilters) -> Page[EncounterRead]:
    """The latest first."""
    made_at, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_ENCOUNTER} AND ($3::uuid IS NULL OR e.person_id = $3) AND ($4::uuid IS NULL OR e.base_id = $4)"
        " AND ($5::text IS NULL OR e.programme_code = $5) AND ($6::text IS NULL OR e.outcome = $6)"
        " AND ($7::timestamptz IS NULL OR e.made_at >= $7) AND ($8::timestamptz IS NULL OR e.made_at < $8)"
        " AND ($9::timestamptz IS NULL OR (e.made_at, e.id) < ($9, $10::uuid))"
        " ORDER BY e.made_at DESC, e.id DESC LIMIT $11",
        *query.scope_range,
        filters.person_id,
        filters.base_id,
        filters.programme,
        filters.outcome,
        None if filters.made_from is None else datetime.combine(filters.made_from, time(), TEHRAN),
        None if filters.made_to is None else datetime.combine(filters.made_to, time(), TEHRAN) + timedelta(days=1),
        None if made_at is None else datetime.fromisoformat(made_at),
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=encounter, key=lambda row: [row["made_at"].isoformat(), str(row["id"])])


def encounter(row: Mapping[str, Any]) -> EncounterRead:
    """From the columns of Encounter."""
    said = {name: row[name] for name in _AS_THEY_ARE}
    decision = {name: row[name] for name in _DECISION} | {"protocol": row["protocol_number"]}
    return EncounterRead.model_validate(
        said | {"programme": row["programme_code"], "center": row["jurisdiction"], "decision": decision}
    )


_AS_THEY_ARE = (
    "id person_id registered_as programme_year campaign_id base_id device_id screener stage instrument made_at"
    " repeat_of attendance result age_months corrects correction_reason corrected_by recorded_at recorded_by"
).split()
_DECISION = "outcome reason rule decided_at found next_stage refers_to repeat_from repeat_by".split()
