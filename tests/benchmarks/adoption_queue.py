"""A place in the queue, where 30,000 families wait in one province: as many as have registered in the whole country."""

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from shared.contracts.roles import Role
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare
from tests.benchmarks.platform import Platform

PROVINCE = "29"
WAITING, ASKED = 30_000, 500

# what nobody opens here is not sealed: neither ours nor the baseline's reads it
_PREPARE = (
    f"""
    INSERT INTO request (id, jurisdiction, version, form, category, relatives, status, status_since, registered_at,
                         registered_by, submitted_at, referred_at, waiting_since, child_sex, child_from_months,
                         child_to_months, child_health, siblings, key_id, sealed, identities)
    SELECT md5('family ' || n)::uuid, '{PROVINCE}0100' || n % 8 + 1, 1, 'adoption', 'childless-couple', false,
           'waiting', now(), now(), 'bench', now(), now(), now(), 'any', 0, 60, 'any', 1, 'none', 'x', '{{}}'
      FROM generate_series(1, {WAITING}) AS n
    """,
    f"""
    INSERT INTO queue_entry (id, jurisdiction, version, queue, form, rank, senior, since, state, looked_on, key_id,
                             sealed)
    SELECT id, jurisdiction, 1, '{PROVINCE}', 'adoption', 1 + get_byte(uuid_send(id), 0) % 3,
           get_byte(uuid_send(id), 1) < 40, now() - get_byte(uuid_send(id), 2) * interval '1 day', 'waiting',
           'infinity', 'none', 'x'
      FROM request
    """,
    """
    INSERT INTO queue_change (id, request_id, jurisdiction, at, actor, reason, state, rank, senior, since)
    SELECT id, id, jurisdiction, since, 'bench', 'approved', state, rank, senior, since FROM queue_entry
    """,
    "VACUUM ANALYZE request, queue_entry, queue_change",
)


async def position(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("adoption")
    connection = await asyncpg.connect(platform.database("adoption"))
    try:
        for statement in _PREPARE:
            await connection.execute(statement)
        families = await connection.fetch(f"SELECT id FROM queue_entry ORDER BY md5(id::text) LIMIT {ASKED}")
    finally:
        await connection.close()
    program = platform.programs["adoption"]
    token = platform.actor_token("adoption", Role.ADOPTION_OFFICER, PROVINCE)
    paths = [f"/v1/adoption-queue/{row['id']}" for row in families]
    ours = [request("GET", path, headers={"Authorization": f"Bearer {token}"}) for path in paths]
    environment = {"BASELINE_DATABASE": platform.database("adoption"), "BASELINE_POOL": "8"}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        yield await compare(
            pool,
            Contender("service", program.pid or 0, program.port, ours),
            Contender("FastAPI + asyncpg, same SQL", bare, bare_port, [request("GET", path) for path in paths]),
            what=f"GET a place in the queue among {WAITING:,} families, with its changes and row-level security",
            wanted="≥ 0.5",
        )
