"""Centers and rules that are known, and clients at them."""

import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

from shared.chassis.actor import Actor
from shared.chassis.service import Service
from shared.contracts.registry import CenterOpenedV1, ParameterSetV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_adoption.centers.repository import keep_center
from svc_adoption.parameters.repository import keep_parameter

sys.path.insert(0, str(Path(__file__).parent))

from adoption_samples import CENTER, COUNTY, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE, PROVINCE

NUMBERS = {
    "adoption-marriage-years": 5,
    "adoption-one-spouse-over-years": 30,
    "adoption-single-from-years": 30,
    "adoption-children-at-most": 2,
    "adoption-child-under-years": 16,
    "adoption-senior-from-years": 50,
    "adoption-opinion-months": 2,
    "adoption-trial-months": 6,
    "adoption-unclaimed-years": 2,
}
"""As the registry announces them."""


@pytest.fixture(scope="session")
def service() -> Service:
    from svc_adoption.main import service

    return service


@pytest.fixture
async def places(running: Running) -> None:
    """Open centers in two counties and another province, and the rules of the law."""
    async with running.database.command(Actor.system("adoption")) as command:
        for code in (CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE):
            await keep_center(
                command,
                CenterOpenedV1(
                    jurisdiction=Jurisdiction(code),
                    code=code,
                    version=1,
                    name_fa="مرکز",
                    status="open",
                    area_class="urban",
                    latitude=32.87,
                    longitude=59.22,
                ),
            )
        for name, value in NUMBERS.items():
            await keep_parameter(
                command,
                ParameterSetV1(
                    jurisdiction=Jurisdiction("IR"),
                    parameter_id=new_id(),
                    name=name,
                    value=value,
                    valid_from=date(2013, 9, 22),
                ),
            )


@pytest.fixture
async def worker(places: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The adoption worker of CENTER."""
    return await client_as("adoption-worker", CENTER)


@pytest.fixture
async def officer(places: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The adoption officer of the county."""
    return await client_as("adoption-officer", COUNTY)


@pytest.fixture
async def member(places: None, client_as: ClientAs) -> httpx.AsyncClient:
    """A member of the province's committee."""
    return await client_as("adoption-committee", PROVINCE, subject="member-1")


@pytest.fixture
async def other_member(places: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("adoption-committee", PROVINCE, subject="member-2")


@pytest.fixture
async def province(places: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The adoption officer of the province, whose queue it is."""
    return await client_as("adoption-officer", PROVINCE)
