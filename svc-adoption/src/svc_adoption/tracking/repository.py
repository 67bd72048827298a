"""Writes of tracking."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.chassis.database import Command


async def keep(command: Command, request_id: UUID, *, jurisdiction: str, secret: bytes) -> None:
    """Instead of the code and PIN that the request had."""
    await command.connection.execute(
        "INSERT INTO tracking (request_id, jurisdiction, secret, issued_at, issued_by) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (request_id) DO UPDATE SET secret = EXCLUDED.secret, issued_at = EXCLUDED.issued_at,"
        " issued_by = EXCLUDED.issued_by",
        request_id,
        jurisdiction,
        secret,
        command.now,
        command.actor.subject,
    )


async def count_try(command: Command, tracking_code: str, *, window: timedelta) -> tuple[int, datetime]:
    """Count one more try of a tracking code; answers with how many there were since when, within the window."""
    row = await command.connection.fetchrow(
        """
        INSERT INTO tracking_attempt AS known (tracking_code, since, tries) VALUES ($1, $2, 1)
        ON CONFLICT (tracking_code) DO UPDATE
           SET tries = CASE WHEN known.since <= $3 THEN 1 ELSE known.tries + 1 END,
               since = CASE WHEN known.since <= $3 THEN EXCLUDED.since ELSE known.since END
        RETURNING tries, since
        """,
        tracking_code,
        command.now,
        command.now - window,
    )
    return row["tries"], row["since"]


async def forget_tries(command: Command, *, before: datetime) -> None:
    await command.connection.execute("DELETE FROM tracking_attempt WHERE since <= $1", before)


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """How many rows are gone."""
    status = await command.connection.execute("DELETE FROM tracking WHERE request_id = $1", request_id)
    return {"tracking": int(status.rpartition(" ")[2])}
