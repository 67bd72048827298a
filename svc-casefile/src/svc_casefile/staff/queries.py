"""Who works where on which day, and how many files each has."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from shared.contracts.roles import Role
from svc_casefile.centers.queries import rules_in_force

FILES_PER_WORKER = "files-per-worker"
"""The registry's name for the rule on how many files a worker has. Where none is in force, no limit is kept."""
LOADED = "('waiting', 'active', 'suspended')"
"""The states in which a file counts against what its worker may have."""


def in_force(day: str) -> str:
    """The condition that a posting holds on the day, an SQL expression."""
    return f"valid_from <= {day} AND (valid_to IS NULL OR valid_to > {day} OR (valid_to = {day} AND NOT ended))"


async def posted(connection: asyncpg.Connection, person: str, *, center: str, role: str, on: date) -> bool:
    """Whether the person holds the role at the center on that day, as far as registry's events have told."""
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM posting WHERE jurisdiction = $1 AND person = $2 AND role = $3"
        f" AND {in_force('$4::date')})",
        center,
        person,
        role,
        on,
    )
    return bool(found)


async def social_workers(connection: asyncpg.Connection, center: str, *, on: date) -> list[str]:
    """Those posted at the center on that day, in the order of their subjects."""
    rows = await connection.fetch(
        f"SELECT DISTINCT person FROM posting WHERE jurisdiction = $1 AND role = $2 AND {in_force('$3::date')}"
        " ORDER BY person",
        center,
        Role.SOCIAL_WORKER,
        on,
    )
    return [row["person"] for row in rows]


async def loads(connection: asyncpg.Connection, center: str, *, workers: Sequence[str]) -> dict[str, int]:
    """How many files of the center each of the workers has."""
    rows = await connection.fetch(
        "SELECT assigned_worker, count(*) AS files FROM case_file"
        f" WHERE jurisdiction = $1 AND assigned_worker = ANY($2) AND status IN {LOADED} GROUP BY assigned_worker",
        center,
        list(workers),
    )
    return dict.fromkeys(workers, 0) | {row["assigned_worker"]: row["files"] for row in rows}


async def files_per_worker(connection: asyncpg.Connection, center: str, *, on: date) -> int | None:
    rules = await rules_in_force(connection, centers=[center], names=[FILES_PER_WORKER], on=on)
    return rules[center].get(FILES_PER_WORKER)
