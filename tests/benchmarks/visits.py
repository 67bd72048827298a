"""Home visits: the work list of a worker with 200 files, and a day's visits sent at once."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median

import asyncpg

from shared.contracts.roles import Role
from shared.kit.ids import new_id
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare, take_turn
from tests.benchmarks.platform import Platform

WORKER = f"bench-{Role.SOCIAL_WORKER}"
FILES, VISITS, ROUNDS = 200, 100, 5
CHANGING = 5
"""Every so many visits change the file as well."""


async def visits(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("casefile")
    center, files = await _assigned(platform)
    program = platform.programs["casefile"]
    path = f"/v1/visits:due?worker={WORKER}&limit={FILES}"
    environment = {"BASELINE_DATABASE": platform.database("casefile"), "BASELINE_POOL": "8", "BASELINE_SCOPE": center}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        yield await compare(
            pool,
            Contender(
                "service", program.pid or 0, program.port, [request("GET", path, headers=_token(platform, center))]
            ),
            Contender("FastAPI + asyncpg, same SQL, nothing else", bare, bare_port, [request("GET", path)]),
            what=f"GET /v1/visits:due of a worker with {FILES} files, with actor and row-level security",
            wanted="≥ 0.5",
            rounds=ROUNDS,
        )
    yield await _batch(platform, pool, center, files)


def _token(platform: Platform, center: str) -> dict[str, str]:
    """Good for a minute."""
    return {"Authorization": f"Bearer {platform.actor_token('casefile', Role.SOCIAL_WORKER, center)}"}


async def _batch(platform: Platform, pool: ProcessPoolExecutor, center: str, files: Sequence[asyncpg.Record]) -> Row:
    program = platform.programs["casefile"]
    ratios, singles, batches = [], [], []
    before = await _recorded(platform)
    for number in range(ROUNDS + 1):
        headers = _token(platform, center) | {"Content-Type": "application/json"}
        # the versions that the round before has left
        made = [*_made(files[:VISITS], version=1 + 2 * number), *_made(files[:VISITS], version=2 + 2 * number)]
        one_by_one = [
            request("POST", f"/v1/case-files/{each.pop('case_file_id')}/visits", headers=headers, body=_body(each))
            for each in made[:VISITS]
        ]
        at_once = [request("POST", "/v1/visits:batch", headers=headers, body=_body({"visits": made[VISITS:]}))]
        seconds = [
            (await take_turn(pool, contender, seconds=60, connections=1, requests=contender.requests)).load.seconds
            for contender in (
                Contender("one by one", program.pid or 0, program.port, one_by_one, once=True),
                Contender("at once", program.pid or 0, program.port, at_once, once=True),
            )
        ]
        if number:  # the first warms up
            singles.append(seconds[0])
            batches.append(seconds[1])
            ratios.append(seconds[0] / seconds[1])
    assert await _recorded(platform) - before == 2 * VISITS * (ROUNDS + 1)
    return Row(
        what=f"POST /v1/visits:batch of {VISITS} visits, every {CHANGING}th with changes to the file",
        baseline=f"{VISITS} single calls on one connection",
        ratio=median(ratios),
        wanted="≥ 10×",
        ours=f"{median(batches) * 1000:,.0f} ms",
        theirs=f"{median(singles) * 1000:,.0f} ms",
    )


async def _recorded(platform: Platform) -> int:
    """How many visits are there, with what they wanted changed: none was refused, and none is in conflict."""
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        return int(
            await connection.fetchval("SELECT count(*) FROM home_visit WHERE changes_state IN ('none', 'applied')")
        )
    finally:
        await connection.close()


def _body(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _made(files: Sequence[asyncpg.Record], *, version: int) -> Iterator[dict[str, object]]:
    """A visit to each, in a round; each file that is changed goes from `version` to the next."""
    for number, file in enumerate(files):
        at = datetime.now(UTC) - timedelta(minutes=number)
        visit: dict[str, object] = {
            "id": str(new_id()),
            "case_file_id": str(file["id"]),
            "visited_at": at.isoformat(),
            "planned": True,
            "outcome": "met",
            "latitude": round(file["latitude"] + 0.0001, 6),
            "longitude": file["longitude"],
            "accuracy_m": 12,
            "met_members": [str(file["head"])],
            "findings": "وضع خانه خوب است. فرزندان به مدرسه می‌روند و داروهای مادر فراهم است.",
        }
        if number % CHANGING == 0:
            visit |= {
                "changes": {"address": f"بیرجند، خیابان مدرس، پلاک {version}"},
                "file_version": file["version"] - 1 + version,
            }
        yield visit


async def _assigned(platform: Platform) -> tuple[str, list[asyncpg.Record]]:
    """The largest center, and so many of its files that are the worker's, with a map point."""
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        center = await connection.fetchval(
            "SELECT jurisdiction FROM case_file WHERE status = 'active' AND latitude IS NOT NULL"
            " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        files = await connection.fetch(
            "UPDATE case_file f SET assigned_worker = $2"
            " WHERE id IN (SELECT id FROM case_file WHERE jurisdiction = $1 AND status = 'active'"
            "              AND latitude IS NOT NULL ORDER BY number LIMIT $3)"
            " RETURNING id, version, latitude, longitude,"
            " (SELECT m.id FROM member m WHERE m.case_file_id = f.id AND m.relation = 'head' AND left_on IS NULL)"
            " AS head",
            center,
            WORKER,
            FILES,
        )
        await connection.execute("VACUUM ANALYZE case_file")
    finally:
        await connection.close()
    assert len(files) == FILES
    return center, files
