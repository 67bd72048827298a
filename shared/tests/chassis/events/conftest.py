"""A database with an outbox and an inbox, and a connection to NATS, both on servers that a test may kill."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor
from shared.chassis.broker import Broker
from shared.chassis.database import Database
from shared.chassis.relay import Relay
from shared.chassis.service import Service
from shared.chassis.settings import ServiceSettings
from shared.chassis.streams import ensure_streams
from shared.contracts.events import Envelope, Event
from shared.contracts.registry import ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Cluster, data_folder
from shared.testing.servers import NatsServer, PostgresServer

SYSTEM = Actor.system("registry")


def fact(number: int, *, county: str = "2901") -> ParameterSetV1:
    """An event that is told from others by its value."""
    return ParameterSetV1(
        parameter_id=new_id(),
        name="files-per-center-maximum",
        jurisdiction=Jurisdiction(county),
        value=number,
        valid_from=date(2026, 3, 21),
    )


class World:
    """One service's database, the streams, and the servers under them."""

    def __init__(self, *, postgres: PostgresServer, nats: NatsServer, settings: ServiceSettings) -> None:
        self.postgres = postgres
        self.nats = nats
        self.settings = settings
        self.dsn = str(settings.database_url)
        self.database = Database(settings, owner="registry")
        self.broker = Broker(settings, name="test")

    async def open(self) -> None:
        await self.database.start()
        await self.broker.connect()
        await ensure_streams(self.broker, owner="registry")
        for stream in ("REGISTRY", "DEAD_LETTERS"):
            for consumer in await self.broker.jetstream.consumers_info(stream):
                await self.broker.jetstream.delete_consumer(stream, consumer.name)
            await self.broker.jetstream.purge_stream(stream)

    async def close(self) -> None:
        await self.broker.close()
        await self.database.stop()

    async def commit(self, *events: Event) -> None:
        """Into the outbox, in a transaction of their own."""
        async with self.database.command(SYSTEM) as command:
            command.publish_many(events)

    async def send(self, *events: Event) -> list[bytes]:
        """Straight into the stream, as another service's relay would; returns the documents."""
        documents = []
        for event in events:
            identity = new_id()
            documents.append(Envelope.wrap(event, id=identity, time=datetime.now(UTC), actor="somebody").to_json())
            await self.broker.jetstream.publish(
                event.subject, documents[-1], headers={"Nats-Msg-Id": str(identity)}, timeout=5
            )
        return documents

    async def stored(self, stream: str = "REGISTRY") -> list[Any]:
        """Every message of a stream, in its order."""
        state = (await self.broker.jetstream.stream_info(stream)).state
        return [await self.broker.jetstream.get_msg(stream, seq) for seq in range(state.first_seq, state.last_seq + 1)]

    async def values(self) -> list[int]:
        return [Envelope.parse(message.data).data["value"] for message in await self.stored()]

    async def waiting(self) -> int:
        """How many events the outbox still has to publish."""
        return int(await self.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))

    async def fetchval(self, sql: str, *args: object) -> Any:
        async with self.database.query(SYSTEM) as query:
            return await query.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> None:
        """As the administrator, whom row-level security does not bind."""
        connection = await asyncpg.connect(self.postgres.url_for(self.dsn.rsplit("/", 1)[1]))
        try:
            await connection.execute(sql, *args)
        finally:
            await connection.close()

    async def restart(self, server: NatsServer | PostgresServer, *, away: float = 0.3) -> None:
        """SIGKILL, and up again on the same port and data."""
        server.kill()
        await asyncio.sleep(away)
        server.spawn()
        await asyncio.to_thread(server.wait_ready)


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 15) -> None:
    """Wait for a condition; raises TimeoutError when it does not come true. A server may be away meanwhile."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await condition():
                    return
            except Exception:  # noqa: BLE001 - the deadline is what fails
                pass
            await asyncio.sleep(0.02)


class Background:
    """Runs relays and consumers beside a test, and stops them in the end."""

    def __init__(self) -> None:
        self._running: dict[object, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    def start(self, runner: Any) -> None:
        stop = asyncio.Event()
        self._running[runner] = (stop, asyncio.create_task(runner.run(stop)))

    async def stop(self, runner: Any) -> None:
        stop, task = self._running.pop(runner)
        stop.set()
        if isinstance(runner, Relay):
            runner.wake()
        async with asyncio.timeout(10):
            await task

    async def kill(self, runner: Any) -> None:
        """As a process dies: in the middle of whatever it was doing."""
        _, task = self._running.pop(runner)
        task.cancel()
        await asyncio.wait({task})

    async def stop_all(self) -> None:
        for runner in list(self._running):
            await self.stop(runner)


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    await background.stop_all()


@pytest.fixture
async def world(cluster: Cluster, service: Service, postgres: PostgresServer, nats: NatsServer) -> AsyncIterator[World]:
    async with cluster.database(service) as settings:
        world = World(postgres=postgres, nats=nats, settings=settings)
        await world.open()
        yield world
        await world.close()


@pytest.fixture(scope="session")
def mortal_nats() -> Iterator[NatsServer]:
    with data_folder("nats") as folder, NatsServer(folder) as server:
        yield server


@pytest.fixture(scope="session")
def mortal_postgres() -> Iterator[PostgresServer]:
    with data_folder("postgres") as folder, PostgresServer(folder) as server:
        yield server


@pytest.fixture(scope="session")
async def mortal_cluster(
    mortal_postgres: PostgresServer, mortal_nats: NatsServer, actor_key: OKPKey
) -> AsyncIterator[Cluster]:
    async with aclosing(Cluster(postgres=mortal_postgres, nats_url=mortal_nats.url, actor_key=actor_key)) as cluster:
        yield cluster


@pytest.fixture
async def mortal(
    mortal_cluster: Cluster, service: Service, mortal_postgres: PostgresServer, mortal_nats: NatsServer
) -> AsyncIterator[World]:
    """A world whose servers the test may kill."""
    async with mortal_cluster.database(service) as settings:
        world = World(postgres=mortal_postgres, nats=mortal_nats, settings=settings)
        await world.open()
        yield world
        await world.close()
