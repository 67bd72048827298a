"""Reads of settlements."""

from datetime import datetime, time
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import TEHRAN, JalaliMonth
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.settlements.schemas import (
    DisputeFilters,
    DisputeRead,
    LineFilters,
    LineRead,
    SettlementDetail,
    SettlementFilters,
    SettlementRead,
    Share,
)

# the figures of the whole statement, or ($1, a subject) those of one worker's own lines
_SETTLEMENT = """
    SELECT s.id, s.jurisdiction, s.month, s.version, s.status, s.counted_to, s.digest, $1::text IS NOT NULL AS own,
           CASE WHEN $1::text IS NULL THEN s.lines ELSE coalesce(share.lines, 0) END AS lines,
           CASE WHEN $1::text IS NULL THEN s.counted ELSE coalesce(share.counted, 0) END AS counted,
           CASE WHEN $1::text IS NULL THEN s.total_rials ELSE coalesce(share.total_rials, 0) END AS total_rials,
           s.drafted_at, s.drafted_by, s.closed_at, s.closed_by, s.approved_at, s.approved_by, s.paid_at, s.paid_by,
           s.paid_on, s.payment_reference
      FROM settlement AS s LEFT JOIN settlement_share AS share ON share.settlement_id = s.id AND share.worker = $1
     WHERE s.jurisdiction >= $2 AND s.jurisdiction < $3
"""
_LINES = """
    SELECT line.id, line.position, line.month, line.kind, line.entry, line.case_file_id, file.number, line.ref,
           line.worker, line.payer_category, line.area_class, line.service_code, line.from_day, line.to_day, line.days,
           line.of_days, line.counted, line.reason, line.tariff_id, line.tariff_version, line.tariff_rials,
           line.total_rials, line.follows
      FROM settlement_line AS line LEFT JOIN case_file AS file ON file.id = line.case_file_id
     WHERE line.settlement_id = $1 AND ($2::text IS NULL OR line.worker = $2) AND line.position > $3
       AND ($4::text IS NULL OR line.worker = $4) AND ($5::text IS NULL OR line.kind = $5)
       AND ($6::boolean IS NULL OR line.counted = $6) AND ($7::text IS NULL OR line.reason = $7)
     ORDER BY line.position LIMIT $8
"""
_DISPUTE = """
    id, settlement_id, line_id, version, status, worker, reason, opened_at, opened_by, answer, answered_at, answered_by
"""


async def centers(connection: asyncpg.Connection, jurisdiction: Jurisdiction, month: JalaliMonth) -> list[str]:
    """The centers that a month is settled with: those that are there, and those that had files in it."""
    rows = await connection.fetch(
        """
        SELECT code FROM center
         WHERE code >= $1 AND code < $2
           AND (status IN ('open', 'suspended')
                OR EXISTS (SELECT FROM responsibility AS r
                            WHERE r.jurisdiction = center.code AND (r.until IS NULL OR r.until >= $3)))
         ORDER BY code
        """,
        *jurisdiction.range,
        datetime.combine(month.first_day, time(), TEHRAN),
    )
    return [row["code"] for row in rows]


async def locked_drafts(
    connection: asyncpg.Connection, jurisdiction: Jurisdiction, month: JalaliMonth
) -> list[asyncpg.Record]:
    """The drafts of a month, locked in the order of their centers."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT id, jurisdiction FROM settlement WHERE jurisdiction >= $1 AND jurisdiction < $2 AND month = $3"
        " AND status = 'draft' ORDER BY jurisdiction FOR UPDATE",
        *jurisdiction.range,
        month,
    )
    return rows


async def of_month(
    connection: asyncpg.Connection, jurisdiction: Jurisdiction, month: JalaliMonth
) -> list[SettlementRead]:
    rows = await connection.fetch(
        f"{_SETTLEMENT} AND s.month = $4 ORDER BY s.jurisdiction", None, *jurisdiction.range, month
    )
    return [_settlement(row) for row in rows]


async def settlement(
    connection: asyncpg.Connection, settlement_id: UUID, *, scope: tuple[str, str], own: str | None, lock: bool = False
) -> SettlementRead:
    """Raises NotFound when the statement is not in the scope. `own`: show this worker's figures alone."""
    row = await connection.fetchrow(
        f"{_SETTLEMENT} AND s.id = $4" + (" FOR UPDATE OF s" if lock else ""), own, *scope, settlement_id
    )
    if row is None:
        raise NotFound
    return _settlement(row)


async def detail(query: Query, settlement_id: UUID, *, own: str | None) -> SettlementDetail:
    """Raises NotFound when the statement is not in the scope."""
    found = await settlement(query.connection, settlement_id, scope=query.scope_range, own=own)
    rows = await query.fetch(
        "SELECT nullif(worker, '') AS worker, lines, counted, total_rials FROM settlement_share"
        " WHERE settlement_id = $1 AND ($2::text IS NULL OR worker = $2) ORDER BY settlement_share.worker",
        settlement_id,
        own,
    )
    return SettlementDetail(**dict(found), workers=[Share(**row) for row in rows])


async def list_settlements(query: Query, filters: SettlementFilters, *, own: str | None) -> Page[SettlementRead]:
    """The latest month first, within it by center. Raises ScopeForbidden for a place outside the scope."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    month, center = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_SETTLEMENT} AND ($4::text IS NULL OR s.month = $4) AND ($5::text IS NULL OR s.status = $5)"
        " AND ($6::text IS NULL OR s.month < $6 OR s.month = $6 AND s.jurisdiction > $7)"
        " ORDER BY s.month DESC, s.jurisdiction LIMIT $8",
        own,
        *place.range,
        filters.month,
        filters.status,
        month,
        center,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_settlement, key=lambda row: [row["month"], row["jurisdiction"]])


def _settlement(row: asyncpg.Record) -> SettlementRead:
    return SettlementRead(**row)


async def lines(query: Query, settlement_id: UUID, filters: LineFilters, *, own: str | None) -> Page[LineRead]:
    """Raises NotFound when the statement is not in the scope."""
    await settlement(query.connection, settlement_id, scope=query.scope_range, own=own)
    (after,) = query.position(filters) or [0]
    rows = await query.fetch(
        _LINES,
        settlement_id,
        own,
        after,
        filters.worker,
        filters.kind,
        filters.counted,
        filters.reason,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: LineRead(**row), key=lambda row: [row["position"]])


async def line(
    connection: asyncpg.Connection, settlement_id: UUID, line_id: UUID, *, own: str | None
) -> asyncpg.Record:
    """Raises NotFound when the statement has no such line, or none that is the worker's."""
    row = await connection.fetchrow(
        "SELECT id, jurisdiction, worker, entry, days, of_days FROM settlement_line"
        " WHERE id = $2 AND settlement_id = $1 AND ($3::text IS NULL OR worker = $3)",
        settlement_id,
        line_id,
        own,
    )
    if row is None:
        raise NotFound
    return row


async def is_corrected(connection: asyncpg.Connection, line_id: UUID) -> bool:
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM settlement_correction WHERE line_id = $1)", line_id)
    )


async def has_open_dispute(connection: asyncpg.Connection, line_id: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM settlement_dispute WHERE line_id = $1 AND status = 'open')", line_id
        )
    )


async def disputes(query: Query, settlement_id: UUID, filters: DisputeFilters, *, own: str | None) -> Page[DisputeRead]:
    """The earliest first. Raises NotFound when the statement is not in the scope."""
    await settlement(query.connection, settlement_id, scope=query.scope_range, own=own)
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_DISPUTE} FROM settlement_dispute"
        " WHERE settlement_id = $1 AND ($2::text IS NULL OR worker = $2) AND ($3::text IS NULL OR status = $3)"
        " AND ($4::uuid IS NULL OR id > $4) ORDER BY id LIMIT $5",
        settlement_id,
        own,
        filters.status,
        after,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: DisputeRead(**row), key=lambda row: [str(row["id"])])
