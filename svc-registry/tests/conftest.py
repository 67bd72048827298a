"""The registry under test, the people who call it, and centers to work with."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor, sign
from shared.chassis.service import Service
from shared.contracts.roles import Role
from shared.testing.plugin import Running
from svc_registry import main

Statuses = Callable[..., Awaitable[dict[Role, int]]]
Json = dict[str, Any]
MakeCenter = Callable[..., Awaitable[Json]]


@pytest.fixture(scope="session")
def service() -> Service:
    return main.service


@pytest.fixture
async def headquarters(running: Running) -> httpx.AsyncClient:
    return await running.client(running.token(Role.HEADQUARTERS, "IR"))


@pytest.fixture
async def officer(running: Running) -> httpx.AsyncClient:
    """The officer of South Khorasan (29)."""
    return await running.client(running.token(Role.PROVINCE_OFFICER, "29"))


@pytest.fixture
async def neighbour(running: Running) -> httpx.AsyncClient:
    """The officer of another province, Razavi Khorasan (09)."""
    return await running.client(running.token(Role.PROVINCE_OFFICER, "09"))


@pytest.fixture
async def anybody(running: Running, actor_key: OKPKey) -> httpx.AsyncClient:
    """Somebody who is signed in and posted nowhere."""
    actor = Actor(subject="somebody", roles=frozenset(), scope=None)
    return await running.client(sign(actor, audience="registry", key=actor_key))


@pytest.fixture
def statuses(running: Running) -> Statuses:
    """`await statuses("POST", "/v1/centers", scope="29", json={})`: what each role is answered at that scope."""

    async def ask(method: str, address: str, *, scope: str | None, **request: Any) -> dict[Role, int]:
        found = {}
        for role in Role:
            client = await running.client(running.token(role, scope))
            found[role] = (await client.request(method, address, **request)).status_code
        return found

    return ask


@pytest.fixture
def center_body() -> Callable[..., Json]:
    """All that a center needs to become ready, with changes; None leaves a field out."""

    def body(**changes: Any) -> Json:
        whole = {
            "county": None if "code" in changes else "2901",
            "name_fa": "مرکز مثبت زندگی بیرجند",
            "area_class": "urban",
            "licence_reference": "1399/29/1",
            "address": "بیرجند، خیابان مدرس",
            "postal_code": "9717853577",
            "latitude": 32.8649,
            "longitude": 59.2262,
        }
        return {name: value for name, value in (whole | changes).items() if value is not None}

    return body


@pytest.fixture
def step() -> Callable[..., Awaitable[httpx.Response]]:
    """`await step(officer, "2901001", "suspend")`: ask for one step of a center's life."""

    async def ask(client: httpx.AsyncClient, code: str, name: str) -> httpx.Response:
        body = {"suspend": {"reason": "تعمیر"}, "close": {"reason": "پایان قرارداد"}, "open": {}}.get(name)
        return await client.post(f"/v1/centers/{code}:{name}", json=body)

    return ask


@pytest.fixture
def make_center(
    officer: httpx.AsyncClient, center_body: Callable[..., Json], step: Callable[..., Awaitable[httpx.Response]]
) -> MakeCenter:
    """A center of South Khorasan in the asked status: `await make_center("open", county="2904")`."""
    ways = {
        "planned": [],
        "ready": ["ready"],
        "open": ["ready", "open"],
        "suspended": ["ready", "open", "suspend"],
        "closed": ["close"],
    }

    async def make(status: str = "planned", **changes: Any) -> Json:
        response = await officer.post("/v1/centers", json=center_body(**changes))
        assert response.status_code == 201, response.text
        for name in ways[status]:
            response = await step(officer, response.json()["code"], name)
            assert response.status_code == 200, response.text
        center: Json = response.json()
        assert center["status"] == status
        return center

    return make


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    """`await eventually(check)`: wait for what consumers bring about."""

    async def wait(check: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not await check():
                await asyncio.sleep(0.02)

    return wait
