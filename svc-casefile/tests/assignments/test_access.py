"""Who may give files to whom, and see the loads: role × operation × own place, another's, none."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened
from worker_samples import know_worker, planned

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

PLACES = {
    Role.HEADQUARTERS: "IR",
    Role.PROVINCE_OFFICER: "29",
    Role.COUNTY_OFFICER: "2901",
}
ASSIGN, POSTINGS = Permission.CASE_FILE_ASSIGN, Permission.POSTING_READ
NOBODYS = "01a2008d-7400-7000-8000-000000000000"

Request = tuple[str, str, Json | None, Permission]


def requests(plan: str, file: Json) -> Mapping[str, Request]:
    named = {"id": file["id"], "version": file["version"]}
    return {
        "workers": ("GET", "/v1/workers", None, POSTINGS),
        "assign": ("POST", "/v1/case-files:assign", {"worker": None, "files": [named]}, ASSIGN),
        "hand-over": (
            "POST", "/v1/case-files:hand-over", {"center": CENTER, "from_worker": "x", "to_worker": "sara"}, ASSIGN,
        ),
        "plan": ("POST", "/v1/assignment-plans", {"center": CENTER}, ASSIGN),
        "plans": ("GET", "/v1/assignment-plans", None, ASSIGN),
        "one plan": ("GET", f"/v1/assignment-plans/{plan}", None, ASSIGN),
        "its files": ("GET", f"/v1/assignment-plans/{plan}/files", None, ASSIGN),
        "apply": ("POST", f"/v1/assignment-plans/{plan}:apply", None, ASSIGN),
        "drop": ("POST", f"/v1/assignment-plans/{plan}:drop", None, ASSIGN),
    }  # fmt: skip


async def _send(client: httpx.AsyncClient, request: Request) -> httpx.Response:
    method, path, body, _ = request
    return await client.request(method, path, json=body, headers={"If-Match": '"1"'})


@pytest.fixture
async def manager(running: Running, centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    await know_worker(running, "sara", CENTER)
    return await client_as("center-manager", CENTER)


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method in operations
        if path.startswith(("/v1/workers", "/v1/assignment", "/v1/case-files:assign", "/v1/case-files:hand-over"))
    }
    assert declared == {request[:2] for request in requests("{plan_id}", {"id": "", "version": 1}).values()}


@pytest.mark.parametrize("role", Role)
async def test_each_role_does_what_it_is_granted_and_no_more(
    manager: httpx.AsyncClient, client_as: ClientAs, role: Role
) -> None:
    client, file = await client_as(role, PLACES.get(role, CENTER)), await opened(manager)
    for name in requests("", file):
        plan = (await planned(manager, CENTER))["id"]
        request = requests(plan, file)[name]
        answer = await _send(client, request)
        if request[3] in GRANTS[role]:
            assert answer.is_success, (role, name, answer.text)
        else:
            assert code_of(answer) == (403, "forbidden"), (role, name)


@pytest.mark.parametrize(("role", "place"), [("center-manager", NEIGHBOUR), ("county-officer", "2902")])
async def test_elsewhere_nothing_exists(manager: httpx.AsyncClient, client_as: ClientAs, role: str, place: str) -> None:
    stranger, file = await client_as(role, place), await opened(manager)
    plan = (await planned(manager, CENTER))["id"]
    theirs, nobodys = requests(plan, file), requests(NOBODYS, {"id": NOBODYS, "version": 1})
    for name, request in theirs.items():
        answer, nowhere = await _send(stranger, request), await _send(stranger, nobodys[name])
        if name in {"workers", "plans"}:
            assert answer.json()["items"] == []
        else:
            expected = {"assign": (422, "case-files-unknown"), "plan": (403, "scope-forbidden"),
                        "hand-over": (403, "scope-forbidden")}.get(name, (404, "not-found"))  # fmt: skip
            assert code_of(answer) == code_of(nowhere) == expected, name
    assert code_of(await stranger.get("/v1/workers", params={"center": CENTER})) == (403, "scope-forbidden")


async def test_without_a_scope_or_a_token(
    manager: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    nowhere, file = await client_as("center-manager", None), await opened(manager)
    for name, request in requests(NOBODYS, file).items():
        assert code_of(await _send(nowhere, request)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request)) == (401, "unauthorised"), name
