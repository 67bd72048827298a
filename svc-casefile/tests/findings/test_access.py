"""Who may find, decide and read: role × operation × own, other and no scope."""

import httpx
from casefile_samples import CENTER, NEIGHBOUR, code_of, version_of
from finding_samples import ASSESSMENT, BODIES, Committees, found, household, inquiry, somebody

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs, Running

PLACES = {Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
FINDING = "/v1/findings/{id}"
OPERATIONS = {
    ("POST", "/v1/findings"): (Permission.FINDING_WRITE, somebody(jurisdiction=CENTER)),
    ("GET", "/v1/findings"): (Permission.FINDING_READ, None),
    ("GET", "/v1/findings:waiting-list"): (Permission.FINDING_READ, None),
    ("GET", FINDING): (Permission.FINDING_READ, None),
    ("POST", FINDING + ":screen"): (Permission.FINDING_WRITE, {"note": "متن"}),
    ("POST", FINDING + ":assess"): (Permission.FINDING_WRITE, ASSESSMENT),
    ("POST", FINDING + "/inquiries"): (Permission.FINDING_WRITE, inquiry(BODIES[0])),
    ("POST", FINDING + ":decide-local"): (Permission.ADMISSION_DECIDE_LOCAL, {"decision": "support"}),
    ("POST", FINDING + ":decide-county"): (Permission.ADMISSION_DECIDE_COUNTY, {"decision": "admit"}),
    ("POST", FINDING + ":admit"): (Permission.ADMISSION_DECIDE_LOCAL, household()),
    ("POST", FINDING + ":refuse"): (Permission.FINDING_WRITE, {"reason": "not-in-need"}),
    ("POST", FINDING + ":refer"): (Permission.FINDING_WRITE, {"to": "health"}),
    ("POST", FINDING + ":appeal"): (Permission.FINDING_WRITE, {"grounds": "متن"}),
    ("POST", FINDING + ":decide-appeal"): (
        Permission.ADMISSION_DECIDE_COUNTY,
        {"decision": "uphold", "note": "متن"},
    ),
}


async def test_every_operation_has_its_line_here_and_reading_is_audited(running: Running) -> None:
    declared = {
        (method.upper(), path.replace("{finding_id}", "{id}")): operation
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/v1/findings")
    }
    assert declared.keys() == OPERATIONS.keys()
    for (method, path), operation in declared.items():
        assert operation["x-permission"] == OPERATIONS[method, path][0], path
        assert operation.get("x-personal", False) == (method == "GET"), path


async def test_each_role_does_what_it_is_granted_and_no_more(worker: httpx.AsyncClient, client_as: ClientAs) -> None:
    finding = await found(worker)
    for role in Role:
        client = await client_as(role, PLACES.get(role, CENTER))
        for (method, path), (permission, body) in OPERATIONS.items():
            answer = await client.request(
                method, path.format(id=finding["id"]), json=body, headers=version_of({"version": 99})
            )
            if permission not in GRANTS[role]:
                assert code_of(answer) == (403, "forbidden"), (role, path)
            elif ":" in path and method == "POST":
                assert code_of(answer) == (412, "precondition-failed"), (role, path)
            else:
                assert answer.is_success, (role, path, answer.text)


async def test_outside_the_scope_nothing_exists(
    worker: httpx.AsyncClient, client_as: ClientAs, committees: Committees
) -> None:
    finding = await committees.waiting()
    nowhere = "01900000-0000-7000-8000-000000000000"
    for role, scope in (
        ("center-manager", NEIGHBOUR),
        ("county-officer", "2902"),
        ("social-worker", NEIGHBOUR),
        ("auditor", "30"),
    ):
        stranger = await client_as(role, scope)
        for (method, path), (permission, body) in OPERATIONS.items():
            if "{id}" not in path or permission not in GRANTS[Role(role)]:
                continue
            for target in (finding["id"], nowhere):
                answer = await stranger.request(method, path.format(id=target), json=body, headers=version_of(finding))
                assert code_of(answer) == (404, "not-found"), (role, path)
        for path in ("/v1/findings", "/v1/findings:waiting-list"):
            assert (await stranger.get(path)).json()["items"] == []
    assert (await worker.get(f"/v1/findings/{finding['id']}")).json() == finding


async def test_without_a_scope_or_a_token(
    worker: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    finding = await found(worker)
    nowhere = await client_as("center-manager", None)
    for (method, path), (permission, body) in OPERATIONS.items():
        target = path.format(id=finding["id"])
        answer = await anonymous.request(method, target, json=body, headers=version_of(finding))
        assert code_of(answer) == (401, "unauthorised"), path
        if permission in GRANTS[Role.CENTER_MANAGER]:
            answer = await nowhere.request(method, target, json=body, headers=version_of(finding))
            assert code_of(answer) == (400, "scope-required"), path
