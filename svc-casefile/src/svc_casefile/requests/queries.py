"""Reads of service requests. Who sees the file sees its requests; lists show what is in the scope now."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound, ScopeForbidden
from svc_casefile.members.queries import BY_ID
from svc_casefile.requests.schemas import (
    FileRequestFilters,
    RequestFilters,
    ServiceRequestRead,
    ServiceRequestSummary,
    TrackedRequest,
)

# {today}: the place of the argument with the date in Iran
_SUMMARY = """
    r.id, r.version, r.tracking_code, r.case_file_id, f.number AS case_file_number, r.jurisdiction, r.service_code,
    r.member_id, r.asked_by, r.status, r.status_since, r.requested_at, r.due_on, r.expected_on,
    r.closed_at IS NULL AND coalesce(r.expected_on < {today}, false) AS overdue, r.escalated_at,
    r.closed_at IS NULL AS open
"""
_REFERRALS = """
    (SELECT coalesce(json_agg(row_to_json(a) ORDER BY a.id), '[]')
     FROM (SELECT id, kind, referred_to, reason, referred_at, referred_by, answer_due_on, answered_on, outcome, answer,
                  recorded_at, recorded_by
           FROM service_referral WHERE service_request_id = r.id) a) AS referrals
"""
_READ = f"""
    SELECT row_to_json(s)::text FROM (
        SELECT {_SUMMARY.format(today="$4::date")}, r.on_behalf, r.description,
               r.tracking_secret IS NOT NULL AS trackable, r.recorded_by, r.due_rule, r.delivered_at, r.delivered_by,
               r.refusal_reason, r.note, r.closed_at, {_REFERRALS}
        FROM service_request r JOIN case_file f ON f.id = r.case_file_id
        WHERE r.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3) s
"""
_OF_FILE = f"""
    SELECT r.id, row_to_json(r)::text AS body FROM (
        SELECT {_SUMMARY.format(today="$4::date")}
        FROM case_file f JOIN service_request r ON r.case_file_id = f.id
        WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3
          AND ($5::uuid IS NULL OR r.id < $5) AND ($6::boolean IS NULL OR (r.closed_at IS NULL) = $6)
        ORDER BY r.id DESC LIMIT $7) r
"""
_WITHOUT_A_DAY = "'9999-12-31'::date"
_LIST = f"""
    SELECT s.id, coalesce(s.expected_on, {_WITHOUT_A_DAY}) AS expected_on, row_to_json(s)::text AS body FROM (
        SELECT {_SUMMARY.format(today="$3::date")}
        FROM case_file f JOIN service_request r ON r.case_file_id = f.id
        WHERE {{where}}
        ORDER BY coalesce(r.expected_on, {_WITHOUT_A_DAY}), r.id LIMIT {{limit}}) s
"""


async def service_request(
    connection: asyncpg.Connection, service_request_id: UUID, *, scope: tuple[str, str]
) -> ServiceRequestRead:
    """Raises NotFound when its file is not in the scope."""
    body = await connection.fetchval(_READ, service_request_id, *scope, today())
    if body is None:
        raise NotFound
    return ServiceRequestRead.model_validate_json(body)


async def file_of(connection: asyncpg.Connection, service_request_id: UUID, *, scope: tuple[str, str]) -> UUID:
    """The file that a request belongs to. Raises NotFound when that is not in the scope."""
    case_file_id = await connection.fetchval(
        "SELECT f.id FROM service_request r JOIN case_file f ON f.id = r.case_file_id"
        " WHERE r.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3",
        service_request_id,
        *scope,
    )
    if case_file_id is None:
        raise NotFound
    return UUID(str(case_file_id))


async def open_requests(connection: asyncpg.Connection, case_file_id: UUID) -> list[asyncpg.Record]:
    """The requests of a file in which something is still to be done or to come: `id`, `tracking_code`,
    `service_code`, `status`, `expected_on`."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT id, tracking_code, service_code, status, expected_on FROM service_request"
        " WHERE case_file_id = $1 AND closed_at IS NULL ORDER BY id",
        case_file_id,
    )
    return rows


async def of_file(query: Query, case_file_id: UUID, filters: FileRequestFilters) -> Page[ServiceRequestSummary]:
    """The latest first. Raises NotFound when the file is not in the scope."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(_OF_FILE, case_file_id, *BY_ID, today(), before, filters.open, filters.limit + 1)
    if not rows:
        await _require_file(query, case_file_id)
    return query.page(filters, rows, make=_summary, key=lambda row: [str(row["id"])])


async def _require_file(query: Query, case_file_id: UUID) -> None:
    known = await query.fetchval(
        "SELECT EXISTS (SELECT FROM case_file WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3)",
        case_file_id,
        *BY_ID,
    )
    if not known:
        raise NotFound


async def list_requests(query: Query, filters: RequestFilters) -> Page[ServiceRequestSummary]:
    """The soonest expected first, those without a day last. Raises ScopeForbidden for a place outside the scope."""
    place = _within(query, filters.jurisdiction)
    now = today()
    arguments: list[object] = [*place.range, now]
    conditions = ["f.jurisdiction >= $1", "f.jurisdiction < $2"]

    def also(condition: str, *values: object) -> None:
        conditions.append(condition.format(*(f"${len(arguments) + place}" for place in range(1, len(values) + 1))))
        arguments.extend(values)

    if filters.status is not None:
        also("r.status = {}", filters.status)
    if filters.open is not None:
        also("r.closed_at IS NULL" if filters.open else "r.closed_at IS NOT NULL")
    if filters.overdue is not None:
        overdue = "r.closed_at IS NULL AND coalesce(r.expected_on < $3, false)"
        also(overdue if filters.overdue else f"NOT ({overdue})")
    if filters.escalated is not None:
        also("r.escalated_at IS NOT NULL" if filters.escalated else "r.escalated_at IS NULL")
    if filters.service_code is not None:
        also("r.service_code = {}", filters.service_code)
    if filters.assigned_worker is not None:
        also("f.assigned_worker = {}", filters.assigned_worker)
    position = query.position(filters)
    if position is not None:
        also(
            f"(coalesce(r.expected_on, {_WITHOUT_A_DAY}), r.id) > ({{}}::date, {{}}::uuid)",
            date.fromisoformat(position[0]),
            position[1],
        )
    rows = await query.fetch(_LIST.format(where=" AND ".join(conditions), limit=filters.limit + 1), *arguments)
    return query.page(filters, rows, make=_summary, key=lambda row: [row["expected_on"].isoformat(), str(row["id"])])


def _within(query: Query, wished: Jurisdiction | None) -> Jurisdiction:
    if wished is None:
        return query.scope
    if not query.scope.covers(wished):
        raise ScopeForbidden
    return wished


def _summary(row: asyncpg.Record) -> ServiceRequestSummary:
    return ServiceRequestSummary.model_validate_json(row["body"])


async def tracked(connection: asyncpg.Connection, secret: bytes) -> TrackedRequest | None:
    """The state of the request with this secret, wherever it is; nothing else of it."""
    row = await connection.fetchrow("SELECT * FROM track_service_request($1)", secret)
    if row is None:
        return None
    overdue = row["closed_at"] is None and row["expected_on"] is not None and row["expected_on"] < today()
    return TrackedRequest(**row, overdue=overdue)
