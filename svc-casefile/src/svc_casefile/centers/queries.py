"""Which centers there are, and which rules they are under."""

from collections.abc import Sequence
from datetime import date

import asyncpg

# the narrowest jurisdiction decides, then the latest beginning
_RULES = """
    SELECT DISTINCT ON (center.code, parameter.name)
           center.code, parameter.name, parameter.value
      FROM center
      JOIN parameter ON starts_with(center.code, parameter.jurisdiction)
     WHERE center.code = ANY($1) AND parameter.name = ANY($2)
       AND parameter.valid_from <= $3 AND (parameter.valid_to IS NULL OR parameter.valid_to >= $3)
     ORDER BY center.code, parameter.name, length(parameter.jurisdiction) DESC, parameter.valid_from DESC
"""


async def rules_in_force(
    connection: asyncpg.Connection, *, centers: Sequence[str], names: Sequence[str], on: date
) -> dict[str, dict[str, int]]:
    """The value of each named rule for each center on that day; what no rule says is absent."""
    rules: dict[str, dict[str, int]] = {code: {} for code in centers}
    for row in await connection.fetch(_RULES, list(centers), list(names), on):
        rules[row["code"]][row["name"]] = row["value"]
    return rules


_RULES_AT = """
    SELECT DISTINCT ON (name) name, value
      FROM parameter
     WHERE starts_with($1, jurisdiction) AND name = ANY($2)
       AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
     ORDER BY name, length(jurisdiction) DESC, valid_from DESC
"""


async def rules_at(connection: asyncpg.Connection, place: str, *, names: Sequence[str], on: date) -> dict[str, int]:
    """The value of each named rule for a place of any level on that day; what no rule says is absent."""
    return {row["name"]: row["value"] for row in await connection.fetch(_RULES_AT, place, list(names), on)}
