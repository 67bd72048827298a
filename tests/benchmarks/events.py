"""From a commit in one service to the projection of another, at 500 events a second."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg

from shared.chassis.actor import Actor
from shared.chassis.broker import Broker
from shared.chassis.database import Database
from shared.chassis.relay import Relay
from shared.chassis.settings import ServiceSettings
from shared.contracts.casefile import CaseFileOpenedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from tests.benchmarks.measure import Row
from tests.benchmarks.platform import Platform

PER_SECOND, SECONDS = 500, 20
WRITERS = 10
"""Who commit side by side, as requests do: one commit waits for the disk longer than a five-hundredth of a second."""
LOOK_SECONDS = 0.01


async def propagation(platform: Platform) -> AsyncIterator[Row]:
    """This process takes casefile's place (the same outbox, relay and broker); registry's projection is watched."""
    program = platform.programs["casefile"]
    await asyncio.to_thread(program.stop)
    gc.freeze()  # as a service does when it starts; what other benchmarks left here is not what is measured
    settings = ServiceSettings.model_validate({name.lower(): value for name, value in program.environment.items()})
    database, broker = Database(settings, owner="casefile"), Broker(settings, name="benchmark")
    await database.start()
    await broker.connect()
    relay = Relay(database_dsn=str(settings.database_url), owner="casefile", broker=broker)
    database.on_commit = relay.wake
    stop = asyncio.Event()
    relaying = asyncio.create_task(relay.run(stop))
    committed: dict[UUID, float] = {}
    awaited: set[UUID] = set()
    seen: dict[UUID, float] = {}
    try:
        await _publish(database, committed, awaited, count=PER_SECOND)  # everything is warm, and the relay leads
        watching = asyncio.create_task(_watch(platform, awaited, seen, stop))
        await _until(lambda: len(seen) == PER_SECOND)
        for past in (committed, seen):
            past.clear()
        await _publish(database, committed, awaited, count=PER_SECOND * SECONDS)
        await _until(lambda: len(seen) == PER_SECOND * SECONDS)
    finally:
        stop.set()
        await asyncio.gather(relaying, watching)
        await broker.close()
        await database.stop()
    delays = sorted(seen[each] - at for each, at in committed.items())
    p99 = delays[int(len(delays) * 0.99)] * 1000
    rate = len(committed) / (max(committed.values()) - min(committed.values()))
    yield Row(
        what=f"commit → projection in another service at {rate:,.0f} events/s, p99",
        baseline="-",
        ratio=p99,
        wanted="≤ 100 ms",
        ours=f"p50 {delays[len(delays) // 2] * 1000:.0f} ms, p99 {p99:.0f} ms, all {len(delays):,} arrived",
    )


async def _publish(database: Database, committed: dict[UUID, float], awaited: set[UUID], *, count: int) -> None:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for writer in range(WRITERS):
            numbers = range(writer, count, WRITERS)
            group.create_task(_write(database, committed, awaited, numbers=numbers, began=began))


async def _write(
    database: Database, committed: dict[UUID, float], awaited: set[UUID], *, numbers: range, began: float
) -> None:
    actor = Actor.system("casefile")
    for number in numbers:
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        case_file = new_id()
        async with database.command(actor) as command:
            command.publish(
                CaseFileOpenedV1(
                    case_file_id=case_file,
                    number="1",
                    version=1,
                    status="active",
                    jurisdiction=Jurisdiction("2901001"),
                    member_count=0,
                    members=[],
                    opened_on=today(),
                    payer_category=None,
                    area_class=None,
                )
            )
        committed[case_file] = time.perf_counter()
        awaited.add(case_file)


async def _watch(platform: Platform, awaited: set[UUID], seen: dict[UUID, float], stop: asyncio.Event) -> None:
    connection = await asyncpg.connect(platform.database("registry"))
    try:
        while not stop.is_set():
            rows = await connection.fetch(
                "SELECT case_file_id FROM case_file_location WHERE case_file_id = ANY($1::uuid[])", [*awaited]
            )
            now = time.perf_counter()
            for row in rows:
                awaited.discard(row["case_file_id"])
                seen[row["case_file_id"]] = now
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _until(holds, *, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)
