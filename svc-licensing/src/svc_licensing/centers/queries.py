"""Which centers there are."""

import asyncpg

from shared.kit.jurisdiction import Jurisdiction


async def is_open(connection: asyncpg.Connection, center: Jurisdiction) -> bool:
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM center WHERE code = $1 AND status = 'open')", center.code)
    )


async def name_of(connection: asyncpg.Connection, center: Jurisdiction) -> str | None:
    """None when the registry has not announced it."""
    found: str | None = await connection.fetchval("SELECT name_fa FROM center WHERE code = $1", center.code)
    return found
