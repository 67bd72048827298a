"""Reads of the queue: the order is an index, and a place in it is a count."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.fitness import TAKEN
from svc_adoption.priority import Group
from svc_adoption.queue.errors import NotInTheQueue
from svc_adoption.queue.schemas import (
    Prospect,
    ProspectChange,
    QueueChangeRead,
    QueueEntryRead,
    QueueEntrySummary,
    QueueFilters,
    Wish,
)

_ENTRY = """
    SELECT e.id AS request_id, e.version, e.jurisdiction, e.form, e.rank, e.senior, e.since, e.state, e.queue,
           p.ahead, p.waiting
      FROM queue_entry e, LATERAL queue_position(e.id) p
     WHERE e.id = $3 AND e.jurisdiction >= $1 AND e.jurisdiction < $2
"""
_CHANGES = "SELECT at, actor, reason, state, rank, senior, since FROM queue_change WHERE request_id = $1 ORDER BY id"
_LIST = """
    SELECT id AS request_id, version, jurisdiction, form, rank, senior, since FROM queue_entry
     WHERE state = 'waiting' AND jurisdiction >= $1 AND jurisdiction < $2 AND form = $3
"""
_WISH = """
    SELECT r.child_sex, r.child_from_months, r.child_to_months, r.child_health, r.siblings
      FROM queue_entry e JOIN request r ON r.id = e.id
     WHERE e.id = $3 AND e.jurisdiction >= $1 AND e.jurisdiction < $2 AND e.state = 'waiting'
"""
_PROSPECT = "SELECT children, children_of_a_year, ahead FROM queue_prospect($1, $2, $3, $4, $5, $6, $7, $8)"


async def entry(connection: asyncpg.Connection, request_id: UUID, *, scope: tuple[str, str]) -> QueueEntryRead:
    """Raises NotInTheQueue, for a request that is not in the scope as well."""
    row = await connection.fetchrow(_ENTRY, *scope, request_id)
    if row is None:
        raise NotInTheQueue
    changes = await connection.fetch(_CHANGES, request_id)
    known = dict(row)
    ahead = known.pop("ahead")
    return QueueEntryRead(
        **_named(known) | {"queue": Jurisdiction.from_code(row["queue"])},
        position=None if ahead is None else ahead + 1,
        changes=[QueueChangeRead(**_named(each)) for each in changes],
    )


async def list_waiting(query: Query, filters: QueueFilters) -> Page[QueueEntrySummary]:
    """Those of the scope, whose turn it is first."""
    sql, arguments = _LIST, list[object]([*query.scope_range, filters.form])
    position = query.position(filters)
    if position is not None:
        sql += " AND (rank, senior, since, id) > ($4::smallint, $5::boolean, $6::timestamptz, $7::uuid)"
        arguments += [position[0], position[1], datetime.fromisoformat(position[2]), position[3]]
    rows = await query.fetch(f"{sql} ORDER BY rank, senior, since, id LIMIT {filters.limit + 1}", *arguments)
    return query.page(
        filters,
        rows,
        make=lambda row: QueueEntrySummary(**_named(row)),
        key=lambda row: [row["rank"], row["senior"], row["since"].isoformat(), str(row["request_id"])],
    )


async def prospect(query: Query, request_id: UUID, wish: Wish) -> ProspectChange:
    """What another wish would change. Raises NotInTheQueue."""
    row = await query.fetchrow(_WISH, *query.scope_range, request_id)
    if row is None:
        raise NotInTheQueue
    return ProspectChange(
        now=await _prospect(query.connection, request_id, Wish.model_construct(**row)),
        then=await _prospect(query.connection, request_id, wish),
    )


async def _prospect(connection: asyncpg.Connection, request_id: UUID, wish: Wish) -> Prospect:
    day = today()
    row = await connection.fetchrow(
        _PROSPECT,
        request_id,
        None if wish.child_sex == "any" else wish.child_sex,
        wish.child_from_months,
        wish.child_to_months,
        sorted(TAKEN[wish.child_health]),
        wish.siblings,
        day,
        day - timedelta(days=365),
    )
    return Prospect(**row)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "rank"} | {"group": Group(row["rank"]).word}
