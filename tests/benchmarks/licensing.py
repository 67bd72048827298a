"""What is overdue in the country: 24,000 applications with their deadlines, 100,000 inquiries."""

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from shared.contracts.roles import Role
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare
from tests.benchmarks.platform import Platform

APPLICATIONS, INQUIRIES, ROUNDS = 24_000, 100_000, 5
PATH = "/v1/licensing-overdue?by=county"
NATION = ""

# spread over 400 counties; of the inquiries four in ten are open and one in ten is overdue, of the deadlines one in
# twenty
_PREPARE = f"""
    INSERT INTO institution (id, jurisdiction, version, kind, name, registered_at, registered_by)
    SELECT md5('i' || n)::uuid, place, 1, 'natural', 'مؤسس', now(), 'bench'
      FROM (SELECT n, lpad((10 + n % 40)::text, 2, '0') || lpad((1 + n % 10)::text, 2, '0') || '001' AS place
              FROM generate_series(1, {APPLICATIONS}) AS n) AS founder;
    INSERT INTO application (id, jurisdiction, version, number, licence_kind, act, clause, founder_id, holder_name,
                             rules_on, status, status_since, round, conditions, registered_at, registered_by)
    SELECT md5('a' || n)::uuid, i.jurisdiction, 1, 'bench/' || n, 'activity', 'issue', 4, i.id, i.name, '2026-01-01',
           'inquiring', now(), 1, '[]', now(), 'bench'
      FROM generate_series(1, {APPLICATIONS}) AS n JOIN institution AS i ON i.id = md5('i' || n)::uuid;
    INSERT INTO deadline (id, application_id, jurisdiction, code, office, started_at, counted_from, days, due_on,
                          reminders_left, reminded_at, escalated_to, escalated_at, stopped_at)
    SELECT gen_random_uuid(), a.id, a.jurisdiction, 'send-on', 'county', now(), current_date - 20, 7,
           current_date + CASE WHEN n % 20 = 0 THEN -5 ELSE 5 END, 0, now(), left(a.jurisdiction, 2), now(),
           CASE WHEN n % 2 = 1 THEN now() END
      FROM generate_series(1, {APPLICATIONS}) AS n JOIN application AS a ON a.id = md5('a' || n)::uuid;
    INSERT INTO inquiry (id, application_id, jurisdiction, version, system, stage, about, legal_purpose, asked_by,
                         asked_at, sent_at, counted_from, days, extensions_left, due_on, overdue_at, state, result,
                         settled_at)
    SELECT gen_random_uuid(), a.id, a.jurisdiction, 1,
           (ARRAY['criminal-record', 'addiction-test', 'degree', 'places', 'health-office'])[1 + n / 7 % 5], 'local',
           'premises', 'x', 'bench', now(), now(), current_date - 20, 10,
           0, current_date + CASE WHEN n % 10 = 0 THEN -3 ELSE 3 END, CASE WHEN n % 10 = 0 THEN now() END,
           CASE WHEN n % 10 = 0 THEN 'no-answer' WHEN n % 10 < 4 THEN 'asked' ELSE 'ok' END,
           CASE WHEN n % 10 >= 4 THEN 'ok' END, CASE WHEN n % 10 >= 4 THEN now() END
      FROM generate_series(1, {INQUIRIES}) AS n
      JOIN application AS a ON a.id = md5('a' || (1 + n % {APPLICATIONS}))::uuid;
    ANALYZE
"""


async def overdue(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("licensing")
    connection = await asyncpg.connect(platform.database("licensing"))
    try:
        await connection.execute(_PREPARE)
    finally:
        await connection.close()
    program = platform.programs["licensing"]
    headers = {"Authorization": f"Bearer {platform.actor_token('licensing', Role.HEADQUARTERS, 'IR')}"}
    environment = {"BASELINE_DATABASE": platform.database("licensing"), "BASELINE_POOL": "8", "BASELINE_SCOPE": NATION}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        yield await compare(
            pool,
            Contender("service", program.pid or 0, program.port, [request("GET", PATH, headers=headers)]),
            Contender("FastAPI + asyncpg, same SQL, nothing else", bare, bare_port, [request("GET", PATH)]),
            what=f"GET what is overdue in the country, of {INQUIRIES:,} inquiries, with row-level security",
            wanted="≥ 0.5",
            rounds=ROUNDS,
        )
