"""Who may do what with whose settlement: role × operation × own place, another's, none."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, version_of
from settlement_samples import AZAR, day, drafted, lines_of, pay_care, was_held

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

PLACES = {Level.NATION: "IR", Level.PROVINCE: "29", Level.COUNTY: "2901", Level.CENTER: CENTER}
STATEMENT = "/v1/settlements/{statement}"
LINE = STATEMENT + "/lines/{line}"
Request = tuple[Permission, str, str, Json | None]
READS: list[Request] = [
    (Permission.SETTLEMENT_READ, "GET", STATEMENT, None),
    (Permission.SETTLEMENT_READ, "GET", STATEMENT + "/lines", None),
    (Permission.SETTLEMENT_READ, "GET", STATEMENT + "/disputes", None),
]
WRITES: list[Request] = [
    (Permission.SETTLEMENT_CLOSE, "POST", STATEMENT + ":close", None),
    (Permission.SETTLEMENT_APPROVE, "POST", STATEMENT + ":approve", None),
    (Permission.SETTLEMENT_PAY, "POST", STATEMENT + ":pay", {"paid_on": "2026-01-05", "reference": "1"}),
    (Permission.SETTLEMENT_APPROVE, "POST", LINE + ":correct", {"counts": False, "reason": "بررسی"}),
    (Permission.SETTLEMENT_DISPUTE, "POST", LINE + ":dispute", {"reason": "نادرست"}),
]
LIST: Request = (Permission.SETTLEMENT_READ, "GET", "/v1/settlements", None)
DRAFT: Request = (Permission.SETTLEMENT_DRAFT, "POST", "/v1/settlements", {"month": AZAR})
ANSWER: Request = (
    Permission.SETTLEMENT_READ, "POST", "/v1/settlement-disputes/{dispute}:answer", {"upheld": True, "answer": "بله"},
)  # fmt: skip
NOBODYS = "01a2008d-7400-7000-8000-000000000000"


@pytest.fixture
async def ids(running: Running, worker: httpx.AsyncClient, county: httpx.AsyncClient, client_as: ClientAs) -> Json:
    await pay_care(running, 300)
    await was_held(running, await opened(worker), (day(1), f"social-worker@{CENTER}"))
    statement = await drafted(county)
    (line,) = await lines_of(county, statement)
    manager = await client_as("center-manager", CENTER)
    dispute = await manager.post(
        f"/v1/settlements/{statement['id']}/lines/{line['id']}:dispute", json={"reason": "نادرست"}
    )
    return {"statement": statement["id"], "line": line["id"], "dispute": dispute.json()["id"]}


async def send(client: httpx.AsyncClient, request: Request, ids: Json) -> httpx.Response:
    _, method, path, body = request
    return await client.request(method, path.format(**ids), json=body, headers=version_of({"version": 99}))


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (operation["x-permission"], method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/v1/settlement")
    }
    names = {"statement": "{settlement_id}", "line": "{line_id}", "dispute": "{dispute_id}"}
    assert declared == {
        (permission, method, path.format(**names))
        for permission, method, path, _ in [*READS, *WRITES, LIST, DRAFT, ANSWER]
    }


async def test_each_role_does_what_it_is_granted_and_no_more(ids: Json, client_as: ClientAs) -> None:
    for role in Role:
        for level in LEVELS[role]:
            client = await client_as(role, PLACES[level])
            for request in [*READS, *WRITES, LIST, DRAFT]:
                answer = await send(client, request, ids)
                if request[0] not in GRANTS[role]:
                    assert code_of(answer) == (403, "forbidden"), (role, request)
                elif request in WRITES:
                    # the version is none that the statement ever had; the line is of a draft, and disputed
                    assert answer.status_code in {409, 412}, (role, request, answer.text)
                else:
                    assert answer.status_code == 200, (role, request, answer.text)


async def test_a_dispute_is_answered_by_who_closes_or_approves(ids: Json, client_as: ClientAs) -> None:
    for role in Role:
        for level in LEVELS[role]:
            client = await client_as(role, PLACES[level], subject="another")
            answer = await send(client, (*ANSWER[:3], {"upheld": True, "answer": "x" * 3000}), ids)
            if GRANTS[role] & {Permission.SETTLEMENT_READ}:
                assert code_of(answer) == (422, "invalid-input"), role
            else:
                assert code_of(answer) == (403, "forbidden"), role
    for name, place in (("social-worker", CENTER), ("province-officer", "29"), ("auditor", CENTER)):
        assert code_of(await send(await client_as(name, place), ANSWER, ids)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("center-manager", NEIGHBOUR), ("social-worker", NEIGHBOUR), ("county-officer", "2902"),
        ("province-officer", "30"), ("auditor", "2902"),
    ],
)  # fmt: skip
async def test_elsewhere_a_statement_does_not_exist(ids: Json, client_as: ClientAs, role: Role, place: str) -> None:
    client = await client_as(role, place)
    for request in [*READS, *WRITES, ANSWER]:
        if request[0] not in GRANTS[Role(role)] or (
            request is ANSWER and role not in {"center-manager", "county-officer"}
        ):
            continue
        there, nowhere = await send(client, request, ids), await send(client, request, dict.fromkeys(ids, NOBODYS))
        assert code_of(there) == code_of(nowhere) == (404, "not-found"), request
    assert (await client.get("/v1/settlements")).json()["items"] == []
    assert code_of(await client.get("/v1/settlements", params={"jurisdiction": CENTER})) == (403, "scope-forbidden")
    if Permission.SETTLEMENT_DRAFT in GRANTS[Role(role)]:
        refused = await client.post("/v1/settlements", json={"month": AZAR, "jurisdiction": CENTER})
        assert code_of(refused) == (403, "scope-forbidden")


async def test_without_a_scope_or_a_token(ids: Json, client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    nowhere = await client_as("center-manager", None)
    for request in [*READS, *WRITES, LIST, DRAFT, ANSWER]:
        assert code_of(await send(anonymous, request, ids)) == (401, "unauthorised")
        expected = (400, "scope-required") if request[0] in GRANTS[Role.CENTER_MANAGER] else (403, "forbidden")
        assert code_of(await send(nowhere, request, ids)) == expected
