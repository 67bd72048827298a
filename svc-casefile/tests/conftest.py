import pytest

from shared.chassis.service import Service


@pytest.fixture(scope="session")
def service() -> Service:
    from svc_casefile.main import service

    return service
