import json

import httpx

from shared.chassis.service import Service
from shared.testing.plugin import Running


async def test_it_is_alive_and_ready(running: Running, anonymous: httpx.AsyncClient) -> None:
    for address in ("/livez", "/readyz"):
        response = await anonymous.get(address)
        assert (response.status_code, response.json()["status"]) == (200, "ok")


async def test_it_promises_nothing_yet(service: Service) -> None:
    assert service.app.openapi()["paths"] == {}
    committed = json.loads((service.folder / "openapi.json").read_text("utf-8"))
    assert committed == service.app.openapi()
