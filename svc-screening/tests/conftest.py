"""Centers that are known, and clients at them."""

import sys
from pathlib import Path

import httpx
import pytest

from shared.chassis.actor import Actor
from shared.chassis.service import Service
from shared.contracts.registry import CenterOpenedV1, PostingGrantedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_screening.centers import repository as centers_repository
from svc_screening.screeners import repository as screeners_repository

sys.path.insert(0, str(Path(__file__).parent))

from screening_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, Json, base_at


@pytest.fixture(scope="session")
def service() -> Service:
    from svc_screening.main import service

    return service


@pytest.fixture
async def headquarters(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("headquarters", "IR", subject="first")


@pytest.fixture
async def second(client_as: ClientAs) -> httpx.AsyncClient:
    """Another person of headquarters."""
    return await client_as("headquarters", "IR", subject="second")


@pytest.fixture
async def centers(running: Running) -> None:
    """Open centers in two counties and another province, each with a screener who is permitted everything."""
    async with running.database.command(Actor.system("screening")) as command:
        for code in (CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE):
            place = Jurisdiction(code)
            await centers_repository.keep_center(
                command,
                CenterOpenedV1(
                    jurisdiction=place,
                    code=code,
                    version=1,
                    name_fa="مرکز",
                    status="open",
                    area_class="urban",
                    latitude=32.87,
                    longitude=59.22,
                ),
            )
            posting = PostingGrantedV1(
                jurisdiction=place,
                posting_id=new_id(),
                version=1,
                person=f"screener@{code}",
                role="screener",
                valid_from="2021-03-21",
                granted_by="test",
            )
            await screeners_repository.keep_posting(command, posting, ended=False)
            await command.connection.execute(
                "INSERT INTO permit (id, jurisdiction, version, person, programme_code, certificate, valid_from,"
                " valid_to, granted_by, granted_at)"
                " SELECT gen_random_uuid(), $1, 1, $2, code, '1', '2021-03-21', '2099-03-20', 'test', now()"
                " FROM programme",
                code,
                posting.person,
            )


@pytest.fixture
async def screener(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A screener of CENTER who is permitted everything."""
    return await client_as("screener", CENTER)


@pytest.fixture
async def neighbour(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A screener of another center in the same county."""
    return await client_as("screener", NEIGHBOUR)


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def county(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("county-officer", "2901")


@pytest.fixture
async def province(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("province-officer", "29")


@pytest.fixture
async def base(manager: httpx.AsyncClient) -> Json:
    """A base of CENTER for everything."""
    return await base_at(manager)


@pytest.fixture
async def base_elsewhere(centers: None, client_as: ClientAs) -> Json:
    """A base of NEIGHBOUR."""
    return await base_at(await client_as("center-manager", NEIGHBOUR))
