"""Writes of encounters, and of what they come to for a person in a year."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from shared.chassis.database import Command
from svc_screening.db import metadata

_ENCOUNTER = ", ".join(column.name for column in metadata.tables["encounter"].columns)
_SCREENING = """
    person_id, programme_code, programme_year, examined, last_at, encounter_id, campaign_id, stage, outcome,
    next_stage, repeat_from, repeat_by
"""
_LATEST = """
    SELECT DISTINCT ON (person_id, programme_code, programme_year)
           person_id, programme_code, programme_year, attendance = 'examined' AS examined, made_at, id, campaign_id,
           stage, outcome, next_stage, repeat_from, repeat_by
      FROM {encounters}
     ORDER BY person_id, programme_code, programme_year, examined DESC, made_at DESC, id DESC
"""
# in the order of ids and of persons: two that send the same at once wait for each other instead of blocking each other
_ADD = f"""
    WITH added AS (
        INSERT INTO encounter ({_ENCOUNTER})
        SELECT {_ENCOUNTER} FROM json_populate_recordset(NULL::encounter, $1::json) ORDER BY id
        ON CONFLICT DO NOTHING
        RETURNING *
    ), latest AS ({_LATEST.format(encounters="added")}), kept AS (
        INSERT INTO screening AS known ({_SCREENING}) SELECT * FROM latest
        ON CONFLICT (person_id, programme_code, programme_year) DO UPDATE
           SET examined = EXCLUDED.examined, last_at = EXCLUDED.last_at, encounter_id = EXCLUDED.encounter_id,
               campaign_id = EXCLUDED.campaign_id, stage = EXCLUDED.stage, outcome = EXCLUDED.outcome,
               next_stage = EXCLUDED.next_stage, repeat_from = EXCLUDED.repeat_from, repeat_by = EXCLUDED.repeat_by
         WHERE (known.examined, known.last_at, known.encounter_id)
               < (EXCLUDED.examined, EXCLUDED.last_at, EXCLUDED.encounter_id)
    )
    SELECT id FROM added
"""
# oldest rules first; what somebody is correcting at this moment is left for the next time
_TAKE_UNDECIDED = """
    SELECT e.id, e.jurisdiction, e.person_id, e.programme_code, e.programme_year, e.campaign_id, e.base_id, e.screener,
           e.stage, e.instrument, e.made_at, e.result, e.age_months, e.protocol_id, e.protocol_number, p.changed_at,
           person.birth_date, person.counts_as, person.jurisdiction AS place, programme.sensitive
      FROM protocol AS p
      JOIN encounter AS e ON e.protocol_id = p.id AND e.rules_as_of < p.changed_at
      JOIN person ON person.id = e.person_id
      JOIN programme ON programme.code = e.programme_code
     WHERE e.outcome = 'undecided' AND e.corrected_by IS NULL
     ORDER BY e.protocol_id, e.rules_as_of LIMIT $1
       FOR UPDATE OF e SKIP LOCKED
"""
_DECIDE = """
    WITH decided AS (
        UPDATE encounter AS e
           SET outcome = d.outcome, rule = d.rule, reason = d.reason, found = d.found, next_stage = d.next_stage,
               refers_to = d.refers_to, repeat_from = d.repeat_from, repeat_by = d.repeat_by,
               rules_as_of = d.rules_as_of, decided_at = coalesce(d.decided_at, e.decided_at)
          FROM json_populate_recordset(NULL::encounter, $1::json) AS d WHERE e.id = d.id
        RETURNING e.*
    )
    UPDATE screening AS s
       SET outcome = d.outcome, next_stage = d.next_stage, repeat_from = d.repeat_from, repeat_by = d.repeat_by
      FROM decided AS d WHERE s.person_id = d.person_id AND s.encounter_id = d.id
"""
_SETTLE = f"""
    INSERT INTO screening ({_SCREENING})
    {_LATEST.format(encounters="encounter WHERE person_id = $1 AND corrected_by IS NULL")}
"""


async def add(command: Command, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Insert encounters (by the columns of Encounter) with what they come to; the ids of those that were not there."""
    return {row["id"] for row in await command.connection.fetch(_ADD, to_json(rows).decode())}


async def correct(command: Command, encounter_id: UUID, *, by: UUID, person_id: UUID) -> None:
    """The encounter stays as it is, and does not count any more."""
    await command.connection.execute("UPDATE encounter SET corrected_by = $2 WHERE id = $1", encounter_id, by)
    await _settle(command, person_id)


async def take_undecided(command: Command, *, limit: int) -> list[asyncpg.Record]:
    """Encounters on which their protocol could not decide and which has changed since, locked."""
    found: list[asyncpg.Record] = await command.connection.fetch(_TAKE_UNDECIDED, limit)
    return found


async def decide(command: Command, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was decided on encounters (by the columns of Encounter), and what they come to."""
    await command.connection.execute(_DECIDE, to_json(rows).decode())


async def give_to(command: Command, person_id: UUID, other_id: UUID) -> None:
    """All encounters of a person are another's, who proved to be the same; each still says as whom it was recorded."""
    await command.connection.execute("UPDATE encounter SET person_id = $2 WHERE person_id = $1", person_id, other_id)
    await command.connection.execute("DELETE FROM screening WHERE person_id = $1", person_id)
    await _settle(command, other_id)


async def _settle(command: Command, person_id: UUID) -> None:
    """Work out anew, from the encounters, what a person was screened for."""
    await command.connection.execute("DELETE FROM screening WHERE person_id = $1", person_id)
    await command.connection.execute(_SETTLE, person_id)
