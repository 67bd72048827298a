"""A center at a glance, of two services; one of them may be missing."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.chassis.actor import Actor
from shared.kit.jurisdiction import Jurisdiction

ADDRESS = "/v1/centers/2901003/overview"
CENTER = {"code": "2901003", "name_fa": "مرکز ۳"}
COUNTS = {"files": 400, "persons": 1075}


class Services:
    """Registry and casefile, which answer as they are told."""

    def __init__(self, running: Any) -> None:
        self.answers: dict[str, Response | float] = {
            "/v1/centers/2901003": JSONResponse(CENTER),
            "/v1/case-files:summary": JSONResponse(COUNTS),
        }
        self.actors: dict[str, Actor] = {}
        self._running = running

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        service = "casefile" if path.startswith("/v1/case-files") else "registry"
        authorization = Request(scope).headers["authorization"]
        self.actors[service] = self._running._verifiers[service].verify(authorization)
        answer = self.answers[path]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
        else:
            await answer(scope, receive, send)


@pytest.fixture
def services(running: Any) -> Services:
    running.upstream.behaviour = services = Services(running)
    return services


@pytest.fixture
async def client(running: Any) -> Any:
    return await running.client_of("officer", ("province-officer", "29"))


async def test_both_services_at_once(services: Services, client: Any) -> None:
    answer = await client.get(ADDRESS)
    assert answer.status_code == 200
    assert answer.json() == {"center": CENTER, "case_files": COUNTS, "partial": False, "unavailable": []}


async def test_files_are_counted_within_the_center(services: Services, client: Any) -> None:
    await client.get(ADDRESS)
    assert services.actors["casefile"].scope == Jurisdiction("2901003")
    assert services.actors["casefile"].subject == "officer"


@pytest.mark.parametrize("missing", ["casefile", "registry"])
async def test_a_part_that_is_missing_is_said_to_be(services: Services, client: Any, missing: str) -> None:
    path = "/v1/case-files:summary" if missing == "casefile" else "/v1/centers/2901003"
    services.answers[path] = Response(status_code=503)
    answer = await client.get(ADDRESS)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["partial"], body["unavailable"]) == (True, [missing])
    assert body["case_files" if missing == "casefile" else "center"] is None
    assert body["center" if missing == "casefile" else "case_files"] is not None


async def test_a_slow_part_does_not_hold_up_the_other(
    services: Services, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.overview._TOGETHER_SECONDS", 0.3)
    services.answers["/v1/case-files:summary"] = 20.0
    async with asyncio.timeout(5):
        body = (await client.get(ADDRESS)).json()
    assert (body["center"], body["unavailable"]) == (CENTER, ["casefile"])


async def test_nobody_answers(services: Services, client: Any) -> None:
    services.answers = dict.fromkeys(services.answers, Response(status_code=500))
    answer = await client.get(ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_center_that_is_not_there(services: Services, client: Any) -> None:
    services.answers["/v1/centers/2901003"] = Response(status_code=404)
    answer = await client.get(ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_what_is_no_center(services: Services, client: Any) -> None:
    answer = await client.get("/v1/centers/29010/overview", headers={"Accept-Language": "fa"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    assert answer.headers["content-language"] == "fa"
    assert services.actors == {}


async def test_headquarters_sees_no_files(services: Services, running: Any) -> None:
    client = await running.client_of("minister", ("headquarters", "IR"))
    assert (await client.get(ADDRESS)).status_code == 403
