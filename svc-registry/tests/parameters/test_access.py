"""Who may read and set parameters."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Statuses = Callable[..., Awaitable[dict[Role, int]]]

FIRST = "/v1/parameters/01a2008d-7400-711d-9478-39b97f4a7c15"


async def test_everybody_who_is_signed_in_reads(anybody: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    for address in ("/v1/parameters", "/v1/parameters:in-force", FIRST):
        assert (await anybody.get(address)).status_code == 200
        assert (await anonymous.get(address)).status_code == 401


async def test_only_headquarters_writes(statuses: Statuses) -> None:
    for method, address in (("POST", "/v1/parameters"), ("PATCH", FIRST)):
        answers = await statuses(method, address, scope="IR", json={"value": -1}, headers={"If-Match": '"1"'})
        assert {role for role, status in answers.items() if status != 403} == {Role.HEADQUARTERS}


async def test_nobody_sets_a_value_beyond_their_scope(running: Running, anybody: httpx.AsyncClient) -> None:
    narrow = await running.client(running.token(Role.HEADQUARTERS, "29"))
    body = {"name": "files-per-center-maximum", "value": 1, "valid_from": "2027-01-01", "source": "x"}
    for place in ("IR", "09", "77"):
        response = await narrow.post("/v1/parameters", json=body | {"jurisdiction": place})
        assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden"), place
    assert (await narrow.patch(FIRST, json={"value": 1}, headers={"If-Match": '"1"'})).status_code == 404
    assert (await narrow.post("/v1/parameters", json=body | {"jurisdiction": "2901"})).status_code == 201
    province = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("09"))
    async with running.database.command(province) as command:
        assert await command.connection.execute("UPDATE parameter SET value = 1") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with running.database.command(province) as command:
            await command.connection.execute(
                "INSERT INTO parameter (id, version, name, jurisdiction, value, unit, valid_from, source, set_by,"
                " set_at) VALUES (gen_random_uuid(), 1, 'x', '', 1, 'x', now(), 'x', 'x', now())"
            )
    assert (await anybody.get(FIRST)).json()["value"] == 150
