"""Writes of encounters, and of what they come to for a person in a year."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

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


async def give_to(command: Command, person_id: UUID, other_id: UUID) -> None:
    """All encounters of a person are another's, who proved to be the same; each still says as whom it was recorded."""
    await command.connection.execute("UPDATE encounter SET person_id = $2 WHERE person_id = $1", person_id, other_id)
    await command.connection.execute("DELETE FROM screening WHERE person_id = $1", person_id)
    await _settle(command, other_id)


async def _settle(command: Command, person_id: UUID) -> None:
    """Work out anew, from the encounters, what a person was screened for."""
    await command.connection.execute("DELETE FROM screening WHERE person_id = $1", person_id)
    await command.connection.execute(_SETTLE, person_id)
