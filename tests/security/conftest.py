"""The services that hold data, served; casefile, screening and adoption know the centers of the small country."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import pytest
from joserfc.jwk import OKPKey

from shared.chassis.service import Service
from shared.testing.plugin import Cluster, Running
from tests import samples

CallerAt = Callable[[Running, str | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def casefile(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with samples.running(services["casefile"], cluster=cluster, key=actor_key) as served:
        await samples.know_centers(
            served, samples.CENTER, samples.NEIGHBOUR, samples.OTHER_COUNTY, samples.OTHER_PROVINCE
        )
        yield served


@pytest.fixture
async def registry(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with samples.running(services["registry"], cluster=cluster, key=actor_key) as served:
        yield served


@pytest.fixture
async def screening(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with samples.running(services["screening"], cluster=cluster, key=actor_key) as served:
        everybody = f"everything@{samples.COUNTY}"
        await samples.know_places(served, samples.CENTER, samples.NEIGHBOUR, screeners=[everybody])
        yield served


@pytest.fixture
async def licensing(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with samples.running(services["licensing"], cluster=cluster, key=actor_key) as served:
        yield served


@pytest.fixture
async def adoption(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with samples.running(services["adoption"], cluster=cluster, key=actor_key) as served:
        await samples.know_places(served, samples.CENTER, samples.NEIGHBOUR)
        await samples.know_law(served)
        yield served


@pytest.fixture
def caller_at(actor_key: OKPKey) -> CallerAt:
    """`await caller_at(casefile, "2901")`: somebody with every role there, whom only the place can be held against."""

    async def make(served: Running, scope: str | None) -> httpx.AsyncClient:
        client = await served.client()
        client.auth = samples.Everything(scope, audience=served.service.name, key=actor_key)
        return client

    return make
