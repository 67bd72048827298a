"""Reads of inquiries. What was answered in vetting is taken out here, unless the caller may see it: `opening` is
what opens it then, and None otherwise."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.chassis.sealing import Seals
from shared.contracts.permissions import Permission
from shared.kit.calendar import today
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.inquiries.models import IS_OPEN, Stage
from svc_licensing.inquiries.schemas import Answer, InquiryFilters, InquiryRead, NationalSystemRead, NationalSystems

# $1: today
_INQUIRY = f"""
    SELECT id, version, application_id, jurisdiction, system, stage, about, person_id, legal_purpose, asked_by,
           asked_at, sent_at, due_on, {IS_OPEN} AND coalesce(due_on < $1, false) AS overdue,
           settled_at IS NOT NULL AS settled, settled_at, state, result, reference, note, valid_until, evidence_by,
           confirmed_by, extensions_left, replaced_by, key_id, sealed
      FROM inquiry
"""
_ANSWER = ("state", "result", "reference", "note", "valid_until", "evidence_by", "confirmed_by")
_UNSETTLED = f"SELECT system, person_id FROM inquiry WHERE application_id = $1 AND stage = $2 AND {IS_OPEN} ORDER BY id"
_ANSWERED = """
    SELECT id, system, state, result, reference, note, key_id, sealed, coalesce(valid_until < $2, false) AS expired
      FROM inquiry WHERE application_id = $1 AND replaced_by IS NULL AND settled_at IS NOT NULL ORDER BY id
"""
_SYSTEM = "SELECT code, version, name_fa, name_en, stage, connected, down_since FROM national_system"


def opening(query: Query, seals: Seals) -> Seals | None:
    """What opens the answers of security and selection, for who may see them."""
    return seals if Permission.INQUIRY_VET in query.actor.permissions else None


async def read_inquiry(
    connection: asyncpg.Connection, inquiry_id: UUID, *, scope: tuple[str, str], opening: Seals | None
) -> InquiryRead:
    """Raises NotFound."""
    row = await connection.fetchrow(
        f"{_INQUIRY} WHERE jurisdiction >= $2 AND jurisdiction < $3 AND id = $4", today(), *scope, inquiry_id
    )
    if row is None:
        raise NotFound
    return _shown(row, opening=opening)


async def of_application(
    connection: asyncpg.Connection, application_id: UUID, *, opening: Seals | None
) -> list[InquiryRead]:
    rows = await connection.fetch(f"{_INQUIRY} WHERE application_id = $2 ORDER BY id", today(), application_id)
    return [_shown(row, opening=opening) for row in rows]


async def list_inquiries(query: Query, filters: InquiryFilters, *, opening: Seals | None) -> Page[InquiryRead]:
    """The latest first. Raises ScopeForbidden."""
    place = filters.jurisdiction or query.scope
    if not query.scope.covers(place):
        raise ScopeForbidden
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_INQUIRY} WHERE jurisdiction >= $2 AND jurisdiction < $3 AND ($4::uuid IS NULL OR application_id = $4)"
        " AND ($5::text IS NULL OR system = $5)"
        # by its state nobody finds what they may not see, and what is sealed has none here
        f" AND ($6::text IS NULL OR (state = $6 AND sealed IS NULL AND ($7 OR stage <> '{Stage.VETTING}')))"
        f" AND (NOT $8 OR ({IS_OPEN} AND due_on < $1)) AND ($9::uuid IS NULL OR id < $9) ORDER BY id DESC LIMIT $10",
        today(),
        *place.range,
        filters.application_id,
        filters.system,
        filters.state,
        opening is not None,
        filters.overdue,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=lambda row: _shown(row, opening=opening), key=lambda row: [str(row["id"])])


def _shown(row: asyncpg.Record, *, opening: Seals | None) -> InquiryRead:
    if row["stage"] != Stage.VETTING:
        return InquiryRead(**row, withheld=False)
    if opening is None:
        return InquiryRead(**{**row, **dict.fromkeys(_ANSWER)}, withheld=True)
    return InquiryRead(**{**row, **Answer.of(row, seals=opening).model_dump()}, withheld=False)


async def unsettled(connection: asyncpg.Connection, application_id: UUID, stage: Stage) -> Sequence[asyncpg.Record]:
    """System and person of what is not answered yet."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(_UNSETTLED, application_id, stage)
    return rows


async def speaking_against(
    connection: asyncpg.Connection, application_id: UUID, *, seals: Seals
) -> list[tuple[str, Literal["mismatch", "expired"]]]:
    """System and reason of answers with which nothing can be approved today."""
    against: list[tuple[str, Literal["mismatch", "expired"]]] = []
    for row in await connection.fetch(_ANSWERED, application_id, today()):
        if Answer.of(row, seals=seals).result == "mismatch":
            against.append((row["system"], "mismatch"))
        elif row["expired"]:
            against.append((row["system"], "expired"))
    return against


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
