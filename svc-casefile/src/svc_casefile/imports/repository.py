"""Writes of imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from shared.chassis.database import Command
from shared.kit.problems import FieldError
from svc_casefile.imports.models import ImportJob


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines, in the order in which they came."""

    number: int
    first_line: int
    lines: int
    """How many are not blank."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a line."""

    line: int
    errors: Sequence[FieldError]
    case_files: Sequence[UUID | None] = ()
    """For each error the other file that it is about, if it may be told."""


async def add(command: Command, job: ImportJob) -> bool:
    """False when the sender has used the key before."""
    taken = await command.connection.fetchval(
        """
        INSERT INTO import_job (id, jurisdiction, source, idempotency_key, created_at, created_by, heard_at,
                                lines, landed, unchanged, refused)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0)
        ON CONFLICT (created_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
        RETURNING true
        """,
        job.id,
        job.jurisdiction,
        job.source,
        job.idempotency_key,
        job.created_at,
        job.created_by,
        job.heard_at,
    )
    return bool(taken)


async def stage(command: Command, import_id: UUID, chunk: Chunk) -> bool:
    """Keep lines until they are taken in. False when the import was given up meanwhile, for too long a silence."""
    receiving = await command.connection.fetchval(
        "UPDATE import_job SET heard_at = $2 WHERE id = $1 AND ended IS NULL RETURNING true", import_id, command.now
    )
    if not receiving:
        return False
    await command.connection.execute(
        "INSERT INTO import_chunk (import_id, number, jurisdiction, first_line, lines, body, failures)"
        " VALUES ($1, $2, $3, $4, $5, $6, 0)",
        import_id,
        chunk.number,
        command.scope.code,
        chunk.first_line,
        chunk.lines,
        chunk.body,
    )
    return True


async def end(command: Command, import_id: UUID, *, ended: str) -> None:
    await command.connection.execute(
        "UPDATE import_job SET ended = $2, heard_at = $3 WHERE id = $1 AND ended IS NULL", import_id, ended, command.now
    )


async def end_silent(command: Command, *, after: timedelta) -> None:
    """Call cut what nobody has heard of for so long: its receiver is gone."""
    await command.connection.execute(
        "UPDATE import_job SET ended = 'cut' WHERE ended IS NULL AND heard_at < $1", command.now - after
    )


async def take_chunk(command: Command, import_id: UUID) -> asyncpg.Record | None:
    """The next lines of an import, held until the transaction ends; None when another process has them.

    One chunk of an import at a time, in order: of two lines about the same person the earlier one counts.
    """
    return await command.connection.fetchrow(
        "SELECT number, first_line, lines, body, failures FROM import_chunk AS chunk WHERE import_id = $1"
        " AND number = (SELECT min(number) FROM import_chunk WHERE import_id = $1) FOR UPDATE SKIP LOCKED",
        import_id,
    )


async def settle(command: Command, import_id: UUID, *, number: int, landed: int, unchanged: int, refused: int) -> None:
    """Count a chunk's lines and let go of them."""
    await command.connection.execute("DELETE FROM import_chunk WHERE import_id = $1 AND number = $2", import_id, number)
    await command.connection.execute(
        "UPDATE import_job SET settled_at = $2, lines = lines + $3, landed = landed + $4, unchanged = unchanged + $5,"
        " refused = refused + $6 WHERE id = $1",
        import_id,
        command.now,
        landed + unchanged + refused,
        landed,
        unchanged,
        refused,
    )


async def count_refused(command: Command, import_id: UUID) -> None:
    """Count a line that is in no chunk."""
    await command.connection.execute(
        "UPDATE import_job SET lines = lines + 1, refused = refused + 1 WHERE id = $1", import_id
    )


async def count_failure(command: Command, import_id: UUID) -> None:
    await command.connection.execute(
        "UPDATE import_chunk SET failures = failures + 1 WHERE import_id = $1"
        " AND number = (SELECT min(number) FROM import_chunk WHERE import_id = $1)",
        import_id,
    )


async def refuse(command: Command, import_id: UUID, refusals: Sequence[Refusal]) -> None:
    rows = [
        (
            refusal.line,
            position,
            error.pointer,
            error.code,
            error.message["fa"],
            error.message["en"],
            refusal.case_files[position] if refusal.case_files else None,
        )
        for refusal in refusals
        for position, error in enumerate(refusal.errors)
    ]
    if rows:
        await command.connection.execute(
            """
            INSERT INTO import_error
                   (import_id, jurisdiction, line, position, pointer, code, message_fa, message_en, case_file_id)
            SELECT $1, $2, *
              FROM unnest($3::int[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[])
            """,
            import_id,
            command.scope.code,
            *zip(*rows, strict=True),
        )


async def claim(
    command: Command, *, source: str, digests: Sequence[bytes], jurisdictions: Sequence[str]
) -> frozenset[bytes]:
    """Note lines as taken in; answers with those that had not been."""
    rows = await command.connection.fetch(
        "INSERT INTO imported_line (province, source, digest, jurisdiction)"
        " SELECT left(line.jurisdiction, 2), $1, line.digest, line.jurisdiction"
        " FROM unnest($2::bytea[], $3::text[]) AS line (digest, jurisdiction)"
        " ON CONFLICT (province, source, digest) DO NOTHING RETURNING digest",
        source,
        digests,
        jurisdictions,
    )
    return frozenset(row["digest"] for row in rows)


async def disclaim(command: Command, *, source: str, digests: Sequence[bytes]) -> None:
    """Take back that lines were taken in."""
    if digests:
        await command.connection.execute(
            "DELETE FROM imported_line WHERE source = $1 AND digest = ANY($2)", source, digests
        )


async def savepoint(command: Command) -> None:
    await command.connection.execute("SAVEPOINT lines")


async def roll_back(command: Command) -> None:
    """To the last savepoint, which stays."""
    await command.connection.execute("ROLLBACK TO lines")
