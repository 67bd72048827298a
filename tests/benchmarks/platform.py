"""The whole platform in a folder of its own, as `make run` starts it, with its processes at hand."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import httpx

from deploy.local.accounts import Running, posted_token
from deploy.local.home import Home, Ports, Secrets
from deploy.local.processes import Program
from deploy.local.run import Outside, Stack
from shared.chassis.actor import Actor, sign
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.servers import port_in_use
from tests.benchmarks.measure import CORES, MEASURED, OTHERS


class Platform:
    """A running stack and what a benchmark needs to know of it."""

    def __init__(self, stack: Stack, home: Home) -> None:
        self.stack = stack
        self.home = home
        self.secrets: Secrets = home.secrets()
        self.running = Running.in_folder(home)

    @property
    def programs(self) -> dict[str, Program]:
        return {each.name: each for each in self.stack.processes.servers if isinstance(each, Program)}

    def environment(self, name: str) -> dict[str, str]:
        return dict(self.programs[name].environment)

    def database(self, name: str) -> str:
        """The administrator's address of a database: no policy binds it."""
        password = self.secrets.password("postgres")
        return f"postgresql://postgres:{password}@127.0.0.1:{self.stack.ports.postgres}/{name}"

    async def token(self, role: Role, scope: str) -> str:
        """An access token; in a thread, because the issuer answers from this event loop."""
        return await asyncio.to_thread(posted_token, self.running, role, Jurisdiction(scope))

    async def client(self, role: Role, scope: str, *, timeout: float = 120) -> httpx.AsyncClient:
        """A client of the gateway."""
        token = await self.token(role, scope)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.running.gateway, headers=headers, timeout=timeout)

    async def quiet(self) -> None:
        """Until every event that was caused has been published and has taken its effect."""
        monitor = f"http://127.0.0.1:{self.stack.ports.nats_monitor}/jsz?consumers=1"
        connection = await asyncpg.connect(self.database("casefile"))
        try:
            async with asyncio.timeout(300), httpx.AsyncClient() as client:
                while True:
                    unpublished = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
                    accounts = (await client.get(monitor)).json()["account_details"]
                    waiting = sum(
                        consumer["num_pending"] + consumer["num_ack_pending"]
                        for account in accounts
                        for stream in account.get("stream_detail", [])
                        for consumer in stream.get("consumer_detail", [])
                        if not consumer["name"].startswith("client-")  # a connected system that is not connected
                    )
                    if not unpublished and not waiting:
                        return
                    await asyncio.sleep(0.2)
        finally:
            await connection.close()

    def actor_token(self, service: str, role: Role, scope: str) -> str:
        """What the gateway would send to a service."""
        actor = Actor(subject=f"bench-{role}", roles=frozenset({role}), scope=Jurisdiction(scope))
        return sign(actor, audience=service, key=self.secrets.actor_key)

    def give_core(self, measured: str) -> None:
        """One process of ours has a core to itself; everything else shares the other."""
        for server in self.stack.processes.servers:
            _keep_to(server.pid, {MEASURED if server.name == measured else OTHERS})
        os.sched_setaffinity(0, {OTHERS})

    def share_cores(self) -> None:
        """Everything runs wherever there is room, as it does where nothing is measured."""
        for server in self.stack.processes.servers:
            _keep_to(server.pid, CORES)
        os.sched_setaffinity(0, CORES)


def _keep_to(process: int | None, cores: Collection[int]) -> None:
    for each in () if process is None else (process, *descendants(process)):
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{each}/task").iterdir():  # each has cores of its own, and gives them to its own
                os.sched_setaffinity(int(thread.name), cores)


def descendants(process: int) -> Iterator[int]:
    """Some may be gone by the time they are looked at: PostgreSQL starts and ends processes all the time."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from descendants(int(child))


def proportional_set_bytes(process: int) -> int:
    """Memory of a process; of pages that it shares with others, its share."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    """Start everything; stop it and remove its folder at the end."""
    with tempfile.TemporaryDirectory(prefix="positive-life-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Home(Path(folder))
        with home.locked():
            stack = Stack(home, Ports(ten_free_ports()), Outside(None, None))
            try:
                await stack.start()
                yield Platform(stack, home)
            finally:
                await stack.stop()


def ten_free_ports() -> int:
    for base in range(21_000, 60_000, 10):
        if not any(port_in_use(port) for port in range(base, base + 10)):
            return base
    raise LookupError("no ten free ports in a row")
