"""Who may read and change the catalogue."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Statuses = Callable[..., Awaitable[dict[Role, int]]]


async def test_everybody_who_is_signed_in_reads(anybody: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    for address in ("/v1/services", "/v1/services/S01"):
        assert (await anybody.get(address)).status_code == 200
        assert (await anonymous.get(address)).status_code == 401


async def test_only_headquarters_writes(statuses: Statuses) -> None:
    for method, address in (("POST", "/v1/services"), ("PATCH", "/v1/services/S01")):
        answers = await statuses(method, address, scope="IR", json={"code": "S01"}, headers={"If-Match": '"1"'})
        assert {role for role, status in answers.items() if status != 403} == {Role.HEADQUARTERS}


async def test_a_part_of_the_nation_does_not_change_it(running: Running, headquarters: httpx.AsyncClient) -> None:
    narrow = await running.client(running.token(Role.HEADQUARTERS, "29"))
    response = await narrow.patch("/v1/services/S01", json={"name_en": "x"}, headers={"If-Match": '"1"'})
    assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden")
    province = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("29"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with running.database.command(province) as command:
            await command.connection.execute(
                "INSERT INTO catalogue_service (code, version, name_fa, name_en, domain, active_from, source)"
                " VALUES ('S99', 1, 'x', 'x', 'x', now(), 'x')"
            )
    async with running.database.command(province) as command:
        for table in ("catalogue_service", "province", "county"):
            assert await command.connection.execute(f"UPDATE {table} SET name_en = 'x'") == "UPDATE 0"
    assert (await headquarters.get("/v1/services/S01")).json()["version"] == 1
