"""Reads of proposals, and of who waits for a child like this one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.problems import NotFound
from svc_adoption.matching.schemas import MatchFilters, MatchSummary

_SUMMARY = """
    id, version, jurisdiction, request_id, child_ids, state, state_since, proposed_at, out_of_turn, introduced_on,
    answered_on
"""
_SCOPE = "jurisdiction >= $1 AND jurisdiction < $2"
# by their turn; `suits`: the wish takes children of these sexes, ages and states of health, so many together
_WAITING = """
    SELECT e.id, e.jurisdiction, e.rank, e.senior, e.since, e.key_id, e.sealed, r.child_sex AS sex,
           r.child_from_months AS from_months, r.child_to_months AS to_months, r.child_health AS health, r.siblings,
           (r.child_sex = 'any' OR ARRAY[r.child_sex] @> $4::text[])
           AND r.child_from_months <= $5 AND r.child_to_months > $6
           AND r.child_health = ANY($7) AND r.siblings >= $8 AS suits,
           EXISTS (SELECT FROM match m WHERE m.request_id = e.id
                    AND m.state IN ('proposed', 'decided', 'matched', 'introduced', 'accepted')) AS proposed
      FROM queue_entry e JOIN request r ON r.id = e.id
     WHERE e.queue = $3 AND e.form = 'adoption' AND e.state = 'waiting'
       AND e.jurisdiction >= $1 AND e.jurisdiction < $2
       AND ($9::smallint IS NULL OR (e.rank, e.senior, e.since, e.id) > ($9, $10::boolean, $11::timestamptz, $12::uuid))
     ORDER BY e.rank, e.senior, e.since, e.id LIMIT $13
"""


async def waiting(
    connection: asyncpg.Connection,
    queue: str,
    *,
    scope: tuple[str, str],
    sexes: Sequence[str],
    months: tuple[int, int],
    wishes: Sequence[str],
    together: int,
    after: asyncpg.Record | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Families that wait, whose turn it is first; `months` is the age of the youngest and the eldest child, `wishes`
    the words about health that take them in."""
    rows: list[asyncpg.Record] = await connection.fetch(
        _WAITING,
        *scope,
        queue,
        [*sexes],
        *months,
        [*wishes],
        together,
        *([None] * 4 if after is None else [after["rank"], after["senior"], after["since"], after["id"]]),
        limit,
    )
    return rows


async def sealed(connection: asyncpg.Connection, match_id: UUID, *, scope: tuple[str, str]) -> dict[str, Any]:
    """A proposal by its columns, still sealed. Raises NotFound."""
    row = await connection.fetchrow(
        f"SELECT {_SUMMARY}, proposed_by, decided_by, confirmed_by, key_id, sealed FROM match"
        f" WHERE id = $3 AND {_SCOPE}",
        *scope,
        match_id,
    )
    if row is None:
        raise NotFound
    return dict(row)


async def list_matches(query: Query, filters: MatchFilters) -> Page[MatchSummary]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_SUMMARY} FROM match WHERE {_SCOPE} AND ($3::text IS NULL OR state = $3)"
        " AND ($4::uuid IS NULL OR request_id = $4) AND ($5::uuid IS NULL OR id < $5) ORDER BY id DESC LIMIT $6",
        *query.scope_range,
        filters.state,
        filters.request_id,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: MatchSummary(**row), key=lambda row: [str(row["id"])])
