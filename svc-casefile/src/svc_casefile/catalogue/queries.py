"""Which services there are."""

from datetime import date

import asyncpg


async def is_offered(connection: asyncpg.Connection, service_code: str, *, on: date) -> bool:
    """Whether the catalogue has the service on that day, as far as registry's events have told."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM catalogue_service"
            " WHERE code = $1 AND active_from <= $2 AND (active_to IS NULL OR active_to >= $2))",
            service_code,
            on,
        )
    )
