"""`make run`: from nothing to a running platform, and everything down again at Ctrl-C."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the stack listens: a Ctrl-C during the imports says nothing

import asyncio
import ctypes
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import shared.chassis.lean  # noqa: F401 - before nats

# isort: split
import uvicorn
from joserfc.jwk import ECKey

from deploy.local import databases
from deploy.local.brokers import CLIENT, configuration
from deploy.local.home import ADMINISTRATOR, SERVICES, Home, Ports, Refusal, Secrets, write_private
from deploy.local.issuer import AUDIENCE, Issuer, application
from deploy.local.processes import Processes, Program, Task, interpreter_environment
from shared.testing.servers import LOOPBACK, NatsServer, PostgresServer, ServerError, port_in_use

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Outside:
    """Servers that exist already, where they are named."""

    database_url: str | None
    nats_url: str | None

    @classmethod
    def from_environment(cls) -> Outside:
        database, nats = os.environ.get("DATABASE_URL") or None, os.environ.get("NATS_URL") or None
        if database and urlsplit(database).scheme not in {"postgresql", "postgres"}:
            raise Refusal(
                "DATABASE_URL has to be a PostgreSQL administrator's address, as postgresql://user:password@host/."
            )
        if nats and urlsplit(nats).scheme not in {"nats", "tls"}:
            raise Refusal("NATS_URL has to be an address as nats://host:4222.")
        return cls(database, nats)


class Stack:
    """The platform on this machine, in the order in which its parts need each other."""

    def __init__(self, home: Home, ports: Ports, outside: Outside) -> None:
        self.home = home
        self.ports = ports
        self.outside = outside
        self.processes = Processes(say=say)
        self._issuer: asyncio.Task[None] | None = None
        self._tasks: list[Task] = []

    async def start(self) -> None:
        """Returns when every process is ready. Raises Refusal or ServerError."""
        begun = time.monotonic()
        await self._refuse_ports_in_use()
        secrets = self.home.secrets()
        events_lost = (self.home.folder / "postgres").exists() and not (self.home.folder / "nats").exists()
        await self._start_issuer(secrets)
        migrate = await self._task("Migrating", module="deploy.local.migrate")
        database_url, nats_url = await asyncio.gather(self._start_postgres(secrets), self._start_nats(secrets))
        environments = {name: self._service(name, secrets, database_url, nats_url) for name in SERVICES}
        ours = None if self.outside.nats_url else {"url": nats_url, "password": secrets.password("administrator_nats")}
        told = {"services": environments, "nats": ours, "events_lost": ours is not None and events_lost}
        await migrate.finish(json.dumps(told))
        say("databases and streams are at this release")
        if told["events_lost"]:
            say("the folder of NATS is gone: what services know of each other is announced again")
        await self.processes.start(
            *(
                self._program(name, module=f"svc_{name}.main", port=self.ports.service(name), environment=environment)
                for name, environment in environments.items()
            ),
            wave=1,
        )
        say(f"services: {', '.join(SERVICES)}")
        gateway = self._gateway(secrets, nats_url)
        await self.processes.start(
            self._program("gateway", module="gateway.main", port=self.ports.gateway, environment=gateway), wave=2
        )
        self._tell(database_url, nats_url, seconds=time.monotonic() - begun)

    async def watch(self) -> None:
        """Runs until something cannot be kept running."""
        await self.processes.watch()

    async def stop(self) -> None:
        self.home.addresses.unlink(missing_ok=True)
        for task in self._tasks:
            await task.stop()
        await self.processes.stop()
        if self._issuer is not None:
            self._issuer.cancel()
            await asyncio.gather(self._issuer, return_exceptions=True)

    async def _refuse_ports_in_use(self) -> None:
        ports = self.ports
        needed = {"gateway": ports.gateway, **{name: ports.service(name) for name in SERVICES}, "issuer": ports.issuer}
        if self.outside.database_url is None:
            needed["PostgreSQL"] = ports.postgres
        if self.outside.nats_url is None:
            needed |= {"NATS": ports.nats, "NATS monitoring": ports.nats_monitor}
        for patience in (2.0, 0.0):  # what an earlier run left is dying at this moment
            taken = [f"{port} ({name})" for name, port in needed.items() if port_in_use(port)]
            if not taken:
                return
            await asyncio.sleep(patience)
        word = "Port" if len(taken) == 1 else "Ports"
        raise Refusal(
            f"{word} {', '.join(taken)} in use: stop what listens there, or choose others with GATEWAY_PORT=9000."
        )

    async def _start_issuer(self, secrets: Secrets) -> None:
        def remember(keys: list[ECKey]) -> None:
            secrets.values["issuer_keys"] = [key.as_dict(private=True) for key in keys]
            self.home.keep(secrets)

        issuer = Issuer(self._issuer_url, secrets.issuer_keys, remember=remember)
        listener = socket.create_server((LOOPBACK, self.ports.issuer))
        config = uvicorn.Config(
            application(issuer), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        server = _QuietServer(config)
        self._issuer = asyncio.create_task(server.serve(sockets=[listener]), name="issuer")

    async def _start_postgres(self, secrets: Secrets) -> str:
        if self.outside.database_url:
            url = self.outside.database_url
        else:
            server = PostgresServer(
                self.home.folder / "postgres",
                port=self.ports.postgres,
                password=secrets.password("postgres"),
                durable=True,
                settings={"shared_buffers": "64MB", "max_wal_size": "512MB"},
                log=self.home.log("postgres"),
            )
            await self.processes.start(server, wave=0)
            url = server.url
        version = await databases.create(url, secrets)
        say(f"PostgreSQL {version} on {_place(url)}")
        return url

    async def _start_nats(self, secrets: Secrets) -> str:
        if self.outside.nats_url:
            url = self.outside.nats_url
        else:
            server = NatsServer(
                self.home.folder / "nats",
                port=self.ports.nats,
                monitor_port=self.ports.nats_monitor,
                durable=True,
                config=configuration(secrets),
                log=self.home.log("nats"),
            )
            await self.processes.start(server, wave=0)
            url = server.url
        say(f"NATS on {_place(url)}")
        return url

    async def _task(self, name: str, *, module: str) -> Task:
        log = self.home.log(module.rpartition(".")[2])
        self._tasks.append(
            task := await Task.start(name, module=module, environment=interpreter_environment(), log=log)
        )
        return task

    def _program(self, name: str, *, module: str, port: int, environment: Mapping[str, str]) -> Program:
        return Program(name, module=module, port=port, environment=environment, log=self.home.log(name))

    def _service(self, name: str, secrets: Secrets, database_url: str, nats_url: str) -> dict[str, str]:
        def database(role: str) -> str:
            return databases.address(database_url, database=name, user=role, password=secrets.password(role))

        environment = interpreter_environment() | {
            "DATABASE_URL": database(f"{name}_app"),
            "DATABASE_OWNER_URL": database(f"{name}_owner"),
            "ACTOR_KEYS": json.dumps({"keys": [secrets.actor_key.as_dict(private=False)]}),
            "CURSOR_KEY": secrets.password(f"{name}_cursor"),
        }
        if name == "registry":
            environment["FIRST_ADMINISTRATOR"] = ADMINISTRATOR
        if name in {"casefile", "screening", "licensing", "adoption"}:
            environment["SEALING_KEYS"] = secrets.sealing_keys(name)
        if name == "licensing":
            gateway = f"http://{LOOPBACK}:{self.ports.gateway}"
            environment["VERIFICATION_ADDRESS"] = f"{gateway}/v1/licence-verifications/"
        return environment | self._nats(name, secrets, nats_url)

    def _gateway(self, secrets: Secrets, nats_url: str) -> dict[str, str]:
        upstreams = {name: f"http://{LOOPBACK}:{self.ports.service(name)}" for name in SERVICES}
        environment = interpreter_environment() | {
            "OIDC_ISSUER": self._issuer_url,
            "OIDC_AUDIENCE": AUDIENCE,
            "ACTOR_SIGNING_KEY": json.dumps(secrets.actor_key.as_dict(private=True)),
            "UPSTREAMS": json.dumps(upstreams),
            "AUDIT_JOURNAL": str(self.home.folder / "audit"),
        }
        return environment | self._nats("gateway", secrets, nats_url)

    def _nats(self, name: str, secrets: Secrets, url: str) -> dict[str, str]:
        if self.outside.nats_url:
            given = {key: os.environ[key] for key in ("NATS_USER", "NATS_PASSWORD") if os.environ.get(key)}
            return {"NATS_URL": url, **given}
        return {"NATS_URL": url, "NATS_USER": name, "NATS_PASSWORD": secrets.password(f"{name}_nats")}

    @property
    def _issuer_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.issuer}"

    def _tell(self, database_url: str, nats_url: str, *, seconds: float) -> None:
        gateway = f"http://{LOOPBACK}:{self.ports.gateway}"
        addresses = {"gateway": gateway, "issuer": self._issuer_url, "nats": nats_url, "process": os.getpid()}
        write_private(self.home.addresses, json.dumps(addresses, indent=2))
        say(f"logs in {self.home.logs}, state in {self.home.folder}; Ctrl-C stops everything and keeps the state")
        say(f"people: {ADMINISTRATOR} appoints; any other with  make token ROLE=center-manager SCOPE=2901003")
        if not self.outside.nats_url:
            say(f"connected system: NATS user {CLIENT.name} (province {CLIENT.jurisdiction}; password in secrets.json)")
        say(
            f"ready after {seconds:.1f} s: {gateway} (docs {gateway}/docs, issuer {self._issuer_url}, "
            f"PostgreSQL {_place(database_url)}, NATS {_place(nats_url)})"
        )


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are for the stack


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


async def run(home: Home, ports: Ports, outside: Outside) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(32))  # threads that wait for a start must not keep one from a stop
    stack = Stack(home, ports, outside)
    asked_to_stop = asyncio.Event()

    def on_signal() -> None:
        if asked_to_stop.is_set():
            stack.processes.kill()
        else:
            say("stopping")
            asked_to_stop.set()

    for each in STOP_SIGNALS:
        loop.add_signal_handler(each, on_signal)

    async def live() -> None:
        await stack.start()
        await stack.watch()

    living = asyncio.create_task(live())
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        living.cancel()
        stopping.cancel()
        await stack.stop()
        outcome = (await asyncio.gather(living, return_exceptions=True))[0]
    if isinstance(outcome, BaseExceptionGroup):
        outcome = outcome.exceptions[0]
    if isinstance(outcome, Exception):
        raise outcome
    say("stopped")


def main() -> int:
    if sys.platform == "linux" and os.environ.get("MAKELEVEL"):
        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)  # PR_SET_PDEATHSIG: a killed make leaves nothing
    try:
        home, ports, outside = Home.from_environment(), Ports.from_environment(), Outside.from_environment()
        with home.locked():
            asyncio.run(run(home, ports, outside))
    except (Refusal, ServerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
