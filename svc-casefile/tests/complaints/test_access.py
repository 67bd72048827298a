"""Who may do what with complaints: role × operation × own place, another's, none."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, version_of
from complaint_samples import complained, said, seen_by

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
ONE = "/v1/complaints/{id}"
Request = tuple[Permission | None, str, str, Json | None]
READS: list[Request] = [
    (Permission.COMPLAINT_READ, "GET", ONE, None),
    (Permission.COMPLAINT_READ, "GET", ONE + "/entries", None),
]
WRITES: list[Request] = [
    (Permission.COMPLAINT_HANDLE, "POST", ONE + ":take", None),
    (Permission.COMPLAINT_HANDLE, "POST", ONE + ":answer", {"outcome": "done", "answer": "بله"}),
    (Permission.COMPLAINT_HANDLE, "POST", ONE + ":refer-up", {"reason": "بله"}),
    (Permission.COMPLAINT_HANDLE, "POST", ONE + ":take-up", {"reason": "بله"}),
]
UNSEAL: Request = (Permission.COMPLAINT_HANDLE, "POST", ONE + ":unseal", {"reason": "بله"})
LIST: Request = (Permission.COMPLAINT_READ, "GET", "/v1/complaints", None)
RECORD: Request = (Permission.COMPLAINT_HANDLE, "POST", "/v1/complaints:record", said())
PUBLIC: list[Request] = [
    (None, "POST", "/v1/complaints", said()),
    (None, "POST", "/v1/complaints:track", {"tracking_code": "0000-0000-0000-0000"}),
    (None, "POST", "/v1/complaints:rate", {"tracking_code": "0000-0000-0000-0000", "satisfaction": "partly"}),
]
NOBODYS = {"id": "01a2008d-7400-7000-8000-000000000000"}


@pytest.fixture
async def complaint(centers: None, public: httpx.AsyncClient, county: httpx.AsyncClient) -> Json:
    """About a worker, handled by the center."""
    await complained(public)
    (found,) = await seen_by(county)
    return found


async def send(client: httpx.AsyncClient, request: Request, complaint: Json) -> httpx.Response:
    _, method, path, body = request
    return await client.request(method, path.format(id=complaint["id"]), json=body, headers=version_of({"version": 99}))


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/v1/complaints")
    }
    assert declared == {
        (permission or "none", method, path.format(id="{complaint_id}"))
        for permission, method, path, _ in [*READS, *WRITES, UNSEAL, LIST, RECORD, *PUBLIC]
    }


async def test_each_role_does_what_it_is_granted_and_no_more(complaint: Json, client_as: ClientAs) -> None:
    for role in Role:
        for level in LEVELS[role]:
            client = await client_as(role, PLACES[level])
            for request in [*READS, *WRITES, LIST, RECORD]:
                answer = await send(client, request, complaint)
                if request[0] not in GRANTS[role]:
                    assert code_of(answer) == (403, "forbidden"), (role, request)
                elif role == Role.HEADQUARTERS and request in [*READS, *WRITES]:
                    assert code_of(answer) == (404, "not-found"), request
                elif request in WRITES:
                    assert code_of(answer) == (412, "precondition-failed"), (role, request)
                else:
                    assert answer.is_success, (role, request, answer.text)


@pytest.mark.parametrize(
    ("role", "place"),
    [("center-manager", NEIGHBOUR), ("county-officer", "2902"), ("province-officer", "30"), ("auditor", "2902")],
)
async def test_elsewhere_a_complaint_does_not_exist(
    complaint: Json, client_as: ClientAs, role: str, place: str
) -> None:
    client = await client_as(role, place)
    for request in [*READS, *WRITES, UNSEAL]:
        if request[0] in GRANTS[Role(role)]:
            there, nowhere = await send(client, request, complaint), await send(client, request, NOBODYS)
            assert code_of(there) == code_of(nowhere) == (404, "not-found"), request
    assert await seen_by(client) == []


async def test_without_a_scope_or_a_token(
    complaint: Json, client_as: ClientAs, public: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    nowhere = await client_as("center-manager", None)
    for request in [*READS, *WRITES, UNSEAL, LIST, RECORD]:
        assert code_of(await send(anonymous, request, complaint)) == (401, "unauthorised")
        assert code_of(await send(nowhere, request, complaint)) == (400, "scope-required")
        assert code_of(await send(public, request, complaint)) == (401, "unauthorised")
    for request in PUBLIC:
        assert (await send(public, request, complaint)).status_code in {201, 404}
        assert code_of(await send(anonymous, request, complaint)) == (401, "unauthorised")  # the gateway alone asks so
