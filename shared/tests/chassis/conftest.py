import sys
from pathlib import Path

import pytest

from shared.chassis.service import Service

sys.path.insert(0, str(Path(__file__).parent / "sample" / "src"))


@pytest.fixture(scope="session")
def service() -> Service:
    from sample_service.main import service

    return service
