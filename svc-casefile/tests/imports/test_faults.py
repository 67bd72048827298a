"""Processes that die, lines that cannot be written, and several workers at once: each line still lands once."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import asyncpg
import httpx
import pytest
from casefile_samples import household
from import_samples import Json, counts, errors_of, files_of, finished, ndjson, sent, taken_in
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor, sign
from shared.chassis.service import Service
from shared.chassis.settings import ServiceSettings
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Cluster, Running
from shared.testing.servers import die_with_parent, free_port
from svc_casefile.imports import service as imports
from svc_casefile.line_reader import LineReader

LINES = 2000


def lines(count: int) -> list[Json]:
    return [household(jurisdiction="2901", legacy_number=str(number), address="ن" * 1000) for number in range(count)]


Start = Callable[[ServiceSettings, int], Awaitable[Process]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts the service as a process of its own; whatever becomes of the test, none is left."""
    started: list[Process] = []

    async def make(settings: ServiceSettings, port: int) -> Process:
        environment = os.environ | {
            "DATABASE_URL": str(settings.database_url),
            "NATS_URL": settings.nats_url,
            "ACTOR_KEYS": settings.actor_keys,
            "CURSOR_KEY": settings.cursor_key.get_secret_value(),
            "PORT": str(port),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "svc_casefile.main", "serve"),
            env=environment,
            stdout=DEVNULL,
            stderr=DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        started.append(process)
        async with httpx.AsyncClient() as client:
            for _ in range(400):
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/livez")).is_success:
                        return process
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError("the service does not come up")

    try:
        yield make
    finally:
        for process in started:
            await kill(process)


async def kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.mark.timeout(180)
async def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(
    service: Service, cluster: Cluster, actor_key: OKPKey, start: Start
) -> None:
    officer = Actor(subject="officer", roles=frozenset({Role.PROVINCE_OFFICER}), scope=Jurisdiction("29"))
    async with cluster.database(service) as settings:
        owner = await asyncpg.connect(str(settings.database_owner_url))
        await owner.execute("SELECT set_config('app.scope_from', '', false), set_config('app.scope_to', ':', false)")
        port = free_port()
        process = await start(settings, port)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            client.headers["Authorization"] = f"Bearer {sign(officer, audience='casefile', key=actor_key)}"
            answer = await sent(client, ndjson(*lines(LINES)))
            deaths = []
            for _ in range(3):
                # struck while it works: some lines have landed since the last time, and some wait
                before = await owner.fetchval("SELECT count(*) FROM case_file")
                while await owner.fetchval("SELECT count(*) FROM case_file") == before < LINES:
                    pass
                await kill(process)
                deaths.append(await owner.fetchval("SELECT count(*) FROM case_file"))
                process = await start(settings, port)
                if deaths[-1] == LINES:
                    break
            client.headers["Authorization"] = f"Bearer {sign(officer, audience='casefile', key=actor_key)}"
            job = await finished(client, answer)
        await kill(process)
        files, members, numbers, history, opened = await owner.fetchrow(
            """
            SELECT count(*), (SELECT count(*) FROM member), count(DISTINCT legacy_number),
                   (SELECT count(*) FROM case_file_history),
                   (SELECT count(DISTINCT payload) FROM outbox WHERE type = 'pl.casefile.case-file.opened.v1')
              FROM case_file
            """
        )
        await owner.close()
    assert min(deaths) < LINES, "it was never killed at work"
    assert (job["status"], counts(job)) == ("done", (LINES, LINES, 0, 0))
    assert (files, members, numbers, history, opened) == (LINES, LINES, LINES, LINES, LINES)


def readers() -> list[int]:
    """Processes of ours that read lines."""
    children = (task / "children" for task in Path("/proc/self/task").iterdir())
    return [
        int(child)
        for each in children
        for child in each.read_text().split()
        if b"line_reader" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


async def test_a_reader_that_is_killed_loses_nothing_and_repeats_nothing(
    running: Running, province: httpx.AsyncClient
) -> None:
    deaths = 0

    async def strike() -> None:
        nonlocal deaths
        for age in (0, 0.2, 0.4):  # it starts within half a second, and reads for a while
            while not readers():
                await asyncio.sleep(0.01)
            await asyncio.sleep(age)
            for reader in readers():
                os.kill(reader, signal.SIGKILL)
                deaths += 1

    striking = asyncio.create_task(strike())
    job = await finished(province, await sent(province, ndjson(*lines(800))), seconds=60)
    striking.cancel()

    assert deaths > 0, "it was never killed"
    assert (job["status"], counts(job)) == ("done", (800, 800, 0, 0))
    assert (await province.get("/v1/case-files:summary")).json()["files"] == 800


async def test_lines_are_read_in_a_process_that_ends_when_there_are_no_more(
    province: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineReader, "STAYS_SECONDS", 0.1)
    good, bad = lines(200), household(colour="blue")
    answer = await sent(province, ndjson(*good[:150], bad, *good[150:], b"{"))
    during = 0
    while not during:
        during = len(readers())
        await asyncio.sleep(0)

    job = await finished(province, answer)

    assert during == 1
    assert await errors_of(province, job) == [(151, "/colour", "extra-forbidden"), (202, "", "malformed-line")]
    assert counts(job) == (202, 200, 0, 2)
    async with asyncio.timeout(5):
        while readers():
            await asyncio.sleep(0.05)


async def test_several_workers_share_an_import(running: Running, province: httpx.AsyncClient) -> None:
    stop = asyncio.Event()

    async def another() -> None:
        async with aclosing(imports.Intake(running.database, service="casefile")) as intake:
            while not stop.is_set():
                await intake.take_in()
                await asyncio.sleep(0)

    workers = [asyncio.create_task(another()) for _ in range(3)]
    answers = await asyncio.gather(*[sent(province, ndjson(*lines(400)), source=f"system-{n}") for n in range(3)])
    jobs = [await finished(province, answer) for answer in answers]
    stop.set()
    await asyncio.gather(*workers)

    assert [counts(job) for job in jobs] == [(400, 400, 0, 0)] * 3


async def test_the_same_file_sent_twice_at_once_lands_once(running: Running, province: httpx.AsyncClient) -> None:
    body = ndjson(*lines(300))

    answers = await asyncio.gather(*[sent(province, body) for _ in range(3)])
    jobs = [await finished(province, answer) for answer in answers]

    assert sorted(counts(job) for job in jobs) == [(300, 0, 300, 0), (300, 0, 300, 0), (300, 300, 0, 0)]
    assert (await province.get("/v1/case-files:summary")).json()["files"] == 300


async def test_a_line_that_the_database_cannot_take_takes_no_other_with_it(
    running: Running, province: httpx.AsyncClient
) -> None:
    owner = await asyncpg.connect(str(running.settings.database_owner_url))
    await owner.execute("ALTER TABLE case_file ADD CHECK (tenure <> 'institutional')")
    await owner.close()
    good, poison = lines(20), household(jurisdiction="2901", tenure="institutional")

    job = await taken_in(province, *good[:7], poison, *good[7:])

    assert counts(job) == (21, 20, 0, 1)
    assert await errors_of(province, job) == [(8, "", "line-not-taken-in")]
    assert len(await files_of(province)) == 20


async def test_other_requests_do_not_wait_for_an_import(running: Running, province: httpx.AsyncClient) -> None:
    """The worker shares its event loop with the requests: no turn of it may be long."""
    turns: list[float] = []
    done = asyncio.Event()

    async def watch() -> None:
        clock = asyncio.get_running_loop().time
        while not done.is_set():
            before = clock()
            await asyncio.sleep(0)
            turns.append(clock() - before)

    body = ndjson(*[household(*household()["members"], jurisdiction="2901") for _ in range(1500)])
    watching = asyncio.create_task(watch())
    answer = await sent(province, body)
    assert json.loads(answer.text)["lines"] == 1500
    assert (await finished(province, answer))["landed"] == 1500
    done.set()
    await watching

    assert len(turns) > 20, f"others had their turn {len(turns)} times"
