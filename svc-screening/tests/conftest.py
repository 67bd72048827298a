"""Centers that are known, and clients at them."""

import sys
from pathlib import Path

import httpx
import pytest

from shared.chassis.service import Service
from shared.testing.plugin import ClientAs

sys.path.insert(0, str(Path(__file__).parent))

from screening_samples import CENTER


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
async def manager(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)
