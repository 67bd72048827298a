"""Writes of distributions. What moves, moves in whole statements, never file by file."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.chassis.database import Command
from svc_casefile.distributions.models import Distribution, DistributionCenter
from svc_casefile.households.schemas import HistoryAction


@dataclass(frozen=True, slots=True)
class Placements:
    """The placements of a plan by column, a file at each position."""

    county: list[str]
    case_file_id: list[UUID]
    file_version: list[int]
    center: list[str | None]
    metres: list[int | None]
    choice: list[int | None]
    reason: list[str]


async def add(
    command: Command, plan: Distribution, *, centers: Sequence[DistributionCenter], placements: Placements
) -> None:
    command.session.add(plan)
    await command.session.flush()
    command.session.add_all(centers)
    await command.session.flush()
    await command.connection.execute(
        """
        INSERT INTO distribution_placement
               (distribution_id, jurisdiction, county, case_file_id, file_version, center, metres, choice, reason)
        SELECT $1, $2, *
          FROM unnest($3::text[], $4::uuid[], $5::int[], $6::text[], $7::int[], $8::int[], $9::text[])
        """,
        plan.id,
        plan.jurisdiction,
        placements.county,
        placements.case_file_id,
        placements.file_version,
        placements.center,
        placements.metres,
        placements.choice,
        placements.reason,
    )


async def one_at_a_time(command: Command, jurisdiction: str) -> None:
    """Until the transaction ends, no other plan of the province is applied: two could fill the same center."""
    await command.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('distribution'), $1)", int(jurisdiction[:2])
    )


async def move_files(command: Command, distribution_id: UUID, *, expected: int) -> list[asyncpg.Record] | None:
    """Give the placed files to their centers; answers with each file as it now is.

    Only files that are as the plan saw them move. When those are not the `expected` number, none moves: None.
    """
    # Right after an import there are no statistics: the planner then takes the scope for a handful of rows, and looks
    # through all of it again for each file. Joins by hash are right for any number.
    await command.connection.execute("SET LOCAL enable_nestloop = off")
    await command.connection.execute("SAVEPOINT before_move")
    rows: list[asyncpg.Record] = await command.connection.fetch(
        """
        UPDATE case_file AS file
           SET jurisdiction = placement.center, status = 'active', status_reason = NULL, status_since = $2,
               version = file.version + 1, updated_at = $2, updated_by = $3
          FROM distribution_placement AS placement
         WHERE placement.distribution_id = $1 AND placement.center IS NOT NULL
           AND file.id = placement.case_file_id AND file.version = placement.file_version
           AND file.jurisdiction = placement.county AND file.status = 'waiting'
        RETURNING file.id AS case_file_id, file.number, file.version, file.status, file.jurisdiction,
                  placement.county, file.member_count, file.opened_on, file.payer_category, file.area_class
        """,
        distribution_id,
        command.now,
        command.actor.subject,
    )
    if len(rows) != expected:
        await command.connection.execute("ROLLBACK TO before_move")
        return None
    return rows


async def follow_files(command: Command, distribution_id: UUID) -> None:
    """Let the persons of the placed files go with them, and write the move into the files' histories."""
    await command.connection.execute(
        """
        UPDATE member SET jurisdiction = placement.center
          FROM distribution_placement AS placement
         WHERE placement.distribution_id = $1 AND placement.center IS NOT NULL
           AND member.case_file_id = placement.case_file_id
        """,
        distribution_id,
    )
    await command.connection.execute(
        """
        INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)
        SELECT case_file_id, file_version + 1, center, $2, $3, $4,
               jsonb_build_object('jurisdiction', jsonb_build_array(county, center),
                                  'status', jsonb_build_array('waiting', 'active'))
          FROM distribution_placement
         WHERE distribution_id = $1 AND center IS NOT NULL
        """,
        distribution_id,
        command.now,
        command.actor.subject,
        HistoryAction.MOVED,
    )


async def decide(command: Command, distribution_id: UUID, *, status: str) -> None:
    await command.connection.execute(
        "UPDATE distribution SET status = $2, version = version + 1, decided_at = $3, decided_by = $4 WHERE id = $1",
        distribution_id,
        status,
        command.now,
        command.actor.subject,
    )
