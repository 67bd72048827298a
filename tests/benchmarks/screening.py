"""The season's load: encounters one by one and in batches, the due list of a base with 2,000 children, who of a county
is overdue at the optometrist's, and the coverage of a province."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from statistics import median
from uuid import UUID

import asyncpg

from shared.chassis import migrations
from shared.contracts.roles import Role
from shared.kit.calendar import jalali_year, today
from shared.kit.ids import new_id
from svc_screening.main import service
from tests.benchmarks.load import request
from tests.benchmarks.measure import Contender, Row, baseline, compare, take_turn
from tests.benchmarks.platform import Platform

CENTER = "2901003"
SCREENER = f"bench-{Role.SCREENER}"
CHILDREN, BATCH, ROUNDS = 2_000, 500, 5
SINGLES = 24_000
PROVINCE_CHILDREN = 5_000
BORN = date(2021, 6, 1)
BASE = UUID("01a2008d-7400-7b00-8c01-000000000001")

# a center with a base, a permitted screener and children, as events and officers would have brought it about
_PREPARE = f"""
    INSERT INTO center VALUES ('{CENTER}', 1, 'open', 'مرکز', NULL, 'urban') ON CONFLICT DO NOTHING;
    INSERT INTO screener_posting
    VALUES (gen_random_uuid(), '{CENTER}', 1, '{SCREENER}', '2021-03-21', NULL, false);
    INSERT INTO permit (id, jurisdiction, version, person, programme_code, certificate, valid_from, valid_to,
                        granted_by, granted_at)
    VALUES (gen_random_uuid(), '{CENTER}', 1, '{SCREENER}', 'vision', '1', '2021-03-21', '2099-03-20', 'bench', now());
    INSERT INTO base (id, jurisdiction, version, name_fa, kind, programmes, opens_on, created_at, created_by)
    VALUES ('{BASE}', '{CENTER}', 1, 'پایگاه', 'fixed', '{{vision}}', '2021-03-21', now(), 'bench');
    INSERT INTO person (id, jurisdiction, version, origin, present, birth_date, sex, counts_as, registered_at,
                        registered_by)
    SELECT id, '{CENTER}', 1, 'on-the-spot', true, '{BORN}'::date + n % 700, 'female', id, now(), 'bench'
      FROM (SELECT md5('child ' || n)::uuid AS id, n FROM generate_series(1, {CHILDREN}) AS n) AS child;
    ANALYZE
"""

# the rest of a province in mid-season: every second child is tested, and more referred than ever, half of them overdue
_PROVINCE = f"""
    INSERT INTO person (id, jurisdiction, version, origin, present, birth_date, sex, counts_as, registered_at,
                        registered_by)
    SELECT id, '29' || lpad((n % 11 + 1)::text, 2, '0') || lpad((n % 4 + 1)::text, 3, '0'), 1, 'on-the-spot', true,
           '{BORN}'::date + n % 700, 'female', id, now(), 'bench'
      FROM (SELECT md5('province ' || n)::uuid AS id, n FROM generate_series(1, {PROVINCE_CHILDREN}) AS n) AS child
     WHERE '29' || lpad((n % 11 + 1)::text, 2, '0') || lpad((n % 4 + 1)::text, 3, '0') <> '{CENTER}';
    INSERT INTO encounter (id, jurisdiction, person_id, registered_as, programme_code, programme_year, protocol_id,
                           protocol_number, base_id, screener, stage, instrument, made_at, attendance, result,
                           age_months, outcome, reason, found, digest, recorded_at, recorded_by)
    SELECT md5('test ' || id)::uuid, jurisdiction, id, id, 'vision', {jalali_year(today())},
           (SELECT id FROM protocol WHERE programme_code = 'vision'), 1, '{BASE}', 'bench', 'repeat', 'e-chart',
           now() - interval '20 days', 'examined', '{{}}', 60,
           CASE WHEN row_number() OVER (ORDER BY id) % 4 = 0 THEN 'refer' ELSE 'normal' END, 'bench', '{{}}', '',
           now(), 'bench'
      FROM person WHERE jurisdiction <> '{CENTER}' AND ('x' || substr(id::text, 1, 2))::bit(8)::integer % 2 = 0;
    INSERT INTO screening (person_id, programme_code, programme_year, examined, last_at, encounter_id, stage, outcome)
    SELECT person_id, programme_code, programme_year, true, made_at, id, stage, outcome FROM encounter;
    INSERT INTO referral (id, jurisdiction, person_id, version, encounter_id, programme_code, programme_year, refers_to,
                          token, status, status_since, issued_on, issued_by, due_on, reminders)
    SELECT md5('referral ' || id)::uuid, jurisdiction, person_id, 1, id, 'vision', programme_year, 'optometrist',
           upper(regexp_replace(left(md5(id::text), 12), '(.{{4}})(.{{4}})', '\\1-\\2-')), 'issued', now(),
           current_date - 20, 'bench', current_date - 10 + row_number() OVER ()::integer % 20, 0
      FROM encounter WHERE outcome = 'refer';
    ANALYZE
"""


async def screening(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    platform.give_core("screening")
    await _baseline_database(platform)
    for name in ("screening", "baseline_screening"):
        await _execute(platform, name, _PREPARE)
    await _execute(platform, "screening", _PROVINCE)
    yield await _due_list(platform, pool)
    yield await _figures(
        platform,
        pool,
        "/v1/screening-referrals?overdue=true&limit=50",
        role=Role.COUNTY_OFFICER,
        scope=CENTER[:4],
        what="GET the overdue referrals of a county, a page of 50",
        wanted="≥ 0.4",  # each line has 37 fields, which the baseline hands on as they are
    )
    yield await _figures(
        platform,
        pool,
        "/v1/screening-coverage?programme=vision&by=center",
        role=Role.PROVINCE_OFFICER,
        scope=CENTER[:2],
        what=f"GET the coverage of a province by center, {PROVINCE_CHILDREN:,} children",
    )
    yield await _one_by_one(platform, pool)
    yield await _batches(platform, pool)


def _headers(platform: Platform) -> dict[str, str]:
    """Good for a minute."""
    token = platform.actor_token("screening", Role.SCREENER, CENTER)
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


async def _due_list(platform: Platform, pool: ProcessPoolExecutor) -> Row:
    program = platform.programs["screening"]
    path = f"/v1/screening-bases/{BASE}/due-list?programme=vision&limit=200"
    environment = {"BASELINE_DATABASE": platform.database("screening"), "BASELINE_POOL": "8", "BASELINE_SCOPE": CENTER}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        return await compare(
            pool,
            Contender("service", program.pid or 0, program.port, [request("GET", path, headers=_headers(platform))]),
            Contender("FastAPI + asyncpg, same SQL, nothing else", bare, bare_port, [request("GET", path)]),
            what=f"GET due list of a base with {CHILDREN:,} children, a page of 200, with row-level security",
            wanted="≥ 0.5",
            rounds=ROUNDS,
        )


async def _figures(
    platform: Platform,
    pool: ProcessPoolExecutor,
    path: str,
    *,
    role: Role,
    scope: str,
    what: str,
    wanted: str = "≥ 0.5",
) -> Row:
    program = platform.programs["screening"]
    headers = {"Authorization": f"Bearer {platform.actor_token('screening', role, scope)}"}
    environment = {"BASELINE_DATABASE": platform.database("screening"), "BASELINE_POOL": "8", "BASELINE_SCOPE": scope}
    async with baseline("bare", environment=environment) as (bare, bare_port):
        return await compare(
            pool,
            Contender("service", program.pid or 0, program.port, [request("GET", path, headers=headers)]),
            Contender("FastAPI + asyncpg, same SQL, nothing else", bare, bare_port, [request("GET", path)]),
            what=f"{what}, with row-level security",
            wanted=wanted,
            rounds=ROUNDS,
            connections=4,
        )


async def _one_by_one(platform: Platform, pool: ProcessPoolExecutor) -> Row:
    program = platform.programs["screening"]
    environment = {"BASELINE_DATABASE": platform.database("baseline_screening"), "BASELINE_POOL": "8"}
    bodies = [_body(each) for each in _encounters(SINGLES)]
    async with baseline("bare", environment=environment) as (bare, bare_port):
        ours, theirs = (
            [request("POST", "/v1/screening-encounters", headers=headers, body=body) for body in bodies]
            for headers in (_headers(platform), {"Content-Type": "application/json"})
        )
        return await compare(
            pool,
            Contender("service", program.pid or 0, program.port, ours, once=True),
            Contender("FastAPI + asyncpg doing the same inserts", bare, bare_port, theirs, once=True),
            what="POST /v1/screening-encounters (permit, decision, event) at the service",
            wanted="≥ 0.5",
            rounds=ROUNDS,
            seconds=1.5,
        )


async def _batches(platform: Platform, pool: ProcessPoolExecutor) -> Row:
    """Encounters a second in batches, over those one by one on as many connections."""
    program = platform.programs["screening"]
    ratios, singles, batches = [], [], []
    for number in range(ROUNDS + 1):
        headers = _headers(platform)
        alone = [
            request("POST", "/v1/screening-encounters", headers=headers, body=_body(each))
            for each in _encounters(1_500)
        ]
        together = [
            request("POST", "/v1/screening-encounters:batch", headers=headers, body=_body({"encounters": encounters}))
            for encounters in _in_batches(_encounters(8 * BATCH))
        ]
        turns = [
            await take_turn(pool, contender, seconds=60, connections=4, requests=contender.requests)
            for contender in (
                Contender("one by one", program.pid or 0, program.port, alone, once=True),
                Contender("at once", program.pid or 0, program.port, together, once=True),
            )
        ]
        if number:  # the first warms up
            singles.append(turns[0].load.per_second)
            batches.append(turns[1].load.per_second * BATCH)
            ratios.append(batches[-1] / singles[-1])
    return Row(
        what=f"POST /v1/screening-encounters:batch of {BATCH}, encounters a second",
        baseline="the same one by one, at the same service",
        ratio=median(ratios),
        wanted="≥ 10×",
        ours=f"{median(batches):,.0f}/s",
        theirs=f"{median(singles):,.0f}/s",
    )


def _encounters(count: int) -> Iterator[dict[str, object]]:
    """First tests of the base's children: one in ten fails."""
    made_at = datetime.now(UTC).isoformat()
    for number in range(count):
        child = number % CHILDREN + 1
        yield {
            "id": str(new_id()),
            "person_id": str(_child(child)),
            "programme": "vision",
            "stage": "first",
            "instrument": "e-chart",
            "base_id": str(BASE),
            "made_at": made_at,
            "result": {
                "shape": "eyes",
                "right": {"acuity": "10/10" if number % 10 else "5/10"},
                "left": {"acuity": "9/10"},
                "strabismus": "not-seen",
            },
        }


def _child(number: int) -> UUID:
    return UUID(hashlib.md5(f"child {number}".encode(), usedforsecurity=False).hexdigest())


def _in_batches(encounters: Iterator[dict[str, object]]) -> Iterator[Sequence[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for each in encounters:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []


def _body(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


async def _baseline_database(platform: Platform) -> None:
    """The same tables, indexes and checks, empty; the baseline goes in as an administrator, whom no policy binds."""
    await _execute(platform, "postgres", "CREATE DATABASE baseline_screening OWNER screening_owner")
    owner = platform.environment("screening")["DATABASE_OWNER_URL"].rpartition("/")[0] + "/baseline_screening"
    await asyncio.to_thread(migrations.upgrade, service, owner_url=owner, application_role="screening_app")


async def _execute(platform: Platform, database: str, sql: str) -> None:
    connection = await asyncpg.connect(platform.database(database))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
