"""Which rules hold where."""

from collections.abc import Sequence
from datetime import date

import asyncpg

# the narrowest jurisdiction decides, then the latest beginning
_RULES = """
    SELECT DISTINCT ON (name) name, value
      FROM parameter
     WHERE starts_with($1, jurisdiction) AND name = ANY($2)
       AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
     ORDER BY name, length(jurisdiction) DESC, valid_from DESC
"""


async def rules_at(connection: asyncpg.Connection, place: str, *, names: Sequence[str], on: date) -> dict[str, int]:
    """The value of each named rule for a place of any level on that day; what no rule says is absent."""
    return {row["name"]: row["value"] for row in await connection.fetch(_RULES, place, [*names], on)}
