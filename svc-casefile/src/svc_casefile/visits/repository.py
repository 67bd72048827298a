"""Writes of home visits, many in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_casefile.db import metadata
from svc_casefile.households.schemas import CaseFileUpdate
from svc_casefile.visits.models import HomeVisit, LateVisit, VisitInterval

_VISIT = ", ".join(column.name for column in metadata.tables[HomeVisit.__tablename__].columns)
_LATE = ", ".join(column.name for column in metadata.tables[LateVisit.__tablename__].columns)
_FILE = ", ".join(CaseFileUpdate.model_fields)


async def locked_files(command: Command, case_file_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """Those of the files that are in the scope, as far as visits are about them; always locked in the same order."""
    rows = await command.connection.fetch(
        f"SELECT id, version, status, jurisdiction, look_for_since, {_FILE} FROM case_file"
        " WHERE id = ANY($1) AND jurisdiction >= $2 AND jurisdiction < $3 ORDER BY id FOR NO KEY UPDATE",
        [*case_file_ids],
        *command.scope_range,
    )
    return {row["id"]: row for row in rows}


async def add(command: Command, visits: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Insert visits, by the columns of HomeVisit; answers with those that no other has the id of."""
    rows = await command.connection.fetch(
        f"INSERT INTO home_visit ({_VISIT}) SELECT {_VISIT} FROM json_populate_recordset(NULL::home_visit, $1::json)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        to_json(visits).decode(),
    )
    return {row["id"] for row in rows}


async def remove(command: Command, visit_ids: Iterable[UUID]) -> None:
    """Take back what this transaction has added."""
    await command.connection.execute("DELETE FROM home_visit WHERE id = ANY($1)", [*visit_ids])


# What the visits of a file say together, in whatever order they came in. A plan is used up by the visit that meets the
# household, or replaced by what a visit agrees on; of plans the one that was made last stands.
# Materialised: the plan that a connection keeps from the sixth time on would work it out anew for each file.
_CARRY_OVER = """
    WITH said AS MATERIALIZED (
        SELECT case_file_id,
               max(visited_at) FILTER (WHERE outcome = 'met') AS met_at,
               (array_agg(visited_at ORDER BY visited_at) FILTER (
                   WHERE outcome = 'not-at-home' AND (found_at IS NULL OR visited_at > found_at)))[$4] AS missed_at,
               max(visited_at) FILTER (WHERE outcome = 'met' OR next_visit_on IS NOT NULL) AS agreed_at,
               (array_agg(next_visit_on ORDER BY visited_at DESC, id DESC) FILTER (
                   WHERE outcome = 'met' OR next_visit_on IS NOT NULL))[1] AS next_visit_on
          FROM (SELECT *, max(visited_at) FILTER (WHERE outcome <> 'not-at-home')
                              OVER (PARTITION BY case_file_id) AS found_at
                  FROM home_visit WHERE case_file_id = ANY($1)) AS visit
         GROUP BY case_file_id
    )
    UPDATE case_file AS file
       SET visited_on = (said.met_at AT TIME ZONE 'Asia/Tehran')::date,
           look_for_since = (said.missed_at AT TIME ZONE 'Asia/Tehran')::date,
           visit_planned_on = CASE WHEN file.visit_planned_at >= said.agreed_at OR said.agreed_at IS NULL
                                   THEN file.visit_planned_on ELSE said.next_visit_on END,
           visit_planned_at = greatest(file.visit_planned_at, said.agreed_at)
      FROM said
     WHERE file.id = said.case_file_id AND file.id = ANY($1) AND file.jurisdiction >= $2 AND file.jurisdiction < $3
    RETURNING file.id, file.look_for_since
"""


async def carry_over(command: Command, case_file_ids: Sequence[UUID], *, misses: int) -> dict[UUID, date | None]:
    """Keep with the files what all their visits say; answers since when each is to be looked for."""
    rows = await command.connection.fetch(_CARRY_OVER, [*case_file_ids], *command.scope_range, misses)
    return {row["id"]: row["look_for_since"] for row in rows}


async def locked(command: Command, visit_id: UUID) -> asyncpg.Record:
    """A visit, and where its file is now. Raises NotFound when the file is not in the scope."""
    row = await command.connection.fetchrow(
        "SELECT v.version, v.case_file_id, v.changes, v.changes_state, v.visited_by, f.jurisdiction"
        " FROM home_visit v JOIN case_file f ON f.id = v.case_file_id"
        " WHERE v.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3 FOR UPDATE OF v",
        visit_id,
        *command.scope_range,
    )
    if row is None:
        raise NotFound
    return row


async def resolve(command: Command, visit_id: UUID, *, taken: Sequence[str], note: str | None) -> None:
    await command.connection.execute(
        "UPDATE home_visit SET version = version + 1, changes_state = 'resolved', taken = $2, resolution_note = $3,"
        " resolved_at = $4, resolved_by = $5 WHERE id = $1",
        visit_id,
        [*taken],
        note,
        command.now,
        command.actor.subject,
    )


async def plan(command: Command, case_file_id: UUID, planned_on: date | None) -> None:
    await command.connection.execute(
        "UPDATE case_file SET visit_planned_on = $2, visit_planned_at = $3 WHERE id = $1",
        case_file_id,
        planned_on,
        command.now,
    )


async def add_late(command: Command, visits: Sequence[Mapping[str, Any]]) -> dict[UUID, bytes]:
    """Keep visits that go after their files, by the columns of LateVisit; answers with the digest of each that is
    there."""
    await command.connection.execute(
        f"INSERT INTO late_visit ({_LATE}) SELECT {_LATE} FROM json_populate_recordset(NULL::late_visit, $1::json)"
        " ON CONFLICT (id) DO NOTHING",
        to_json(visits).decode(),
    )
    rows = await command.connection.fetch(
        "SELECT id, digest FROM late_visit WHERE id = ANY($1) AND jurisdiction >= $2 AND jurisdiction < $3",
        [visit["id"] for visit in visits],
        *command.scope_range,
    )
    return {row["id"]: row["digest"] for row in rows}


async def late_visits(command: Command, *, limit: int) -> list[asyncpg.Record]:
    """Some that are on their way, in the order in which they came, locked; those that another process has not."""
    rows: list[asyncpg.Record] = await command.connection.fetch(
        "SELECT id, body, digest, received_by FROM late_visit WHERE outcome IS NULL ORDER BY id LIMIT $1"
        " FOR UPDATE SKIP LOCKED",
        limit,
    )
    return rows


async def settle_late(command: Command, outcomes: Mapping[UUID, str]) -> None:
    """Keep what became of late visits; what one that arrived had reported is with its file alone."""
    await command.connection.execute(
        "UPDATE late_visit SET outcome = said.outcome,"
        " body = CASE WHEN said.outcome LIKE 'refused%' THEN body ELSE '{}' END"
        " FROM unnest($1::uuid[], $2::text[]) AS said (id, outcome) WHERE late_visit.id = said.id",
        [*outcomes],
        [*outcomes.values()],
    )


async def one_at_a_time(command: Command) -> bool:
    """Whether no other process is working out due dates; until the transaction ends, none does."""
    return bool(await command.connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('visit-due'))"))


async def work_out(command: Command, intervals: Mapping[str, int | None], *, on: date) -> None:
    """Keep the months between visits for each of these centers, and let the due dates of their files follow."""
    await command.connection.execute(
        f"INSERT INTO {VisitInterval.__tablename__} (center, months, worked_out_on)"
        " SELECT center, months, $3 FROM unnest($1::text[], $2::integer[]) AS said (center, months)"
        " ON CONFLICT (center) DO UPDATE SET months = EXCLUDED.months, worked_out_on = EXCLUDED.worked_out_on",
        [*intervals],
        [*intervals.values()],
        on,
    )
    await command.connection.execute(
        "UPDATE case_file SET visit_due_on = next_visit_due(case_file)"
        " WHERE jurisdiction = ANY($1) AND status = 'active'"
        " AND visit_due_on IS DISTINCT FROM next_visit_due(case_file)",
        [*intervals],
    )
