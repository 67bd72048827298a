"""A province's month: what every center and worker did, by the tariffs in force."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from statistics import median

import asyncpg

from deploy.local.demo.province import PROVINCE
from shared.contracts.roles import Role
from shared.kit.calendar import JalaliMonth, today
from tests.benchmarks.measure import Row
from tests.benchmarks.platform import Platform

DRAFTS = 3
WORKERS = 3
"""Of each center."""
ONE_IN = 6
"""Of so many files one was visited in the month: each is due one in six months."""


async def province(platform: Platform) -> AsyncIterator[Row]:
    """Drafts the month before this one, in which every file was in somebody's care."""
    month = JalaliMonth.from_date(JalaliMonth.from_date(today()).first_day - timedelta(days=1))
    files = await _a_month_ago(platform, month)
    took = []
    async with await platform.client(Role.PROVINCE_OFFICER, PROVINCE) as officer:
        for _ in range(DRAFTS):
            began = time.perf_counter()
            answer = await officer.post("/v1/settlements", json={"month": month})
            took.append(time.perf_counter() - began)
            answer.raise_for_status()
    statements = answer.json()["items"]
    assert len(statements) == 37
    assert sum(each["counted"] for each in statements) >= files, "every file counts, and visits beside"
    yield Row(
        what=f"settlement of {files:,} files and their visits at 37 centers, through the gateway, in seconds",
        baseline="-",
        ratio=median(took),
        wanted="≤ 5 s",
        ours=f"{median(took):.2f} s",
    )


async def _a_month_ago(platform: Platform, month: JalaliMonth) -> int:
    """Let the files have been with workers since before the month, and one in some visited; answers with how many."""
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        await connection.execute("DELETE FROM responsibility WHERE until IS NOT NULL")
        held: str = await connection.execute(
            "UPDATE responsibility SET since = $1::date - interval '100 days', worker = 'worker-' || number::int % $2"
            "  FROM case_file WHERE case_file.id = case_file_id AND responsibility.status = 'active'",
            month.first_day,
            WORKERS,
        )
        await connection.execute(
            """
            INSERT INTO parameter (id, version, name, jurisdiction, value, valid_from)
            SELECT gen_random_uuid(), 1, name, '', value, '2021-03-21'
              FROM (VALUES ('settlement-care-rule', 1), ('settlement-care-service', 6), ('settlement-visit-service', 3))
                   AS rule (name, value)
            """
        )
        await connection.execute(
            """
            INSERT INTO tariff (id, version, service_code, area_class, jurisdiction, valid_from, amount_rials)
            SELECT gen_random_uuid(), 1, service, area, '', '2021-03-21', 900000
              FROM unnest(ARRAY['S03', 'S06']) AS service,
                   unnest(ARRAY['urban', 'rural', 'nomadic', 'hard-to-reach']) AS area
            """
        )
        await connection.execute(
            """
            INSERT INTO home_visit (id, version, case_file_id, jurisdiction, visited_at, visited_by, planned, outcome,
                                    met_members, changes_state, digest, recorded_at, recorded_by)
            SELECT gen_random_uuid(), 1, id, jurisdiction,
                   $1::date + interval '8 hours' + number::integer % 29 * interval '1 day',
                   'somebody', true, 'met', '{}', 'none', '', now(), 'somebody'
              FROM case_file WHERE number::integer % $2 = 0
            """,
            month.first_day,
            ONE_IN,
        )
    finally:
        await connection.close()
    return int(held.split()[1])
