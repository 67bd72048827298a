"""Writes of erasure."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Command
from svc_adoption.retention.models import ENDED_ON, RULE

_TAKE = f"""
    SELECT r.id, r.jurisdiction, r.form, r.status, {ENDED_ON} AS ended_on, e.rule, rule.value AS days
      FROM request r JOIN unnest($1::text[], $2::text[]) AS e (status, rule) ON e.status = r.status
      {RULE.format(day="$3")}
     WHERE {ENDED_ON} + rule.value <= $3
     ORDER BY r.id LIMIT $4 FOR UPDATE OF r SKIP LOCKED
"""
_AGED = f"""
    SELECT r.id FROM request r JOIN (SELECT $1::text AS rule) AS e ON true
      {RULE.format(day="$3")}
     WHERE r.status = ANY($2)
       AND EXISTS (SELECT FROM deadline d WHERE d.request_id = r.id AND d.kind = 'document' AND d.done_on IS NULL
                      AND d.dropped_at IS NULL AND d.due_on + rule.value < $3)
     ORDER BY r.id LIMIT $4 FOR UPDATE OF r SKIP LOCKED
"""


async def take_aged(command: Command, *, rule: str, at: Sequence[str], on: date, limit: int) -> Sequence[UUID]:
    """Requests in one of these states with a certificate that is out of date for longer than the rule says, locked."""
    rows = await command.connection.fetch(_AGED, rule, [*at], on, limit)
    return [row["id"] for row in rows]


async def take_due(command: Command, *, rules: Mapping[str, str], on: date, limit: int) -> Sequence[asyncpg.Record]:
    """Requests that are to be erased by that day, locked; `rules` is status → rule. One without a rule is kept."""
    rows: Sequence[asyncpg.Record] = await command.connection.fetch(_TAKE, [*rules], [*rules.values()], on, limit)
    return rows
