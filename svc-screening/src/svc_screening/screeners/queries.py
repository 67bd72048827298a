"""Reads of permits, and what screeners' work came to."""

from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import TEHRAN, today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_screening.screeners.schemas import PermitFilters, PermitRead, Quality, QualityFilters, QualityReport

_PERMIT = """
    SELECT id, version, person, jurisdiction AS center, programme_code AS programme, certificate, valid_from, valid_to,
           $3 BETWEEN valid_from AND valid_to AND (revoked_on IS NULL OR revoked_on > $3) AS valid_today,
           granted_by, granted_at, revoked_on, revoked_by, revocation_reason
      FROM permit WHERE jurisdiction >= $1 AND jurisdiction < $2
"""
# a first test is one that failing leads to a repeat; whoever makes that one, it is held against the first screener
_QUALITY = """
    SELECT e.screener AS person, e.jurisdiction AS center,
           count(*) FILTER (WHERE e.attendance = 'examined') AS examined,
           count(*) FILTER (WHERE e.outcome = 'not-testable') AS not_testable,
           count(*) FILTER (WHERE e.outcome = 'rescreen') AS failed_first,
           count(*) FILTER (WHERE e.outcome = 'rescreen' AND repeat.outcome IS NOT NULL) AS repeated,
           count(*) FILTER (WHERE e.outcome = 'rescreen' AND repeat.outcome = 'refer') AS confirmed_by_repeat,
           count(*) FILTER (WHERE e.outcome = 'refer') AS referred,
           count(*) FILTER (WHERE e.outcome = 'undecided') AS undecided
      FROM encounter AS e
      LEFT JOIN LATERAL (
            SELECT r.outcome FROM encounter AS r
             WHERE e.outcome = 'rescreen' AND r.person_id = e.person_id AND r.programme_code = e.programme_code
               AND r.stage = e.next_stage AND r.made_at >= e.made_at AND r.corrected_by IS NULL
               AND r.outcome IN ('refer', 'normal')
             ORDER BY r.made_at, r.id LIMIT 1) AS repeat ON true
     WHERE e.jurisdiction >= $1 AND e.jurisdiction < $2 AND e.made_at >= $4 AND e.made_at < $5
       AND e.programme_code = $3 AND e.corrected_by IS NULL
     GROUP BY e.screener, e.jurisdiction ORDER BY e.jurisdiction, e.screener
"""


async def is_posted(connection: asyncpg.Connection, person: str, center: Jurisdiction) -> bool:
    """Whether the person is a screener of the center today or later."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM screener_posting WHERE jurisdiction = $1 AND person = $2 AND NOT ended"
            " AND (valid_to IS NULL OR valid_to >= $3))",
            center.code,
            person,
            today(),
        )
    )


async def read_permit(connection: asyncpg.Connection, permit_id: UUID, *, scope: tuple[str, str]) -> PermitRead:
    """Raises NotFound when it is not in the scope."""
    row = await connection.fetchrow(f"{_PERMIT} AND id = $4", *scope, today(), permit_id)
    if row is None:
        raise NotFound
    return PermitRead(**row)


async def list_permits(query: Query, filters: PermitFilters) -> Page[PermitRead]:
    """By center. Raises ScopeForbidden for a place outside the scope."""
    center, after = query.position(filters) or [None, None]
    rows = await query.fetch(
        f"{_PERMIT} AND ($4::text IS NULL OR person = $4) AND ($5::text IS NULL OR programme_code = $5)"
        " AND ($6::text IS NULL OR (jurisdiction, id) > ($6, $7::uuid)) ORDER BY jurisdiction, id LIMIT $8",
        *_within(query, filters.jurisdiction).range,
        today(),
        filters.person,
        filters.programme,
        center,
        after,
        filters.limit + 1,
    )
    return query.page(
        filters, rows, make=lambda row: PermitRead(**row), key=lambda row: [row["center"], str(row["id"])]
    )


async def quality(query: Query, asked: QualityFilters) -> QualityReport:
    """By center and screener. Raises ScopeForbidden for a place outside the scope."""
    rows = await query.fetch(
        _QUALITY,
        *_within(query, asked.jurisdiction).range,
        asked.programme,
        datetime.combine(asked.made_from, time(), TEHRAN),
        datetime.combine(asked.made_to, time(), TEHRAN) + timedelta(days=1),
    )
    return QualityReport(
        programme=asked.programme,
        made_from=asked.made_from,
        made_to=asked.made_to,
        items=[
            Quality(**row, retest_agreement=row["confirmed_by_repeat"] / row["repeated"] if row["repeated"] else None)
            for row in rows
        ],
    )


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    return place
