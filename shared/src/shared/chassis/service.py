"""What makes a process a service. Everything else in a service is about its field."""

import asyncio
import gc
import importlib.util
import json
import logging
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData

from shared.chassis import faults, idempotency, migrations, openapi
from shared.chassis.actor import Actor, ActorVerifier
from shared.chassis.broker import Broker
from shared.chassis.consumers import ConsumerRunner, Handlers
from shared.chassis.database import CONNECTION_ERRORS, Command, Database
from shared.chassis.dead_letters import list_dead_letters, return_dead_letters
from shared.chassis.health import Check, pages
from shared.chassis.leadership import stopped
from shared.chassis.relay import Relay, republish_since
from shared.chassis.settings import ServiceSettings, load, refuse
from shared.chassis.streams import ensure_streams
from shared.chassis.telemetry import Measured, configure_logs, configure_traces, unsampled
from shared.kit.problems import Problem

log = logging.getLogger(__name__)

Background = Callable[[Database, asyncio.Event], Awaitable[None]]
"""Work beside requests: runs until the event is set, and is started again when it fails."""
OnStart = Callable[[Command, Any], Awaitable[None]]


class Service:
    """One bounded context: its application, relay, consumers, migrations and command line."""

    RESTART_SECONDS = 1.0
    APART_SECONDS = 0.3
    """From the start of one background work to the next: together they would each open a connection, and keep it."""

    def __init__(
        self,
        *,
        name: str,
        title: str,
        description: str,
        package: str,
        metadata: MetaData,
        routers: Sequence[APIRouter] = (),
        consumers: Sequence[Handlers] = (),
        background: Sequence[Background] = (),
        settings: type[ServiceSettings] = ServiceSettings,
        on_start: OnStart | None = None,
        republish: Callable[[Command], Awaitable[None]] | None = None,
    ) -> None:
        """`on_start` runs once after migrating, with the settings; `republish` announces the present state again."""
        self.name = name
        self.metadata = metadata
        self.folder = _folder(package)
        self.settings_type = settings
        self._consumers = consumers
        self._background = background
        self._on_start = on_start
        self._republish = republish
        self.announces_state = republish is not None
        self.settings: ServiceSettings
        self.database: Database
        self.broker: Broker
        self.verifier: ActorVerifier
        self.app = FastAPI(
            title=title,
            description=description,
            version="1",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            lifespan=self._lifespan,
            redirect_slashes=False,  # a path that no contract lists does not exist
            telemetry={
                "metrics": False,
                "logs": False,
                "operation_spans": False,
                "auto_configure": False,
                "exclude": unsampled,
            },
        )
        self.app.state.service = self
        self.app.add_middleware(Measured)
        faults.install(self.app)
        checks = {"database": self._check_database, "events": self._check_events, "consumers": self._check_consumers}
        # not include_router: a router within a router is matched twice, which every request would pay
        for router in (*routers, pages(checks)):
            self.app.router.routes.extend(router.routes)
        self.app.openapi = lambda: openapi.contract(self.app)  # type: ignore[method-assign]

    def configure(self, settings: ServiceSettings) -> None:
        """Take the settings; nothing connects yet."""
        self.settings = settings
        self.database = Database(settings, owner=self.name)
        self.broker = Broker(settings, name=self.name)
        self.verifier = ActorVerifier(audience=self.name, keys=settings.actor_keys)

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        if not hasattr(self, "settings"):
            self.configure(load(self.settings_type))
        stop = asyncio.Event()
        await self.database.start()
        await self.broker.connect()
        dsn = str(self.settings.database_url)
        self.relay = Relay(database_dsn=dsn, owner=self.name, broker=self.broker)
        self.database.on_commit = self.relay.wake
        self.runner = ConsumerRunner(
            service=self.name, handlers=self._consumers, database=self.database, database_dsn=dsn, broker=self.broker
        )
        tasks = [
            asyncio.create_task(self._keep(name, work, stop, after=place * self.APART_SECONDS), name=name)
            for place, (name, work) in enumerate(
                {
                    "relay": lambda: self.relay.run(stop),
                    "consumers": lambda: self.runner.run(stop),
                    **{each.__name__: _bind(each, self.database, stop) for each in self._background},
                    "housekeeping": lambda: self._housekeeping(stop),
                }.items()
            )
        ]
        try:
            yield
        finally:
            stop.set()
            self.relay.wake()  # it rests until its next look at the outbox otherwise
            _, pending = await asyncio.wait(tasks, timeout=self.settings.shutdown_grace_seconds)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            await self.broker.close()
            await self.database.stop()

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]], stop: asyncio.Event, *, after: float) -> None:
        await stopped(stop, within=after)
        while not stop.is_set():
            try:
                await work()
            except Exception as error:
                log.exception(
                    "background work failed, starting it again", extra={"work": name, "reason": str(type(error))}
                )
            if not stop.is_set():
                await asyncio.sleep(self.RESTART_SECONDS)

    async def _housekeeping(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await idempotency.forget_old(self.database, Actor.system(self.name))
            except (*CONNECTION_ERRORS, Problem):
                log.warning("housekeeping has to wait for the database")
            try:
                await asyncio.wait_for(stop.wait(), timeout=3600)
            except TimeoutError:
                continue

    async def _check_database(self) -> Check:
        try:
            async with asyncio.timeout(2), self.database.query(Actor.system(self.name)) as query:
                revision = await query.fetchval("SELECT version_num FROM alembic_version")
                unbound = await query.fetchval(migrations.UNBOUND.format("current_user"))
        except Exception:  # noqa: BLE001 (whatever it is, the service cannot serve)
            return Check(ok=False, detail="the database does not answer, or was never migrated")
        head = migrations.head(self)
        if revision != head and revision in migrations.known(self):
            return Check(ok=False, detail=f"the database is at {revision}, this release needs {head}: run migrate")
        if unbound:
            return Check(ok=False, detail="row-level security does not bind the role of DATABASE_URL")
        return Check(ok=True)

    async def _check_events(self) -> Check:
        if not self.broker.connected:
            return Check(ok=False, vital=False, detail="not connected to NATS: events wait in the outbox")
        return Check(ok=True)

    async def _check_consumers(self) -> Check:
        stuck = self.runner.stuck()
        return Check(ok=not stuck, vital=False, detail=f"stuck: {', '.join(stuck)}" if stuck else "ok")

    # the command line

    def main(self, arguments: Sequence[str] | None = None) -> None:
        """`python -m svc_x.main serve | migrate | openapi | republish | dead-letters list|return`."""
        parser = ArgumentParser(prog=f"svc-{self.name}")
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("serve", help="answer requests, relay and consume events")
        commands.add_parser("migrate", help="bring database and streams to this release, then leave")
        commands.add_parser("openapi", help="print the contract")
        again = commands.add_parser("republish", help="announce the present state again, for consumers that start anew")
        again.add_argument(
            "--since",
            type=_moment,
            metavar="2026-03-21T08:00:00Z",
            help="publish again what was published since then instead, for a stream that was lost",
        )
        letters = commands.add_parser("dead-letters", help="events that a consumer gave up on")
        letters.add_argument("action", choices=["list", "return"])
        letters.add_argument("--limit", type=int, default=100)
        chosen = parser.parse_args(arguments)
        if chosen.command == "openapi":
            sys.stdout.write(json.dumps(self.app.openapi(), ensure_ascii=False, indent=2) + "\n")
            return
        settings = load(self.settings_type)
        configure_logs(service=self.name, level=settings.log_level, style=settings.log_format)
        self.configure(settings)
        match chosen.command:
            case "serve":
                self._serve(settings)
            case "migrate":
                self.migrate()
            case "republish":
                asyncio.run(self._connected(lambda: self._republish_all(since=chosen.since)))
            case "dead-letters":
                act = list_dead_letters if chosen.action == "list" else return_dead_letters
                asyncio.run(self._connected(lambda: act(self.broker, service=self.name, limit=chosen.limit)))

    def _serve(self, settings: ServiceSettings) -> None:
        configure_traces(service=self.name, endpoint=settings.otel_exporter_otlp_endpoint)
        gc.collect()
        gc.freeze()  # what is loaded stays: to look through it again and again would show in every latency
        uvicorn.run(
            self.app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        )

    def migrate(self) -> None:
        """Tables, streams and what the service needs to find at its first start."""
        settings = self.settings
        if settings.database_owner_url is None:
            refuse("DATABASE_OWNER_URL: migrating needs the role that owns the tables")
        role = settings.database_url.hosts()[0]["username"]
        migrations.upgrade(self, owner_url=str(settings.database_owner_url), application_role=str(role))
        asyncio.run(self._connected(self._prepare))

    async def _prepare(self) -> None:
        await ensure_streams(self.broker, owner=self.name)
        if self._on_start is not None:
            async with self.database.command(Actor.system(self.name)) as command:
                await self._on_start(command, self.settings)

    async def _republish_all(self, *, since: datetime | None) -> None:
        if since is None and self._republish is None:
            refuse(f"{self.name} has no state that others keep a copy of")
        async with self.database.command(Actor.system(self.name)) as command:
            if since is not None:
                sys.stdout.write(f"{await republish_since(command.connection, since)} events to publish again\n")
            elif self._republish is not None:
                await self._republish(command)

    async def _connected(self, work: Callable[[], Awaitable[None]]) -> None:
        await self.database.start()
        await self.broker.connect()
        try:
            await work()
        finally:
            await self.broker.close()
            await self.database.stop()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time") from None
    if moment.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} lacks its offset from UTC, such as Z or +03:30")
    return moment


def _bind(work: Background, database: Database, stop: asyncio.Event) -> Callable[[], Awaitable[None]]:
    return lambda: work(database, stop)


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"package {package} is not installed")
    return Path(spec.origin).parents[2]
