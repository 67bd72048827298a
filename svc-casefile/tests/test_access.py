"""Who may do what to whose file: role × operation × own, other and no scope."""

from collections.abc import Mapping

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_PROVINCE, Json, code_of, household, opened, person, version_of

from shared.contracts.roles import Role
from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running

READERS = {
    Role.PROVINCE_OFFICER: "29",
    Role.COUNTY_OFFICER: "2901",
    Role.CENTER_MANAGER: CENTER,
    Role.SOCIAL_WORKER: CENTER,
    Role.AUDITOR: CENTER,
}
WRITERS = {Role.COUNTY_OFFICER, Role.CENTER_MANAGER, Role.SOCIAL_WORKER}
EXPORTERS = {Role.PROVINCE_OFFICER, Role.COUNTY_OFFICER, Role.CENTER_MANAGER}

FILE = "/v1/case-files/{file}"
MEMBER = FILE + "/members/{member}"
Request = tuple[str, str, Json | None]
READS: Mapping[str, Request] = {
    "read": ("GET", FILE, None),
    "history": ("GET", FILE + "/history", None),
    "as-of": ("GET", FILE + f":as-of?at={today()}", None),
    "members": ("GET", FILE + "/members", None),
    "overview": ("GET", FILE + "/overview", None),
    "timeline": ("GET", FILE + "/timeline", None),
    "member": ("GET", MEMBER, None),
}
FINDS: Mapping[str, Request] = {
    "list": ("GET", "/v1/case-files", None),
    "counts": ("GET", "/v1/case-files:summary", None),
    "search": ("POST", "/v1/case-files:search", {"name": "احمدی"}),
}
WRITES: Mapping[str, Request] = {
    "change": ("PATCH", FILE, {"decile": 1}),
    "submit": ("POST", FILE + ":submit", None),
    "activate": ("POST", FILE + ":activate", None),
    "suspend": ("POST", FILE + ":suspend", {"reason": "not-found"}),
    "resume": ("POST", FILE + ":resume", None),
    "close": ("POST", FILE + ":close", {"reason": "duplicate"}),
    "change-head": ("POST", FILE + ":change-head", {"head": "{member}", "former_head": "parent"}),
    "add-member": ("POST", FILE + "/members", person(identity=None)),
    "change-member": ("PATCH", MEMBER, {"sex": "male"}),
    "remove-member": ("DELETE", MEMBER + "?reason=moved-out", None),
}
ELSEWHERE = {
    "/v1/case-files:import",
    "/v1/case-files:assign",
    "/v1/case-files:hand-over",
    "/life-events",
    "visit",
    "/service-requests",
    "/v1/case-files:break-glass",
    "/assessments",
    "/help-plans",
}
"""Operations of features that have a matrix of their own."""
EXPORT: Request = ("GET", "/v1/case-files:export", None)


async def _send(client: httpx.AsyncClient, request: Request, file: Json) -> httpx.Response:
    method, path, body = request
    member = file["members"][1]
    filled = {name: value.format(member=member["id"]) if isinstance(value, str) else value
              for name, value in (body or {}).items()}  # fmt: skip
    return await client.request(
        method,
        path.format(file=file["id"], member=member["id"]),
        json=filled if body is not None else None,
        headers=version_of(file),
    )


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path.replace("{case_file_id}", "{file}").replace("{member_id}", "{member}"))
        for path, operations in running.service.app.openapi()["paths"].items()
        for method in operations
        if path.startswith("/v1/case-files") and not any(feature in path for feature in ELSEWHERE)
    }
    known = [*READS.values(), *FINDS.values(), *WRITES.values(), EXPORT, ("POST", "/v1/case-files", None)]
    assert declared == {(method, path.split("?")[0]) for method, path, _ in known}


async def test_roles(worker: httpx.AsyncClient, client_as: ClientAs) -> None:
    file = await opened(worker, person("head"), person())
    for role in Role:
        client = await client_as(role, READERS.get(role, CENTER))
        for name, request in (READS | FINDS).items():
            answer = await _send(client, request, file)
            assert answer.status_code == (200 if role in READERS else 403), (role, name)
        answer = await _send(client, EXPORT, file)
        assert answer.status_code == (200 if role in EXPORTERS else 403), role
        if role not in WRITERS:
            for name, request in WRITES.items():
                assert code_of(await _send(client, request, file)) == (403, "forbidden"), (role, name)
            refused = await client.post("/v1/case-files", json=household())
            assert code_of(refused) == (403, "forbidden")
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


@pytest.mark.parametrize("role", sorted(WRITERS))
async def test_writers_write(centers: None, client_as: ClientAs, role: Role) -> None:
    client = await client_as(role, READERS[role])
    for name, request in WRITES.items():
        status = {"submit": "draft", "activate": "waiting"}.get(name, "active")
        file = await opened(client, person("head"), person(), status=status, jurisdiction=CENTER)
        if name == "resume":
            file = (await _send(client, WRITES["suspend"], file)).json()
        assert (await _send(client, request, file)).is_success, name


async def test_outside_the_scope_nothing_exists(worker: httpx.AsyncClient, client_as: ClientAs) -> None:
    file = await opened(worker, person("head"), person())
    missing = {"id": "01900000-0000-7000-8000-000000000000", "version": 1, "members": [{}, {"id": file["id"]}]}
    for role, scope in (
        ("social-worker", NEIGHBOUR),
        ("county-officer", "2902"),
        ("center-manager", OTHER_PROVINCE),
        ("center-manager", "2901004"),
    ):
        stranger = await client_as(role, scope)
        for name, request in (READS | WRITES).items():
            there, nowhere = await _send(stranger, request, file), await _send(stranger, request, missing)
            assert code_of(there) == code_of(nowhere) == (404, "not-found"), (role, name)
            same = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (there, nowhere)]
            assert same[0] == same[1]
        assert (await _send(stranger, FINDS["list"], file)).json()["items"] == []
        assert (await _send(stranger, FINDS["counts"], file)).json()["files"] == 0
        assert (await _send(stranger, FINDS["search"], file)).json()["items"] == []
        if role != "social-worker":
            assert (await _send(stranger, EXPORT, file)).content == b""
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_a_member_is_not_reached_through_another_file(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    mine, theirs = await opened(worker, person("head"), person()), await opened(neighbour, person("head"), person())
    mixed = {**mine, "members": theirs["members"]}
    for name in ("member", "change-member", "remove-member"):
        answer = await _send(worker, (READS | WRITES)[name], mixed)
        assert code_of(answer) == (404, "not-found")
    answer = await _send(worker, WRITES["change-head"], mixed)
    assert code_of(answer) == (422, "not-a-member")


async def test_without_a_scope_or_a_token(
    worker: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    file = await opened(worker, person("head"), person())
    nowhere = await client_as("center-manager", None)
    for name, request in ({**READS, **FINDS, **WRITES, "export": EXPORT}).items():
        assert code_of(await _send(nowhere, request, file)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request, file)) == (401, "unauthorised"), name


async def test_what_is_restricted_is_for_those_who_work_on_the_file(
    worker: httpx.AsyncClient, client_as: ClientAs, running: Running
) -> None:
    file = await opened(worker, person("head"), person("child", restricted={"addiction": True}))
    child = file["members"][1]
    answer = await worker.patch(
        f"/v1/case-files/{file['id']}/members/{child['id']}",
        json={"restricted": {"prison": True}, "occupation": "کارگر"},
        headers=version_of(child),
    )
    assert answer.json()["restricted"] == {"addiction": False, "prison": True, "missing": False}
    auditor = await client_as("auditor", CENTER)
    for client, shown in ((worker, True), (auditor, False)):
        read = (await client.get(f"/v1/case-files/{file['id']}")).json()["members"]
        listed = (await client.get(f"/v1/case-files/{file['id']}/members")).json()["items"]
        one = (await client.get(f"/v1/case-files/{file['id']}/members/{child['id']}")).json()
        for member in (*read, *listed, one):
            assert (member["restricted"] is not None) == shown
        changes = (await client.get(f"/v1/case-files/{file['id']}/history")).json()["items"][0]["changes"]
        assert changes.keys() == ({"addiction", "prison", "occupation"} if shown else {"occupation"})
    for event in await running.events(count=2):
        assert "addiction" not in event.to_json().decode()
        assert "prison" not in event.to_json().decode()
