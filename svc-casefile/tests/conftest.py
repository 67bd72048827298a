"""Centers that are known, and clients at them."""

import sys
from pathlib import Path

import httpx
import pytest

from shared.chassis.actor import Actor
from shared.chassis.service import Service
from shared.contracts.registry import CenterOpenedV1
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.centers import repository as centers_repository

sys.path.insert(0, str(Path(__file__).parent))

from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, SUSPENDED_CENTER


@pytest.fixture(scope="session")
def service() -> Service:
    from svc_casefile.main import service

    return service


@pytest.fixture
async def centers(running: Running) -> None:
    """Open centers in two counties and another province, and one that is suspended."""
    places = {
        CENTER: "open",
        NEIGHBOUR: "open",
        OTHER_COUNTY: "open",
        OTHER_PROVINCE: "open",
        SUSPENDED_CENTER: "suspended",
    }
    async with running.database.command(Actor.system("casefile")) as command:
        for code, status in places.items():
            center = CenterOpenedV1(
                jurisdiction=Jurisdiction(code),
                code=code,
                version=1,
                name_fa="مرکز",
                status=status,
                area_class="urban",
                latitude=32.87,
                longitude=59.22,
            )
            await centers_repository.keep_center(command, center)


@pytest.fixture
async def worker(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A social worker of CENTER."""
    return await client_as("social-worker", CENTER)


@pytest.fixture
async def neighbour(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A social worker of another center in the same county."""
    return await client_as("social-worker", NEIGHBOUR)


@pytest.fixture
async def county(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("county-officer", "2901")


@pytest.fixture
async def province(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("province-officer", "29")
