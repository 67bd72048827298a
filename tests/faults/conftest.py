"""The whole platform as `make run` starts it, whose parts a test kills."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import nats
import pytest

from deploy.local.accounts import Running, posted_token
from deploy.local.brokers import ADMINISTRATOR
from deploy.local.home import Home, Ports
from deploy.local.run import Outside, Stack
from shared.contracts.events import Envelope
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import data_folder
from shared.testing.servers import Server, free_port, port_in_use


class Platform:
    """A running stack: its parts, its data, and everything that was ever acknowledged through it."""

    def __init__(self, stack: Stack, home: Home) -> None:
        self._stack = stack
        self._secrets = home.secrets()
        self._running = Running.in_folder(home)
        self.url = self._running.gateway
        self.acknowledged: set[UUID] = set()
        """The case files whose opening was answered with 201, in all tests so far."""

    def part(self, name: str) -> Server:
        return next(each for each in self._stack.processes.servers if each.name == name)

    def others(self, name: str) -> dict[str, int | None]:
        """The process ids of all parts but one."""
        return {each.name: each.pid for each in self._stack.processes.servers if each.name != name}

    async def token(self, role: Role, scope: str) -> str:
        return await asyncio.to_thread(posted_token, self._running, role, Jurisdiction(scope))

    async def fetch(self, database: str, sql: str, *args: object) -> list[asyncpg.Record]:
        """As the administrator, whom no policy binds."""
        password = self._secrets.password("postgres")
        connection = await asyncpg.connect(
            f"postgresql://postgres:{password}@127.0.0.1:{self._stack.ports.postgres}/{database}"
        )
        try:
            return list(await connection.fetch(sql, *args))
        finally:
            await connection.close()

    async def events(self, stream: str) -> list[Envelope]:
        """Every event of a stream, in its order."""
        broker = await nats.connect(
            self._running.nats, user=ADMINISTRATOR, password=self._secrets.password(f"{ADMINISTRATOR}_nats")
        )
        try:
            jetstream = broker.jetstream()
            state = (await jetstream.stream_info(stream)).state
            subscription = await jetstream.subscribe(f"pl.{stream.lower()}.>", ordered_consumer=True)
            return [
                Envelope.parse((await subscription.next_msg(timeout=10)).data)
                for _ in range(state.first_seq, state.last_seq + 1)
            ]
        finally:
            await broker.close()


@pytest.fixture(scope="module")
async def platform() -> AsyncIterator[Platform]:
    with data_folder("faults") as folder:
        home = Home(folder)
        with home.locked(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("RATE_LIMIT", "100000/minute")
            stack = Stack(home, Ports(_ten_free_ports()), Outside(None, None))
            try:
                await stack.start()
                watching = asyncio.create_task(stack.watch())
                yield Platform(stack, home)
                watching.cancel()
                await asyncio.wait({watching})
            finally:
                await stack.stop()


def _ten_free_ports() -> int:
    while True:
        first = free_port()
        if not any(port_in_use(port) for port in range(first, first + 10)):
            return first


class Writers:
    """Callers that open case files through the gateway, and repeat each, with its key, until it is acknowledged."""

    PATIENCE_SECONDS = 60

    def __init__(self, platform: Platform, token: str) -> None:
        self._platform = platform
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        self.opened: list[UUID] = []
        self.answers: Counter[int] = Counter()
        self.refusals: list[httpx.Response] = []
        """Answers other than 201."""

    @asynccontextmanager
    async def writing(self, count: int = 4) -> AsyncIterator[None]:
        enough = asyncio.Event()
        async with (
            httpx.AsyncClient(base_url=self._platform.url, headers=self._headers, timeout=15) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(count):
                group.create_task(self._write(client, enough))
            try:
                yield
            finally:
                enough.set()

    async def _write(self, client: httpx.AsyncClient, enough: asyncio.Event) -> None:
        while not enough.is_set():
            await self._open(client)

    async def _open(self, client: httpx.AsyncClient) -> None:
        key, body = str(new_id()), household()
        deadline = time.monotonic() + self.PATIENCE_SECONDS
        while True:
            assert time.monotonic() < deadline, f"never acknowledged; {self.answers}"
            try:
                answer = await client.post("/v1/case-files", json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            self.answers[answer.status_code] += 1
            if answer.status_code == httpx.codes.CREATED:
                case_file = UUID(answer.json()["id"])
                self.opened.append(case_file)
                self._platform.acknowledged.add(case_file)
                return
            self.refusals.append(answer)
            await asyncio.sleep(0.1)

    async def until_opened(self, count: int) -> None:
        """Wait for that many more."""
        goal = len(self.opened) + count
        deadline = time.monotonic() + self.PATIENCE_SECONDS
        while len(self.opened) < goal:
            last = self.refusals[-1].text if self.refusals else None
            assert time.monotonic() < deadline, f"{len(self.opened)} of {goal} opened; {self.answers}; {last}"
            await asyncio.sleep(0.05)


_serial = iter(range(1_000_000))


def household() -> dict[str, Any]:
    """A household of one, whom nobody else has."""
    digits = f"{400_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    national_id = digits + str(remainder if remainder < 2 else 11 - remainder)
    head = {
        "relation": "head",
        "identity": {"type": "national", "value": national_id},
        "given_name": "مریم",
        "family_name": "احمدی",
        "birth_date": "1990-05-01",
        "sex": "female",
    }
    return {"members": [head]}


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 60) -> None:
    """Wait for a condition; raises TimeoutError when it does not come true. Parts may be away meanwhile."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                if await condition():
                    return
            except (OSError, httpx.HTTPError, asyncpg.PostgresError, nats.errors.Error, json.JSONDecodeError):
                pass
            await asyncio.sleep(0.05)
