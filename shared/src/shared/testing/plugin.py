"""Fixtures for every service's tests: real PostgreSQL, real NATS, real HTTP, and callers with real actor tokens.

A service's `conftest.py` says which service it is about:

    @pytest.fixture(scope="session")
    def service() -> Service:
        return main.service

`running` is then that service, served on a free port over a database of its own that is cloned from a migrated
template, so that commits are real and tests do not see each other.
"""

import asyncio
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx
import pytest
import uvicorn
from joserfc.jwk import OKPKey
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import ConsumerConfig, DeliverPolicy

from shared.chassis import migrations
from shared.chassis.actor import PUBLIC, Actor, sign
from shared.chassis.broker import Broker
from shared.chassis.consumers import ConsumerRunner
from shared.chassis.database import Database
from shared.chassis.service import Service
from shared.chassis.settings import ServiceSettings
from shared.chassis.streams import OWNERS, ensure_streams, stream_of
from shared.contracts.events import Envelope
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import NatsServer, PostgresServer, free_port

ConsumerRunner.WAIT_SECONDS = 0.1  # a service that stops waits so long
Service.APART_SECONDS = 0.0  # what works beside the requests takes its first look before a test has begun
if importlib.util.find_spec("sniffio") is None:
    # httpx asks for it four times in each request; what is not there Python looks for in every folder again
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # how Python says that there is none
CURSOR_KEY = "a key for tests only, long enough to be one"

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 << 30
"""All servers of a run fill less than half of it; containers often have 64 MiB there."""
_OURS = "positive-life-"
_LONGEST_RUN_SECONDS = 86_400


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test run's own."""
    with data_folder("postgres") as folder, PostgresServer(folder) as server:
        yield server


@pytest.fixture(scope="session")
def nats() -> Iterator[NatsServer]:
    """A NATS server of this test run's own, with JetStream."""
    with data_folder("nats") as folder, NatsServer(folder) as server:
        yield server


@pytest.fixture(scope="session")
def nats_url(nats: NatsServer) -> str:
    return nats.url


@contextmanager
def data_folder(name: str) -> Iterator[Path]:
    """Where a server of a test run keeps its data, until the end of the run: in memory, when there is room.

    A clone of a database is some 400 new files. A file system on a disk takes ten times the CPU for them.

    Not one of pytest's folders: another run that starts closes those to other users (0700), and PostgreSQL runs as
    another user when the tests run as root.
    """
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    if roomy:
        _remove_what_killed_runs_left(_MEMORY)
    prefix = f"{_OURS}{name}-"
    with TemporaryDirectory(prefix=prefix, dir=_MEMORY if roomy else None, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def _remove_what_killed_runs_left(place: Path) -> None:
    for folder in place.glob(f"{_OURS}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LONGEST_RUN_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def actor_key() -> OKPKey:
    """The key that stands for the gateway's."""
    return OKPKey.generate_key("Ed25519", parameters={"kid": "tests", "alg": "Ed25519", "use": "sig"})


class Cluster:
    """Databases of services under test: one migrated template for each, a clone for each test."""

    def __init__(self, *, postgres: PostgresServer, nats_url: str, actor_key: OKPKey) -> None:
        self._postgres = postgres
        self._nats_url = nats_url
        self._actor_key = actor_key
        self._templates: set[str] = set()
        self._roles: set[str] = set()
        self._clones = 0
        self._administrator: asyncpg.Connection | None = None

    def settings(self, service: Service, database: str) -> ServiceSettings:
        return service.settings_type(
            database_url=self._postgres.url_for(database, user=f"{service.name}_app"),
            database_owner_url=self._postgres.url_for(database, user=f"{service.name}_owner"),
            nats_url=self._nats_url,
            actor_keys=json.dumps({"keys": [self._actor_key.as_dict(private=False)]}),
            cursor_key=CURSOR_KEY,
            log_format="text",
        )

    async def _administer(self, *statements: str) -> None:
        if self._administrator is None or self._administrator.is_closed():  # a test may have killed the server
            self._administrator = await asyncpg.connect(self._postgres.url)
        for statement in statements:
            await self._administrator.execute(statement)

    async def aclose(self) -> None:
        if self._administrator is not None:
            await self._administrator.close()

    async def template(self, service: Service) -> str:
        """The migrated template of a service, made at the first call."""
        # by its folder: two services under test may be stand-ins for the same one
        name = f"template_{service.folder.name}".replace("-", "_")
        if name not in self._templates:
            owner, application = f"{service.name}_owner", f"{service.name}_app"
            for role in {owner, application} - self._roles:
                await self._administer(f"CREATE ROLE {role} LOGIN")
                self._roles.add(role)
            await self._administer(f"CREATE DATABASE {name} OWNER {owner}")
            settings = self.settings(service, name)
            await asyncio.to_thread(
                migrations.upgrade,
                service,
                owner_url=str(settings.database_owner_url),
                application_role=application,
            )
            self._templates.add(name)
        return name

    @asynccontextmanager
    async def database(self, service: Service) -> AsyncIterator[ServiceSettings]:
        """A fresh database for one test."""
        template = await self.template(service)
        self._clones += 1
        name = f"{service.name}_{self._clones}"
        await self._administer(
            f"CREATE DATABASE {name} TEMPLATE {template} OWNER {service.name}_owner STRATEGY file_copy"
        )
        try:
            yield self.settings(service, name)
        finally:
            await self._administer(f"DROP DATABASE {name} WITH (FORCE)")


class Running:
    """A service under test, answering on `url`."""

    def __init__(self, *, service: Service, url: str, key: OKPKey) -> None:
        self.service = service
        self.url = url
        self.settings = service.settings
        self.database: Database = service.database
        self._key = key
        self._clients = AsyncExitStack()

    def token(self, role: Role | str, scope: str | None, *, subject: str | None = None) -> str:
        """An actor token as the gateway would sign it."""
        actor = Actor(
            subject=subject or f"{role}@{scope}",
            roles=frozenset({Role(role)}),
            scope=None if scope is None else Jurisdiction(scope),
        )
        return sign(actor, audience=self.service.name, key=self._key)

    def public_token(self) -> str:
        """The token with which the gateway passes on what needs no account."""
        return sign(PUBLIC, audience=self.service.name, key=self._key)

    async def client(self, authorization: str | None = None) -> httpx.AsyncClient:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {authorization}"} if authorization else {})
        return await self._clients.enter_async_context(
            httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, verify=False)
        )

    async def analyse(self) -> None:
        """Have the planner know what the tables hold, before its plans are looked at."""
        # as the owner: of others PostgreSQL takes no ANALYZE, and only warns
        connection = await asyncpg.connect(str(self.settings.database_owner_url))
        try:
            await connection.execute("ANALYZE")
            unknown = await connection.fetch(
                "SELECT relname FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 0"
            )
        finally:
            await connection.close()
        assert not unknown, f"ANALYZE passed over {unknown}"

    async def events(self, *, count: int, type: str | None = None, seconds: float = 5) -> list[Envelope]:  # noqa: A002
        """The first `count` events of a type (of all, without one) that the service has published.

        Raises AssertionError when there are fewer after `seconds`.
        """
        jetstream = self.service.broker.jetstream
        filters = f"{type}.>" if type else f"pl.{self.service.name}.>"
        subscription = await jetstream.subscribe(
            filters, ordered_consumer=True, config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        )
        found: list[Envelope] = []
        try:
            while len(found) < count:
                message = await subscription.next_msg(timeout=seconds)
                found.append(Envelope.parse(message.data))
        except NatsTimeout:
            raise AssertionError(
                f"{count} events of {filters} expected, {len(found)} came: {[each.type for each in found]}"
            ) from None
        finally:
            await subscription.unsubscribe()
        return found

    async def publish(self, *events: object) -> None:
        """Publish events of other services, as their relays would."""
        from datetime import UTC, datetime

        for event in events:
            identity = new_id()
            envelope = Envelope.wrap(event, id=identity, time=datetime.now(UTC), actor="test", traceparent=None)  # type: ignore[arg-type]
            await self.service.broker.jetstream.publish(
                event.subject,  # type: ignore[attr-defined]
                envelope.to_json(),
                headers={"Nats-Msg-Id": str(identity)},
            )

    async def aclose(self) -> None:
        await self._clients.aclose()


@pytest.fixture(scope="session")
async def cluster(postgres: PostgresServer, nats_url: str, actor_key: OKPKey) -> AsyncIterator[Cluster]:
    async with aclosing(Cluster(postgres=postgres, nats_url=nats_url, actor_key=actor_key)) as cluster:
        yield cluster


@asynccontextmanager
async def serve(service: Service, settings: ServiceSettings, *, key: OKPKey) -> AsyncIterator[Running]:
    """Serve on a free port, in this event loop, until the block is left."""
    service.configure(settings)
    await service.broker.connect()
    try:
        await _empty_streams(service.broker)
        port = free_port()
        server = uvicorn.Server(
            uvicorn.Config(service.app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="on")
        )
        # not serve(): it would take the signals, and looks ten times a second whether it should go on
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup()
        await server.on_tick(0)
        running = Running(service=service, url=f"http://127.0.0.1:{port}", key=key)
        try:
            yield running
        finally:
            await running.aclose()
            await stop(server)
    finally:
        await service.broker.close()


async def stop(server: uvicorn.Server) -> None:
    """As uvicorn stops, which waits a tenth of a second or two even when nobody is connected any more."""
    for _ in range(10):
        if not server.server_state.connections:
            break
        await asyncio.sleep(0.002)
    else:
        await server.shutdown()
        return
    for listener in server.servers:
        listener.close()
    await server.lifespan.shutdown()


async def _empty_streams(broker: Broker) -> None:
    jetstream = broker.jetstream
    known = {stream.config.name: stream for stream in await jetstream.streams_info()}
    for owner in OWNERS:
        if stream_of(owner) not in known:
            await ensure_streams(broker, owner=owner)
    for name, stream in known.items():
        if stream.state.consumer_count:
            for consumer in await jetstream.consumers_info(str(name)):
                await jetstream.delete_consumer(str(name), consumer.name)
        if stream.state.messages:
            await jetstream.purge_stream(str(name))


@pytest.fixture
async def running(service: Service, cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    """The service that this test is about, with an empty database and empty streams."""
    async with cluster.database(service) as settings, serve(service, settings, key=actor_key) as running:
        yield running


@pytest.fixture
async def anonymous(running: Running) -> httpx.AsyncClient:
    """A client without a token."""
    return await running.client()


@pytest.fixture
async def public(running: Running) -> httpx.AsyncClient:
    """Somebody without an account, as the gateway passes them on."""
    return await running.client(running.public_token())


ClientAs = Callable[..., "asyncio.Future[httpx.AsyncClient]"]


@pytest.fixture
def client_as(running: Running) -> Callable[..., object]:
    """`await client_as("center-manager", "2901003")`: a client with that role at that place."""

    async def make(role: Role | str, scope: str | None = None, *, subject: str | None = None) -> httpx.AsyncClient:
        return await running.client(running.token(role, scope, subject=subject))

    return make
