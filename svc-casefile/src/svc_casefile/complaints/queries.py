"""Reads of complaints. Every one passes the scope's range beside the policy, which hides the rest."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.calendar import today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.complaints.schemas import (
    ComplaintEntryRead,
    ComplaintFilters,
    ComplaintRead,
    EntryFilters,
    TrackedComplaint,
)

_COMPLAINT = """
    id, jurisdiction, version, kind, status, about, about_place, about_person, body, identity_sealed, received_at,
    received_by, handled_since, due_on, taken_at, taken_by, outcome, answer, answered_at, answered_by, satisfaction
"""
# $1, $2: the scope; $3: the longest code of a handler whose complaints the caller may see
_SEEN = "jurisdiction >= $1 AND jurisdiction < $2 AND length(jurisdiction) <= $3"


async def is_a_place(connection: asyncpg.Connection, place: Jurisdiction) -> bool:
    """Whether a center is known there, as far as registry's events have told."""
    found = await connection.fetchval("SELECT EXISTS (SELECT FROM center WHERE code >= $1 AND code < $2)", *place.range)
    return bool(found)


async def is_manager_of(connection: asyncpg.Connection, person: str, center: Jurisdiction, *, on: date) -> bool:
    """Whether the person manages the center on that day, whatever the caller sees of postings."""
    return bool(await connection.fetchval("SELECT is_manager_of($1, $2, $3)", person, center.code, on))


async def answer_day(connection: asyncpg.Connection, handler: Jurisdiction, *, on: date) -> date | None:
    """The last day for an answer to what comes in on a day, by the rule in force at the place."""
    found: date | None = await connection.fetchval(
        """
        SELECT $2::date + value FROM parameter
         WHERE name = 'complaint-answer-days' AND starts_with($1, jurisdiction)
           AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
         ORDER BY length(jurisdiction) DESC, valid_from DESC LIMIT 1
        """,
        handler.code,
        on,
    )
    return found


async def complaint(
    connection: asyncpg.Connection, complaint_id: UUID, *, scope: tuple[str, str], longest: int
) -> ComplaintRead:
    """Raises NotFound when it is not the caller's to see."""
    row = await connection.fetchrow(
        f"SELECT {_COMPLAINT} FROM complaint WHERE {_SEEN} AND id = $4", *scope, longest, complaint_id
    )
    if row is None:
        raise NotFound
    return _read(row)


def _read(row: asyncpg.Record) -> ComplaintRead:
    return ComplaintRead(
        **{
            **row,
            "jurisdiction": Jurisdiction.from_code(row["jurisdiction"]),
            "about_place": Jurisdiction.from_code(row["about_place"]),
        }
    )


async def list_complaints(query: Query, filters: ComplaintFilters, *, longest: int) -> Page[ComplaintRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"SELECT {_COMPLAINT} FROM complaint WHERE {_SEEN} AND ($4::text IS NULL OR status = $4)"
        " AND ($5::text IS NULL OR kind = $5)"
        " AND ($6::boolean IS NULL OR coalesce(status <> 'answered' AND due_on < $7, false) = $6)"
        " AND ($8::uuid IS NULL OR id < $8) ORDER BY id DESC LIMIT $9",
        *query.scope_range,
        longest,
        filters.status,
        filters.kind,
        filters.overdue,
        today(),
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_read, key=lambda row: [str(row["id"])])


async def entries(query: Query, complaint_id: UUID, filters: EntryFilters, *, longest: int) -> Page[ComplaintEntryRead]:
    """The earliest first. Raises NotFound when the complaint is not the caller's to see."""
    await complaint(query.connection, complaint_id, scope=query.scope_range, longest=longest)
    (after,) = query.position(filters) or [None]
    rows = await query.fetch(
        "SELECT id, kind, jurisdiction, at, actor, note FROM complaint_entry"
        " WHERE complaint_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        complaint_id,
        after,
        filters.limit + 1,
    )
    return query.page(
        filters,
        rows,
        make=lambda row: ComplaintEntryRead(**{**row, "jurisdiction": Jurisdiction.from_code(row["jurisdiction"])}),
        key=lambda row: [str(row["id"])],
    )


async def sealed_identity(connection: asyncpg.Connection, complaint_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT key_id, sealed FROM complaint_identity WHERE complaint_id = $1", complaint_id
    )


async def tracked(connection: asyncpg.Connection, digest: bytes) -> TrackedComplaint | None:
    row = await connection.fetchrow("SELECT * FROM track_complaint($1)", digest)
    return None if row is None else TrackedComplaint(**row)
