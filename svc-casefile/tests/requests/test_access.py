"""Who may do what with whose requests: role × operation × own, other and no scope."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of, opened, version_of
from request_samples import BODIES, CASH_AID, asked, know_services, moved, stepped

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

SCOPES = {Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
WRITERS = {Role.COUNTY_OFFICER, Role.CENTER_MANAGER, Role.SOCIAL_WORKER}
OF_FILE, ONE = "/v1/case-files/{case_file_id}/service-requests", "/v1/service-requests/{service_request_id}"
Request = tuple[str, str, Json | None]
READS: Mapping[str, Request] = {"of file": ("GET", OF_FILE, None), "read": ("GET", ONE, None)}
LIST: Request = ("GET", "/v1/service-requests", None)
OPEN: Request = ("POST", OF_FILE, {"service_code": CASH_AID})
STEPS: Mapping[str, Request] = {
    name: ("POST", f"{ONE}:{name}", BODIES.get(name, {}))
    for name in ("accept", "start", "deliver", "refer", "record-answer", "refuse", "set-pin")
}
WITHOUT_AN_ACCOUNT: Request = ("POST", "/v1/service-requests:track", None)
BEFORE = {"start": ("accept",), "deliver": ("accept",), "refer": ("accept",), "record-answer": ("accept", "refer")}


async def _send(client: httpx.AsyncClient, request: Request, about: Json) -> httpx.Response:
    method, path, body = request
    address = path.format(case_file_id=about["case_file_id"], service_request_id=about["id"])
    return await client.request(method, address, json=body, headers=version_of(about))


@pytest.fixture
async def made(running: Running, worker: httpx.AsyncClient) -> Json:
    await know_services(running)
    return await asked(worker, await opened(worker))


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method in operations
        if "service-requests" in path
    }
    assert declared == {(method, path) for method, path, _ in (*READS.values(), *STEPS.values(), LIST, OPEN,
                                                               WITHOUT_AN_ACCOUNT)}  # fmt: skip


async def test_roles(made: Json, client_as: ClientAs, worker: httpx.AsyncClient) -> None:
    for role in Role:
        client = await client_as(role, SCOPES.get(role, CENTER))
        may_read = Permission.SERVICE_REQUEST_READ in GRANTS[role]
        for name, request in (READS | {"list": LIST}).items():
            assert (await _send(client, request, made)).status_code == (200 if may_read else 403), (role, name)
        if role not in WRITERS:
            for name, request in (STEPS | {"open": OPEN}).items():
                assert code_of(await _send(client, request, made)) == (403, "forbidden"), (role, name)
    assert (await worker.get(f"/v1/service-requests/{made['id']}")).json() == made


@pytest.mark.parametrize("role", sorted(WRITERS))
async def test_writers_write(made: Json, worker: httpx.AsyncClient, client_as: ClientAs, role: Role) -> None:
    client = await client_as(role, SCOPES.get(role, CENTER))
    assert (await _send(client, OPEN, made)).status_code == 201
    for name, request in STEPS.items():
        about = await stepped(worker, await asked(worker, {"id": made["case_file_id"]}), *BEFORE.get(name, ()))
        assert (await _send(client, request, about)).status_code == 200, name


async def test_outside_the_scope_nothing_exists(made: Json, client_as: ClientAs, worker: httpx.AsyncClient) -> None:
    nobodys = "01900000-0000-7000-8000-000000000000"
    missing = {"id": nobodys, "case_file_id": nobodys, "version": 1}
    for role, scope in (
        ("social-worker", NEIGHBOUR),
        ("county-officer", "2902"),
        ("center-manager", OTHER_PROVINCE),
        ("center-manager", "2901004"),
    ):
        stranger = await client_as(role, scope)
        for name, request in (READS | STEPS | {"open": OPEN}).items():
            there, nowhere = await _send(stranger, request, made), await _send(stranger, request, missing)
            assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, name)
            same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
            assert same[0] == same[1]
        assert (await _send(stranger, LIST, made)).json()["items"] == []
    assert (await worker.get(f"/v1/service-requests/{made['id']}")).json() == made


async def test_access_follows_the_file(
    running: Running, made: Json, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    request = await stepped(worker, made, "accept", "refer")
    await moved(running, {"id": made["case_file_id"]}, NEIGHBOUR)
    for name, operation in (READS | STEPS).items():
        assert code_of(await _send(worker, operation, request)) == (404, "not-found"), name
    seen = (await neighbour.get(f"/v1/service-requests/{made['id']}")).json()
    assert seen == request
    answered = await stepped(neighbour, request, "record-answer", outcome="declined")
    assert answered["jurisdiction"] == NEIGHBOUR
    assert (await stepped(neighbour, answered, "deliver"))["delivered_by"] == f"social-worker@{NEIGHBOUR}"


async def test_without_a_scope_or_a_token(made: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    nowhere = await client_as("center-manager", None)
    for name, request in (READS | STEPS | {"open": OPEN, "list": LIST}).items():
        assert code_of(await _send(nowhere, request, made)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request, made)) == (401, "unauthorised"), name
