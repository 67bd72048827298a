"""Reads of sessions and votes."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import jalali
from shared.kit.problems import NotFound
from svc_licensing.commissions.schemas import SessionFilters, SessionRead, VoteRead

_SESSION = """
    SELECT s.id, s.version, s.jurisdiction, s.status, s.held_on, s.seats, s.minutes_number, s.minutes, s.called_by,
           s.called_at,
           (SELECT count(*) FROM application AS a WHERE a.session_id = s.id AND a.status = 'tabled')::int AS tabled,
           (SELECT count(*) FROM application AS a WHERE a.session_id = s.id AND a.status <> 'tabled')::int AS decided
      FROM commission_session AS s WHERE s.jurisdiction >= $1 AND s.jurisdiction < $2
"""


async def read_session(connection: asyncpg.Connection, session_id: UUID, *, scope: tuple[str, str]) -> SessionRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_SESSION} AND s.id = $3", *scope, session_id)
    if row is None:
        raise NotFound
    return _session(row)


async def list_sessions(query: Query, filters: SessionFilters) -> Page[SessionRead]:
    """The latest first."""
    held_on, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_SESSION} AND ($3::text IS NULL OR s.status = $3)"
        " AND ($4::date IS NULL OR (s.held_on, s.id) < ($4, $5::uuid))"
        " ORDER BY s.held_on DESC, s.id DESC LIMIT $6",
        *query.scope_range,
        filters.status,
        None if held_on is None else date.fromisoformat(held_on),
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_session, key=lambda row: [str(row["held_on"]), str(row["id"])])


def _session(row: asyncpg.Record) -> SessionRead:
    return SessionRead(**row, held_on_jalali=jalali(row["held_on"]))


async def votes(connection: asyncpg.Connection, application_id: UUID) -> list[VoteRead]:
    rows = await connection.fetch(
        "SELECT round, member, vote, note, voted_at FROM commission_vote WHERE application_id = $1"
        " ORDER BY round, voted_at, member",
        application_id,
    )
    return [VoteRead(**row) for row in rows]


async def numbers_on_the_table(connection: asyncpg.Connection, session_id: UUID) -> list[str]:
    rows = await connection.fetch(
        "SELECT number FROM application WHERE session_id = $1 AND status = 'tabled' ORDER BY number", session_id
    )
    return [row["number"] for row in rows]
