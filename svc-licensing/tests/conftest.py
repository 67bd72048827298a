import pytest

from shared.chassis.service import Service
from svc_licensing import main


@pytest.fixture(scope="session")
def service() -> Service:
    return main.service
