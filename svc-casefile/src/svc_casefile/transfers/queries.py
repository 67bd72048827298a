"""Reads of transfers, and of what they are decided by."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.transfers.schemas import (
    Place,
    Side,
    StepFilters,
    TransferFilters,
    TransferRead,
    TransferStepRead,
)

LOADED = "('waiting', 'active', 'suspended')"
"""The states in which a file that is with a center counts against its maximum."""

# of the two ranges of places, one has to fit; the destination sees everything, a former origin what is left to it
BOTH_SIDES = "((t.origin >= $1 AND t.origin < $2) OR (t.destination >= $1 AND t.destination < $2))"
_AT_DESTINATION = "(t.destination >= $1 AND t.destination < $2)"
_LEFT_TO_THE_ORIGIN = f"(t.status = 'effective' AND NOT {_AT_DESTINATION})"
_TRANSFER = f"""
    t.id, t.version, t.status, t.kind, t.case_file_id, t.number, t.origin, origin.name_fa AS origin_fa,
    origin.name_en AS origin_en, t.destination, destination.name_fa AS destination_fa,
    destination.name_en AS destination_en, t.asked_from, t.requested_at, t.requested_by, t.open_matters,
    t.answer_due_on, t.escalated_at, t.escalated_to, t.effective_on, t.effective_at, t.refusal_reason, t.lapse_reason,
    t.closing_id, CASE WHEN NOT {_LEFT_TO_THE_ORIGIN} THEN t.note END AS note,
    CASE WHEN {_AT_DESTINATION} THEN t.worker END AS worker,
    CASE WHEN {_AT_DESTINATION} THEN t.payer_category END AS payer_category
"""
_PLACES = """
    LEFT JOIN center AS origin ON origin.code = t.origin
    LEFT JOIN center AS destination ON destination.code = t.destination
"""

_OPEN_MATTERS = """
    SELECT 'visit-conflicts' AS kind, count(*) AS number
      FROM home_visit WHERE case_file_id = $1 AND changes_state = 'conflict'
    UNION ALL
    SELECT 'overdue-visits', count(*) FROM case_file WHERE id = $1 AND visit_due_on < $2
    UNION ALL
    SELECT 'life-events', count(*) FROM life_event WHERE case_file_id = $1 AND status = 'pending'
    UNION ALL
    SELECT 'service-requests', count(*) FROM service_request WHERE case_file_id = $1 AND closed_at IS NULL
"""


async def transfer(
    connection: asyncpg.Connection,
    transfer_id: UUID,
    *,
    scope: tuple[str, str],
    steps: Mapping[str, tuple[frozenset[str], str]],
) -> TransferRead:
    """`steps`: operation → from which states it leads where. Raises NotFound when neither side is in the scope."""
    row = await connection.fetchrow(
        f"SELECT {_TRANSFER} FROM transfer t {_PLACES} WHERE t.id = $3 AND {BOTH_SIDES}", *scope, transfer_id
    )
    if row is None:
        raise NotFound
    return _transfer(row, steps)


def _transfer(row: asyncpg.Record, steps: Mapping[str, tuple[frozenset[str], str]]) -> TransferRead:
    return TransferRead(
        **{
            **row,
            "origin": Place(code=row["origin"], name_fa=row["origin_fa"], name_en=row["origin_en"]),
            "destination": Place(code=row["destination"], name_fa=row["destination_fa"], name_en=row["destination_en"]),
            "asked_from": Jurisdiction.from_code(row["asked_from"]),
            "possible": [name for name, (sources, _) in steps.items() if row["status"] in sources],
        }
    )


async def list_transfers(
    query: Query, filters: TransferFilters, *, steps: Mapping[str, tuple[frozenset[str], str]]
) -> Page[TransferRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    # each side by its own index; a row of both is one
    found = " UNION ".join(
        f"""
        (SELECT t.id FROM transfer t
          WHERE t.{side} >= $1 AND t.{side} < $2 AND ($3::uuid IS NULL OR t.id < $3)
            AND ($5::text IS NULL OR t.status = $5) AND ($6::text IS NULL OR t.kind = $6)
            AND ($7::boolean IS NULL OR (t.escalated_at IS NOT NULL) = $7)
            AND ($8::uuid IS NULL OR t.case_file_id = $8) AND ($9::uuid IS NULL OR t.closing_id = $9)
          ORDER BY t.id DESC LIMIT $4)
        """
        for side in Side
        if filters.side in {None, side}
    )
    rows = await query.fetch(
        f"SELECT {_TRANSFER} FROM ({found}) AS found JOIN transfer t USING (id) {_PLACES} ORDER BY t.id DESC LIMIT $4",
        *query.scope_range,
        before,
        filters.limit + 1,
        filters.status,
        filters.kind,
        filters.escalated,
        filters.case_file_id,
        filters.closing_id,
    )
    return query.page(filters, rows, make=lambda row: _transfer(row, steps), key=lambda row: [str(row["id"])])


async def list_steps(query: Query, transfer_id: UUID, filters: StepFilters) -> Page[TransferStepRead]:
    """The first first. Raises NotFound when neither side is in the scope."""
    (after,) = query.position(filters) or [0]
    rows = await query.fetch(
        f"""
        SELECT step.version, step.step, step.at, step.actor, step.jurisdiction, step.reason,
               CASE WHEN NOT {_LEFT_TO_THE_ORIGIN} THEN step.note END AS note
          FROM transfer t JOIN transfer_step AS step ON step.transfer_id = t.id
         WHERE t.id = $3 AND {BOTH_SIDES} AND step.version > $4 ORDER BY step.version LIMIT $5
        """,
        *query.scope_range,
        transfer_id,
        after,
        filters.limit + 1,
    )
    if not rows and not after:
        raise NotFound
    return query.page(
        filters,
        rows,
        make=lambda row: TransferStepRead(**{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])}),
        key=lambda row: [row["version"]],
    )


async def file_of_member(
    connection: asyncpg.Connection, number: str, identity: PersonIdentity
) -> tuple[UUID, str] | None:
    """The open file with that number and that person in its household, and where it is, in the whole nation."""
    row = await connection.fetchrow(
        "SELECT case_file_id, place FROM file_of_member($1, $2, $3)", number, identity.type, identity.value
    )
    return None if row is None else (row["case_file_id"], row["place"])


async def has_open_center(connection: asyncpg.Connection, place: Jurisdiction) -> bool:
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM center WHERE code >= $1 AND code < $2 AND status = 'open')", *place.range
    )
    return bool(found)


async def open_matters(connection: asyncpg.Connection, case_file_id: UUID) -> dict[str, int]:
    """What is not finished about a file, by kind and number; what there is none of is absent."""
    rows = await connection.fetch(_OPEN_MATTERS, case_file_id, today())
    return {row["kind"]: row["number"] for row in rows if row["number"]}


async def load(connection: asyncpg.Connection, center: str) -> tuple[int, int]:
    """How many files the center has, and how many it has accepted that are still to come."""
    row = await connection.fetchrow(
        f"SELECT (SELECT count(*) FROM case_file WHERE jurisdiction = $1 AND status IN {LOADED}) AS files,"
        " (SELECT count(*) FROM transfer WHERE destination = $1 AND status = 'accepted') AS coming",
        center,
    )
    return row["files"], row["coming"]


# what the worker looks for

_WORK = """
    SELECT what, transfer_id, actor, version FROM (
        (SELECT 1 AS turn, 'tell' AS what, transfer_id, actor, version FROM transfer_step WHERE told_at IS NULL
          ORDER BY at, transfer_id, version LIMIT 1)
        UNION ALL
        (SELECT 2, 'take-effect', id, NULL, version FROM transfer WHERE status = 'accepted' AND effective_on <= $1
          ORDER BY effective_on, id LIMIT 1)
        UNION ALL
        (SELECT 3, 'escalate', id, NULL, version FROM transfer
          WHERE answer_due_on < $1 AND escalated_at IS NULL
          ORDER BY answer_due_on, id LIMIT 1)
    ) AS waiting ORDER BY turn LIMIT 1
"""


async def work(connection: asyncpg.Connection, *, on: date) -> asyncpg.Record | None:
    """What is to be done next: `what`, and to which transfer; what happened is told before anything more happens."""
    return await connection.fetchrow(_WORK, on)
