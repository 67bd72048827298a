import pytest

from shared.chassis.service import Service
from svc_screening import main


@pytest.fixture(scope="session")
def service() -> Service:
    return main.service
