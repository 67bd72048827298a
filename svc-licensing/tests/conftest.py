"""Everybody who has a part in a licence, at one place."""

import sys
from pathlib import Path

import httpx
import pytest

from shared.chassis.service import Service
from shared.testing.plugin import ClientAs

sys.path.insert(0, str(Path(__file__).parent))

from licensing_samples import CENTER


@pytest.fixture(scope="session")
def service() -> Service:
    from svc_licensing.main import service

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
    """Who takes applications in, at CENTER."""
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def officer(client_as: ClientAs) -> httpx.AsyncClient:
    """Of the county that CENTER is in."""
    return await client_as("licensing-officer", "2901", subject="officer")


@pytest.fixture
async def deputy(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("specialised-deputy", "29", subject="deputy")


@pytest.fixture
async def secretary(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("commission-secretary", "29", subject="secretary")


@pytest.fixture
async def member(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("commission-member", "29", subject="member")
