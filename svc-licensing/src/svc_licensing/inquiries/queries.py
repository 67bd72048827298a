"""Reads of inquiries. What was answered in vetting is taken out here, unless the caller may see it."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.inquiries.models import IS_OPEN, Stage
from svc_licensing.inquiries.schemas import InquiryFilters, InquiryRead, NationalSystemRead, NationalSystems

# $1: today
_INQUIRY = f"""
    SELECT id, version, application_id, jurisdiction, system, stage, about, person_id, legal_purpose, asked_by,
           asked_at, sent_at, due_on, {IS_OPEN} AND coalesce(due_on < $1, false) AS overdue,
           settled_at IS NOT NULL AS settled, settled_at, state, result, reference, note, valid_until, evidence_by,
           confirmed_by, extensions_left, replaced_by
      FROM inquiry
"""
_ANSWER = ("state", "result", "reference", "note", "valid_until", "evidence_by", "confirmed_by")
_UNSETTLED = f"SELECT system, person_id FROM inquiry WHERE application_id = $1 AND stage = $2 AND {IS_OPEN} ORDER BY id"
_SPEAKING_AGAINST = """
    SELECT system, CASE WHEN result = 'mismatch' THEN 'mismatch' ELSE 'expired' END AS why FROM inquiry
     WHERE application_id = $1 AND replaced_by IS NULL AND settled_at IS NOT NULL
       AND (result = 'mismatch' OR valid_until < $2) ORDER BY id
"""
_SYSTEM = "SELECT code, version, name_fa, name_en, stage, connected, down_since FROM national_system"


async def read_inquiry(
    connection: asyncpg.Connection, inquiry_id: UUID, *, scope: tuple[str, str], vetting: bool
) -> InquiryRead:
    """`vetting`: whether the caller may see what security answered. Raises NotFound."""
    row = await connection.fetchrow(
        f"{_INQUIRY} WHERE jurisdiction >= $2 AND jurisdiction < $3 AND id = $4", today(), *scope, inquiry_id
    )
    if row is None:
        raise NotFound
    return _shown(row, vetting=vetting)


async def of_application(connection: asyncpg.Connection, application_id: UUID, *, vetting: bool) -> list[InquiryRead]:
    rows = await connection.fetch(f"{_INQUIRY} WHERE application_id = $2 ORDER BY id", today(), application_id)
    return [_shown(row, vetting=vetting) for row in rows]


async def list_inquiries(query: Query, filters: InquiryFilters, *, vetting: bool) -> Page[InquiryRead]:
    """The latest first. Raises ScopeForbidden."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_INQUIRY} WHERE jurisdiction >= $2 AND jurisdiction < $3 AND ($4::uuid IS NULL OR application_id = $4)"
        " AND ($5::text IS NULL OR system = $5)"
        # by its state nobody finds what they may not see
        f" AND ($6::text IS NULL OR (state = $6 AND ($7 OR stage <> '{Stage.VETTING}')))"
        f" AND (NOT $8 OR ({IS_OPEN} AND due_on < $1)) AND ($9::uuid IS NULL OR id < $9) ORDER BY id DESC LIMIT $10",
        today(),
        *place.range,
        filters.application_id,
        filters.system,
        filters.state,
        vetting,
        filters.overdue,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: _shown(row, vetting=vetting), key=lambda row: [str(row["id"])])


def _shown(row: asyncpg.Record, *, vetting: bool) -> InquiryRead:
    withheld = row["stage"] == Stage.VETTING and not vetting
    return InquiryRead(**{**row, **(dict.fromkeys(_ANSWER) if withheld else {})}, withheld=withheld)


async def unsettled(connection: asyncpg.Connection, application_id: UUID, stage: Stage) -> Sequence[asyncpg.Record]:
    """System and person of what is not answered yet."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(_UNSETTLED, application_id, stage)
    return rows


async def speaking_against(connection: asyncpg.Connection, application_id: UUID) -> Sequence[asyncpg.Record]:
    """System and reason of answers with which nothing can be approved today."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(_SPEAKING_AGAINST, application_id, today())
    return rows


async def systems(connection: asyncpg.Connection) -> NationalSystems:
    return NationalSystems(
        items=[NationalSystemRead(**row) for row in await connection.fetch(f"{_SYSTEM} ORDER BY stage, code")]
    )


async def read_system(connection: asyncpg.Connection, code: str) -> NationalSystemRead:
    """Raises NotFound."""
    row = await connection.fetchrow(f"{_SYSTEM} WHERE code = $1", code)
    if row is None:
        raise NotFound
    return NationalSystemRead(**row)
