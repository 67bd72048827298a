"""Whether a licence is valid, asked by anybody: through the gateway, beside a handler that does nothing but look."""

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from shared.testing.servers import free_port
from tests.benchmarks.load import request
from tests.benchmarks.measure import MEASURED, Contender, Row, baseline, compare, python
from tests.benchmarks.platform import Platform

LICENCES = 24_000
"""As many centers as the organisation licenses."""
ASKED = 200

_PREPARE = f"""
    INSERT INTO institution (id, jurisdiction, version, kind, name, registered_at, registered_by)
    SELECT md5('founder ' || n)::uuid, '2901', 1, 'natural', 'مریم احمدی', now(), 'bench'
      FROM generate_series(1, {LICENCES}) AS n;
    INSERT INTO application (id, jurisdiction, version, number, licence_kind, act, clause, founder_id, holder_name,
                             rules_on, status, status_since, round, conditions, registered_at, registered_by)
    SELECT md5('application ' || n)::uuid, '2901', 1, 'bench ' || n, 'activity', 'issue', 4,
           md5('founder ' || n)::uuid, 'مریم احمدی', '2025-01-01', 'approved', now(), 1, '[]', now(), 'bench'
      FROM generate_series(1, {LICENCES}) AS n;
    INSERT INTO licence (id, jurisdiction, version, number, kind, clause, application_id, holder_id, holder_name,
                         conditions, valid_from, valid_to, extended, status, status_since, issued_at, issued_by)
    SELECT md5('licence ' || n)::uuid, '2901', 1, '99-1405-' || lpad(n::text, 5, '0'), 'activity', 4,
           md5('application ' || n)::uuid, md5('founder ' || n)::uuid, 'مریم احمدی', '[]', '2025-01-01', '2099-01-01',
           false, 'in-force', now(), now(), 'bench'
      FROM generate_series(1, {LICENCES}) AS n;
    ANALYZE licence
"""


async def verification(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("licensing")
    connection = await asyncpg.connect(platform.database("licensing"))
    try:
        await connection.execute(_PREPARE)
    finally:
        await connection.close()
    numbers = [f"99-1405-{each:05}" for each in range(1, LICENCES, LICENCES // ASKED)]
    gets = [request("GET", f"/v1/licence-verifications/{number}", headers={}) for number in numbers]
    port = free_port()
    environment = platform.environment("gateway") | {
        "PORT": str(port),
        "RATE_LIMIT_PUBLIC": "100000000/minute",
        "AUDIT_JOURNAL": str(platform.home.folder / "bench-verification"),
    }
    bare_environment = {"BASELINE_DATABASE": platform.database("licensing"), "BASELINE_POOL": "8"}
    async with (
        # beside the load and the servers: what its own core carries is the service, as the baseline
        python(
            ["-m", "gateway.main", "serve"], environment=environment, ready="/livez", port=port, core=None
        ) as gateway,
        baseline("bare", environment=bare_environment, core=MEASURED) as (bare, bare_port),
    ):
        yield await compare(
            pool,
            Contender("gateway and service", gateway, port, gets),
            Contender("FastAPI + asyncpg, same row, nothing else", bare, bare_port, gets),
            what=f"GET /v1/licence-verifications/{{number}} through the gateway, of {LICENCES:,} licences",
            wanted="≥ 0.5",
        )
