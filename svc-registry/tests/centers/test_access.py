"""Who may do what to centers, and where. Numbers in names are lines of the list of peers' failures."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Body = Callable[..., dict[str, Any]]
Make = Callable[..., Awaitable[dict[str, Any]]]
Statuses = Callable[..., Awaitable[dict[Role, int]]]
Step = Callable[..., Awaitable[httpx.Response]]

KEEPERS = {Role.HEADQUARTERS, Role.PROVINCE_OFFICER}
WRITES = [
    ("POST", "/v1/centers"),
    ("POST", "/v1/centers:plan"),
    ("POST", "/v1/centers:open"),
    ("PATCH", "/v1/centers/2901001"),
    ("POST", "/v1/centers/2901001:ready"),
    ("POST", "/v1/centers/2901001:open"),
    ("POST", "/v1/centers/2901001:suspend"),
    ("POST", "/v1/centers/2901001:resume"),
    ("POST", "/v1/centers/2901001:close"),
]
READS = [
    "/v1/centers",
    "/v1/centers/2901001",
    "/v1/centers/2901001/addresses",
    "/v1/centers:locate?latitude=32.8&longitude=59.2",
]


async def test_only_headquarters_and_province_officers_write(statuses: Statuses, anonymous: httpx.AsyncClient) -> None:
    for method, address in WRITES:
        answers = await statuses(method, address, scope="29", json={}, headers={"If-Match": '"1"'})
        assert {role for role, status in answers.items() if status != 403} == KEEPERS, address
        assert (await anonymous.request(method, address, json={})).status_code == 401


async def test_everybody_who_is_signed_in_reads(
    make_center: Make, statuses: Statuses, anybody: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    await make_center("open")
    for address in READS:
        assert set((await statuses("GET", address, scope="3001001")).values()) == {200}
        assert (await anybody.get(address)).status_code == 200
        assert (await anonymous.get(address)).status_code == 401


async def test_8_without_a_scope_nothing_is_written(running: Running, center_body: Body) -> None:
    unplaced = await running.client(running.token(Role.PROVINCE_OFFICER, None))
    response = await unplaced.post("/v1/centers", json=center_body())
    assert (response.status_code, response.json()["code"]) == (400, "scope-required")


async def test_3_nobody_plans_a_center_elsewhere(
    neighbour: httpx.AsyncClient, officer: httpx.AsyncClient, headquarters: httpx.AsyncClient, center_body: Body
) -> None:
    elsewhere = [
        ("/v1/centers", center_body()),
        ("/v1/centers", center_body(code="2901001")),
        ("/v1/centers:plan", {"centers": [center_body(county="0916"), center_body()]}),
    ]
    for address, body in elsewhere:
        response = await neighbour.post(address, json=body)
        assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden"), response.text
    assert (await officer.get("/v1/centers")).json()["items"] == []
    assert (await headquarters.post("/v1/centers", json=center_body())).status_code == 201


async def test_3_and_12_a_foreign_center_is_refused_as_one_that_does_not_exist(
    make_center: Make, neighbour: httpx.AsyncClient, officer: httpx.AsyncClient, step: Step
) -> None:
    center = await make_center("open")
    for code in (center["code"], "2901999"):
        answers = [await step(neighbour, code, name) for name in ("ready", "open", "suspend", "resume", "close")]
        answers.append(await neighbour.patch(f"/v1/centers/{code}", json={}, headers={"If-Match": '"3"'}))
        answers.append(await neighbour.post("/v1/centers:open", json={"codes": [code]}))
        assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "scope-forbidden")}
    assert (await officer.get(f"/v1/centers/{center['code']}")).json() == center


async def test_2_and_12_who_took_the_steps_is_for_the_scope_only(
    make_center: Make, running: Running, officer: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    address = f"/v1/centers/{(await make_center('open'))['code']}/transitions"
    inside = [("province-officer", "29"), ("county-officer", "2901"), ("center-manager", "2901001"), ("auditor", "IR")]
    for role, scope in inside:
        client = await running.client(running.token(role, scope))
        assert len((await client.get(address)).json()["items"]) == 3
    outside = [("province-officer", "09"), ("county-officer", "2902"), ("center-manager", "2901002")]
    for role, scope in outside:
        client = await running.client(running.token(role, scope))
        foreign = await client.get(address)
        missing = await client.get("/v1/centers/2901999/transitions")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert (await anybody.get(address)).status_code == 400


async def test_the_database_refuses_what_a_rule_forgot(make_center: Make, running: Running) -> None:
    center = await make_center("open")
    neighbour = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("09"))
    writes = [
        (
            "INSERT INTO center_address (id, center, latitude, longitude, valid_from, recorded_by, recorded_at)"
            " VALUES (gen_random_uuid(), '2901001', 32, 59, now(), 'x', now())"
        ),
        "INSERT INTO case_file_location VALUES (gen_random_uuid(), 1, '2901001', 'active')",
        (
            "INSERT INTO center_transition (id, operation_id, center, status_to, effective_on, done_by, done_at)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), '2901001', 'open', now(), 'x', now())"
        ),
    ]
    for statement in writes:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with running.database.command(neighbour) as command:
                await command.connection.execute(statement)
    async with running.database.command(neighbour) as command:
        assert await command.connection.execute("UPDATE center SET status = 'closed'") == "UPDATE 0"
        assert await command.connection.execute("DELETE FROM center_address") == "DELETE 0"
    async with running.database.query(neighbour) as query:
        assert await query.fetchval("SELECT count(*) FROM center_transition") == 0
        assert await query.fetchval("SELECT status FROM center") == center["status"]


async def test_9_files_without_a_scope_are_counted_by_nobody(running: Running) -> None:
    async with running.database.command(Actor.system("registry")) as command:
        await command.connection.execute(
            "INSERT INTO case_file_location VALUES (gen_random_uuid(), 1, '2901001', 'active')"
        )
    for scope, expected in ((None, 0), ("2902", 0), ("2901", 1), ("IR", 1)):
        actor = Actor(subject="x", roles=frozenset(), scope=None if scope is None else Jurisdiction(scope))
        async with running.database.query(actor) as query:
            assert await query.fetchval("SELECT count(*) FROM case_file_location") == expected
