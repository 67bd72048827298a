"""What the gateway shows itself: the documentation (without the outside world), contracts, problems, health, CORS."""

import html
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from gateway.contract import MERGED
from shared.kit.problems import PROBLEMS

HERE = "http://127.0.0.1"


@pytest.fixture
async def anyone(running: Any) -> httpx.AsyncClient:
    return await running.client()


async def test_the_documentation_asks_nobody_else(anyone: httpx.AsyncClient) -> None:
    page = await anyone.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/")
        found = await anyone.get(address)
        assert found.status_code == 200, address
        assert found.content
    assert "https://" not in page.text
    assert "http://" not in page.text


async def test_the_browser_is_told_to_load_nothing_from_outside(anyone: httpx.AsyncClient) -> None:
    policies = (await anyone.get("/docs")).headers.get_list("content-security-policy")
    assert len(policies) == 1
    directives = dict(each.strip().split(" ", 1) for each in policies[0].split(";"))
    assert directives["default-src"] == "'none'"
    for name, sources in directives.items():
        assert set(sources.split()) <= {"'self'", "'none'", "data:"}, name
    assert "data:" not in directives["script-src"]


async def test_the_page_needs_no_script_inside_itself(anyone: httpx.AsyncClient) -> None:
    page = (await anyone.get("/docs")).text
    assert re.findall(r"<script(?![^>]*src=)", page) == []
    assert "style=" not in page
    assert "onload" not in page


async def test_the_contract_is_served_as_it_is_committed(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(MERGED.read_text(encoding="utf-8"))


async def test_the_contract_of_events_is_served(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/asyncapi.yaml")
    assert answer.status_code == 200
    assert yaml.safe_load(answer.text)["asyncapi"].startswith("3.")


async def test_every_problem_has_a_page_in_both_languages(anyone: httpx.AsyncClient) -> None:
    index = (await anyone.get("/problems")).text
    for code, problem in PROBLEMS.items():
        page = await anyone.get(f"/problems/{code}")
        assert page.status_code == 200
        assert html.escape(problem.title["fa"]) in page.text
        assert html.escape(problem.title["en"]) in page.text
        assert f"/problems/{code}" in index


async def test_a_problems_type_leads_to_its_page(anyone: httpx.AsyncClient) -> None:
    problem = (await anyone.get("/v1/me")).json()
    assert (await anyone.get(problem["type"])).status_code == 200


async def test_a_problem_that_is_none(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/problems/%3Cscript%3E")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/favicon.ico", "/docs/assets/../settings.py", "/docs/nothing", "/problems/", "/x"])
async def test_other_addresses_are_problems(anyone: httpx.AsyncClient, path: str) -> None:
    answer = await anyone.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_other_methods_are_problems(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.post("/docs")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


async def test_the_front_page_leads_to_the_documentation(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/")
    assert answer.headers["location"] == "/docs"


async def test_health(anyone: httpx.AsyncClient) -> None:
    assert (await anyone.get("/livez")).status_code == 200
    ready = await anyone.get("/readyz")
    assert ready.json() == {"status": "ok", "checks": {"issuer": "ok", "postings": "ok", "audit": "ok"}}


async def test_an_origin_that_is_allowed(start: Any) -> None:
    running = await start(cors_origins=("https://app.example",))
    client = await running.client_of("worker", ("social-worker", "2901003"))
    origin = {"Origin": "https://app.example"}
    asked = await client.options(
        "/v1/case-files",
        headers=origin
        | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,if-match,x-scope",
        },
    )
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "https://app.example"
    assert "POST" in asked.headers["access-control-allow-methods"]
    for path, status in (("/v1/case-files", 200), ("/v1/nothing", 404)):
        answer = await client.get(path, headers=origin)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_an_origin_that_is_not_allowed(start: Any) -> None:
    running = await start(cors_origins=("https://app.example",))
    client = await running.client()
    origin = {"Origin": "https://evil.example"}
    asked = await client.options("/v1/me", headers=origin | {"Access-Control-Request-Method": "GET"})
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in (await client.get("/v1/me", headers=origin)).headers


async def test_without_configuration_no_origin_is_allowed(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get("/v1/me", headers={"Origin": "https://app.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_pages_are_files_of_the_package() -> None:
    static = Path(MERGED).parents[1] / "static"
    for page in static.iterdir():
        assert re.findall(r"(?:https?:)?//[a-z]", page.read_text(encoding="utf-8")) == [], page.name
