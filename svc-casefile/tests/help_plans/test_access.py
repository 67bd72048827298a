"""Who may do what with whose plans: role × operation × own, other and no scope."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of, opened, version_of
from plan_samples import NEEDS, agreed, plan_for
from request_samples import in_days, moved

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

SCOPES = {Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
WRITERS = {Role.CENTER_MANAGER, Role.SOCIAL_WORKER}
FILE, ONE = "/v1/case-files/{case_file_id}", "/v1/help-plans/{help_plan_id}"
Request = tuple[str, str, Json | None]
READS: Mapping[str, Request] = {
    "assessments": ("GET", f"{FILE}/assessments", None),
    "assessment": ("GET", "/v1/assessments/{assessment_id}", None),
    "plans": ("GET", f"{FILE}/help-plans", None),
    "plan": ("GET", ONE, None),
    "progress": ("GET", f"{ONE}/progress", None),
}
FINDS: Mapping[str, Request] = {
    "list": ("GET", "/v1/help-plans", None),
    "outcomes": ("GET", f"/v1/help-plans:outcomes?agreed_from={in_days(-1)}&agreed_to={in_days(0)}", None),
}
STRANGERS_ID = "01900000-0000-7000-8000-000000000000"
WRITES: Mapping[str, Request] = {
    "assess": ("POST", f"{FILE}/assessments", {"needs": NEEDS}),
    "draw up": ("POST", f"{FILE}/help-plans", plan_for({"id": STRANGERS_ID})),
    "change": ("PATCH", ONE, {"responsible": "w1"}),
    "agree": ("POST", f"{ONE}:agree", {"agreed_with": STRANGERS_ID}),
    "record progress": ("POST", f"{ONE}/progress", {"goal_id": STRANGERS_ID, "direction": "forward"}),
    "review": ("POST", f"{ONE}:review", {"next_review_on": in_days(3)}),
    "complete": ("POST", f"{ONE}:complete", {}),
    "stop": ("POST", f"{ONE}:stop", {"reason": "replaced"}),
}


async def _send(client: httpx.AsyncClient, request: Request, plan: Json) -> httpx.Response:
    method, path, body = request
    address = path.format(
        case_file_id=plan["case_file_id"], help_plan_id=plan["id"], assessment_id=plan["assessment_id"]
    )
    return await client.request(method, address, json=body, headers=version_of(plan))


@pytest.fixture
async def plan(worker: httpx.AsyncClient) -> Json:
    return await agreed(worker, await opened(worker))


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == ["Help plans"]
    }
    known = [*READS.values(), *FINDS.values(), *WRITES.values()]
    assert declared == {(method, path.split("?")[0]) for method, path, _ in known}


async def test_roles(plan: Json, client_as: ClientAs, worker: httpx.AsyncClient) -> None:
    for role in Role:
        client = await client_as(role, SCOPES.get(role, CENTER))
        may_read = Permission.HELP_PLAN_READ in GRANTS[role]
        for name, request in (READS | FINDS).items():
            assert (await _send(client, request, plan)).status_code == (200 if may_read else 403), (role, name)
        for name, request in WRITES.items():
            if role not in WRITERS:
                assert code_of(await _send(client, request, plan)) == (403, "forbidden"), (role, name)
    assert (await worker.get(f"/v1/help-plans/{plan['id']}")).json() == plan


@pytest.mark.parametrize("role", sorted(WRITERS))
async def test_writers_write(plan: Json, client_as: ClientAs, role: Role) -> None:
    client = await client_as(role, CENTER)
    for name, request in WRITES.items():
        now = (await client.get(f"/v1/help-plans/{plan['id']}")).json()
        answer = await _send(client, request, now)
        assert answer.is_success or answer.json()["code"] not in {"forbidden", "not-found"}, name


async def test_outside_the_scope_nothing_exists(plan: Json, client_as: ClientAs, worker: httpx.AsyncClient) -> None:
    missing = plan | {"id": STRANGERS_ID, "case_file_id": STRANGERS_ID, "assessment_id": STRANGERS_ID}
    for role, scope in (
        ("social-worker", NEIGHBOUR),
        ("center-manager", OTHER_PROVINCE),
        ("center-manager", "2901004"),
    ):
        stranger = await client_as(role, scope)
        for name, request in (READS | WRITES).items():
            there, nowhere = await _send(stranger, request, plan), await _send(stranger, request, missing)
            assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, name)
            same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
            assert same[0] == same[1]
        assert (await _send(stranger, FINDS["list"], plan)).json()["items"] == []
        assert (await _send(stranger, FINDS["outcomes"], plan)).json()["plans_in_force"] == 0
    assert (await worker.get(f"/v1/help-plans/{plan['id']}")).json() == plan


async def test_access_follows_the_file(
    running: Running, plan: Json, worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    await moved(running, {"id": plan["case_file_id"]}, NEIGHBOUR)
    for name, request in (READS | WRITES).items():
        assert code_of(await _send(worker, request, plan)) == (404, "not-found"), name
    assert (await neighbour.get(f"/v1/help-plans/{plan['id']}")).json() == plan
    assert (await _send(neighbour, WRITES["review"], plan)).status_code == 200


async def test_without_a_scope_or_a_token(plan: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    nowhere = await client_as("center-manager", None)
    for name, request in (READS | FINDS | WRITES).items():
        assert code_of(await _send(nowhere, request, plan)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request, plan)) == (401, "unauthorised"), name
