"""The managers and offices of both sides."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY
from distribution_samples import know_rule

from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def origin(running: Running, centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    """The manager of CENTER, in a country where a center may have three files."""
    await know_rule(running, "maximum", 3)
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def destination(origin: httpx.AsyncClient, client_as: ClientAs) -> httpx.AsyncClient:
    """The manager of NEIGHBOUR, in the same county."""
    return await client_as("center-manager", NEIGHBOUR)


@pytest.fixture
async def elsewhere(origin: httpx.AsyncClient, client_as: ClientAs) -> httpx.AsyncClient:
    """The manager of a center in another county."""
    return await client_as("center-manager", OTHER_COUNTY)


@pytest.fixture
async def other_county(origin: httpx.AsyncClient, client_as: ClientAs) -> httpx.AsyncClient:
    """The office of that county."""
    return await client_as("county-officer", OTHER_COUNTY[:4])
