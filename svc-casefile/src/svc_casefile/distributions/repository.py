"""Writes of distributions. What moves, moves in whole statements, never file by file."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from shared.chassis.database import Command
from svc_casefile.distributions.models import Distribution
from svc_casefile.households.schemas import HistoryAction


@dataclass(frozen=True, slots=True)
class Center:
    """A row of DistributionCenter, but for what those of a plan have in common."""

    center: str
    minimum: int
    maximum: int
    load_before: int
    load_after: int
    nearest_metres: int | None
    mean_metres: int | None
    farthest_metres: int | None
    county_files: int
    county_need: int


@dataclass(frozen=True, slots=True)
class Placement:
    """The files of one place, by column; a file at each position."""

    place: str
    """A center, or the county that the files stay with."""
    case_file_ids: list[str]
    file_versions: list[int]
    metres: list[int]
    choices: list[int]
    reasons: list[str]


async def add(
    command: Command,
    plan: Distribution,
    *,
    centers: Sequence[Center],
    placements: Sequence[Placement],
) -> None:
    command.session.add(plan)
    await command.session.flush()
    await command.connection.executemany(
        "INSERT INTO distribution_center (distribution_id, jurisdiction, center, minimum, maximum, load_before,"
        " load_after, nearest_metres, mean_metres, farthest_metres, county_files, county_need)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [(plan.id, plan.jurisdiction, *_columns(center)) for center in centers],
    )
    await command.connection.executemany(
        "INSERT INTO distribution_placement (distribution_id, jurisdiction, place, case_file_ids, file_versions,"
        " metres, choices, reasons) VALUES ($1, $2, $3, $4::text::uuid[], $5::text::int[], $6::text::int[],"
        " $7::text::int[], $8::text::text[])",
        [
            (
                plan.id,
                plan.jurisdiction,
                each.place,
                _array(each.case_file_ids),
                _array(each.file_versions),
                _array(each.metres),
                _array(each.choices),
                _array(each.reasons),
            )
            for each in placements
        ],
    )


def _array(values: Sequence[str] | Sequence[int]) -> str:
    """Plain words and numbers as PostgreSQL reads an array: as Python's lists they would cost asyncpg 1 µs apiece."""
    return "{" + to_json(values).decode()[1:-1].replace('"', "") + "}"


def _columns(row: Center) -> list[object]:
    return [getattr(row, field.name) for field in fields(row)]


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
           SET jurisdiction = placed.center, status = 'active', status_reason = NULL, status_since = $2,
               version = file.version + 1, updated_at = $2, updated_by = $3
          FROM distribution_placed_file AS placed
         WHERE placed.distribution_id = $1
           AND file.id = placed.case_file_id AND file.version = placed.file_version
           AND file.jurisdiction = placed.county AND file.status = 'waiting'
        RETURNING file.id AS case_file_id, file.number, file.version, file.status, file.jurisdiction,
                  placed.county, file.member_count, file.opened_on, file.payer_category, file.area_class
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
        UPDATE member SET jurisdiction = placed.center
          FROM distribution_placed_file AS placed
         WHERE placed.distribution_id = $1 AND member.case_file_id = placed.case_file_id
        """,
        distribution_id,
    )
    await command.connection.execute(
        """
        INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)
        SELECT case_file_id, file_version + 1, center, $2, $3, $4,
               jsonb_build_object('jurisdiction', jsonb_build_array(county, center),
                                  'status', jsonb_build_array('waiting', 'active'))
          FROM distribution_placed_file WHERE distribution_id = $1
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
