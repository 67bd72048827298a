"""Who may see and record visits: role × operation × own place, another's, none."""

from collections.abc import Mapping
from uuid import uuid4

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of, opened
from visit_samples import in_days, offline, outcomes, patched, recorded, rows_of, sent, visit

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
Request = tuple[str, str, Json | None]
READS: Mapping[str, Request] = {
    "due": ("GET", "/v1/visits:due", None),
    "conflicts": ("GET", "/v1/visits:conflicts", None),
    "one": ("GET", "/v1/visits/{visit}", None),
    "of a file": ("GET", "/v1/case-files/{file}/visits", None),
}
WRITES: Mapping[str, Request] = {
    "record": ("POST", "/v1/case-files/{file}/visits", visit()),
    "plan": ("POST", "/v1/case-files/{file}:plan-visit", {"planned_on": in_days(3)}),
    "resolve": ("POST", "/v1/visits/{visit}:resolve", {"file_version": 2, "take": []}),
}
MISSING = "01900000-0000-7000-8000-000000000000"
NOBODYS = {"file": MISSING, "visit": MISSING}


async def _send(client: httpx.AsyncClient, request: Request, about: Mapping[str, str]) -> httpx.Response:
    method, path, body = request
    return await client.request(method, path.format(**about), json=body, headers={"If-Match": '"1"'})


async def _visited(client: httpx.AsyncClient) -> dict[str, str]:
    """A file, and a visit to it that is in conflict."""
    file = await opened(client)
    await patched(client, file, address="نشانی دفتر")
    made = offline(file, changes={"address": "دیگر"}, file_version=1)
    assert outcomes(await sent(client, made)) == ["conflict"]
    return {"file": file["id"], "visit": made["id"]}


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path.replace("{case_file_id}", "{file}").replace("{visit_id}", "{visit}"))
        for path, operations in running.service.app.openapi()["paths"].items()
        for method in operations
        if "visit" in path
    }
    known = {(method, path) for method, path, _ in [*READS.values(), *WRITES.values()]}
    assert declared == known | {("POST", "/v1/visits:batch")}


@pytest.mark.parametrize("role", sorted(Role))
async def test_each_role_does_what_it_is_granted_and_no_more(
    worker: httpx.AsyncClient, client_as: ClientAs, role: Role
) -> None:
    for level in sorted(LEVELS[role]):
        client = await client_as(role, PLACES[level])
        about = await _visited(worker)
        for permission, requests in ((Permission.VISIT_READ, READS), (Permission.VISIT_WRITE, WRITES)):
            for name, request in requests.items():
                answer = await _send(client, request, about)
                if permission in GRANTS[role]:
                    assert answer.is_success, (role, name, answer.text)
                else:
                    assert code_of(answer) == (403, "forbidden"), (role, name)
        answer = await client.post("/v1/visits:batch", json={"visits": [offline({"id": about["file"]})]})
        if Permission.VISIT_WRITE in GRANTS[role]:
            assert outcomes(answer.json()) == ["recorded"]
        else:
            assert code_of(answer) == (403, "forbidden")


async def test_outside_the_scope_no_visit_exists(worker: httpx.AsyncClient, client_as: ClientAs) -> None:
    about = await _visited(worker)
    for role, scope in (
        ("social-worker", NEIGHBOUR),
        ("center-manager", OTHER_PROVINCE),
        ("center-manager", "2901004"),
    ):
        stranger = await client_as(role, scope)
        for name, request in (READS | WRITES).items():
            if "{" not in request[1]:
                assert (await _send(stranger, request, about)).json()["items"] == [], name
                continue
            there, nowhere = await _send(stranger, request, about), await _send(stranger, request, NOBODYS)
            assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, name)
            same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
            assert same[0] == same[1]
        theirs, nobodys = [
            (await sent(stranger, offline({"id": file}, id=str(uuid4()))))["items"][0]["errors"]
            for file in (about["file"], MISSING)
        ]
        assert theirs == nobodys
        assert [error["code"] for error in theirs] == ["not-found"]
    county = await client_as("county-officer", "2902")
    assert code_of(await _send(county, READS["one"], about)) == (404, "not-found")


async def test_without_a_scope_or_a_token(
    worker: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    about, nowhere = await _visited(worker), await client_as("center-manager", None)
    requests = {**READS, **WRITES, "batch": ("POST", "/v1/visits:batch", {"visits": [{}]})}
    for name, request in requests.items():
        assert code_of(await _send(nowhere, request, about)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request, about)) == (401, "unauthorised"), name


async def test_a_visit_is_the_callers_own(worker: httpx.AsyncClient, client_as: ClientAs, running: Running) -> None:
    sara = await client_as("social-worker", CENTER, subject="sara")
    file = await opened(worker)
    assert (await recorded(sara, file))["visited_by"] == "sara"
    forged = await sara.post(f"/v1/case-files/{file['id']}/visits", json=visit(visited_by="someone"))
    assert code_of(forged) == (422, "invalid-input")
    rows = await rows_of(running, "SELECT visited_by, recorded_by FROM home_visit")
    assert [(row["visited_by"], row["recorded_by"]) for row in rows] == [("sara", "sara")]
