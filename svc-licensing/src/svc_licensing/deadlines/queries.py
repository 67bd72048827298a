"""Reads of deadlines, and what is overdue."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import ScopeForbidden
from svc_licensing.deadlines.models import RUNS
from svc_licensing.deadlines.schemas import (
    By,
    DeadlineFilters,
    DeadlineRead,
    DeadlineSummary,
    Overdue,
    OverdueFilters,
    OverdueReport,
)
from svc_licensing.inquiries.models import IS_OPEN

# $1: today
_READ = """
    d.id, d.code, d.office, d.started_at, d.due_on, CASE WHEN d.paused_at IS NOT NULL THEN d.days END AS days_left,
    d.paused_at, d.stopped_at, d.stopped_at IS NULL AND coalesce(d.due_on < $1, false) AS overdue, d.reminded_at,
    d.escalated_to, d.escalated_at
"""
OVERDUE = f"""
    SELECT substr(jurisdiction, 1, $4) AS jurisdiction, office, sum(deadlines)::int AS deadlines,
           sum(inquiries)::int AS inquiries, min(due_on) AS oldest_due_on
      FROM (SELECT jurisdiction, office, 1 AS deadlines, 0 AS inquiries, due_on FROM deadline
             WHERE jurisdiction >= $2 AND jurisdiction < $3 AND due_on < $1 AND {RUNS}
             UNION ALL
            SELECT jurisdiction, system, 0, 1, due_on FROM inquiry
             WHERE jurisdiction >= $2 AND jurisdiction < $3 AND due_on < $1 AND {IS_OPEN}) AS late
     GROUP BY 1, 2 ORDER BY 1, 2
"""
_LENGTH = {By.COUNTY: 4, By.PROVINCE: 2}
_LAST = date(9999, 12, 31)
"""What has no day comes last."""


async def of_application(connection: asyncpg.Connection, application_id: UUID) -> list[DeadlineRead]:
    rows = await connection.fetch(
        f"SELECT {_READ} FROM deadline AS d WHERE d.application_id = $2 ORDER BY d.id", today(), application_id
    )
    return [DeadlineRead(**row) for row in rows]


async def list_deadlines(query: Query, filters: DeadlineFilters) -> Page[DeadlineSummary]:
    """Those that run, the soonest due first. Raises ScopeForbidden."""
    due_on, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"SELECT {_READ}, d.application_id, a.number, d.jurisdiction"
        " FROM deadline AS d JOIN application AS a ON a.id = d.application_id"
        " WHERE d.jurisdiction >= $2 AND d.jurisdiction < $3 AND d.stopped_at IS NULL"
        " AND ($4::text IS NULL OR d.office = $4) AND ($5::text IS NULL OR d.code = $5)"
        " AND (NOT $6 OR d.due_on < $1) AND ($7::date IS NULL OR (coalesce(d.due_on, $9), d.id) > ($7, $8::uuid))"
        " ORDER BY coalesce(d.due_on, $9), d.id LIMIT $10",
        today(),
        *_within(query, filters.jurisdiction).range,
        filters.office,
        filters.code,
        filters.overdue,
        None if due_on is None else date.fromisoformat(due_on),
        after,
        _LAST,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: DeadlineSummary(**row),
        key=lambda row: [str(row["due_on"] or _LAST), str(row["id"])],
    )


async def overdue(query: Query, filters: OverdueFilters) -> OverdueReport:
    """Raises ScopeForbidden."""
    on = today()
    rows = await query.fetch(OVERDUE, on, *_within(query, filters.jurisdiction).range, _LENGTH[filters.by])
    return OverdueReport(on=on, items=[Overdue(**row) for row in rows])


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    return place
