"""A center and its county, who decide together."""

import httpx
import pytest
from casefile_samples import CENTER
from finding_samples import Committees

from shared.testing.plugin import ClientAs


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def committees(worker: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient) -> Committees:
    return Committees(worker, manager, county)
