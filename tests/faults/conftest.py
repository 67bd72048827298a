"""The whole platform as `make run` starts it, whose parts a test kills."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx
import nats
import pytest

from deploy.local.accounts import Running, account_for, posted_token
from deploy.local.brokers import ADMINISTRATOR
from deploy.local.home import Home, Ports
from deploy.local.run import Outside, Stack
from shared.contracts.events import Envelope
from shared.contracts.roles import Role
from shared.kit.calendar import now, today
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


class Screeners:
    """Devices that send what was tested at a base, and send each batch again until it is acknowledged."""

    PATIENCE_SECONDS = 60
    ROUNDS = 8
    """In a batch each child is tested so many times, and tested again."""

    def __init__(self, platform: Platform, token: str, *, base: str, children: list[UUID]) -> None:
        self._platform = platform
        self._headers = {"Authorization": f"Bearer {token}"}
        self._base = base
        self.children = children
        self.recorded: set[UUID] = set()
        """The tests of all batches that were acknowledged."""
        self.acknowledged = 0
        self.answers: Counter[int] = Counter()

    @classmethod
    async def at_a_new_base(cls, platform: Platform, *, children: int) -> Self:
        """A center is opened, with a base, a screener who is permitted, and children who were registered there."""
        province = await platform.token(Role.PROVINCE_OFFICER, "29")
        async with httpx.AsyncClient(base_url=platform.url, timeout=15) as client:

            async def sent(path: str, token: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
                answer = await client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
                assert answer.is_success, answer.text
                document: dict[str, Any] = answer.json()
                return document

            place = {"county": "2901", "latitude": 32.86, "longitude": 59.22, "area_class": "urban"}
            named = {"name_fa": "مرکز", "licence_reference": "1399/29/1", "address": "بیرجند"}
            center = (await sent("/v1/centers", province, place | named))["code"]
            await sent(f"/v1/centers/{center}:ready", province)
            await sent(f"/v1/centers/{center}:open", province, {})
            screener = await platform.token(Role.SCREENER, center)
            day, person = today().isoformat(), account_for(Role.SCREENER, Jurisdiction(center))
            permit = {"person": person, "center": center, "programme": "vision", "certificate": "1"}
            days = {"valid_from": day, "valid_to": "2099-01-01"}

            async def permitted() -> bool:
                authorization = {"Authorization": f"Bearer {province}"}
                answer = await client.post("/v1/screener-permits", json=permit | days, headers=authorization)
                return answer.is_success

            await until(permitted)
            base = {"name_fa": "پایگاه", "kind": "fixed", "programmes": ["vision"], "center": center, "opens_on": day}
            opened = await sent("/v1/screening-bases", province, base)
            born = {"birth_date": date(today().year - 5, 1, 1).isoformat()}
            known = [UUID((await sent("/v1/screening-people", screener, born))["id"]) for _ in range(children)]
        return cls(platform, screener, base=opened["id"], children=known)

    @asynccontextmanager
    async def sending(self, count: int = 2) -> AsyncIterator[None]:
        enough = asyncio.Event()
        async with (
            httpx.AsyncClient(base_url=self._platform.url, headers=self._headers, timeout=15) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(count):
                group.create_task(self._send(client, enough))
            try:
                yield
            finally:
                enough.set()

    async def until_acknowledged(self, count: int) -> None:
        """Wait for that many more batches."""
        goal = self.acknowledged + count

        async def enough() -> bool:
            return self.acknowledged >= goal

        await until(enough)

    async def _send(self, client: httpx.AsyncClient, enough: asyncio.Event) -> None:
        while not enough.is_set():
            batch = [each for child in self.children for _ in range(self.ROUNDS) for each in self._failed_twice(child)]
            deadline = time.monotonic() + self.PATIENCE_SECONDS
            while True:
                assert time.monotonic() < deadline, f"never acknowledged; {self.answers}"
                try:
                    answer = await client.post("/v1/screening-encounters:batch", json={"encounters": batch})
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                self.answers[answer.status_code] += 1
                if answer.status_code == httpx.codes.OK:
                    said = answer.json()
                    assert said["refused"] == 0, said
                    assert {said["recorded"], said["unchanged"]} == {0, len(batch)}, "as a whole or not at all"
                    self.recorded |= {UUID(each["id"]) for each in batch}
                    self.acknowledged += 1
                    break
                await asyncio.sleep(0.05)

    def _failed_twice(self, child: UUID) -> list[dict[str, Any]]:
        first = {
            "id": str(new_id()),
            "person_id": str(child),
            "programme": "vision",
            "stage": "first",
            "instrument": "e-chart",
            "base_id": self._base,
            "made_at": now().isoformat(),
            "result": {"shape": "eyes", "right": {"acuity": "5/10"}, "left": {"acuity": "10/10"}},
        }
        return [first | {"id": str(new_id()), "stage": "repeat", "repeat_of": first["id"]}, first]


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
