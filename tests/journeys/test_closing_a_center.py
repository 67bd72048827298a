"""A center closes: registry suspends it, casefile clears it, and only then does registry let it go."""

from collections.abc import Mapping

import httpx
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor
from shared.chassis.service import Service
from shared.testing.plugin import Cluster, Running
from tests.samples import Everything, Json, eventually, household, know_centers, running, sent

PROVINCE = "29"


async def _client(served: Running, key: OKPKey) -> httpx.AsyncClient:
    client = await served.client()
    client.auth = Everything(PROVINCE, audience=served.service.name, key=key)
    return client


async def _open_center(registry: httpx.AsyncClient, code: str) -> None:
    await sent(
        registry,
        "POST",
        "/v1/centers",
        json={
            "code": code,
            "name_fa": f"مرکز {code}",
            "area_class": "urban",
            "latitude": 32.87,
            "longitude": 59.22,
            "address": "خیابان مدرس",
            "licence_reference": "L-1",
        },
    )
    await sent(registry, "POST", f"/v1/centers/{code}:ready")
    await sent(registry, "POST", f"/v1/centers/{code}:open", json={})


async def _status(casefile: Running, code: str) -> str | None:
    async with casefile.database.query(Actor.system("casefile")) as query:
        status: str | None = await query.fetchval("SELECT status FROM center WHERE code = $1", code)
    return status


async def _files(registry: Running, center: str) -> int:
    """How many files registry has heard of at a center."""
    async with registry.database.query(Actor.system("registry")) as query:
        return int(await query.fetchval("SELECT count(*) FROM case_file_location WHERE jurisdiction = $1", center))


async def test_a_center_with_files_closes_once_they_are_elsewhere(
    services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey
) -> None:
    async with (
        running(services["casefile"], cluster=cluster, key=actor_key) as casefile,
        running(services["registry"], cluster=cluster, key=actor_key) as registry,
    ):
        files, centers = await _client(casefile, actor_key), await _client(registry, actor_key)
        closing, staying = "2901001", "2901002"
        for code in (closing, staying):
            await _open_center(centers, code)

            async def opened(code: str = code) -> bool:
                return await _status(casefile, code) == "open"

            await eventually(opened, seconds=30)
        await know_centers(casefile, maximum=10)
        for _ in range(3):
            await sent(files, "POST", "/v1/case-files", json=household(jurisdiction=closing))

        async def announced() -> bool:
            return await _files(registry, closing) == 3

        await eventually(announced)
        await sent(centers, "POST", f"/v1/centers/{closing}:suspend", json={"reason": "پایان قرارداد"})
        refused = await _closing(centers, closing)
        assert (refused.status_code, refused.json()["files"]) == (409, 3)

        async def suspended() -> bool:
            return await _status(casefile, closing) == "suspended"

        await eventually(suspended)
        cleared: Json = await sent(
            files, "POST", "/v1/center-closings", json={"center": closing, "reason": "پایان قرارداد"}
        )
        assert (cleared["files"], cleared["placed"], cleared["waiting"]) == (3, 3, 0)

        async def closed() -> bool:
            return (await _closing(centers, closing)).status_code == 200

        await eventually(closed)
        everything = (await sent(files, "GET", "/v1/case-files"))["items"]
        assert [file["jurisdiction"] for file in everything] == [staying] * 3


async def _closing(registry: httpx.AsyncClient, code: str) -> httpx.Response:
    return await registry.post(f"/v1/centers/{code}:close", json={"reason": "پایان قرارداد"})
