import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.registry import PostingGrantedV1
from shared.testing.plugin import Running
from svc_registry.main import prepare
from svc_registry.settings import RegistrySettings


@pytest.fixture
def settings(running: Running) -> RegistrySettings:
    assert isinstance(running.settings, RegistrySettings)
    return running.settings.model_copy(update={"first_administrator": "first"})


async def test_appointed_once_and_announced(
    running: Running, settings: RegistrySettings, headquarters: httpx.AsyncClient
) -> None:
    for _ in range(2):
        async with running.database.command(Actor.system("registry")) as command:
            await prepare(command, settings)
    (posting,) = (await headquarters.get("/v1/postings")).json()["items"]
    assert (posting["person"], posting["role"], posting["jurisdiction"]) == ("first", "headquarters", "IR")
    assert posting["granted_by"] == "system:registry"
    (envelope,) = await running.events(type=PostingGrantedV1.type, count=1)
    assert (envelope.address, envelope.data["person"]) == (f"{PostingGrantedV1.type}.-.-.-", "first")


async def test_what_was_ended_stays_ended(
    running: Running, settings: RegistrySettings, headquarters: httpx.AsyncClient
) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await prepare(command, settings)
    (posting,) = (await headquarters.get("/v1/postings")).json()["items"]
    ended = await headquarters.post(f"/v1/postings/{posting['id']}:end", json={}, headers={"If-Match": '"1"'})
    assert ended.status_code == 200
    async with running.database.command(Actor.system("registry")) as command:
        await prepare(command, settings)
    assert len((await headquarters.get("/v1/postings")).json()["items"]) == 1


async def test_nobody_without_configuration(running: Running, headquarters: httpx.AsyncClient) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await prepare(command, running.settings)
    assert (await headquarters.get("/v1/postings")).json()["items"] == []
