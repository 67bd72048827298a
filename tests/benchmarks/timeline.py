"""A household's story: a page of a timeline with 500 entries."""

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from shared.contracts.roles import Role
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare
from tests.benchmarks.platform import Platform

FILES, ENTRIES, ROUNDS = 20, 500, 5


async def timeline(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("casefile")
    center, files = await _storied(platform)
    program = platform.programs["casefile"]
    paths = [f"/v1/case-files/{each}/timeline" for each in files]
    headers = {"Authorization": f"Bearer {platform.actor_token('casefile', Role.SOCIAL_WORKER, center)}"}
    environment = {"BASELINE_DATABASE": platform.database("casefile"), "BASELINE_POOL": "8"}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        yield await compare(
            pool,
            Contender(
                "service", program.pid or 0, program.port, [request("GET", path, headers=headers) for path in paths]
            ),
            Contender(
                "FastAPI + asyncpg, same SQL, nothing else", bare, bare_port, [request("GET", path) for path in paths]
            ),
            what=f"GET …/timeline of a file with {ENTRIES} entries (50), with actor and row-level security",
            wanted="≥ 0.5",
            rounds=ROUNDS,
        )


async def _storied(platform: Platform) -> tuple[str, list[str]]:
    """A center, and some of its files with a long story."""
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        center = await connection.fetchval(
            "SELECT jurisdiction FROM case_file WHERE status = 'active' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        rows = await connection.fetch(
            "SELECT id FROM case_file WHERE jurisdiction = $1 ORDER BY number LIMIT $2", center, FILES
        )
        await connection.execute(
            """
            INSERT INTO timeline_entry (case_file_id, at, id, jurisdiction, kind, ref, about, actor, recorded_at)
            SELECT file, now() - make_interval(days => n), gen_random_uuid(), $2, 'visit-recorded', gen_random_uuid(),
                   '{"outcome": "met", "planned": true}', 'bench-social-worker', now()
              FROM unnest($1::uuid[]) file, generate_series(1, $3::integer) n
            """,
            [row["id"] for row in rows],
            center,
            ENTRIES,
        )
        await connection.execute("VACUUM ANALYZE timeline_entry")
    finally:
        await connection.close()
    return center, [str(row["id"]) for row in rows]
