"""The case file service alone: reading one, opening one, and reading when there are twenty times as many."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median

import asyncpg

from shared.chassis import migrations
from shared.contracts.roles import Role
from svc_casefile.main import service
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare, take_turn
from tests.benchmarks.platform import Platform

SCOPE = "2901"
ROUNDS, SECONDS = 5, 2.0
MANY = 300_000


def _headers(platform: Platform) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform.actor_token('casefile', Role.COUNTY_OFFICER, SCOPE)}"}


async def reads(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("casefile")
    paths = [f"/v1/case-files/{each}" for each in await _some_files(platform)]
    program = platform.programs["casefile"]
    environment = {"BASELINE_DATABASE": platform.database("casefile"), "BASELINE_POOL": "8"}
    scoped = environment | {
        "BASELINE_DATABASE": platform.environment("casefile")["DATABASE_URL"],
        "BASELINE_SCOPE": SCOPE,
    }
    what = "GET /v1/case-files/{id} at the service, with actor and row-level security"
    async with (
        baseline("bare", environment=environment) as (bare, bare_port),
        baseline("orm", environment=scoped) as (orm, orm_port),
    ):
        for name, process, port, wanted in (
            ("FastAPI + asyncpg, same row, nothing else", bare, bare_port, "≥ 0.6"),
            ("SQLModel AsyncSession with the same scope", orm, orm_port, "≥ 2.5×"),
        ):
            ours = Contender("service", program.pid or 0, program.port, _gets(paths, _headers(platform)))
            yield await compare(
                pool,
                ours,
                Contender(name, process, port, _gets(paths, {})),
                what=what,
                wanted=wanted,
                rounds=ROUNDS,
                seconds=SECONDS,
            )


async def writes(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("casefile")
    program = platform.programs["casefile"]
    await _baseline_database(platform)
    environment = {"BASELINE_DATABASE": platform.database("baseline"), "BASELINE_POOL": "8"}
    bodies = list(_households(18_000))
    async with baseline("bare", environment=environment) as (bare, bare_port):
        ours = Contender("service", program.pid or 0, program.port, _posts(bodies, _headers(platform)), once=True)
        theirs = Contender("FastAPI + asyncpg doing the same inserts", bare, bare_port, _posts(bodies, {}), once=True)
        yield await compare(
            pool,
            ours,
            theirs,
            what="POST /v1/case-files (3 members, idempotency key, event) at the service",
            wanted="≥ 0.5",
            rounds=ROUNDS,
            seconds=SECONDS,
        )


async def growth(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    """p95 of the same reads before and after the country's files are there."""
    platform.give_core("casefile")
    program = platform.programs["casefile"]
    files = await _some_files(platform)
    person = await _a_person(platform)
    kinds = {
        "one file": [request("GET", f"/v1/case-files/{each}", headers=_headers(platform)) for each in files],
        "a page of 50": [request("GET", "/v1/case-files?limit=50", headers=_headers(platform))],
        "search by national id": [_search({"national_id": person["id_value"]}, _headers(platform))],
        "search by name": [_search({"name": f"{person['given_name']} {person['family_name']}"}, _headers(platform))],
    }
    before = {kind: await _p95(pool, program, requests) for kind, requests in kinds.items()}
    await _multiply(platform)
    for kind, requests in kinds.items():
        fresh = [each.replace(_token_of(each), _headers(platform)["Authorization"].encode()) for each in requests]
        after = await _p95(pool, program, fresh)
        yield Row(
            what=f"read at 300,000 files: {kind} (p95 over p95)",
            baseline="read at 15,000",
            ratio=after / before[kind],
            wanted="≤ 1.3×",
            ours=f"{after * 1000:.1f} ms",
            theirs=f"{before[kind] * 1000:.1f} ms",
        )


def _token_of(each: bytes) -> bytes:
    return each.split(b"Authorization: ", 1)[1].split(b"\r\n", 1)[0]


async def _p95(pool, program, requests: Sequence[bytes]) -> float:  # type: ignore[no-untyped-def]
    contender = Contender("service", program.pid, program.port, requests)
    await take_turn(pool, contender, seconds=1, connections=2, requests=requests)
    turns = [await take_turn(pool, contender, seconds=2, connections=2, requests=requests) for _ in range(3)]
    return median(turn.load.percentile(0.95) for turn in turns)


def _gets(paths: Sequence[str], headers: dict[str, str]) -> list[bytes]:
    return [request("GET", path, headers=headers) for path in paths]


def _posts(bodies: Sequence[bytes], headers: dict[str, str]) -> list[bytes]:
    json_type = {"Content-Type": "application/json"}
    return [
        request("POST", "/v1/case-files", headers=headers | json_type | {"Idempotency-Key": f"k-{number}"}, body=body)
        for number, body in enumerate(bodies)
    ]


def _search(criteria: dict[str, str], headers: dict[str, str]) -> bytes:
    body = json.dumps(criteria, ensure_ascii=False).encode()
    return request("POST", "/v1/case-files:search", headers=headers | {"Content-Type": "application/json"}, body=body)


async def _some_files(platform: Platform) -> list[uuid.UUID]:
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        rows = await connection.fetch(
            "SELECT id FROM case_file WHERE jurisdiction LIKE $1 || '%' ORDER BY md5(id::text) LIMIT 500", SCOPE
        )
    finally:
        await connection.close()
    return [row["id"] for row in rows]


async def _a_person(platform: Platform) -> asyncpg.Record:
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        return await connection.fetchrow(
            "SELECT id_value, given_name, family_name FROM member WHERE jurisdiction LIKE $1 || '%'"
            " AND id_type = 'national' ORDER BY id LIMIT 1",
            SCOPE,
        )
    finally:
        await connection.close()


async def _baseline_database(platform: Platform) -> None:
    """The same tables, indexes and checks, empty; the baseline goes in as an administrator, whom no policy binds."""
    connection = await asyncpg.connect(platform.database("postgres"))
    try:
        await connection.execute("CREATE DATABASE baseline OWNER casefile_owner")
    finally:
        await connection.close()
    owner = platform.environment("casefile")["DATABASE_OWNER_URL"].rpartition("/")[0] + "/baseline"
    await asyncio.to_thread(migrations.upgrade, service, owner_url=owner, application_role="casefile_app")


async def _multiply(platform: Platform) -> None:
    """Copies of the province's files in other provinces, until there are as many as the benchmark asks for."""
    connection = await asyncpg.connect(platform.database("casefile"), command_timeout=600)
    try:
        await connection.execute("SET session_replication_role = replica")  # foreign keys hold by construction
        have = await connection.fetchval("SELECT count(*) FROM case_file")
        await connection.execute("CREATE TEMP TABLE source AS SELECT * FROM case_file WHERE jurisdiction LIKE '29%'")
        times = (MANY - have) // await connection.fetchval("SELECT count(*) FROM source") + 1
        files = await _columns(connection, "case_file")
        members = await _columns(connection, "member")
        for copy in range(times):
            changed = {
                "id": f"md5(id::text || '{copy}')::uuid",
                "jurisdiction": f"'{copy:02}' || substr(jurisdiction, 3)",
                "number": "nextval('case_file_number')::text",
                "legacy_number": "NULL",
                "legacy_source": "NULL",
            }
            await connection.execute(_copied("case_file", files, changed, source="source"))
            await connection.execute(
                _copied(
                    "member",
                    members,
                    {
                        "id": f"md5(id::text || '{copy}')::uuid",
                        "case_file_id": f"md5(case_file_id::text || '{copy}')::uuid",
                        "jurisdiction": f"'{copy:02}' || substr(jurisdiction, 3)",
                        "id_value": f"id_value || '-{copy}'",
                    },
                    source="(SELECT * FROM member WHERE case_file_id IN (SELECT id FROM source)) source",
                )
            )
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")  # what is still being written would slow the first reads down
    finally:
        await connection.close()


async def _columns(connection: asyncpg.Connection, table: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'", table
    )
    return [row["column_name"] for row in rows]


def _copied(table: str, columns: list[str], changed: dict[str, str], *, source: str) -> str:
    values = ", ".join(changed.get(column, column) for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source}"


def _households(count: int) -> Iterator[bytes]:
    numbers = iter(range(100_000_000, 999_999_999))
    for _ in range(count):
        members = [
            {
                "relation": relation,
                "identity": {"type": "national", "value": _national_id(next(numbers))},
                "given_name": given,
                "family_name": "کریمی",
                "birth_date": born,
                "sex": sex,
            }
            for relation, given, born, sex in (
                ("head", "مریم", "1979-04-02", "female"),
                ("child", "علی", "2006-11-20", "male"),
                ("child", "زهرا", "2011-01-09", "female"),
            )
        ]
        household = {
            "jurisdiction": SCOPE,
            "address": "بیرجند، خیابان مدرس، کوچه ۱۲",
            "postal_code": "9717853577",
            "latitude": 32.87,
            "longitude": 59.22,
            "mobile": "+989151234567",
            "members": members,
        }
        yield json.dumps(household, ensure_ascii=False).encode()


def _national_id(number: int) -> str:
    digits = f"{number:09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)
