"""Reads of imports, and what decides whether a line can become a case file."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.chassis.database import Query
from shared.chassis.pages import Page
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.imports.schemas import ErrorFilters, ImportFilters, ImportRead, ImportStatus, LineErrorRead

_JOB = """
    SELECT job.*, coalesce(pending.chunks, 0) AS chunks, coalesce(pending.lines, 0) AS waiting
      FROM import_job AS job
      LEFT JOIN LATERAL (SELECT count(*) AS chunks, sum(lines) AS lines FROM import_chunk WHERE import_id = job.id)
        AS pending ON true
"""


async def job(connection: asyncpg.Connection, import_id: UUID, *, scope: tuple[str, str]) -> ImportRead:
    """Raises NotFound when the import is not in the scope."""
    row = await connection.fetchrow(
        f"{_JOB} WHERE job.id = $1 AND job.jurisdiction >= $2 AND job.jurisdiction < $3", import_id, *scope
    )
    if row is None:
        raise NotFound
    return _job(row)


async def job_of_key(connection: asyncpg.Connection, *, created_by: str, key: str) -> ImportRead | None:
    row = await connection.fetchrow(f"{_JOB} WHERE job.created_by = $1 AND job.idempotency_key = $2", created_by, key)
    return None if row is None else _job(row)


async def list_jobs(query: Query, filters: ImportFilters) -> Page[ImportRead]:
    """The latest first."""
    (before,) = query.position(filters) or [None]
    rows = await query.fetch(
        f"{_JOB} WHERE job.jurisdiction >= $1 AND job.jurisdiction < $2 AND ($3::uuid IS NULL OR job.id < $3)"
        " ORDER BY job.id DESC LIMIT $4",
        *query.scope_range,
        before,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_job, key=lambda row: [str(row["id"])])


def _job(row: asyncpg.Record) -> ImportRead:
    if row["ended"] is None:
        status = ImportStatus.RECEIVING
    elif row["chunks"]:
        status = ImportStatus.PROCESSING
    else:
        status = ImportStatus.DONE if row["ended"] == "whole" else ImportStatus.INCOMPLETE
    lines = row["lines"] + row["waiting"]
    finished = status in {ImportStatus.DONE, ImportStatus.INCOMPLETE}
    return ImportRead(
        id=row["id"],
        jurisdiction=Jurisdiction.from_code(row["jurisdiction"]),
        source=row["source"],
        status=status,
        lines=lines,
        landed=row["landed"],
        unchanged=row["unchanged"],
        refused=row["refused"],
        progress=row["lines"] / lines if lines else float(finished),
        created_at=row["created_at"],
        created_by=row["created_by"],
        finished_at=(row["settled_at"] or row["heard_at"]) if finished else None,
    )


async def errors(query: Query, import_id: UUID, filters: ErrorFilters) -> Page[LineErrorRead]:
    """In the order of the lines. Raises NotFound when the import is not in the scope."""
    await job(query.connection, import_id, scope=query.scope_range)
    line, position = query.position(filters) or [0, 0]
    rows = await query.fetch(
        "SELECT line, position, pointer, code, message_fa, message_en, case_file_id FROM import_error"
        " WHERE import_id = $1 AND (line, position) > ($2, $3) ORDER BY line, position LIMIT $4",
        import_id,
        line,
        position,
        filters.limit + 1,
    )
    return query.page(filters, rows, make=_error, key=lambda row: [row["line"], row["position"]])


def _error(row: asyncpg.Record) -> LineErrorRead:
    return LineErrorRead(
        line=row["line"],
        pointer=row["pointer"],
        code=row["code"],
        message={"fa": row["message_fa"], "en": row["message_en"]},
        case_file_id=row["case_file_id"],
    )


async def waiting_jobs(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Imports with lines to take in; the one that has waited longest comes first, so that none waits for another."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT id, jurisdiction, created_by, source FROM import_job"
        " WHERE EXISTS (SELECT FROM import_chunk WHERE import_id = import_job.id)"
        " ORDER BY settled_at NULLS FIRST, id LIMIT 10"
    )
    return rows


async def chunk(connection: asyncpg.Connection, import_id: UUID, number: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "SELECT number, first_line, lines, body FROM import_chunk WHERE import_id = $1 AND number = $2",
        import_id,
        number,
    )


async def open_centers_within(connection: asyncpg.Connection, jurisdiction_range: tuple[str, str]) -> frozenset[str]:
    rows = await connection.fetch(
        "SELECT code FROM center WHERE code >= $1 AND code < $2 AND status = 'open'", *jurisdiction_range
    )
    return frozenset(row["code"] for row in rows)


async def holders(
    connection: asyncpg.Connection, *, types: Sequence[str], values: Sequence[str]
) -> dict[int, UUID | None]:
    """Which of the identities (by position) are in an open file, and in which one when the scope covers it."""
    rows = await connection.fetch(
        """
        SELECT taken.position - 1 AS position, member.case_file_id
          FROM identities_in_use($1, $2) AS taken (position)
          LEFT JOIN member ON member.id_type = ($1::text[])[taken.position]
               AND member.id_value = ($2::text[])[taken.position] AND member.in_force
        """,
        types,
        values,
    )
    return {row["position"]: row["case_file_id"] for row in rows}
