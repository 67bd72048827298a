"""A small country to test in: two centers of a county, one of another county, one of another province; households."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from typing import Any

import httpx
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor, sign
from shared.chassis.service import Service
from shared.contracts.registry import CenterOpenedV1, ParameterSetV1
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Cluster, Running, serve

PROVINCE, COUNTY, CENTER = "29", "2901", "2901003"
NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901001", "2902001", "0904001"
OPENING_DAY = "2021-03-08"
MISSING = "01900000-0000-7000-8000-000000000000"

Json = dict[str, Any]

_serial = count(1)


def national_id() -> str:
    """A valid one that no other call gives."""
    digits = f"{500_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def person(relation: str = "child", **fields: Any) -> Json:
    said: Json = {
        "relation": relation,
        "identity": {"type": "national", "value": national_id()},
        "given_name": "مریم",
        "family_name": "احمدی",
        "birth_date": "1990-05-01",
        "sex": "female",
    }
    return said | fields


def household(*members: Json, **fields: Any) -> Json:
    """The body with which a file is opened: a head and a child, unless members are given."""
    return {"members": list(members) or [person("head"), person()], **fields}


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


@asynccontextmanager
async def running(service: Service, *, cluster: Cluster, key: OKPKey) -> AsyncIterator[Running]:
    """The service over a database of its own."""
    async with cluster.database(service) as settings, serve(service, settings, key=key) as served:
        yield served


class Everything(httpx.Auth):
    """Signs in as somebody with every role at a place (at none, for None), anew for each request.

    What such a caller is refused, it is refused for the place alone.
    """

    def __init__(self, scope: str | None, *, audience: str, key: OKPKey, roles: Iterable[Role] = Role) -> None:
        self._actor = Actor(
            subject=f"everything@{scope}", roles=frozenset(roles), scope=None if scope is None else Jurisdiction(scope)
        )
        self._audience, self._key = audience, key

    @property
    def header(self) -> str:
        return f"Bearer {sign(self._actor, audience=self._audience, key=self._key)}"

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self.header
        yield request


async def know_centers(
    casefile: Running, *codes: str, maximum: int = 150, points: dict[str, tuple[float, float]] | None = None
) -> None:
    """Let the registry announce open centers and the rules they are under, and wait until casefile knows them."""
    rules = {"files-per-center-minimum": 0, "files-per-center-maximum": maximum}
    for code in codes:
        latitude, longitude = (points or {}).get(code, (32.87, 59.22))
        await casefile.publish(
            CenterOpenedV1(
                jurisdiction=Jurisdiction(code),
                code=code,
                version=1,
                name_fa="مرکز",
                status="open",
                area_class="urban",
                latitude=latitude,
                longitude=longitude,
            )
        )
    for name, value in rules.items():
        await casefile.publish(
            ParameterSetV1(
                jurisdiction=Jurisdiction("IR"),
                parameter_id=new_id(),
                name=name,
                value=value,
                valid_from=date(2021, 3, 1),
            )
        )

    async def known() -> bool:
        async with casefile.database.query(Actor.system("casefile")) as query:
            centers = await query.fetchval("SELECT count(*) FROM center WHERE code = ANY($1)", [*codes])
            return bool(centers == len(codes) and await query.fetchval("SELECT count(*) FROM parameter") == len(rules))

    await eventually(known)


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait for what consumers and workers bring about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def finished_import(client: httpx.AsyncClient, answer: httpx.Response) -> Json:
    """The import when all its lines were dealt with."""
    assert answer.status_code == 202, answer.text
    job: Json = {}

    async def done() -> bool:
        nonlocal job
        job = (await client.get(answer.headers["Location"])).raise_for_status().json()
        return job["status"] in {"done", "incomplete"}

    await eventually(done)
    return job
