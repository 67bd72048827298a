"""Reads of findings, inside the scope."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.findings.models import Finding
from svc_casefile.findings.schemas import (
    FindingFilters,
    FindingRead,
    FindingSummary,
    Waiting,
    WaitingFilters,
)

_SUMMARY = """
    f.id, f.version, f.status, f.jurisdiction, f.found_on, f.found_by, f.given_name, f.family_name, f.persons,
    f.turn = 1 AS urgent
"""
_READ = f"""
    SELECT row_to_json(r)::text FROM (
        SELECT {_SUMMARY},
            CASE WHEN f.id_type IS NOT NULL
                THEN json_build_object('type', f.id_type, 'value', f.id_value) END AS identity,
            f.mobile, f.address, f.latitude, f.longitude, f.situation, f.visited_on, f.coverage_reason,
            f.status = 'not-eligible' AND NOT f.final AS may_appeal, f.case_file_id, f.recorded_at, f.recorded_by,
            (SELECT coalesce(json_agg(s ORDER BY s.version), '[]') FROM finding_step s
             WHERE s.finding_id = f.id) AS steps,
            (SELECT coalesce(json_agg(i ORDER BY i.asked_on DESC, i.id DESC), '[]') FROM finding_inquiry i
             WHERE i.finding_id = f.id) AS inquiries,
            (SELECT coalesce(json_agg(k ORDER BY k.at), '[]') FROM finding_skip k
             WHERE k.finding_id = f.id) AS skips
        FROM finding f WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3) r
"""
_LIST = f"""
    SELECT {_SUMMARY} FROM finding f
    WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND ($3::text IS NULL OR f.status = $3)
      AND ($4::uuid IS NULL OR f.id < $4) ORDER BY f.id DESC LIMIT $5
"""
_WAITING = f"""
    SELECT * FROM (
        SELECT {_SUMMARY}, f.turn, row_number() OVER place AS position,
            (SELECT count(*) FROM finding_skip k WHERE k.finding_id = f.id) AS skipped
        FROM finding f WHERE f.jurisdiction >= $1 AND f.jurisdiction < $2 AND f.status = 'waiting'
        WINDOW place AS (PARTITION BY f.jurisdiction ORDER BY f.turn, f.found_on, f.id)
    ) w
    WHERE $3::text IS NULL OR (w.jurisdiction, w.position) > ($3, $4) ORDER BY w.jurisdiction, w.position LIMIT $5
"""


async def finding(connection: asyncpg.Connection, finding_id: UUID, *, scope: tuple[str, str]) -> FindingRead:
    """Raises NotFound when the finding is not in the scope."""
    body = await connection.fetchval(_READ, finding_id, *scope)
    if body is None:
        raise NotFound
    return FindingRead.model_validate_json(body)


async def findings(query: Query, filters: FindingFilters) -> Page[FindingSummary]:
    """The last recorded first. Raises ScopeForbidden for a place outside the scope."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        _LIST, *_narrowed(query, filters.jurisdiction).range, filters.status, before, filters.limit + 1
    )
    return query.page(filters, rows, make=_summary, key=lambda row: [str(row["id"])])


async def waiting_list(query: Query, filters: WaitingFilters) -> Page[Waiting]:
    """Center by center in the order in which they are admitted. Raises ScopeForbidden for a place outside the scope."""
    place, position = query.position(filters) or [None, None]
    rows = await query.fetch(
        _WAITING, *_narrowed(query, filters.jurisdiction).range, place, position, filters.limit + 1
    )
    return query.page(filters, rows, make=_waiting, key=lambda row: [row["jurisdiction"], row["position"]])


def _narrowed(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    place = wished or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    return place


def _summary(row: asyncpg.Record) -> FindingSummary:
    return FindingSummary(**{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})


def _waiting(row: asyncpg.Record) -> Waiting:
    return Waiting(**{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])})


async def before(connection: asyncpg.Connection, finding: Finding) -> list[UUID]:
    """Who comes before it on the waiting list of its center, in their order."""
    rows = await connection.fetch(
        "SELECT id FROM finding WHERE jurisdiction = $1 AND status = 'waiting'"
        " AND (turn, found_on, id) < ($2, $3, $4) ORDER BY turn, found_on, id",
        finding.jurisdiction,
        finding.turn,
        finding.found_on,
        finding.id,
    )
    return [row["id"] for row in rows]


async def last_answers(connection: asyncpg.Connection, finding_id: UUID, *, on: date) -> dict[str, str]:
    """Support body → what it answered last, where that is still valid on the day."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (body) body, answer, valid_until FROM finding_inquiry WHERE finding_id = $1"
        " ORDER BY body, asked_on DESC, id DESC",
        finding_id,
    )
    return {row["body"]: row["answer"] for row in rows if row["valid_until"] >= on}


async def open_with_identity(
    connection: asyncpg.Connection, identity: PersonIdentity, *, scope: tuple[str, str]
) -> UUID | None:
    """A finding inside the scope, of the same person and still under way."""
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM finding WHERE id_type = $1 AND id_value = $2 AND id_type <> 'temporary'"
        " AND jurisdiction >= $3 AND jurisdiction < $4"
        " AND status NOT IN ('admitted', 'referred', 'not-eligible') LIMIT 1",
        identity.type,
        identity.value,
        *scope,
    )
    return found
