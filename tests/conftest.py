"""What tests of several services share."""

import importlib

import pytest

from shared.chassis.service import Service

SERVICES = ("registry", "casefile", "screening", "licensing", "adoption")


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    """Every service, by name."""
    return {name: importlib.import_module(f"svc_{name}.main").service for name in SERVICES}


@pytest.fixture(scope="session", params=SERVICES)
def each_service(request: pytest.FixtureRequest, services: dict[str, Service]) -> Service:
    return services[request.param]
