"""Reads of requests: lists tell ids and states; what is sealed is opened for one request at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.chassis.sealing import Seals
from shared.kit.identity import PersonIdentity
from shared.kit.problems import NotFound, ScopeForbidden
from svc_adoption import sealed
from svc_adoption.assessments.schemas import CheckKept, CheckRead
from svc_adoption.requests.schemas import (
    IDENTITY,
    TABLE,
    DocumentKept,
    DocumentRead,
    ExemptionKept,
    ExemptionRead,
    History,
    Kept,
    ReportKept,
    ReportRead,
    RequestFilters,
    RequestsFound,
    RequestSummary,
    StepRead,
    said,
)

SUMMARY: Final = (
    "id, version, jurisdiction, form, category, relatives, status, status_since, registered_at, submitted_at,"
    " waiting_since"
)
_ROW = f"""
    SELECT {SUMMARY}, process, requirement_id, registered_by, referred_at, child_sex, child_from_months,
           child_to_months, child_health, siblings, key_id, sealed
      FROM request WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3
"""
_PARTS = """
    SELECT 'document' AS part, id, key_id, sealed, jsonb_build_object('kind', kind, 'applicant', applicant,
           'valid_until', valid_until, 'recorded_at', recorded_at, 'recorded_by', recorded_by) AS about
      FROM document WHERE request_id = $1
    UNION ALL
    SELECT 'exemption', id, key_id, sealed,
           jsonb_build_object('kind', kind, 'recorded_at', recorded_at, 'recorded_by', recorded_by)
      FROM exemption WHERE request_id = $1
    UNION ALL
    SELECT 'report', id, key_id, sealed,
           jsonb_build_object('kind', kind, 'recorded_at', recorded_at, 'recorded_by', recorded_by)
      FROM report WHERE request_id = $1
    UNION ALL
    SELECT 'assessment', id, key_id, sealed, jsonb_build_object('kind', kind, 'state', state, 'asked_at', asked_at,
           'asked_by', asked_by, 'answered_on', answered_on, 'answered_by', answered_by, 'valid_until', valid_until)
      FROM assessment WHERE request_id = $1
     ORDER BY id
"""
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All of a request, opened."""

    row: Mapping[str, Any]
    kept: Kept
    documents: list[DocumentRead]
    exemptions: list[ExemptionRead]
    reports: list[ReportRead]
    checks: list[CheckRead]


async def whole(connection: asyncpg.Connection, request_id: UUID, *, scope: tuple[str, str], seals: Seals) -> Whole:
    """Raises NotFound."""
    row = await connection.fetchrow(_ROW, request_id, *scope)
    if row is None:
        raise NotFound
    parts = await connection.fetch(_PARTS, request_id)

    def read(part: str, kept: type[BaseModel], shown: type[R]) -> list[R]:
        return [
            shown.model_validate(
                {"id": each["id"], **each["about"], **sealed.opened(part, each, kept, seals=seals).model_dump()}
            )
            for each in parts
            if each["part"] == part
        ]

    return Whole(
        row=row,
        kept=sealed.opened(TABLE, row, Kept, seals=seals),
        documents=read("document", DocumentKept, DocumentRead),
        exemptions=read("exemption", ExemptionKept, ExemptionRead),
        reports=read("report", ReportKept, ReportRead),
        checks=read("assessment", CheckKept, CheckRead),
    )


async def opened(connection: asyncpg.Connection, request_ids: Sequence[UUID], *, seals: Seals) -> dict[UUID, Kept]:
    """What is sealed of several requests that the transaction may see."""
    rows = await connection.fetch("SELECT id, key_id, sealed FROM request WHERE id = ANY($1)", [*request_ids])
    return {row["id"]: sealed.opened(TABLE, row, Kept, seals=seals) for row in rows}


async def list_requests(query: Query, filters: RequestFilters) -> Page[RequestSummary]:
    """The latest first. Raises ScopeForbidden for a place outside the scope."""
    place = query.scope if filters.jurisdiction is None else filters.jurisdiction
    if not query.scope.covers(place):
        raise ScopeForbidden
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {SUMMARY} FROM request WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR form = $4) AND ($5::uuid IS NULL OR id < $5)"
        " ORDER BY id DESC LIMIT $6",
        *place.range,
        filters.status,
        filters.form,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: RequestSummary(**row), key=lambda row: [str(row["id"])])


async def with_identity(query: Query, identity: PersonIdentity, *, seals: Seals) -> RequestsFound:
    rows = await query.fetch(
        f"SELECT {SUMMARY} FROM request WHERE jurisdiction >= $1 AND jurisdiction < $2"
        " AND identities && $3::bytea[] ORDER BY id DESC LIMIT 50",
        *query.scope_range,
        seals.indexes(said(identity), place=IDENTITY),
    )
    return RequestsFound(items=[RequestSummary(**row) for row in rows])


async def asked_elsewhere(connection: asyncpg.Connection, request_id: UUID, document: Kept, *, seals: Seals) -> bool:
    """Whether an applicant is in another request that is open, wherever in the country; nothing else of it."""
    indexes = [index for each in document.applicants for index in seals.indexes(said(each.identity), place=IDENTITY)]
    return bool(await connection.fetchval("SELECT asked_elsewhere($1, $2::bytea[])", request_id, indexes))


async def history(query: Query, request_id: UUID) -> History:
    """Raises NotFound."""
    known = await query.fetchval(
        "SELECT EXISTS (SELECT FROM request WHERE id = $1 AND jurisdiction >= $2 AND jurisdiction < $3)",
        request_id,
        *query.scope_range,
    )
    if not known:
        raise NotFound
    rows = await query.fetch(
        "SELECT step, status, at, actor, about FROM request_step WHERE request_id = $1 ORDER BY id", request_id
    )
    return History(items=[StepRead(**row) for row in rows])
