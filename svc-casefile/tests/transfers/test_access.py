"""Who may ask, answer and look: role × operation × origin, destination, elsewhere, none."""

from collections.abc import Mapping

import asyncpg
import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, OTHER_COUNTY, Json, code_of, opened
from transfer_samples import asking, made, moved, rows, stepped

from shared.chassis.actor import Actor
from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running

PLACES = {Role.HEADQUARTERS: "IR", Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}
NOBODYS = "01a2008d-7400-7000-8000-000000000000"
READ, ASK, DECIDE = Permission.TRANSFER_READ, Permission.TRANSFER_REQUEST, Permission.TRANSFER_DECIDE

Request = tuple[str, str, Json | None, Permission]


def requests(transfer: str, file: str) -> Mapping[str, Request]:
    address = f"/v1/transfers/{transfer}"
    return {
        "list": ("GET", "/v1/transfers", None, READ),
        "read": ("GET", address, None, READ),
        "steps": ("GET", f"{address}/steps", None, READ),
        "ask": ("POST", "/v1/transfers", {"case_file_id": file, "destination": NEIGHBOUR}, ASK),
        "confirm": ("POST", f"{address}:confirm", {}, DECIDE),
        "accept": ("POST", f"{address}:accept", {}, DECIDE),
        "refuse": ("POST", f"{address}:refuse", {"reason": "other"}, DECIDE),
        "withdraw": ("POST", f"{address}:withdraw", {}, ASK),
    }


async def _send(client: httpx.AsyncClient, request: Request, version: int = 1) -> httpx.Response:
    method, path, body, _ = request
    return await client.request(method, path, json=body, headers={"If-Match": f'"{version}"'})


async def test_every_operation_has_its_line_here(running: Running) -> None:
    declared = {
        (method.upper(), path)
        for path, operations in running.service.app.openapi()["paths"].items()
        for method in operations
        if path.startswith("/v1/transfers")
    }
    assert declared == {request[:2] for request in requests("{transfer_id}", "").values()}


@pytest.mark.parametrize("role", Role)
async def test_each_role_does_what_it_is_granted_and_no_more(
    origin: httpx.AsyncClient, client_as: ClientAs, role: Role
) -> None:
    client = await client_as(role, PLACES.get(role, CENTER))
    for name in requests("", ""):
        file = await opened(origin)
        transfer = {"id": NOBODYS, "version": 1}
        if name != "ask":
            transfer = made(await asking(origin, NEIGHBOUR, file))
        if name == "accept":
            transfer = await stepped(origin, transfer, "confirm")
        request = requests(transfer["id"], file["id"])[name]
        answer = await _send(client, request, transfer["version"])
        if request[3] not in GRANTS[role]:
            assert code_of(answer) == (403, "forbidden"), (role, name)
        elif name == "accept" and role == Role.CENTER_MANAGER:
            assert code_of(answer) == (403, "not-your-side")
        else:
            assert answer.is_success, (role, name, answer.text)


@pytest.mark.parametrize(("role", "place"), [("center-manager", OTHER_COUNTY), ("county-officer", "2902")])
async def test_to_who_is_on_neither_side_nothing_exists(
    origin: httpx.AsyncClient, client_as: ClientAs, role: str, place: str
) -> None:
    stranger, file = await client_as(role, place), await opened(origin)
    transfer = made(await asking(origin, NEIGHBOUR, file))
    theirs, nobodys = requests(transfer["id"], file["id"]), requests(NOBODYS, NOBODYS)
    for name, request in theirs.items():
        answer, nowhere = await _send(stranger, request), await _send(stranger, nobodys[name])
        if name == "list":
            assert answer.json()["items"] == []
        else:
            expected = (422, "case-file-unknown") if name == "ask" else (404, "not-found")
            assert code_of(answer) == code_of(nowhere) == expected, name


async def test_each_side_lists_its_own(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, county: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    out = made(await asking(origin, NEIGHBOUR, await opened(origin)))
    back = made(await asking(destination, CENTER, await opened(destination)))
    away = made(await asking(origin, OTHER_COUNTY, await opened(origin)))

    async def listed(client: httpx.AsyncClient, **filters: str) -> list[str]:
        page = (await client.get("/v1/transfers", params=filters)).raise_for_status().json()
        found = [each["id"] for each in page["items"]]
        return found + (await listed(client, **filters | {"after": page["next"]}) if page["next"] else [])

    ids = [each["id"] for each in (away, back, out)]
    for limit in ("1", "2", "50"):
        assert await listed(origin, limit=limit) == await listed(county, limit=limit) == ids
        assert await listed(destination, limit=limit) == ids[1:]
        assert await listed(origin, limit=limit, side="origin") == [ids[0], ids[2]]
        assert await listed(origin, limit=limit, side="destination") == [ids[1]]
        assert await listed(elsewhere, limit=limit) == ids[:1]
    assert await listed(origin, status="confirmed") == []
    assert await listed(origin, kind="rebalancing") == []
    refused = await origin.get("/v1/transfers", params={"side": "above"})
    assert code_of(refused) == (422, "invalid-input")


async def test_without_a_scope_or_a_token(
    origin: httpx.AsyncClient, client_as: ClientAs, anonymous: httpx.AsyncClient
) -> None:
    nowhere = await client_as("center-manager", None)
    for name, request in requests(NOBODYS, NOBODYS).items():
        assert code_of(await _send(nowhere, request)) == (400, "scope-required"), name
        assert code_of(await _send(anonymous, request)) == (401, "unauthorised"), name


async def test_the_database_itself_keeps_transfers_from_who_is_on_neither_side(
    origin: httpx.AsyncClient, destination: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(origin)
    transfer = await moved(origin, destination, file, NEIGHBOUR)
    for table in ("transfer", "transfer_step"):
        for scope, seen in ((CENTER, True), (NEIGHBOUR, True), ("2901", True), (OTHER_COUNTY, False), ("30", False)):
            assert bool(await rows(running, f"SELECT FROM {table}", scope=scope)) == seen, (table, scope)
    stranger = Actor(subject="x", roles=frozenset(), scope=Jurisdiction(OTHER_COUNTY))
    async with running.database.command(stranger) as command:
        assert await command.connection.execute("UPDATE transfer SET version = 9") == "UPDATE 0"
        assert await command.connection.execute("DELETE FROM transfer_step") == "DELETE 0"
    foreign = (
        "INSERT INTO transfer (id, case_file_id, number, version, status, kind, origin, destination, asked_from,"
        " open_matters, requested_at, requested_by)"
        f" VALUES ('{new_id()}', '{file['id']}', '1', 1, 'requested', 'move', '{CENTER}', '{NEIGHBOUR}',"
        f" '{OTHER_COUNTY}', '{{}}', now(), 'x')"
    )
    step = f"INSERT INTO transfer_step VALUES ('{transfer['id']}', 9, 'x', now(), 'x', '{OTHER_COUNTY}')"
    for sql in (foreign, step):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with running.database.command(stranger) as command:
                await command.connection.execute(sql)
